"""Files of every format that are in order, before they are made hostile."""

from __future__ import annotations

import gzip
import struct
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

import netlet as nl
from benchmarks.hostile.words import IMAGES
from netlet.datasets.files.pickled import write_arrays
from netlet.interop.keras import write_keras
from netlet.interop.onnx import write_onnx


def good_files(home: Path) -> dict[str, bytes]:
    """Small files of every format, and networks for tables, series and images."""
    rng = np.random.default_rng(0)
    shapes = {"table": (3,), "series": (5, 1), "image": (6, 6, 1)}
    layers = {
        "table": "dense(2)-dense(1)",
        "series": "gru(2)-dense(1)",
        "image": "conv(2,3x3)-flatten-dense(1)",
    }
    for name, shape in shapes.items():
        task = "binary" if name == "image" else "regression"
        x, y = rng.normal(size=(8, *shape)).astype(np.float32), np.arange(8) % 2
        data = nl.Dataset(
            "d", (x, y if task == "binary" else y * 0.5), (x, y if task == "binary" else y * 0.5)
        )
        network = nl.train(layers[name], data, epochs=1, threads=1, quiet=True).best.network
        network.save(home / f"{name}.netlet")
        write_keras(network, home / f"{name}.keras")
        write_onnx(network, home / f"{name}.onnx")
    with zipfile.ZipFile(home / "table.keras") as archive:
        (home / "weights.h5").write_bytes(archive.read("model.weights.h5"))
    x, y = rng.integers(0, 256, (8, 6, 6, 1), np.uint8), np.arange(8) % 2
    np.savez(home / "good.npz", x_train=x, y_train=y, x_val=x[:4], y_val=y[:4], task=np.array("binary"))
    words = np.array(["up", "down"] * 4)
    z = rng.normal(size=(8, 5))
    lengths = np.array([5, 3] * 4)
    np.savez_compressed(
        home / "words.npz",
        x_train=z,
        y_train=words,
        x_val=z,
        y_val=words,
        lengths_train=lengths,
        lengths_val=lengths,
    )
    np.save(home / "good.npy", rng.normal(size=(2, 6, 5)))
    write_arrays(home / "mnist56.npy", [x[..., 0], y, x[..., 0], y])
    lines = [f"{a:.3f},{b:.3f},{c:.2f}" for a, b, c in rng.normal(size=(30, 3))]
    (home / "good.csv").write_text("a,b,c\n" + "\n".join(lines))
    (home / "good.tsv").write_text("\n".join("1\t" + line.replace(",", "\t") for line in lines))
    (home / "dates.csv").write_text(
        "month;x\n" + "\n".join(f"{1990 + i // 12}-{i % 12 + 1:02};{i},5" for i in range(40))
    )
    (home / "good.ts").write_text(
        "@problemName t\n@timeStamps false\n@univariate true\n@classLabel true 1 2\n@data\n"
        + "\n".join(f"{','.join(line.split(','))}:{1 + k % 2}" for k, line in enumerate(lines))
    )
    columns = "".join(f"@attribute a{k} numeric\n" for k in range(3))
    (home / "good.arff").write_text(
        f"@relation r\n{columns}@attribute target {{1,2}}\n@data\n"
        + "\n".join(f"{line},{1 + k % 2}" for k, line in enumerate(lines))
    )
    for suffix, kind in IMAGES.items():
        Image.fromarray(x[0, ..., 0]).save(home / f"good{suffix}", kind)
    Image.fromarray(np.dstack([x[0]] * 4)).save(home / "alpha.png")
    Image.fromarray(x[0, ..., 0].astype(np.uint16) * 200).save(home / "deep.png")
    Image.fromarray(x[0, ..., 0]).convert("P").save(
        home / "palette.gif", save_all=True, append_images=[Image.fromarray(x[1, ..., 0])]
    )
    Image.fromarray(x[0, ..., 0]).save(home / "packed.tif", compression="tiff_lzw")
    for part, count in (("train", 60), ("t10k", 20)):
        pixels = struct.pack(">IIII", 2051, count, 28, 28) + bytes(28 * 28 * count)
        labels = struct.pack(">II", 2049, count) + bytes([5, 6] * (count // 2))
        (home / f"{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(pixels, mtime=0))
        (home / f"{part}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(labels, mtime=0))
    return {each.name: each.read_bytes() for each in sorted(home.iterdir())}
