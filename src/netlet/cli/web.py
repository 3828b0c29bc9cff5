"""`netlet web`: the laboratory in a browser, from one file that needs no server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def web(
    save: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write the page there, for a USB stick or a web site, and open nothing."
        ),
    ] = None,
) -> None:
    """Open the laboratory in a browser: one page that trains live, and sends nothing anywhere."""
    import webbrowser

    from netlet.cli import targets
    from netlet.saving import write_whole
    from netlet.web import page

    source = page()
    if save is not None:
        chosen = targets.checked({"--save": save}, [source])[0]
        assert chosen is not None
        write_whole(targets.behind_links(chosen), source.read_bytes())
        typer.echo(f"the page is kept in {chosen}: open it in a browser, no server is needed")
    elif not webbrowser.open(source.as_uri()):
        typer.echo(f"no browser could be started: open {source} in one")
