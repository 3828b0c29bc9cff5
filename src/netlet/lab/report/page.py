"""The report as one HTML page that needs no other file."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from typing import Any

from netlet.lab import TITLES, Answer, Picture, TrainedNetwork
from netlet.lab.answer import Table
from netlet.lab.report.about import About
from netlet.lab.report.words import conclusion, introduction, overview
from netlet.lab.wording import settings
from netlet.metrics import as_text

_TEMPLATE = "page.html.j2"
_NUMBER = re.compile(r"(over )?[-−+]?[\d∞]")
_NO_NUMBER = ("", "–", "undefined", "diverged")


def page(answers: Sequence[Answer], about: About) -> str:
    """The page's HTML: images are in it as data URIs, its style is inline, and it has no script."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("netlet.lab.report", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        data_uri=_data_uri,
        size_attributes=_size_attributes,
        settings=settings,
        is_numeric=_is_numeric,
        marked=_marked,
    )
    by_exercise = {
        name: [answer for answer in answers if answer.exercise == name]
        for name in dict.fromkeys(answer.exercise for answer in answers)
    }
    return environment.get_template(_TEMPLATE).render(
        about=about,
        titles=TITLES,
        exercises=by_exercise,
        introduction=introduction(answers, about),
        overview=overview(answers),
        conclusion=conclusion(answers),
        distribution_rows=_distribution_rows,
    )


def _data_uri(picture: Picture) -> str:
    return "data:image/png;base64," + base64.b64encode(picture.png).decode()


def _marked(text: str) -> Any:
    """Text as HTML, what is in backticks as code."""
    from markupsafe import Markup, escape

    parts = [str(escape(part)) for part in text.split("`")]
    return Markup("".join(f"<code>{part}</code>" if i % 2 else part for i, part in enumerate(parts)))


def _size_attributes(picture: Picture) -> Any:
    """Width and height as HTML attributes, so that the text does not jump as images come in."""
    from markupsafe import Markup

    width, height = (int.from_bytes(picture.png[start : start + 4]) for start in (16, 20))  # PNG's header
    return Markup(f' width="{width}" height="{height}"')


def _is_numeric(table: Table, column: int) -> bool:
    """Whether a column holds numbers, which are set flush right."""
    cells = [row[column] for row in table.rows if row[column] not in _NO_NUMBER]
    return bool(cells) and all(_NUMBER.match(cell) for cell in cells)


def _distribution_rows(network: TrainedNetwork) -> list[dict[str, Any]]:
    """A row for each metric of each split: text, ready to be shown."""
    rows = []
    for split, values in network.metrics.items():
        for place, (name, spread) in enumerate((values or {}).items()):
            rows.append(
                {
                    "split": split if place == 0 else "",
                    "span": len(values or {}),
                    "metric": "log loss" if name == "loss" else name.replace("_", " "),
                    "numbers": [
                        as_text(value)
                        for value in (
                            *(spread.median, spread.lower_quartile, spread.upper_quartile),
                            network.of_best.get(split, {}).get(name),
                        )
                    ],
                    "notebook": as_text(_printed(network, split, name)),
                }
            )
    return rows


def _printed(network: TrainedNetwork, split: str, metric: str) -> float | None:
    figures = network.printed.metrics.get(split, {}) if network.printed else {}
    return figures.get(metric)
