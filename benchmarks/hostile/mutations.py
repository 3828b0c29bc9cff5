"""Changes of a file that was in order: of bytes, members of archives, values in JSON."""

from __future__ import annotations

import io
import json
import zipfile
from random import Random
from typing import Any

import numpy as np

from benchmarks.hostile.words import NAMES, NUMBERS, WORDS


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


def rezipped(random: Random, content: bytes) -> bytes:
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
                (None, -1, 0, 10**30, 1e308, float("nan"), float("inf"), True, [], {}, [[]], deep,
                random.choice(WORDS), "x" * 9999, [1e9] * 50, {"a": 1})
            )  # fmt: skip
            break
        here = here[key]
    text = json.dumps(tree)
    if not name.endswith(".npy"):
        return text.encode()
    packed = io.BytesIO()
    np.save(packed, np.array(text))
    return packed.getvalue()
