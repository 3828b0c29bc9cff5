"""The look all figures share: page width, type, colours that colour-blind people can tell apart.

A figure is built inside `styled`, which puts matplotlib's settings to this look for as long as the function
runs, whatever the user's own settings are, and puts them back: same input, same picture, nothing left behind.
matplotlib is imported only there, so importing `netlet.figures` costs nothing.
"""

from __future__ import annotations

import itertools
import textwrap
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

P = ParamSpec("P")

PAGE_WIDTH = 7.0
"""Width of a figure in inches: that of the text on a page."""
PIXELS_PER_INCH = 150
_LONG_AXIS = 300
"""From this ratio of its ends on a logarithmic axis has marks enough at powers of ten."""
_HUGE = 1e7
"""From here on a number is written with a power of ten, or a few of them would fill a page."""
NEAR_ONE = 0.002
"""See `stretch_towards_one`."""
TEXT_SIZE, TITLE_SIZE = 9.0, 10.0
"""Points; nothing is smaller than `SMALL_TEXT_SIZE`."""
SMALL_TEXT_SIZE = 8.0
# The mean width of a letter of DejaVu Sans as a share of its size: in a word, and in a line of many.
_LETTER_SHARE, _TITLE_LETTER_SHARE = 0.6, 0.54

# The palette of M. Okabe and K. Ito, "Color Universal Design" (2008).
BLUE, VERMILLION, GREEN, ORANGE = "#0072B2", "#D55E00", "#009E73", "#E69F00"
PURPLE, SKY, YELLOW, BLACK = "#CC79A7", "#56B4E9", "#F0E442", "#000000"
PALETTE = (BLUE, VERMILLION, GREEN, ORANGE, PURPLE, SKY, BLACK)
DASHES = ("-", "--", "-.", ":")
SPLIT_COLOURS = {"training": BLUE, "validation": VERMILLION, "test": GREEN}
GREY = "#6E6E6E"
LIGHT_GREY = "#D9D9D9"

IMAGE_MAP = "gray"
AMOUNT_MAP = "cividis"
"""For what is never negative."""
SIGNED_MAP = "RdBu_r"
"""For what has a sign: red above zero, blue below, white at zero."""
SHARE_MAP = "Blues"
"""For shares and counts that have their number written over them."""

_SETTINGS = {
    "font.family": "DejaVu Sans",  # comes with matplotlib, so it is everywhere the same
    "font.size": TEXT_SIZE,
    "axes.titlesize": TEXT_SIZE,
    "axes.labelsize": TEXT_SIZE,
    "xtick.labelsize": SMALL_TEXT_SIZE,
    "ytick.labelsize": SMALL_TEXT_SIZE,
    "legend.fontsize": SMALL_TEXT_SIZE,
    "figure.titlesize": TITLE_SIZE,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.facecolor": "none",  # so that a page's own ground shows, light or dark
    "axes.linewidth": 0.8,
    "axes.axisbelow": True,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": BLACK,
    "ytick.labelcolor": BLACK,
    "grid.color": LIGHT_GREY,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "lines.linewidth": 1.5,
    "figure.dpi": PIXELS_PER_INCH,
    "savefig.dpi": PIXELS_PER_INCH,
    "image.interpolation": "nearest",
    "pdf.fonttype": 42,  # text that can be searched and edited
    "svg.hashsalt": "netlet",  # or the identifiers in an SVG would be new every time
}

# matplotlib's settings are one object for the whole process.
_lock = threading.RLock()


@contextmanager
def style() -> Iterator[None]:
    """Hold matplotlib's settings at this look; they are put back afterwards."""
    import matplotlib.style

    with _lock, matplotlib.style.context(["default", _SETTINGS]):
        yield


def styled(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Have a function draw in this look."""

    @wraps(draw)
    def draw_in_style(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with style():
            figure = draw(*args, **kwargs)
            if (layout := figure.get_layout_engine()) is not None:
                # Laid out anew at each saving, axes would move a little every time, and it takes long.
                layout.execute(figure)
                figure.set_layout_engine(None)
        return figure

    return draw_in_style


def new_figure(height: float, width: float = PAGE_WIDTH) -> Figure:
    """A figure of that size in inches whose axes make room for each other's labels."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def empty(text: str, title: str = "") -> Figure:
    """A figure that says why there is nothing in it."""
    figure = new_figure(height=1.0 + title_room(title))
    set_title(figure, title)
    axes = figure.subplots()
    axes.set_axis_off()
    axes.text(0.5, 0.5, text, ha="center", va="center")
    return figure


def line_looks() -> Iterator[tuple[str, str]]:
    """Colour and dashes of one line after another: used up, the colours come again in dashes."""
    return itertools.cycle((colour, dashes) for dashes in DASHES for colour in PALETTE)


def set_title(figure: Figure, title: str) -> None:
    """Put a title at the left above the axes; nothing if it is empty."""
    if title:
        figure.suptitle(wrapped(title, figure.get_figwidth()), x=0.01, ha="left")


def title_room(title: str, width: float = PAGE_WIDTH) -> float:
    """The inches that a title takes above a figure of that width; 0 if it is empty."""
    return 0.06 + 0.17 * (1 + wrapped(title, width).count("\n")) if title else 0.0


def set_subtitle(axes: Axes, text: str) -> None:
    """Say above the first axes, smaller than the title, what a picture shows."""
    axes.set_title(text, fontsize=SMALL_TEXT_SIZE, color=GREY)


def wrapped(title: str, width: float) -> str:
    """A title in lines that fit into `width` inches."""
    letters = int(width / (_TITLE_LETTER_SHARE * TITLE_SIZE / 72))
    return "\n".join(textwrap.fill(line, letters) for line in title.split("\n"))


def text_width(text: str) -> float:
    """About how many inches the longest line of a small text takes."""
    return _LETTER_SHARE * SMALL_TEXT_SIZE / 72 * max(map(len, text.split("\n")), default=0)


def log_ticks(axis: Axis) -> None:
    """Mark a logarithmic axis at 1, 2 and 5 times the powers of ten; a long one at powers of ten alone."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    class Marks(LogLocator):
        def tick_values(self, vmin: float, vmax: float) -> Any:
            is_long = vmin > 0 and vmax > _LONG_AXIS * vmin
            self.set_params(subs=(1,) if is_long else (1, 2, 5))
            return super().tick_values(vmin, vmax)

    axis.set_major_locator(Marks())
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def whole_ticks(axis: Axis) -> None:
    """Mark an axis of counts at whole numbers."""
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))


def stretch_towards_one(axes: Axes) -> None:
    """Make the vertical axis of shares logarithmic in 1 - share, so that 0.98 and 0.99 stand apart.

    `NEAR_ONE` is added to that, or 1 itself would be infinitely far away.
    """
    import numpy as np
    from matplotlib.ticker import FixedLocator, NullLocator

    def forward(share: NDArray[np.float64]) -> NDArray[np.float64]:
        return -np.log10(np.maximum(1 + NEAR_ONE - share, NEAR_ONE / 100))

    def backward(place: NDArray[np.float64]) -> NDArray[np.float64]:
        return 1 + NEAR_ONE - 10**-place

    axes.set_yscale("function", functions=(forward, backward))
    axes.yaxis.set_major_locator(FixedLocator((0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 1)))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")


def number(value: float) -> str:
    """A number in three digits, with a true minus sign; counts up to some millions keep all theirs."""
    return minus(f"{value:,.0f}" if 100 <= abs(value) < _HUGE else f"{value:.3g}")


def minus(text: str) -> str:
    """A formatted number with a true minus sign."""
    return text.replace("-", "−")
