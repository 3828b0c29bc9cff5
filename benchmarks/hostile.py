"""Hostile files, folders and options, each made from a number alone: the same number, the same case."""
# ruff: noqa: E501 (tables of odd text)

from __future__ import annotations

import gzip
import io
import json
import os
import pickle
import struct
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from PIL import Image

import netlet as nl
from netlet.datasets.files.pickled import write_arrays
from netlet.interop.keras import write_keras
from netlet.interop.onnx import write_onnx

IMAGES = {".png": "PNG", ".jpg": "JPEG", ".bmp": "BMP", ".gif": "GIF", ".tif": "TIFF", ".webp": "WEBP"}
TABLES = (".csv", ".tsv", ".ts", ".arff")
ARCHITECTURES = (
    "dense(1)",
    "dense(3)",
    "flatten-dense(2)",
    "gru(2)-dense(1)",
    "conv(2,2x2)-globalmaxpool-dense(2)",
)
NAMES = (
    "plain", "with space", "größe", "\x1b[31mred", "new\nline", "\udcff\udc80", "\u202etxt", "a" * 240, "-x", "--help",
    "%s%n", "$(id)", "tab\tbed", "~", "crt", "mnist56", ".hidden", "train", "0", "'\"", "[bold]x", "{x}", "\\",
)  # fmt: skip
WORDS = (
    "", "0", "-1", "1", "nan", "inf", "-inf", "1e400", "1e-400", "9" * 30, "-" + "9" * 30, "0x10", "None", "true", "a,b",
    "\x00", "\x1b[2J", "\udcff", "\ud800", "\u202e", "x" * 5000, "../../etc/passwd", "/dev/null", "/dev/zero", "-", "~",
    "~nobody/x", "[red]", "%s", "1/0", "((((((((", "dense(" * 200, "conv(1,1x1)-" * 150 + "dense(1)", "dense(99999999999)",
    "a\nb", "१२", "1_000", " 1 ", "accuracy=0.5", "=", "accuracy=", "28x28x1", "0x0x0", "999999x999999x3", "1x" * 300,
)  # fmt: skip
NUMBERS = (
    b"\0" * 4,
    b"\xff" * 4,
    b"\x7f\xff\xff\xff",
    b"\xff\xff\xff\x7f",
    b"\0\0\1\0",
    b"\x80\0\0\0",
    b"\0\0\0\x80",
)


@dataclass
class Case:
    """What is run.

    Attributes
    ----------
    arguments
        Of the command line.
    stdin
        What is typed.
    encoding
        Of the terminal.
    """

    arguments: list[str]
    stdin: str = ""
    encoding: str = "utf-8"


class Maker:
    """Makes cases from files that are in order, which are made once."""

    def __init__(self, home: Path) -> None:
        """Make the files."""
        self.home = home
        self.good = _good_files(home)

    def case(self, number: int, room: Path) -> Case:
        """The case of a number, its files in an empty folder."""
        random = Random(number)
        kinds: list[tuple[Callable[[Random, Path], Case], int]] = [
            (self._mutated, 60),
            (self._bomb, 8),
            (self._folder, 14),
            (self._options, 14),
            (self._typed, 4),
        ]
        makers, weights = zip(*kinds, strict=True)
        case = random.choices(makers, weights)[0](random, room)
        case.encoding = random.choice(("utf-8", "utf-8", "ascii"))
        return case

    # --- one file -------------------------------------------------------------------------------------------

    def _mutated(self, random: Random, room: Path) -> Case:
        name = random.choice(sorted(self.good))
        suffix = Path(name).suffix
        content = mutated(random, self.good[name], self.good[random.choice(sorted(self.good))])
        if name.endswith((".npz", ".netlet", ".keras")) and random.random() < 0.6:
            content = _rezipped(random, self.good[name])
        if suffix == ".gz" or name.startswith("mnist56") or (suffix in IMAGES and random.random() < 0.5):
            return self._in_folder(random, room, name, content)
        path = _placed(random, room, suffix, content)
        return Case(self._command(random, path, suffix))

    def _command(self, random: Random, path: Path, suffix: str) -> list[str]:
        """A command that reads a file."""
        network = str(self.home / random.choice(("table", "series", "image")))
        if suffix in (".keras", ".onnx", ".h5"):
            return ["import", str(path), str(path.parent / "out.netlet")]
        if suffix == ".netlet":
            data = str(self.home / random.choice(("good.csv", "good.npz", "good.png")))
            out = str(path.parent / random.choice(("out.py", "out.h", "out.onnx", "out.keras")))
            return random.choice(
                (["predict", str(path), data], ["export", str(path), out], ["evaluate", str(path), data])
            )
        window = (
            ["--window", random.choice(("1", "3", "1000000000")), "--horizon", "2"]
            if random.random() < 0.5
            else []
        )
        return random.choice(
            (
                ["data", "check", str(path)],
                ["data", "show", str(path)],
                ["predict", network + ".netlet", str(path)],
                ["evaluate", network + ".netlet", str(path)],
                [
                    "train",
                    str(path),
                    random.choice(ARCHITECTURES),
                    "--epochs",
                    "1",
                    "--threads",
                    "1",
                    "--no-store",
                ]
                + (window if suffix in TABLES else []),
            )
        )

    def _in_folder(self, random: Random, room: Path, name: str, content: bytes) -> Case:
        """A file among others that are in order."""
        if name.startswith("mnist56"):
            (room / name).write_bytes(content)
            return Case(["data", "check", str(room)])
        if name.endswith(".gz"):
            for each in (each for each in self.good if each.endswith(".gz")):
                (room / each).write_bytes(content if each == name else self.good[each])
            return Case(["data", "make", "mnist56", str(room / "out"), "--idx", str(room)])
        _classes(room, self.good[name], Path(name).suffix)
        (room / random.choice(("cat", "dog")) / f"9{Path(name).suffix}").write_bytes(content)
        return Case(self._command(random, room, ""))

    # --- bombs ------------------------------------------------------------------------------------------------

    def _bomb(self, random: Random, room: Path) -> Case:
        name, content = random.choice(_BOMBS)(random)
        if name.startswith("mnist56"):
            (room / name).write_bytes(content)
            return Case(["data", "check", str(room)])
        path = room / f"bomb{name}"
        path.write_bytes(content)
        return Case(self._command(random, path, name))

    # --- folders ----------------------------------------------------------------------------------------------

    def _folder(self, random: Random, room: Path) -> Case:
        """Odd things among images: pipes, devices, loops, names, depth, tables."""
        suffix = random.choice(sorted(IMAGES))
        image = self.good[f"good{suffix}"]
        folder = room / random.choice(NAMES)
        _classes(folder, image, suffix)
        for _ in range(random.randrange(1, 4)):
            random.choice(_ODDITIES)(random, folder, image, suffix)
        options = random.choice(
            ([], [], ["--size", random.choice(("4x4", "28x28", "0x5", "99999x99999", "x"))])
        )
        return Case([*self._command(random, folder, ""), *options])

    # --- options and what is typed ----------------------------------------------------------------------------

    def _options(self, random: Random, room: Path) -> Case:
        data = str(self.home / random.choice(("good.csv", "good.npz", "good.npy")))
        net = str(self.home / random.choice(("table.netlet", "series.netlet", "image.netlet")))
        out = str(room / "out")
        arguments, options = random.choice(
            (
                (["train", data, random.choice(ARCHITECTURES), "--epochs", "1", "--threads", "1"], _TRAIN),
                (["compare", data, "dense(1)", "--epochs", "1", "--seeds", "1", "--threads", "1"], _TRAIN),
                (["summary", random.choice(ARCHITECTURES), "--dataset", data], ("--data",)),
                (["predict", net, data], ()),
                (["evaluate", net, data], ("--data",)),
                (["export", net, random.choice((f"{out}.py", f"{out}.h", f"{out}.onnx"))], ("--to", "--name", "--data")),
                (["data", "make", random.choice(("crt", "pulses", "mnist56")), out, "--train", "2", "--validation", "1"], _MAKE),
                (["data", "check", data], ("--data",)),
                (["runs", random.choice(("list", "show", "export", "delete"))], ("--store", "--json")),
            )
        )  # fmt: skip
        arguments = list(arguments)
        for _ in range(random.randrange(1, 3)):
            word = random.choice(WORDS)
            if options and random.random() < 0.7:
                option = random.choice(options)
                arguments += [f"{option}={word}"] if random.random() < 0.5 else [option, word]
            else:
                arguments[random.randrange(len(arguments))] = word
        if not any(each.startswith(("--store", "--no-store")) for each in arguments) and arguments[0] in (
            "train",
            "compare",
        ):
            arguments.append("--no-store")
        return Case(arguments, _text(random))

    def _typed(self, random: Random, room: Path) -> Case:
        net = self.home / random.choice(("table.netlet", "series.netlet", "image.netlet"))
        return Case(["predict", str(net), "-"], _text(random))


_TRAIN = (
    "--epochs", "--batch-size", "--optimizer", "--learning-rate", "--momentum", "--schedule", "--clip-norm", "--l2",
    "--patience", "--loss", "--truncation", "--seeds", "--first-seed", "--threads", "--data-seed", "--target", "--window",
    "--horizon", "--stride", "--store", "--json", "--save", "--data",
)  # fmt: skip
_MAKE = ("--seed", "--train", "--validation", "--test", "--size", "--steps", "--decay", "--idx")


# --- what is in order ---------------------------------------------------------------------------------------


def _good_files(home: Path) -> dict[str, bytes]:
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


# --- mutations ----------------------------------------------------------------------------------------------


def mutated(random: Random, content: bytes, other: bytes) -> bytes:
    """A few changes of bytes."""
    data = bytearray(content)
    for _ in range(random.choice((1, 1, 2, 4, 16))):
        if not data:
            break
        place = (
            random.randrange(len(data)) if random.random() < 0.5 else random.randrange(min(len(data), 200))
        )
        end = min(len(data), place + random.choice((1, 4, 40, 400)))
        kind = random.randrange(8)
        if kind == 0:
            data[place] ^= 1 << random.randrange(8)
        elif kind == 1:
            data[place : place + 4] = random.choice(NUMBERS)
        elif kind == 2:
            del data[place:end]
        elif kind == 3:
            data[place:place] = data[place:end] * random.choice((1, 3, 200))
        elif kind == 4:
            del data[place:]
        elif kind == 5:
            data[place:end] = other[place:end]
        elif kind == 6:
            data[place:place] = random.choice(WORDS).encode("utf-8", "surrogatepass")[:5000]
        else:
            digits = [k for k, each in enumerate(data) if 48 <= each <= 57]
            if digits:
                place = random.choice(digits)
                data[place : place + 1] = random.choice(
                    (b"-1", b"99999999999999", b"0", b"1e999", b"nan", b"()")
                )
    return bytes(data)


def _rezipped(random: Random, content: bytes) -> bytes:
    """One member of an archive changed: its bytes, its place in a JSON tree, its name or packing."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    chosen = random.choice(sorted(members))
    kind = random.randrange(5)
    if kind == 0:
        del members[chosen]
    elif kind == 1:
        members[random.choice(NAMES).encode("utf-8", "replace").decode()] = members.pop(chosen)
    elif kind == 2:
        members[chosen] = _other_array(random)
    elif chosen in ("head.npy", "config.json", "metadata.json"):
        members[chosen] = _other_json(random, chosen, members[chosen])
    else:
        members[chosen] = mutated(random, members[chosen], content)
    packed = io.BytesIO()
    how = random.choice(
        (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2)
    )
    with zipfile.ZipFile(packed, "w", how) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("\0", "_") or "x", data)
    return packed.getvalue()


def _other_array(random: Random) -> bytes:
    shape = random.choice(((), (0,), (8,), (8, 6, 6, 1), (8, 5), (1, 1, 1, 1, 1), (8, 0)))
    kind = random.choice(
        ("c16", "f2", "i8", "u1", "U3", "S3", "?", "M8[s]", "m8[s]", "O", "f8,i4", ">f8", "f4", "V3")
    )
    content = io.BytesIO()
    np.save(content, np.zeros(shape, kind), allow_pickle=True)
    data = bytearray(content.getvalue())
    if random.random() < 0.3 and len(data) > 130:
        data[128:] = random.randbytes(len(data) - 128)
    return bytes(data)


def _other_json(random: Random, name: str, content: bytes) -> bytes:
    text = str(np.load(io.BytesIO(content))) if name.endswith(".npy") else content.decode()
    tree = json.loads(text)
    here: Any = tree
    for _ in range(random.randrange(1, 9)):
        keys = (
            sorted(here)
            if isinstance(here, dict)
            else list(range(len(here)))
            if isinstance(here, list)
            else []
        )
        if not keys:
            break
        key = random.choice(keys)
        if random.random() < 0.3 or not isinstance(here[key], dict | list):
            deep: Any = 1
            for _ in range(random.choice((5, 300))):
                deep = [deep]
            here[key] = random.choice(
                (None, -1, 0, 10**30, 1e308, float("nan"), float("inf"), True, [], {}, [[]], deep, random.choice(WORDS), "x" * 9999, [1e9] * 50, {"a": 1})
            )  # fmt: skip
            break
        here = here[key]
    text = json.dumps(tree)
    if not name.endswith(".npy"):
        return text.encode()
    packed = io.BytesIO()
    np.save(packed, np.array(text))
    return packed.getvalue()


def _text(random: Random) -> str:
    """What somebody may type or pipe in."""
    return random.choice(
        (
            "", "1,2,3\n4,5,6\n", "[" * 100_000, "[1,2,3]", "[[1,2,3]]", '{"a":1}', "\x00\x01", "a,b\n", "1;2,5;3\n", "nan,1,2",
            "1," * 50_000, "[[1,2],[3]]", "[null]", "9" * 5000, "1e400,1,1", '"' * 999, "\udcff", "[1e999,1,1]", "true", "[[[[1]]]]",
            "[]", "[[]]", "[[1,2,3],[4,5,NaN]]", "\n" * 1000, "\ufeff1,2,3", "1 2 3", '["a","b","c"]', "[{},{}]", "[true,false,true]",
        )
    )  # fmt: skip


def _placed(random: Random, room: Path, suffix: str, content: bytes) -> Path:
    """The file under a name that may be odd."""
    name = random.choice(NAMES) if random.random() < 0.3 else "file"
    if suffix in (".csv", ".npz", ".npy") and random.random() < 0.05:
        suffix = random.choice((".npz", ".npy", ".csv", ".png", ".netlet", suffix.upper(), ".parquet", ".pq"))
    path = room / (name + suffix)
    path.write_bytes(content)
    return path


# --- bombs --------------------------------------------------------------------------------------------------


def _zip_bomb(random: Random) -> tuple[str, bytes]:
    names = random.choice((["x_train", "y_train", "x_val", "y_val"], ["head", "weight_000"], ["x"]))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name in names:
            header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({random.choice((10, 10**7, 10**12))},), }}"
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
        import zlib

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


_BOMBS = (
    _zip_bomb,
    _zip_bomb,
    _nested_pickle,
    _nested_pickle,
    _huge_image,
    _huge_text,
    _huge_text,
    _nested_json,
)


# --- folders ------------------------------------------------------------------------------------------------


def _classes(folder: Path, image: bytes, suffix: str) -> None:
    for name in ("cat", "dog"):
        (folder / name).mkdir(parents=True)
        for number in range(4):
            (folder / name / f"{number}{suffix}").write_bytes(image)


def _odd_name(random: Random, folder: Path, image: bytes, suffix: str) -> None:
    name = random.choice(NAMES)
    place = folder / random.choice(("cat", "dog", random.choice(NAMES)))
    place.mkdir(parents=True, exist_ok=True)
    (place / (name + suffix)).write_bytes(image)


def _pipe(random: Random, folder: Path, image: bytes, suffix: str) -> None:
    path = folder / random.choice(("cat", "")) / random.choice((f"p{suffix}", "labels.csv", "x.npz"))
    if not path.exists():
        os.mkfifo(path)


def _link(random: Random, folder: Path, image: bytes, suffix: str) -> None:
    target = random.choice(
        ("/dev/zero", "/dev/null", "/dev/stdin", "nowhere", ".", "..", "/proc", "loop", "/dev/random")
    )
    path = folder / random.choice(("cat", "")) / random.choice((f"l{suffix}", "loop", "labels.csv", "bird"))
    if not path.is_symlink() and not path.exists():
        path.symlink_to(target)


def _deep(random: Random, folder: Path, image: bytes, suffix: str) -> None:
    place = folder / "cat" / "/".join(["d"] * random.choice((3, 60, 400)))
    place.mkdir(parents=True, exist_ok=True)
    (place / f"x{suffix}").write_bytes(image)


def _table(random: Random, folder: Path, image: bytes, suffix: str) -> None:
    text = random.choice(
        (
            f"file,label\n0{suffix},a\n1{suffix},b\n", "file,label\nmissing.png,a\n", "\0", f"cat/0{suffix},\x1b[31m\n",
            f"file,label,label\n0{suffix},a,b\n", "x" * 100_000, f"0{suffix};1\n" * 3, f"../cat/0{suffix},1\n", "/etc/passwd,1\n",
        )
    )  # fmt: skip
    (folder / random.choice(("labels.csv", "labels.tsv", "other.csv"))).write_bytes(text.encode())


def _broken(random: Random, folder: Path, image: bytes, suffix: str) -> None:
    (folder / "cat" / f"b{suffix}").write_bytes(
        random.choice((b"", image[:-3], image[:20], b"\0" * 100, random.randbytes(300)))
    )


def _unreadable(random: Random, folder: Path, image: bytes, suffix: str) -> None:
    place = folder / random.choice(("cat", "locked"))
    place.mkdir(exist_ok=True)
    (place / f"u{suffix}").mkdir(exist_ok=True)


_ODDITIES = (_odd_name, _odd_name, _pipe, _link, _link, _deep, _table, _broken, _unreadable)


def home() -> tempfile.TemporaryDirectory[str]:
    """A folder for the files that are in order."""
    return tempfile.TemporaryDirectory(prefix="netlet-fuzz-")
