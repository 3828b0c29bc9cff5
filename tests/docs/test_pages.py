"""Every block of Python and every command in the documentation runs, page by page, in the order of the page.

Blocks marked ``python`` share one namespace a page; of blocks marked ``sh`` each line is run, `netlet` in
this process, anything else by the shell. Everything happens in a folder of the page's own. A page says in its
first lines what it needs (``needs: [onnx, cc]``): without that it is skipped.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from netlet.cli import run

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted(
    path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md") if "example" not in path.parts
)
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_QUOTED = re.compile(r"^````.*?^````$", re.MULTILINE | re.DOTALL)  # a page within a page
_NEEDS = re.compile(r"\A---\nneeds: \[(.*?)\]\n---\n")


def _blocks(page: str) -> list[tuple[str, str]]:
    return [
        (kind, text) for kind, text in _BLOCK.findall((DOCS / page).read_text()) if kind in ("python", "sh")
    ]


def _missing(page: str) -> list[str]:
    needs = _NEEDS.match((DOCS / page).read_text())
    names = needs.group(1).replace(" ", "").split(",") if needs else []
    return [
        name
        for name in names
        if not (shutil.which("cc") if name == "cc" else importlib.util.find_spec(name) is not None)
    ]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of Keras's own arrays
@pytest.mark.parametrize("page", [page for page in PAGES if _blocks(page)])
def test_every_block_of_the_page_runs(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    if missing := _missing(page):
        pytest.skip(f"{page} needs {', '.join(missing)}")
    monkeypatch.chdir(tmp_path)
    shutil.copytree(DOCS / "example", tmp_path / "docs/example")
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    monkeypatch.setenv("NETLET_STORE", str(tmp_path / "runs.db"))
    names: dict[str, object] = {"__name__": "__main__"}
    for number, (kind, text) in enumerate(_blocks(page), 1):
        if kind == "python":
            exec(compile(text, f"{page}, block {number}", "exec"), names)
            continue
        for line in text.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            if words and words[0] == "netlet":
                assert run(words[1:]) == 0, f"{line}: {capfd.readouterr().err}"
            elif words:
                subprocess.run(line, shell=True, check=True)


def test_commands_and_lines_of_python_are_marked_as_such() -> None:
    """A block without a language is not run, so it must not look like one that was forgotten."""
    for page in PAGES:
        shown = _QUOTED.sub("", (DOCS / page).read_text())
        for kind, text in re.findall(r"^```(\w*)\n(.*?)^```$", shown, re.MULTILINE | re.DOTALL):
            if kind:  # text is what needs something that is not there
                continue
            assert not re.search(r"^(netlet |import |from \w+ import )", text, re.MULTILINE), (page, text)
