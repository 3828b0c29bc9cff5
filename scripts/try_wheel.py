"""Install the newest wheel of a folder in an empty environment without a compiler, and use it.

python scripts/try_wheel.py dist
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

JOB = [
    "train",
    "mnist56",
    "conv(3, 3x3) - maxpool(3) - conv(3, 3x3) - maxpool(3) - flatten - dense(5) - dense(1)",
]


def main() -> None:
    """Try it."""
    wheels = sorted(Path(sys.argv[1]).glob("netlet-*.whl"), key=lambda path: path.stat().st_mtime)
    if not wheels:
        sys.exit(f"there is no netlet-*.whl in {sys.argv[1]}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
        own = folder / "venv" / "bin"
        # Nothing else is on the path: a package that would have to be compiled could not be.
        environment = {
            key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "CC", "CXX"))
        }
        environment |= {"PATH": str(own), "NETLET_STORE": str(folder / "runs.db"), "HOME": name}
        install = [
            own / "python",
            "-m",
            "pip",
            "install",
            "--quiet",
            "--only-binary",
            ":all:",
            wheels[-1].resolve(),
        ]
        subprocess.run(install, check=True, env=environment, cwd=folder)
        job = [own / "netlet", *JOB, "--seeds", "4", "--epochs", "5"]
        subprocess.run(job, check=True, env=environment, cwd=folder)
    print(f"{wheels[-1]} works without a compiler ({wheels[-1].stat().st_size / 2**20:.1f} MB)")


if __name__ == "__main__":
    main()
