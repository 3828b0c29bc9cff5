"""What reading a folder of small images costs, beside Pillow's own bare loop over the same files.

Both take turns, several times, and the least of each counts: other work on the machine only ever adds.

    python -m benchmarks.reading [FILES] [TURNS]
"""

from __future__ import annotations

import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

import netlet as nl


def drawn(folder: Path, count: int, mode: str) -> list[Path]:
    """Digits as PNG files of 28 x 28, in ten folders of classes."""
    digits = np.rint(nl.load("mnist56").train.x[..., 0] * 255).astype(np.uint8)
    rng = np.random.default_rng(0)
    paths = []
    for place in range(count):
        pixels = digits[place % len(digits)]
        if mode != "L":  # with a colour of its own
            pixels = (pixels[..., np.newaxis] * rng.uniform(0.3, 1, 3)).astype(np.uint8)
        path = folder / str(place % 10) / f"{place:05}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).convert(mode).save(path)
        paths.append(path)
    return paths


def timed(work: Callable[[], object]) -> float:
    """Seconds of the processor."""
    began = time.process_time()
    work()
    return time.process_time() - began


def main() -> None:
    """Measure and print."""
    count, turns = (int(each) for each in [*sys.argv[1:], "20000", "5"][:2])
    for mode in ("L", "RGB", "RGBA", "P"):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            paths = drawn(folder, count, mode)
            bare, own = [], []
            for _ in range(turns):
                bare.append(timed(lambda paths=paths: [np.asarray(Image.open(path)) for path in paths]))
                own.append(timed(lambda folder=folder: nl.load(folder)))
            tracemalloc.start()
            data = nl.load(folder)
            most = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            arrays = sum(split.x.nbytes for split in data.present.values())
            print(
                f"{count:,} {mode}: Pillow {min(bare):.2f} s, netlet {min(own):.2f} s, "
                f"{min(own) / min(bare):.2f} times; memory {most / arrays:.2f} times the arrays"
            )


if __name__ == "__main__":
    main()
