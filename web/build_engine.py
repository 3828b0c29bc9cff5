"""Compiles the engine for WebAssembly, by PyPI's ziglang, into the file named."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ENGINE = Path(__file__).parent.parent / "engine"
LEFT_OUT = {"bindings.cpp", "profile.cpp", "trainer.cpp"}
"""What is not for the page: Python's side, threads, and clocks."""
OPTIONS = (
    *("-target", "wasm32-wasi", "-mexec-model=reactor", "-msimd128", "-s"),
    # As in CMakeLists.txt; what is relaxed there is exact here, so that the weights are those of x86-64-v2.
    *("-std=c++20", "-O3", "-fno-math-errno", "-ffp-contract=fast", "-DNDEBUG", "-DNETLET_ISA=generic"),
)


def main(target: Path) -> None:
    """Compile, unless nothing has changed since."""
    needed = [*ENGINE.rglob("*.?pp"), Path(__file__)]
    if target.exists() and target.stat().st_mtime > max(path.stat().st_mtime for path in needed):
        return
    sources = sorted(str(path) for path in ENGINE.rglob("*.cpp") if path.name not in LEFT_OUT)
    target.parent.mkdir(parents=True, exist_ok=True)
    print("compiling the engine for WebAssembly (a minute) ...", file=sys.stderr)
    command = [sys.executable, "-m", "ziglang", "c++", *OPTIONS, *sources, "-o", str(target)]
    if subprocess.run(command, check=False).returncode != 0:
        target.unlink(missing_ok=True)
        raise SystemExit("the engine could not be compiled for WebAssembly: see above")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
