"""Outlines of shapes: crt (rectangles, circles, triangles) and r3 (squares, horizontal, vertical rectangles).

Ranges are in pixels of an image of 64 x 64 and grow with the image; the pen does not. It is that of a simple
drawing library: a line between two pixels is two pixels thick across the direction it mostly runs in, and the
upright edges of rectangles are three.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from netlet.datasets.dataset import Dataset
from netlet.datasets.recommended import TRAINING
from netlet.errors import DataError

CRT_CLASSES = ("rectangle", "circle", "triangle")
R3_CLASSES = ("square", "horizontal", "vertical")
CRT_SOURCE = "generated: outlines of rectangles, circles and triangles"
R3_SOURCE = "generated: outlines of squares, horizontal and vertical rectangles"

SMALLEST_IMAGE = 32  # below this the largest shapes no longer fit
SIDE = (9, 35)  # outer side of a rectangle; the short one in r3
RADIUS = (5, 25)  # of a circle, to the middle of its stroke
CIRCUMRADIUS = (4, 29)  # of a triangle, to the middle of its stroke
CENTROID = ((27, 41), (25, 39))  # of a triangle: columns, rows; it may be off by a quarter circumradius
ELONGATION = 1.5  # of r3's rectangles, between the middles of their strokes, rounded down

RECTANGLE_MARGINS = (2, 2)  # pixels that stay black at the low and the high end of rows and columns
CIRCLE_MARGINS = (4, 3)
TRIANGLE_MARGINS = (4, 5)

Shapes = Callable[[np.random.Generator, np.ndarray, int], np.ndarray]


def crt(seed: int = 0, train: int = 500, validation: int = 1000, test: int = 1000, size: int = 64) -> Dataset:
    """Generate outlines of rectangles, circles and equilateral triangles.

    Parameters
    ----------
    seed : int
        The same seed gives the same images.
    train, validation, test : int
        Images in each split; changing one leaves the others as they are. No test split if 0.
    size : int
        Height and width of an image, in pixels.

    Returns
    -------
    Dataset
        x (n, size, size, 1), 1 on the outline and 0 elsewhere; y (n, 3), one-hot in the order rectangle,
        circle, triangle.
    """
    return _dataset("crt", CRT_CLASSES, CRT_SOURCE, draw_crt, seed, (train, validation, test), size)


def r3(seed: int = 0, train: int = 500, validation: int = 1000, test: int = 1000, size: int = 64) -> Dataset:
    """Generate outlines of squares, horizontal and vertical rectangles.

    The longer side is about 1.4 times the shorter, and nothing else tells the classes apart. Parameters
    and result are those of `crt`; the order of classes is square, horizontal, vertical.
    """
    return _dataset("r3", R3_CLASSES, R3_SOURCE, draw_r3, seed, (train, validation, test), size)


def draw_crt(rng: np.random.Generator, labels: np.ndarray, size: int) -> np.ndarray:
    """Draw a shape of crt for each label (n,) of 0, 1, 2: (n, size, size), bool."""
    images = np.zeros((len(labels), size, size), dtype=bool)
    low, high = _scaled(SIDE, size)
    counts = np.bincount(labels, minlength=3)
    sides = rng.integers(low, high + 1, size=(counts[0], 2))
    images[labels == 0] = rectangles(rng, sides, size)
    images[labels == 1] = circles(rng, counts[1], size)
    images[labels == 2] = triangles(rng, counts[2], size)
    return images


def draw_r3(rng: np.random.Generator, labels: np.ndarray, size: int) -> np.ndarray:
    """Draw a shape of r3 for each label (n,) of 0, 1, 2: (n, size, size), bool."""
    low, high = _scaled(SIDE, size)
    short = rng.integers(low, high + 1, size=len(labels))
    long = np.floor(ELONGATION * (short - 3)).astype(int) + 3
    heights = np.where(labels == 2, long, short)
    widths = np.where(labels == 1, long, short)
    return rectangles(rng, np.stack([heights, widths], axis=1), size)


def rectangles(rng: np.random.Generator, sides: np.ndarray, size: int) -> np.ndarray:
    """Rectangles of outer height and width `sides` (n, 2), anywhere they fit: (n, size, size), bool."""
    low, high = RECTANGLE_MARGINS
    start = rng.integers(low, size - high - sides + 1)
    end = start + sides
    row, column = np.arange(size)[:, np.newaxis], np.arange(size)

    def filled(inset: tuple[int, int]) -> np.ndarray:
        top, left = (start + inset).T[..., np.newaxis, np.newaxis]
        bottom, right = (end - inset).T[..., np.newaxis, np.newaxis]
        return (row >= top) & (row < bottom) & (column >= left) & (column < right)

    return filled((0, 0)) & ~filled((2, 3))


def circles(rng: np.random.Generator, count: int, size: int) -> np.ndarray:
    """Circles of any radius, anywhere they fit: (count, size, size), bool."""
    low, high = _scaled(RADIUS, size)
    high = min(high, (size - sum(CIRCLE_MARGINS) - 3) // 2)
    radii = rng.integers(low, high + 1, size=count)
    outer = 2 * radii + 3
    margin_low, margin_high = CIRCLE_MARGINS
    corners = rng.integers(margin_low, (size - margin_high - outer + 1)[:, np.newaxis], size=(count, 2))
    images = np.zeros((count, size, size), dtype=bool)
    for image, radius, side, (top, left) in zip(images, radii, outer, corners, strict=True):
        image[top : top + side, left : left + side] = _circle(int(radius))
    return images


@cache
def _circle(radius: int) -> np.ndarray:
    """One circle, drawn degree by degree: (2 * radius + 3, 2 * radius + 3), bool."""
    degrees = np.arange(361)
    # The points rightmost and lowest stick out by one pixel, as a pen that rounds down leaves them.
    reach = np.where(degrees % 90 == 0, radius + 0.5, radius + 0.35)
    angle = np.radians(degrees)
    points = np.stack([reach * np.cos(angle), reach * np.sin(angle)], axis=1)
    points = np.floor(points + 0.5).astype(int) + radius + 1
    canvas = np.zeros((1, 2 * radius + 3, 2 * radius + 3), dtype=bool)
    draw_lines(canvas, np.zeros(360, dtype=int), points[:-1], points[1:])
    return canvas[0]


def triangles(rng: np.random.Generator, count: int, size: int) -> np.ndarray:
    """Equilateral triangles of any size and rotation that fit: (count, size, size), bool."""
    low, high = TRIANGLE_MARGINS
    scale = size / 64
    nearest, farthest = np.transpose(CENTROID)
    kept = np.zeros((0, 3, 2), dtype=int)
    while len(kept) < count:
        u = rng.random((count, 6))
        circumradius = scale * (CIRCUMRADIUS[0] + (CIRCUMRADIUS[1] - CIRCUMRADIUS[0]) * u[:, :1])
        angle = 2 * np.pi * (u[:, 1:2] + np.arange(3) / 3)
        centroid = scale * (nearest + (farthest - nearest) * u[:, 2:4])
        centroid += circumradius * (u[:, 4:6] - 0.5) / 2
        corners = centroid[:, np.newaxis] + circumradius[..., np.newaxis] * np.stack(
            [np.cos(angle), np.sin(angle)], axis=-1
        )
        corners = np.floor(corners).astype(int)
        fits = ((corners - 1 >= low) & (corners < size - high)).all(axis=(1, 2))
        kept = np.concatenate([kept, corners[fits]])
    kept = kept[:count]
    images = np.zeros((count, size, size), dtype=bool)
    for corner in range(3):
        draw_lines(images, np.arange(count), kept[:, corner], kept[:, (corner + 1) % 3])
    return images


def draw_lines(images: np.ndarray, which: np.ndarray, start: np.ndarray, end: np.ndarray) -> None:
    """Draw m lines, each two pixels thick, into images (n, height, width), bool.

    Parameters
    ----------
    images : ndarray
        Changed in place.
    which : ndarray, int (m,)
        The image each line goes into.
    start, end : ndarray, int (m, 2)
        Column and row of both ends. A line covers its pixels and those above them or, if it is steep,
        left of them.
    """
    steep = np.abs(end - start)[:, 1] > np.abs(end - start)[:, 0]
    along = steep.astype(int)  # the coordinate the line mostly runs in: 0 columns, 1 rows
    line = np.arange(len(start))
    backward = start[line, along] > end[line, along]
    start, end = (
        np.where(backward[:, np.newaxis], end, start),
        np.where(backward[:, np.newaxis], start, end),
    )
    u0, v0 = start[line, along, np.newaxis], start[line, 1 - along, np.newaxis]
    u1, v1 = end[line, along, np.newaxis], end[line, 1 - along, np.newaxis]
    u = np.arange(images.shape[1])
    length = np.maximum(u1 - u0, 1)
    v = (2 * (u - u0) * (v1 - v0) + length) // (2 * length) + v0  # whole numbers: exact, halves upward
    at, u = np.nonzero((u >= u0) & (u <= u1))
    v = v[at, u]
    for thickness in (0, 1):
        row = np.where(steep[at], u, v - thickness)
        column = np.where(steep[at], v - thickness, u)
        images[which[at], row, column] = True


def _scaled(bounds: tuple[int, int], size: int) -> tuple[int, int]:
    """Bounds in pixels of a 64 x 64 image, for an image of another size."""
    low, high = (round(bound * size / 64) for bound in bounds)
    return low, high


def _dataset(
    name: str,
    class_names: tuple[str, ...],
    source: str,
    draw: Shapes,
    seed: int,
    sizes: tuple[int, int, int],
    size: int,
) -> Dataset:
    """All splits, each from a stream of random numbers of its own."""
    if size < SMALLEST_IMAGE:
        raise DataError(f"{name}: size is {size}, but images are at least {SMALLEST_IMAGE} pixels wide")
    splits = []
    for stream, count in zip(np.random.SeedSequence(seed).spawn(3), sizes, strict=True):
        rng = np.random.Generator(np.random.PCG64(stream))
        labels = rng.integers(3, size=count)
        images = draw(rng, labels, size)[..., np.newaxis]
        splits.append((images.astype(np.float32), np.eye(3, dtype=np.float32)[labels]) if count else None)
    train, validation, test = splits
    return Dataset(name, train, validation, test, "categorical", class_names, seed, source, TRAINING[name])
