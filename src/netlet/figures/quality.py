"""Pictures of how well networks classify: confusion matrices, ROC curves, and a metric over seeds."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from netlet import metrics
from netlet.figures.style import (
    BLACK,
    BLUE,
    GREY,
    LIGHT_GREY,
    PAGE_WIDTH,
    PALETTE,
    SHARE_MAP,
    SMALL_TEXT_SIZE,
    SPLIT_COLOURS,
    VERMILLION,
    empty,
    log_ticks,
    new_figure,
    number,
    set_title,
    styled,
    text_width,
    title_room,
)
from netlet.metrics import Distribution, RocCurve

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_DECADE = 10
_ENOUGH_FOR_QUARTILES = 3
"""Of fewer seeds quartiles would be nothing but points between them."""

# --- confusion matrix -------------------------------------------------------------------------------------


@styled
def confusion_matrix(
    matrices: np.ndarray | Mapping[str, np.ndarray],
    class_names: Sequence[str] = (),
    normalised: bool = False,
    title: str = "",
    noun: str = "image",
) -> Figure:
    """Confusion matrices side by side: rows are true classes, columns what they were taken for.

    Parameters
    ----------
    matrices : ndarray (classes, classes), or a mapping from a name (such as a split's) to one
        Counts, as `netlet.metrics.confusion_matrix` gives.
    class_names : sequence of str
        Without it, classes are numbered from 0.
    normalised : bool
        Write shares of each true class, with the counts below, rather than counts alone. The shade is the
        share in both cases; it goes by class, so that a rare class is not pale.
    noun : str
        What one example is.
    """
    named = {"": matrices} if isinstance(matrices, np.ndarray) else dict(matrices)
    if not named:
        return empty("There are no examples.", title)
    count = max((len(matrix) for matrix in named.values()), default=0)
    names = [textwrap.fill(name, 10) for name in class_names or map(str, range(count))]
    beside = 0.4 + max(map(text_width, names), default=0)
    side = min(max(1.7, (0.6 if normalised else 0.5) * count), PAGE_WIDTH - beside - 0.15)
    is_long = max(map(text_width, names), default=0) > side / max(count, 1) - 0.05
    columns = max(1, min(len(named), int((PAGE_WIDTH - beside) / (side + 0.15))))
    rows = -(-len(named) // columns)
    width = beside + columns * (side + 0.15)
    height = rows * (side + (1.3 if is_long else 0.9)) + title_room(title, width)
    figure = new_figure(height, width)
    set_title(figure, title)
    panels = figure.subplots(rows, columns, squeeze=False, sharey=True).ravel()
    for axes in panels[len(named) :]:
        axes.set_axis_off()
    for index, (name, matrix) in enumerate(named.items()):
        _draw_matrix(panels[index], matrix, normalised)
        panels[index].set_title(_matrix_title(name, matrix, noun))
        slant = {"rotation": 30, "ha": "right"} if is_long else {}
        panels[index].set_xticks(range(count), names, **slant)
        panels[index].set_yticks(range(count), names)
        if index % columns == 0:
            panels[index].set_ylabel("true class")
    return figure


def _draw_matrix(axes: Axes, matrix: np.ndarray, normalised: bool) -> None:
    shares = metrics.normalised(matrix)
    axes.imshow(np.nan_to_num(shares), cmap=SHARE_MAP, vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(matrix):
        share = shares[row, column]
        text = f"{count:,}"
        if normalised:
            text = f"{share:.3f}\n({text})" if np.isfinite(share) else f"–\n({text})"
        colour = "white" if share > 0.6 else BLACK
        axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=SMALL_TEXT_SIZE)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_xlabel("predicted class")


def _matrix_title(name: str, matrix: np.ndarray, noun: str) -> str:
    total = int(matrix.sum())
    examples = f"{total:,} {noun}" + ("" if total == 1 else "s")
    first = f"{name}: {examples}" if name else examples
    return f"{first}\naccuracy {np.trace(matrix) / total:.4f}" if total else first


# --- ROC --------------------------------------------------------------------------------------------------


@styled
def roc(curves: Mapping[str, RocCurve | Sequence[RocCurve]], title: str = "") -> Figure:
    """ROC curves, and next to them the corner where good ones lie, enlarged.

    Parameters
    ----------
    curves : mapping from a name (of a split, a class, a network) to a curve, or to one curve a seed
        Of one curve, the point at threshold 0.5 is marked.
    """
    named = {name: [each] if isinstance(each, RocCurve) else list(each) for name, each in curves.items()}
    corner = _corner([curve for group in named.values() for curve in group])
    figure = new_figure(height=3.45 + title_room(title), width=PAGE_WIDTH if corner else 4.2)
    set_title(figure, title)
    panels = figure.subplots(1, 2 if corner else 1, squeeze=False)[0]
    for axes in panels:
        for index, (name, group) in enumerate(named.items()):
            _draw_roc(axes, name, group, SPLIT_COLOURS.get(name, PALETTE[index % len(PALETTE)]))
        axes.set(xlabel="false positive rate (1 − specificity)", ylabel="true positive rate (sensitivity)")
        axes.set_box_aspect(1)
        axes.grid()
    panels[0].plot(
        [0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle=(0, (2, 2)), label="chance (area 0.5)"
    )
    panels[0].set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    if any(len(group) == 1 for group in named.values()):
        panels[0].plot([], [], "o", color=GREY, markersize=5, label="at threshold 0.5")
    panels[0].legend(loc="lower right")
    if corner:
        panels[1].set(xlim=(-0.02 * corner, corner), ylim=(1 - corner, 1 + 0.02 * corner))
        panels[1].set_title("the upper left corner")
    return figure


def _draw_roc(axes: Axes, name: str, group: Sequence[RocCurve], colour: str) -> None:
    areas = [curve.area for curve in group if curve.area is not None]
    if not areas:
        axes.plot([], [], color=colour, label=f"{name}: one class only")
        return
    many = len(group) > 1
    label = f"{name}: area {np.median(areas):.4f}" + (f"\n(median of {len(areas)} seeds)" if many else "")
    for curve in group:
        style: dict[str, Any] = {"linewidth": 0.8, "alpha": 0.6} if many else {}
        axes.plot(curve.false_positive_rate, curve.true_positive_rate, color=colour, label=label, **style)
        label = "_"
        if not many:
            axes.plot(*curve.at(0.5), "o", color=colour, markersize=5, label="_", clip_on=True)


def _corner(curves: Sequence[RocCurve]) -> float | None:
    """The side of the corner worth enlarging, or None if the curves do not keep to it."""
    areas = [curve.area for curve in curves if curve.area is not None]
    if not areas or np.median(areas) < 0.9:
        return None
    return 0.1 if np.median(areas) > 0.98 else 0.3


# --- a metric over seeds ----------------------------------------------------------------------------------


@styled
def seeds(
    values: Mapping[str, Sequence[float | None]],
    metric: str = "accuracy",
    references: Mapping[str, float] | None = None,
    reference_name: str = "reference",
    title: str = "",
) -> Figure:
    """One metric over seeds, a row for each network or split: seeds are dots, quartiles a box.

    Errors of which one is ten times another are drawn on a logarithmic axis, or small ones would be one dot.

    Parameters
    ----------
    values : mapping from a row's name to one value a seed
        NaN or infinity is a run that diverged: a cross at the worse end. None is left out.
    metric : str
        Its name, for the axis and for which end is better.
    references : mapping from a row's name to a value, optional
        A figure to compare with, drawn as a diamond, called `reference_name` in the legend.
    """
    figure = new_figure(height=0.95 + rows_height(values) + title_room(title) + (0.2 if references else 0))
    set_title(figure, title)
    draw_seeds(figure.subplots(), values, metric, metric.replace("_", " "), references, reference_name)
    return figure


def rows_height(names: Iterable[str]) -> float:
    """The inches that rows of such names take."""
    return 0.25 * max(2, sum(max(2, 1 + _folded(name).count("\n")) for name in names))


def draw_seeds(
    axes: Axes,
    values: Mapping[str, Sequence[float | None]],
    metric: str,
    label: str,
    references: Mapping[str, float] | None = None,
    reference_name: str = "reference",
) -> None:
    """Draw `seeds` into axes, whose values are called `label`; errors far apart on a logarithmic axis."""
    references = references or {}
    names, better = [_folded(name) for name in values], metrics.higher_is_better(metric)
    shown = [v for v in (*itertools.chain(*values.values()), *references.values()) if v is not None]
    finite = [value for value in shown if np.isfinite(value)]
    is_wide = not better and bool(finite) and 0 < _DECADE * min(finite) < max(finite)
    if is_wide:
        axes.set_xscale("log")
        log_ticks(axes.xaxis)
    has_diverged = any(v is not None and not np.isfinite(v) for v in itertools.chain(*values.values()))
    axes.set_xlim(_value_range(finite, is_wide, better, has_diverged))
    for row, (name, of_row) in enumerate(values.items()):
        _draw_row(
            axes,
            row,
            of_row,
            metrics.summarise(of_row, better, metrics.worst(metric)),
            0.015 if better else 0.985,
        )
        if name in references:
            axes.plot(references[name], row, "D", color=VERMILLION, markersize=5.5, mec="white", zorder=4)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(max(len(names), 1) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(label + (", logarithmic" if is_wide else ""))
    axes.grid(axis="x")
    most = max((sum(value is not None for value in of_row) for of_row in values.values()), default=0)
    _legend(axes, reference_name if references else None, has_diverged, most)


def _draw_row(
    axes: Axes, row: int, values: Sequence[float | None], spread: Distribution, worse_end: float
) -> None:
    """One network: its seeds as dots, quartiles as a box, the median as a line, and numbers beside it."""
    finite = sorted(value for value in values if value is not None and np.isfinite(value))
    _write_beside(axes, row, spread)
    if spread.median is None:
        return
    low, high = axes.get_xlim()
    quartiles = [
        min(max(value, low), high)
        for value in (spread.lower_quartile, spread.upper_quartile)
        if value is not None
    ]
    if spread.count >= _ENOUGH_FOR_QUARTILES:
        axes.fill_betweenx(
            [row - 0.28, row + 0.28], quartiles[0], quartiles[1], color=LIGHT_GREY, linewidth=0, zorder=1
        )
    if spread.count > 1 and np.isfinite(spread.median):
        axes.plot([spread.median] * 2, [row - 0.34, row + 0.34], color=BLACK, linewidth=2, zorder=3)
    offsets = _swarm(axes, finite)
    axes.plot(
        finite, row + offsets, "o", color=BLUE, markersize=4, alpha=0.75, mec="white", mew=0.4, zorder=2
    )
    if spread.diverged:
        across = axes.get_yaxis_transform()
        axes.plot(worse_end, row, "x", color=VERMILLION, markersize=6, transform=across, zorder=4)


def _write_beside(axes: Axes, row: int, spread: Distribution) -> None:
    if spread.median is None or spread.best is None:
        text = "undefined"
    elif spread.count == 1:
        text = "diverged" if spread.diverged else _short(spread.best)
    else:
        text = f"median {_short(spread.median)}\nbest {_short(spread.best)}"
        if spread.diverged:
            text += f"\n{spread.diverged} of {spread.count} diverged"
    axes.text(
        1.02,
        row,
        text,
        transform=axes.get_yaxis_transform(),
        va="center",
        fontsize=SMALL_TEXT_SIZE,
        linespacing=1.1,
    )


def _swarm(axes: Axes, ordered: Sequence[float]) -> np.ndarray:
    """Heights at which dots that would hide each other lie beside each other, within a row."""
    transform = axes.transScale.transform
    low, high = (transform((limit, 0))[0] for limit in axes.get_xlim())
    columns: dict[int, int] = {}
    heights = []
    for value in ordered:
        column = round((transform((value, 0))[0] - low) / (high - low) * 70)
        place = columns[column] = columns.get(column, -1) + 1
        heights.append((place + 1) // 2 * (1 if place % 2 else -1))
    most = max(map(abs, heights), default=0)
    return np.array(heights) * min(0.11, 0.3 / max(most, 1))


def _value_range(
    finite: Sequence[float], is_logarithmic: bool, is_share: bool, has_diverged: bool
) -> tuple[float, float]:
    """Ends of the axis: all finite values and some air, not past what the metric can be."""
    low, high = (min(finite), max(finite)) if finite else (0.0, 1.0)
    if is_logarithmic:
        return low / 1.3, high * 1.3
    air = (0.1 if has_diverged else 0.06) * (high - low) or (0.01 if is_share else 0.1 * abs(high) or 0.01)
    top = 1 + 0.25 * air if is_share and high <= 1 else np.inf
    return (low - air if low - air > 0 or low < 0 else -0.25 * air), min(high + air, top)


def _legend(axes: Axes, reference_name: str | None, has_diverged: bool, most: int) -> None:
    """What dots, box, line and cross are, as far as rows of at most so many seeds have them."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Any] = [
        Line2D([], [], marker="o", linestyle="", color=BLUE, markersize=4, label="one seed"),
    ]
    if most > 1:
        handles.append(Line2D([], [], color=BLACK, linewidth=2, label="median"))
    if most >= _ENOUGH_FOR_QUARTILES:
        handles.append(Patch(color=LIGHT_GREY, label="quartiles"))
    if reference_name is not None:
        handles.append(
            Line2D([], [], marker="D", linestyle="", color=VERMILLION, markersize=5, label=reference_name)
        )
    if has_diverged:
        handles.append(Line2D([], [], marker="x", linestyle="", color=VERMILLION, label="diverged"))
    axes.figure.legend(handles=handles, loc="outside lower center", ncols=len(handles))


def _folded(name: str) -> str:
    return textwrap.fill(name, 34)


def _short(value: float) -> str:
    if not np.isfinite(value):
        return "diverged"
    return f"{value:.4f}" if 0.001 <= abs(value) < 10 else number(value)
