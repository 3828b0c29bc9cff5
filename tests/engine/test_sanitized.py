"""The engine under the address, leak, undefined-behaviour and thread sanitizers, in programs of its own."""

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
    *("-Wno-psabi", "-Wno-ignored-attributes", "-Wno-unknown-pragmas"),
]
ADDRESSES = ["-fsanitize=address,undefined,float-cast-overflow", "-fno-sanitize-recover=all"]
THREADS = ["-fsanitize=thread"]


def compiled(folder, sanitizers):
    """`sanitized.cpp` with the engine's sources and one set of kernels."""
    # The widest groups that the processor has registers for, and with them all that are narrower.
    best = _engine.instruction_sets()[0]
    wide = [f"-march={best}"] if best.startswith("x86") else []
    sources = {path.stem: path for room in ROOMS for path in (ROOT / "engine" / room).glob("*.cpp")}
    kernels = sources.pop("kernels")
    objects = [f"{name}.o" for name in ("sanitized", "kernels", *sources)]
    for options, files in [
        (["-c"], [Path(__file__).with_name("sanitized.cpp"), *sources.values()]),
        (["-c", "-DNETLET_ISA=generic", *wide], [kernels]),
        (["-pthread", "-o", "sanitized"], objects),
    ]:
        done = compiler(folder, *sanitizers, *options, *map(str, files))
        assert done.returncode == 0, done.stderr
    return folder / "sanitized"


def compiler(folder, *arguments):
    assert COMPILER is not None
    return subprocess.run([COMPILER, *FLAGS, *arguments], cwd=folder, capture_output=True, text=True)


def runs_here(folder, sanitizers):
    """Whether compiler and system have the sanitizers: some lack their library or the room for it."""
    (folder / "empty.cpp").write_text("int main() {}")
    if compiler(folder, *sanitizers, "empty.cpp", "-o", "empty").returncode != 0:
        return False
    return subprocess.run([folder / "empty"], capture_output=True).returncode == 0


@pytest.mark.skipif(COMPILER is None, reason="needs a C++ compiler")
def test_every_kind_of_layer_trains_without_a_sanitizer_s_complaint(tmp_path):
    program = compiled(tmp_path, ADDRESSES)
    done = subprocess.run([program], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 500


@pytest.mark.skipif(COMPILER is None, reason="needs a C++ compiler")
def test_threads_that_train_and_ask_race_for_nothing(tmp_path):
    if not runs_here(tmp_path, THREADS):
        pytest.skip("neither compiler nor system has the thread sanitizer")
    program = compiled(tmp_path, THREADS)
    done = subprocess.run([program, "few"], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 100
