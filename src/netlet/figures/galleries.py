"""Pictures of a dataset's images: a strip with targets, and a gallery of those a network gets wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from netlet import metrics
from netlet.figures.sheet import (
    GAP,
    LINE,
    MARGIN,
    PICTURE_COLOURS,
    Sheet,
    balanced_columns,
    picture,
    places,
)
from netlet.figures.style import styled, text_width

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from netlet.inspect import Mistakes

_LARGEST_IMAGE = 1.2
_SMALLEST_IMAGE = 0.6


@styled
def image_strip(
    images: np.ndarray, targets: np.ndarray, class_names: Sequence[str] = (), title: str = ""
) -> Figure:
    """Images in rows, each with its target below.

    Parameters
    ----------
    images : ndarray, (n, height, width, channels)
        Pixels in 0..1.
    targets : ndarray, (n,) or (n, classes)
        As in a `netlet.datasets.Split` with classes.
    class_names : sequence of str
        What is written for class 0, 1, ...; without it, the number.
    """
    captions = class_captions(targets, class_names)
    return _gallery(images, captions, title, "There are no images.")


def class_captions(targets: np.ndarray, class_names: Sequence[str] = ()) -> list[str]:
    """What is written for classes, (n,) or (n, classes): names, or numbers where there are none."""
    return [_class_name(label, class_names) for label in metrics.labels(targets)]


@styled
def image_table(columns: Mapping[str, np.ndarray], names: Sequence[str], title: str = "") -> Figure:
    """Images in rows and columns.

    Parameters
    ----------
    columns
        By heading, images (rows, height, width, channels) in 0..1; equally many.
    names
        What is written before each row.
    """
    sheet = Sheet()
    top = sheet.title(MARGIN, title)
    left = MARGIN + max((text_width(name) for name in names if name), default=0) + GAP
    rows, pixels = next(iter(columns.values())).shape[1:3]
    room = (sheet.width - left - MARGIN + GAP) / len(columns) - GAP
    width = min(room, _LARGEST_IMAGE * min(1, pixels / rows))
    height = width * rows / pixels
    for column, (heading, images) in enumerate(columns.items()):
        x = left + column * (width + GAP)
        sheet.text(x + width / 2, top, heading, ha="center")
        for row, image in enumerate(images):
            y = top + LINE + GAP / 2 + row * (height + GAP)
            sheet.image(x, y, width, height, picture(image), PICTURE_COLOURS)
            if not column:
                sheet.text(left - GAP, y + height / 2, names[row], ha="right", va="center")
    return sheet.finish(top + LINE + GAP / 2 + len(names) * (height + GAP) + MARGIN)


@styled
def error_gallery(mistakes: Mistakes, class_names: Sequence[str] = (), title: str = "") -> Figure:
    """The images classified wrongly, the worst first: what each is, and what the network said, how surely."""
    captions = [
        f"no. {index}\nis {_class_name(target, class_names)}\n"
        f"said {_class_name(predicted, class_names)}\n{_percent(probability)}"
        for index, target, predicted, probability in zip(
            mistakes.index, mistakes.target, mistakes.predicted, mistakes.probability, strict=True
        )
    ]
    shown = "" if len(mistakes.index) == mistakes.total else f", the worst {len(mistakes.index)} shown"
    summary = f"{mistakes.total:,} of {mistakes.count:,} images classified wrongly{shown}"
    heading = f"{title}: {summary}" if title else summary
    return _gallery(mistakes.images, captions, heading, "No image is classified wrongly.")


def _gallery(images: np.ndarray, captions: Sequence[str], title: str, if_empty: str) -> Figure:
    sheet = Sheet()
    top = sheet.title(MARGIN, title)
    if not captions:
        sheet.text(MARGIN, top, if_empty)
        return sheet.finish(top + LINE + MARGIN)
    room = sheet.width - 2 * MARGIN
    smallest = max(_SMALLEST_IMAGE, *map(text_width, captions))
    columns = balanced_columns(len(captions), max(1, int((room + GAP) / (smallest + GAP))))
    step = (room + GAP) / columns
    rows, pixels = images.shape[1:3]
    width = min(step - GAP, _LARGEST_IMAGE)
    height = width * rows / pixels
    step = max(width, smallest) + GAP if columns * (max(width, smallest) + GAP) < room else step
    caption_height = LINE * (1 + captions[0].count("\n")) + GAP
    for image, caption, (x, y) in zip(
        images, captions, places(len(captions), columns, step, height + caption_height), strict=True
    ):
        left = MARGIN + x + (step - GAP - width) / 2
        sheet.image(left, top + y, width, height, picture(image), PICTURE_COLOURS)
        sheet.text(left + width / 2, top + y + height, caption, ha="center")
    row_count = -(-len(captions) // columns)
    return sheet.finish(top + row_count * (height + caption_height) + MARGIN)


def _class_name(label: int, class_names: Sequence[str]) -> str:
    return class_names[label] if class_names else str(label)


def _percent(probability: float) -> str:
    """A probability in per cent; what rounds to 100 but is less says so."""
    return ">99.99 %" if probability > 0.9999 else f"{100 * probability:.2f} %"
