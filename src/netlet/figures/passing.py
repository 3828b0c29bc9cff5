"""What passes through a tiny network: the one number that decides, and examples on their way."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from netlet.figures.sheet import GAP, LINE, MARGIN, PICTURE_COLOURS, Colours, Sheet, colours_for, picture
from netlet.figures.style import GREY, LIGHT_GREY, PALETTE, minus, number, text_width

if TYPE_CHECKING:
    from netlet.inspect import Explanation
    from netlet.inspect.explanation import Bottleneck, Example

_CHART = 1.1
"""Inches of the chart of probabilities."""


def heading(sheet: Sheet, y: float, text: str) -> float:
    """Begin a section below a line; return where what follows may begin."""
    sheet.line([MARGIN, sheet.width - MARGIN], [y, y], color=LIGHT_GREY, linewidth=0.8)
    sheet.text(MARGIN, y + 0.06, text, size=9, weight="bold")
    return y + LINE + 0.14


# --- the bottleneck ---------------------------------------------------------------------------------------


def draw_bottleneck(sheet: Sheet, y: float, found: Bottleneck, names: Sequence[str]) -> float:
    """Where the examples of each class lie along the one number, and what is answered there."""
    y = heading(sheet, y, f"Everything passes through one number, {found.symbol}")
    present = [int(label) for label in np.unique(found.labels)]
    called = [names[label] if names else f"class {label}" for label in present]
    left = MARGIN + max(map(text_width, (*called, "probability"))) + 0.3
    right = sheet.width - MARGIN - 0.3
    low, high = float(found.grid[0]), float(found.grid[-1])

    def across(values: np.ndarray) -> np.ndarray:
        return left + (values - low) / (high - low) * (right - left)

    for row, (label, name) in enumerate(zip(present, called, strict=True)):
        base = y + (row + 1) * 0.32
        counts, edges = np.histogram(found.values[found.labels == label], 120, (low, high))
        height = 0.26 * np.sqrt(counts / max(counts.max(), 1))
        middle = across((edges[1:] + edges[:-1]) / 2)
        colour = PALETTE[label % len(PALETTE)]
        sheet.band(middle, base - height, np.full(len(middle), base), color=colour, linewidth=0, step="mid")
        sheet.line([left, right], [base, base], color=colour, linewidth=0.8)
        sheet.text(left - 0.08, base, name, ha="right", va="bottom")
    top = y + 0.32 * len(present) + 0.12
    bottom = top + _CHART
    for share in (0, 0.5, 1):
        level = bottom - share * _CHART
        sheet.line([left, right], [level, level], color=LIGHT_GREY, linewidth=0.6)
        sheet.text(left - 0.05, level, f"{share:g}", ha="right", va="center")
    sheet.text(left - 0.3, top + _CHART / 4, "probability", ha="right", va="center")
    for label in range(found.answers.shape[1]):
        curve = bottom - found.answers[:, label] * _CHART
        sheet.line(across(found.grid), curve, color=PALETTE[label % len(PALETTE)], linewidth=1.6)
    for value in _ticks(low, high):
        place = float(across(np.array(value)))
        sheet.line([place, place], [bottom, bottom + 0.04], color=GREY, linewidth=0.8)
        sheet.text(place, bottom + 0.05, number(value), ha="center")
    sheet.text(
        (left + right) / 2,
        bottom + 0.05 + LINE,
        f"{found.symbol}: above, how many examples; below, the answer",
        ha="center",
        color=GREY,
    )
    return bottom + 2 * LINE + 0.16


def _ticks(low: float, high: float) -> list[float]:
    from matplotlib.ticker import MaxNLocator

    return [float(v) for v in MaxNLocator(8).tick_values(low, high) if low <= v <= high]


# --- examples ---------------------------------------------------------------------------------------------


def draw_images(sheet: Sheet, y: float, found: Explanation) -> float:
    """One image of each class, the maps it gives, and the numbers they come to."""
    y = heading(sheet, y, "On their way")
    scales = [
        colours_for(np.concatenate([each.outputs[k].ravel() for each in found.examples]))
        for k in range(len(found.stages))
    ]
    for each in found.examples:
        y = _draw_way(sheet, y, found, each, scales)
    return y + GAP


def _draw_way(
    sheet: Sheet, y: float, found: Explanation, example: Example, scales: Sequence[Colours]
) -> float:
    height = 0.7 * example.x.shape[0] / example.x.shape[1]
    sheet.image(MARGIN, y + LINE, 0.7, height, picture(example.x), PICTURE_COLOURS)
    sheet.text(MARGIN, y, example.target)
    x = MARGIN + max(0.7, text_width(example.target)) + 0.15
    lines: list[str] = []
    for stage, output, colours in zip(found.stages, example.outputs, scales, strict=True):
        if output.ndim == 3 and max(output.shape[:2]) > 1:
            for k, name in enumerate(stage.symbols[:6]):
                if x + 0.7 > sheet.width - MARGIN - 2.2:
                    break
                tall = 0.7 * output.shape[0] / output.shape[1]
                sheet.text(x, y, name)
                sheet.image(x, y + LINE, 0.7, tall, output[..., k], colours)
                x += 0.78
                height = max(height, tall)
            continue
        flat = output.ravel()
        is_last = stage is found.stages[-1]
        names = found.class_names if is_last and len(flat) == len(found.class_names) else stage.symbols
        shown = [f"{n} = {minus(f'{v:.3g}')}" for n, v in zip(names, flat, strict=False)]
        room = int((sheet.width - MARGIN - x - 0.05) / text_width("0"))
        lines += textwrap.wrap(", ".join(shown[:8]) + (", ..." if len(shown) > 8 else ""), min(room, 44))
    below = y + LINE
    for line in lines[-5:]:
        sheet.text(x + 0.05, below, line)
        below += LINE
    sheet.text(x + 0.05, below, f"says {example.answer}", weight="bold")
    return max(y + LINE + height, below + LINE) + GAP


def draw_series(sheet: Sheet, y: float, found: Explanation) -> float:
    """One sequence: input, what every node makes of it, target and answer."""
    y = heading(sheet, y, "On its way" if len(found.examples) == 1 else "On their way")
    for each in found.examples:
        if each.target:
            sheet.text(MARGIN, y, f"{each.target}: says {each.answer}", weight="bold")
            y += LINE
        rows: list[tuple[str, list[tuple[np.ndarray, str, float]]]] = []
        for k in range(min(each.x.shape[1], 6)):
            rows.append(("x" if each.x.shape[1] == 1 else f"x{k + 1}", [(each.x[:, k], GREY, 1.0)]))
        for stage, output in zip(found.stages, each.outputs, strict=True):
            if output.ndim == 2 and stage is not found.stages[-1]:
                rows += [
                    (name, [(output[:, k], PALETTE[k % len(PALETTE)], 1.2)])
                    for k, name in enumerate(stage.symbols)
                ]
        if each.y is not None and each.predicted is not None:
            for k in range(each.y.shape[1]):
                rows.append(
                    ("answer", [(each.y[:, k], "#E69F00", 2.6), (each.predicted[:, k], "#0072B2", 1.2)])
                )
        left = MARGIN + 0.75
        for name, curves in rows:
            y = _draw_curves(sheet, left, y, name, curves)
        steps = len(each.x)
        sheet.text(left, y, "step 0")
        sheet.text(sheet.width - MARGIN, y, f"{steps - 1}", ha="right")
        if each.y is not None:
            sheet.text(
                (left + sheet.width) / 2,
                y,
                "answer: target broad, what the network says thin",
                ha="center",
                color=GREY,
            )
        y += LINE + GAP
    return y


def _draw_curves(
    sheet: Sheet, left: float, y: float, name: str, curves: Sequence[tuple[np.ndarray, str, float]]
) -> float:
    height = 0.45
    values = np.concatenate([curve for curve, _, _ in curves])
    low, high = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    high = high if high > low else low + 1

    def level(curve: np.ndarray) -> np.ndarray:
        return y + height * (high - curve) / (high - low)

    zero = float(level(np.array(0.0)))
    sheet.line([left, sheet.width - MARGIN], [zero, zero], color=LIGHT_GREY, linewidth=0.8)
    for curve, colour, width in curves:
        across = np.linspace(left, sheet.width - MARGIN, len(curve))
        sheet.line(across, level(curve), color=colour, linewidth=width)
    sheet.text(left - 0.08, y + height / 2, name, ha="right", va="center")
    for value, va in ((high, "top"), (low, "bottom")):
        place = y if va == "top" else y + height
        sheet.text(MARGIN, place, number(value), va=va, color=GREY) if abs(value) else None
    return y + height + 0.1
