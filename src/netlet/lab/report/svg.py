"""Figures as SVG: within a page as a part of it, and as files of their own."""

from __future__ import annotations

import re
from typing import Any

_SIZE = re.compile(r'<svg [^>]*?width="([\d.]+)pt" height="([\d.]+)pt"[^>]*>', re.DOTALL)
_START = re.compile(r"<svg [^>]*>", re.DOTALL)
_WHITE_PAPER = re.compile(r'(<g id="patch_1">\s*<path d="[^"]*"\s*style=")fill: #ffffff')
_PIXELS_PER_POINT = 96 / 72


def size(svg: bytes) -> tuple[int, int]:
    """Width and height in CSS pixels, as it is meant to be seen."""
    found = _SIZE.search(svg.decode())
    if found is None:
        return 0, 0
    width, height = (round(float(each) * _PIXELS_PER_POINT) for each in found.groups())
    return width, height


def within_page(svg: bytes, name: str, alt: str) -> Any:
    """An SVG as a part of an HTML page: described, without paper of its own, its identifiers its own."""
    from markupsafe import Markup

    text = svg.decode()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    text = re.sub(r'<style type="text/css">.*?</style>', "", text, flags=re.DOTALL)
    text = re.sub(r"<defs>\s*</defs>\s*", "", text)
    text = _WHITE_PAPER.sub(r"\1fill: none", text, count=1)
    text = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', text)
    text = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", text)
    text = re.sub(r'href="#([^"]+)"', rf'href="#{name}-\1"', text)
    text = text.replace("'DejaVu Sans'", "'DejaVu Sans', Verdana, sans-serif")
    width, height = size(svg)
    box = re.search(r'viewBox="([^"]*)"', text)
    # How lines end and meet, matplotlib says in a rule for the whole document.
    start = Markup(
        '<svg role="img" aria-label="{}" viewBox="{}" width="{}" height="{}" stroke-linejoin="round">'
    ).format(alt, box[1] if box else "", width, height)
    return Markup(_START.sub(lambda _: str(start), text, count=1))
