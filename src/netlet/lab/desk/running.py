"""A notebook run from top to bottom, which runs what a student wrote: only where a teacher asks for it."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from netlet.errors import FileError, NetletError
from netlet.lab.desk.reading import LARGEST

_CODE = """
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, timeout=None, kernel_name="python3").execute()
nbformat.write(notebook, sys.argv[2])
"""


def run(file: Path, folder: Path, seconds: float) -> Path:
    """Run a notebook in an empty folder, without what was in its outputs.

    Parameters
    ----------
    file
        The notebook; it is not changed.
    folder
        Where it is run, and what it was made into is put.
    seconds
        After which it is ended.

    Returns
    -------
    Path
        The notebook with its new outputs.

    Raises
    ------
    FileError
        If it is none, takes too long, or a cell fails.
    NetletError
        If Jupyter is not installed.
    """
    if file.suffix.lower() != ".ipynb":
        raise FileError(f"{file} is no notebook: --run is for those", file=file)
    if find_spec("nbclient") is None or find_spec("ipykernel") is None:
        raise NetletError("--run needs Jupyter: pip install nbclient ipykernel")
    try:
        if file.stat().st_size > LARGEST[".ipynb"]:
            raise FileError(f"{file} is larger than {LARGEST['.ipynb']:,} bytes, which is refused", file=file)
        content = json.loads(file.read_text(encoding="utf-8"))
        content["metadata"].pop("netlet", None)
        for cell in content["cells"]:
            if cell["cell_type"] == "code":
                cell["outputs"] = []
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FileError(
            f"{file} is no notebook that can be run ({type(error).__name__})", file=file
        ) from None
    folder.mkdir(parents=True, exist_ok=True)
    empty, done = folder / "given.ipynb", folder / file.name
    empty.write_text(json.dumps(content), encoding="utf-8")
    try:
        ran = subprocess.run(
            [sys.executable, "-c", _CODE, empty.name, done.name],
            cwd=folder,
            timeout=seconds,
            capture_output=True,
            text=True,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise FileError(f"{file} takes more than {seconds:.0f} s to run", file=file) from None
    if ran.returncode:
        last = (ran.stderr.strip().splitlines() or ["it ended"])[-1][:200]
        raise FileError(f"{file} cannot be run: {last}", file=file)
    return done
