"""The report as one HTML page that needs no other file."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Any

from netlet.lab import words
from netlet.lab.answer import Answer, Picture, TrainedNetwork
from netlet.lab.document import Exercise
from netlet.lab.report import markdown
from netlet.lab.report.about import About
from netlet.lab.report.words import HEAD, conclusion, introduction, overview
from netlet.metrics import as_text

_TEMPLATE = "page.html.j2"


def page(exercise: Exercise, answers: Sequence[Answer], about: About) -> str:
    """The page's HTML: images are in it as data URIs, its style is inline, and it has no script."""
    import jinja2
    from markupsafe import Markup

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("netlet.lab.report", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    settings = words.environment(exercise.folder).globals["settings"]
    environment.filters.update(
        settings=settings,
        inline=lambda text: Markup(markdown.inline(text)),
        blocks=lambda text, pictures=(): Markup(markdown.html(text, _figures(pictures))),
    )
    by_part = {
        key: [answer for answer in answers if answer.exercise == key]
        for key in dict.fromkeys(answer.exercise for answer in answers)
    }
    return environment.get_template(_TEMPLATE).render(
        about=about,
        exercise=exercise,
        parts=by_part,
        introduction=introduction(exercise, answers, about),
        overview=overview(answers),
        head=HEAD,
        conclusion=conclusion(exercise, answers, about),
        distribution_rows=_distribution_rows,
    )


def _figures(pictures: Sequence[Picture]) -> Callable[[str, str, str], str]:
    """What makes a picture's HTML of its name."""
    from markupsafe import Markup

    named = {picture.name: picture for picture in pictures}

    def figure(name: str, alt: str, caption: str) -> str:
        if name not in named:
            return ""
        picture = named[name]
        return Markup(
            '<figure>\n<img src="{}" alt="{}"{} loading="lazy">\n<figcaption>{}</figcaption>\n</figure>\n'
        ).format(_data_uri(picture), alt, _size_attributes(picture), caption)

    return figure


def _data_uri(picture: Picture) -> str:
    return "data:image/png;base64," + base64.b64encode(picture.png).decode()


def _size_attributes(picture: Picture) -> Any:
    """Width and height as HTML attributes, so that the text does not jump as images come in."""
    from markupsafe import Markup

    width, height = (int.from_bytes(picture.png[start : start + 4]) for start in (16, 20))  # PNG's header
    return Markup(f' width="{width}" height="{height}"')


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
