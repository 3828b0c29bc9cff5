"""The teacher's page on a class: HTML that needs no other file, in which students' words are only text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from netlet.lab.desk import class_figures, overseeing
from netlet.lab.desk.reading import HandedIn
from netlet.lab.report import svg
from netlet.lab.report.about import now
from netlet.lab.report.templates import templates
from netlet.metrics import as_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from netlet.lab.desk.overseeing import Front, Spread


def page(
    files: Sequence[HandedIn], refused: Sequence[str], title: str, verdicts: Mapping[str, str] | None = None
) -> str:
    """A class's page.

    Parameters
    ----------
    files
        What was handed in and could be read.
    refused
        What is told of the others, a line each.
    title
        Of the page.
    verdicts
        By path of a file: what a check said of it.
    """
    from netlet import __version__

    found = overseeing.overview(files)
    environment = templates("netlet.lab.desk")
    environment.filters["number"] = as_text
    return environment.get_template("class.html.j2").render(
        title=title,
        version=str(__version__),
        date=now(),
        rows=found.rows,
        questions=found.questions,
        spread_figures=[_spreads(some, place) for place, some in enumerate(_by_metric(found.spreads))],
        far=[(spread, each) for spread in found.spreads for each in spread.far],
        far_limit=overseeing.FAR,
        fronts=[(front, _front(front, place)) for place, front in enumerate(found.fronts)],
        refused=refused,
        verdicts=verdicts or {},
    )


def _by_metric(spreads: Sequence[Spread]) -> list[list[Spread]]:
    names = dict.fromkeys(spread.metric for spread in spreads)
    return [[spread for spread in spreads if spread.metric == name] for name in names]


def _spreads(spreads: Sequence[Spread], place: int) -> dict[str, Any]:
    told = "; ".join(
        f"{each.key}: {len(each.values)} students, median {as_text(each.middle)}, from "
        f"{as_text(each.values[-1].value)} to {as_text(each.values[0].value)}"
        for each in spreads
    )
    metric = spreads[0].metric.replace("_", " ")
    return _figure(
        class_figures.spreads(spreads),
        f"spread-{place}",
        f"The {metric} of every student, question by question. {told}.",
        f"The {metric} of every student, a dot each; the line is the class's median, and a ring is around "
        "what is far from it.",
    )


def _front(front: Front, place: int) -> dict[str, Any]:
    least = front.smallest[0]
    best = front.smallest[-1]
    metric = front.metric.replace("_", " ")
    return _figure(
        class_figures.sizes(front),
        f"front-{place}",
        f"Parameters and {metric} of {len(front.all)} networks on {front.dataset}: the smallest has "
        f"{least.network.parameters:,} and {as_text(least.value)}, the best {best.network.parameters:,} and "
        f"{as_text(best.value)}.",
        f"All networks on {front.dataset} that were handed in, and those that no smaller one is as good as.",
    )


def _figure(figure: Figure, name: str, alt: str, caption: str) -> dict[str, Any]:
    from netlet import figures

    drawn = figures.to_svg_bytes(figure, has_text=True)
    return {"svg": svg.within_page(drawn, name, alt), "alt": alt, "caption": caption}
