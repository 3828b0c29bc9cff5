"""Odd things among images: pipes, devices, loops, names, depth, tables."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

from benchmarks.hostile.words import NAMES


def placed(random: Random, room: Path, suffix: str, content: bytes) -> Path:
    """The file under a name that may be odd."""
    name = random.choice(NAMES) if random.random() < 0.3 else "file"
    if suffix in (".csv", ".npz", ".npy") and random.random() < 0.05:
        suffix = random.choice((".npz", ".npy", ".csv", ".png", ".netlet", suffix.upper(), ".parquet", ".pq"))
    path = room / (name + suffix)
    path.write_bytes(content)
    return path


def classes(folder: Path, image: bytes, suffix: str) -> None:
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
            f"file,label\n0{suffix},a\n1{suffix},b\n", "file,label\nmissing.png,a\n", "\0",
            f"cat/0{suffix},\x1b[31m\n",
            f"file,label,label\n0{suffix},a,b\n", "x" * 100_000, f"0{suffix};1\n" * 3,
            f"../cat/0{suffix},1\n", "/etc/passwd,1\n",
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


ODDITIES = (_odd_name, _odd_name, _pipe, _link, _link, _deep, _table, _broken, _unreadable)
