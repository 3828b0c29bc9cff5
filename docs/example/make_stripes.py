"""Write stripes.npz beside this file: images of 12 x 12 pixels with stripes that run down or across."""

import sys
from pathlib import Path

import numpy as np

SIDE, NOISE = 12, 0.5


def images(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """So many images, 0..1, and which way their stripes run: 0 down, 1 across."""
    across = np.arange(count) % 2
    width = rng.uniform(1.5, 3, size=(count, 1, 1))
    start = rng.uniform(0, 2 * np.pi, size=(count, 1, 1))
    place = np.arange(SIDE).reshape(1, 1, SIDE)
    waves = np.broadcast_to(np.sin(np.pi * place / width + start), (count, SIDE, SIDE))
    turned = np.where(across.reshape(-1, 1, 1), waves.transpose(0, 2, 1), waves)
    noisy = turned + rng.normal(0, NOISE, size=turned.shape)
    return np.clip(0.5 + 0.25 * noisy, 0, 1)[..., np.newaxis].astype(np.float32), across


def main(folder: Path) -> None:
    """Write the file."""
    rng = np.random.default_rng(0)
    arrays = {}
    for split, count in (("train", 200), ("val", 200), ("test", 200)):
        arrays[f"x_{split}"], arrays[f"y_{split}"] = images(count, rng)
    np.savez(folder / "stripes.npz", class_names=["down", "across"], **arrays)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
