"""The engine under the address, leak and undefined-behaviour sanitizers, in a program of its own."""

import shutil
import subprocess
from pathlib import Path

import pytest

from netlet import _engine

ROOT = Path(__file__).parents[2]
ROOMS = ("kernels", "model", "training")
COMPILER = shutil.which("g++") or shutil.which("clang++")
FLAGS = [
    *("-std=gnu++20", "-O1", "-g1", f"-I{ROOT / 'engine'}"),
    *("-fsanitize=address,undefined,float-cast-overflow", "-fno-sanitize-recover=all"),
    *("-Wno-psabi", "-Wno-ignored-attributes", "-Wno-unknown-pragmas"),
]


@pytest.fixture(scope="session")
def program(tmp_path_factory):
    """`sanitized.cpp` with the engine's sources and one set of kernels."""
    assert COMPILER is not None
    folder = tmp_path_factory.mktemp("sanitized")
    # The widest groups that the processor has registers for, and with them all that are narrower.
    best = _engine.instruction_sets()[0]
    wide = [f"-march={best}"] if best.startswith("x86") else []
    sources = {path.stem: path for room in ROOMS for path in (ROOT / "engine" / room).glob("*.cpp")}
    kernels = sources.pop("kernels")
    objects = [f"{name}.o" for name in ("sanitized", "kernels", *sources)]
    compiled = [
        (["-c"], [Path(__file__).with_name("sanitized.cpp"), *sources.values()]),
        (["-c", "-DNETLET_ISA=generic", *wide], [kernels]),
        (["-pthread", "-o", "sanitized"], objects),
    ]
    for options, files in compiled:
        done = subprocess.run(
            [COMPILER, *FLAGS, *options, *map(str, files)], cwd=folder, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
    return folder / "sanitized"


@pytest.mark.skipif(COMPILER is None, reason="needs a C++ compiler")
def test_every_kind_of_layer_trains_without_a_sanitizer_s_complaint(program):
    done = subprocess.run([program], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 500
