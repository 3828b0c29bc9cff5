"""Where the lab's HTML pages come from: templates in which words are only text, and their one style sheet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import jinja2


def templates(package: str) -> jinja2.Environment:
    """The templates of a package, such as ``"netlet.lab.report"``; all have the style sheet as ``style``."""
    import jinja2
    from markupsafe import Markup

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(package, "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["style"] = Markup((Path(__file__).parent / "style.css").read_text(encoding="utf-8"))
    return environment
