"""Small files that ask for much: memory, depth, time."""

from __future__ import annotations

import io
import pickle
import struct
import zipfile
import zlib
from random import Random
from typing import Any

from PIL import Image

from benchmarks.hostile.words import IMAGES, TABLES


def _zip_bomb(random: Random) -> tuple[str, bytes]:
    names = random.choice((["x_train", "y_train", "x_val", "y_val"], ["head", "weight_000"], ["x"]))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name in names:
            count = random.choice((10, 10**7, 10**12))
            header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({count},), }}"
            start = b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header.encode()
            archive.writestr(f"{name}.npy", start + bytes(random.choice((10, 10**7))))
    data = bytearray(packed.getvalue())
    if random.random() < 0.5:
        place = data.find(b"PK\1\2")
        data[place + 24 : place + 28] = struct.pack("<I", random.choice((1, 10**9, 4 * 10**9)))
    return random.choice((".npz", ".netlet", ".keras")), bytes(data)


def _nested_pickle(random: Random) -> tuple[str, bytes]:
    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (4,), }"
    start = b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header
    shared: Any = [0] * 4
    for _ in range(random.choice((10, 60, 400))):
        shared = [shared] * random.choice((1, 2, 4))
    kinds = (
        b"\x80\4" + b"(" * 400_000 + b"t" * 400_000 + b".",
        b"\x80\4" + b"]" * 4000 + b"a" * 3999 + b".",
        b"\x80\4K\1" + b"\x85" * 400_000 + b".",
        pickle.dumps(shared),
        b"\x80\4\x8e" + struct.pack("<Q", 10**12) + b"x.",
        b"cos\nsystem\n(S'true'\ntR.",
        b"\x80\4" + b"I" + b"9" * 5000 + b"\n.",
    )
    return "mnist56.npy", start + random.choice(kinds)


def _huge_image(random: Random) -> tuple[str, bytes]:
    side = random.choice((20_000, 65_535, 2**31 - 1))
    suffix = random.choice((".png", ".bmp", ".gif", ".tif"))
    image = io.BytesIO()
    Image.new("L", (3, 3)).save(image, IMAGES[suffix])
    data = bytearray(image.getvalue())
    if suffix == ".png":
        data[16:24] = struct.pack(">II", side, side)
        data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    elif suffix == ".bmp":
        data[18:26] = struct.pack("<ii", side, side)
    elif suffix == ".gif":
        data[6:10] = struct.pack("<HH", min(side, 65_535), min(side, 65_535))
    else:
        data = bytearray(
            bytes(data).replace(struct.pack("<HHII", 256, 4, 1, 3), struct.pack("<HHII", 256, 4, 1, side))
        )
    return suffix, bytes(data)


def _huge_text(random: Random) -> tuple[str, bytes]:
    kinds = (
        b"1," * 300_000,
        b"a\n" * 200_000,
        b'"' + b"x" * 1_000_000,
        b"[" * 200_000,
        b"\0" * 1_000_000,
        b"a,b\n1,2\n" + b"9" * 400_000 + b",1\n",
        ("a,b\n" + "\n".join(f"{'x' * 200},{k}" for k in range(3000))).encode(),
        ",".join(f"c{k}" for k in range(20_000)).encode()
        + b"\n"
        + b"\n".join(b"1," * 19_999 + b"1" for _ in range(6)),
        b"\xff\xfe" + "a,b\n1,2\n".encode("utf-16-le") * 100,
        b"@data\n" + b"1,2:" * 100_000,
        b"@relation r\n" + b"@attribute a numeric\n" * 50_000 + b"@data\n1\n",
    )
    return random.choice((*TABLES, ".json", ".parquet")), random.choice(kinds)


def _nested_json(random: Random) -> tuple[str, bytes]:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", random.choice(("[" * 100_000, '{"config":' * 900 + "1" + "}" * 900)))
        archive.writestr("metadata.json", "{}")
        archive.writestr("model.weights.h5", b"\x89HDF\r\n\x1a\n")
    return ".keras", packed.getvalue()


BOMBS = (
    _zip_bomb,
    _zip_bomb,
    _nested_pickle,
    _nested_pickle,
    _huge_image,
    _huge_text,
    _huge_text,
    _nested_json,
)
