"""The report and its appendix as HTML: two pages, each of which needs no other file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from netlet.lab.answer import Answer, Picture, TrainedNetwork
from netlet.lab.document import Exercise
from netlet.lab.report import markdown, svg
from netlet.lab.report.about import About
from netlet.lab.report.headings import Say, headings
from netlet.lab.report.templates import templates
from netlet.lab.report.words import conclusion, introduction, overview
from netlet.metrics import as_text

REPORT, APPENDIX = "index.html", "appendix.html"
_TEMPLATES = {REPORT: "page.html.j2", APPENDIX: "appendix.html.j2"}
_FIGURE = (
    '<figure id="figure-{name}"{tall}>\n'
    '<div class="frame" tabindex="0" role="group" aria-label="{name}">{drawn}</div>\n'
    '<figcaption id="{back}">{caption} '
    '<a class="open" href="#figure-{name}" aria-label="{open_label}">{large}</a>'
    '<a class="close" href="#{back}">{close}</a></figcaption>\n</figure>\n'
)

_TALL = 390
"""From this height in pixels on a figure gets more room in print."""

Show = Callable[[Picture, str, str, Say], str]
"""Gives the HTML of a picture with its description and caption."""


def page(exercise: Exercise, answers: Sequence[Answer], about: About) -> str:
    """The report's HTML: figures are a part of it, its style is inline, and it has no script."""
    return _rendered(REPORT, exercise, answers, about, _inline)


def appendix(exercise: Exercise, answers: Sequence[Answer], about: About) -> str:
    """The appendix's HTML, in the same way."""
    return _rendered(APPENDIX, exercise, answers, about, _inline)


def printed(exercise: Exercise, answers: Sequence[Answer], about: About) -> str:
    """The report's HTML for a printer: figures are plain images."""
    return _rendered(REPORT, exercise, answers, about, _image)


def _rendered(name: str, exercise: Exercise, answers: Sequence[Answer], about: About, show: Show) -> str:
    from markupsafe import Markup

    environment, say = templates("netlet.lab.report"), headings(exercise)
    whole, is_report = say("title", title=exercise.title, name=about.name), name == REPORT
    environment.filters.update(
        inline=lambda text: Markup(markdown.inline(text)),
        blocks=lambda text, pictures=(): Markup(markdown.html(text, _figures(pictures, show, say))),
    )
    by_part = {
        key: [answer for answer in answers if answer.exercise == key]
        for key in dict.fromkeys(answer.exercise for answer in answers)
    }
    return environment.get_template(_TEMPLATES[name]).render(
        about=about,
        exercise=exercise,
        parts=by_part,
        introduction=introduction(exercise, answers, about),
        title=whole if is_report else say("title of the appendix", title=whole),
        heading=exercise.title if is_report else say("title of the appendix", title=exercise.title),
        say=say,
        columns=lambda section: [each.strip() for each in say(section).split("|")],
        overview=overview(answers),
        conclusion=conclusion(exercise, answers, about),
        distribution_rows=_distribution_rows,
        report_page=REPORT,
        appendix_page=APPENDIX,
    )


def _figures(pictures: Sequence[Picture], show: Show, say: Say) -> Callable[[str, str, str], str]:
    """What makes a picture's HTML of its name; nothing of one that could not be drawn."""
    named = {picture.name: picture for picture in pictures}
    return lambda name, alt, caption: show(named[name], alt, caption, say) if name in named else ""


def _inline(picture: Picture, alt: str, caption: str, say: Say) -> str:
    from markupsafe import Markup

    return Markup(_FIGURE).format(
        name=picture.name,
        tall=Markup(' class="tall"') if svg.size(picture.svg)[1] > _TALL else "",
        drawn=svg.within_page(picture.svg, picture.name, alt),
        caption=caption,
        open_label=f"{say('large')}: {caption}",
        large=say("large"),
        close=say("close"),
        back=f"figure-{picture.name}-closed",
    )


def _image(picture: Picture, alt: str, caption: str, _: Say) -> str:
    import base64

    from markupsafe import Markup

    source = "data:image/svg+xml;base64," + base64.b64encode(picture.svg).decode()
    width, height = svg.size(picture.svg)
    return Markup(
        '<figure{}>\n<img src="{}" alt="{}" width="{}" height="{}">\n<figcaption>{}</figcaption>\n</figure>\n'
    ).format(Markup(' class="tall"') if height > _TALL else "", source, alt, width, height, caption)


def _distribution_rows(network: TrainedNetwork) -> list[dict[str, Any]]:
    """A row for each metric of each split: text, ready to be shown."""
    rows = []
    for split, values in network.metrics.items():
        for place, (name, spread) in enumerate((values or {}).items()):
            own: Mapping[str, float | None] = network.of_best.get(split, {})
            rows.append(
                {
                    "split": split if place == 0 else "",
                    "span": len(values or {}),
                    "metric": name,
                    "numbers": [
                        as_text(value)
                        for value in (
                            *(spread.median, spread.lower_quartile, spread.upper_quartile),
                            own.get(name),
                        )
                    ],
                    "notebook": as_text(_printed(network, split, name)),
                }
            )
    return rows


def _printed(network: TrainedNetwork, split: str, metric: str) -> float | None:
    figures = network.printed.metrics.get(split, {}) if network.printed else {}
    return figures.get(metric)
