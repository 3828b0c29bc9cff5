"""The documentation is built without a warning: no link leads nowhere, and every docstring can be read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("sphinx")
DOCS = Path(__file__).parents[2] / "docs"


def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "--quiet",
        "--fail-on-warning",
        "--keep-going",
        "-d",
        str(tmp_path / "trees"),
    ]
    made = subprocess.run([*command, str(DOCS), str(tmp_path / "site")], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    reference = (tmp_path / "site/reference/training.html").read_text()
    assert "netlet.train" in reference and "Ctrl-C" in reference
    assert "samples side by side" in (tmp_path / "site/engine.html").read_text()
