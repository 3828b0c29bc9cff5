"""Markdown as HTML, and the tables in it; raw HTML in it is text, a picture is what the page makes of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_CAPTION = ": "
"""A paragraph that begins so, next to a table, is its caption."""


@dataclass(frozen=True)
class Table:
    """Numbers in rows; the first column names them.

    Attributes
    ----------
    caption
        What they are.
    head
        Titles of the columns.
    rows
        Text as it is to be shown.
    """

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    # A picture within other text is its description: a report loads nothing from elsewhere.
    parser.add_render_rule("image", _described)
    return parser


def _described(renderer: Any, tokens: Sequence[Token], index: int, options: Any, environment: Any) -> str:
    from markupsafe import escape

    return str(escape(tokens[index].content))


def html(text: str, figure: Callable[[str, str, str], str] | None = None) -> str:
    """Markdown as HTML.

    Parameters
    ----------
    text
        The Markdown.
    figure
        Gives the HTML of a picture by its name, description and caption; without it there are none.
    """
    from markdown_it.token import Token

    parser: Any = _parser()

    def raw(content: str) -> Token:
        return Token("html_block", "", 0, content=content)

    tokens: list[Token] = []
    for token in _with_headers(_captioned(parser.parse(text))):
        picture = _only_picture(token)
        if picture is not None and figure is not None:
            alt = parser.renderer.renderInlineAsText(picture.children or [], parser.options, {})
            tokens.append(raw(figure(str(picture.attrs["src"]), alt, str(picture.attrs.get("title", "")))))
        elif token.meta.get("is_picture"):
            continue
        elif token.type == "table_open":
            tokens += [raw('<div class="scroll" tabindex="0" role="group">'), token]
        elif token.type == "table_close":
            tokens += [token, raw("</div>\n")]
        else:
            tokens.append(token)
    return parser.renderer.render(tokens, parser.options, {})


def inline(text: str) -> str:
    """One paragraph of Markdown as HTML without its paragraph."""
    return _parser().renderInline(" ".join(text.split()))


def plain(text: str) -> str:
    """Markdown as the text it shows."""
    parser: Any = _parser()
    blocks = [
        parser.renderer.renderInlineAsText(token.children or [], parser.options, {})
        if not any(child.type == "code_inline" for child in token.children or [])
        else "".join(_shown(child) for child in token.children or [])
        for token in parser.parse(text)
        if token.type == "inline"
    ]
    return " ".join(" ".join(blocks).split())


def paragraphs(text: str) -> list[str]:
    """The paragraphs of Markdown, each on one line, without tables and pictures."""
    tokens = _captioned(_parser().parse(text))
    return [
        " ".join(token.content.split())
        for opening, token in pairwise(tokens)
        if opening.type == "paragraph_open" and not opening.meta.get("is_picture")
    ]


def tables(text: str) -> list[Table]:
    """The tables of Markdown with their captions."""
    found: list[dict[str, Any]] = []
    for token, inner in zip(tokens := _captioned(_parser().parse(text)), tokens[1:], strict=False):
        if token.type == "table_open":
            found.append({"caption": "", "head": [], "rows": []})
        elif token.type == "caption_open":
            found[-1]["caption"] = plain(inner.content)
        elif token.type == "th_open":
            found[-1]["head"].append(plain(inner.content))
        elif token.type == "tr_open" and found and found[-1]["head"]:
            found[-1]["rows"].append([])
        elif token.type == "td_open":
            found[-1]["rows"][-1].append(plain(inner.content))
    return [Table(**each) for each in found]


def _shown(token: Token) -> str:
    if token.type in ("softbreak", "hardbreak"):
        return " "
    return token.content


def _only_picture(token: Token) -> Token | None:
    """The picture that is all there is in a paragraph."""
    children = [child for child in token.children or [] if child.type != "softbreak"]
    if token.type == "inline" and len(children) == 1 and children[0].type == "image":
        return children[0]
    return None


def _with_headers(tokens: list[Token]) -> list[Token]:
    """The same with cells' headings told as such, and numbers, which are set flush right, by a class."""
    is_first = False
    for token in tokens:
        if token.type == "tr_open":
            is_first = True
        elif token.type in ("th_open", "td_open"):
            is_right = "right" in str(token.attrs.pop("style", ""))
            if token.type == "th_open" or is_first:
                token.attrs["scope"] = "col" if token.type == "th_open" else "row"
                token.tag = "th"
            if is_right:
                token.attrs["class"] = "number"
        elif token.type == "td_close" and is_first:
            token.tag, is_first = "th", False
    return tokens


def _captioned(tokens: Sequence[Token]) -> list[Token]:
    """The same with captions moved into their tables, and paragraphs of a picture alone marked as such."""
    from markdown_it.token import Token

    done = list(tokens)
    for place, token in enumerate(done):
        if token.type == "inline" and _only_picture(token) is not None:
            done[place - 1].meta["is_picture"] = done[place + 1].meta["is_picture"] = True
    place = 0
    while place < len(done) - 3:
        closing, opening, inner = done[place : place + 3]
        if (
            (closing.type, opening.type) == ("table_close", "paragraph_open")
            and inner.children
            and inner.content.startswith(_CAPTION)
        ):
            inner.children[0].content = inner.children[0].content.removeprefix(_CAPTION).lstrip()
            inner.content = inner.content.removeprefix(_CAPTION)
            start = max(i for i in range(place) if done[i].type == "table_open")
            del done[place + 1 : place + 4]
            caption = [Token("caption_open", "caption", 1), inner, Token("caption_close", "caption", -1)]
            done[start + 1 : start + 1] = caption
            place += 3
        place += 1
    return done
