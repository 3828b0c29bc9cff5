"""Why the reverse problem is harder: in what situations its error arises, and how far back it has to look."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from netlet.inspect import ErrorByWidth, ErrorSources, Situation
from netlet.inspect.error_sources import BEGINS, ENDED, PEAK_UNSEEN, RISE_CUT
from netlet.lab.answer import Table
from netlet.lab.wording import listed, number, percent

DENSE = 2
"""Where the error of a step is more than twice the mean, a situation is said to be a source of it."""
WIDEST, WORSE = 0.1, 1.5
"""The share of pulses called wide; and how much more the error has to grow with them than forward."""


def reasons(sources: ErrorSources) -> list[str]:
    """What makes the problem harder, by where its error is dense."""
    edges, unseen = _together(sources, BEGINS, ENDED), _together(sources, PEAK_UNSEEN)
    return [
        f"{reason} ({percent(found.error)} of the squared error in {percent(found.steps)} of the steps)"
        for reason, found in (
            ("the output has to jump at both edges of a pulse, on the right step", edges),
            ("the beginning of a sequence cuts triangles off", unseen),
        )
        if found.error > DENSE * found.steps
    ]


def sources_sentence(sources: ErrorSources) -> str:
    """All situations, the largest source of error first."""
    parts = [
        f'{percent(each.error)} in "{each.name}" ({percent(each.steps)} of the steps)'
        for each in sorted(sources.situations, key=lambda situation: -situation.error)
    ]
    return f"Of the squared error {listed(parts)}."


def unlearnable_sentence(sources: ErrorSources) -> str:
    """Which part of the error no training takes away."""
    unseen, cut = _together(sources, PEAK_UNSEEN), _together(sources, RISE_CUT)
    return (
        "Part of the error cannot be learned away: where the peak of a triangle came before the sequence, "
        "only the slope of its fall is seen, and height and width cannot both be told from that. These "
        f"pulses are {percent(unseen.steps)} of the steps, and in the best seed of our network the source of "
        f"{percent(unseen.error)} of the error that is left. Where only the rise is cut off "
        f"({percent(cut.steps)} of the steps), peak and fall still tell everything; they are the source of "
        f"{percent(cut.error)}."
    )


def width_sentence(forward: ErrorByWidth, reverse: ErrorByWidth) -> str:
    """Whether it is the way back to what has to be remembered that makes the problem harder."""
    if min(len(forward.widths), len(reverse.widths)) < 2:
        return "All pulses are of one width, so the error does not tell how far back has to be remembered."
    (narrow, wide), limit = _by_width(reverse)
    (narrow_forward, wide_forward), limit_forward = _by_width(forward)
    is_harder = wide * narrow_forward > WORSE * narrow * wide_forward
    found = (
        "so a part of what makes it harder is the length of the memory"
        if is_harder
        else "so it is not the length of the memory that makes it harder"
    )
    return (
        "How long must it remember? From the first step of what comes in to the last of the answer it is "
        "three widths of the pulse less two steps, either way round: "
        f"{reverse.lags[0]} to {reverse.lags[-1]} steps for the pulses that were measured. On the reverse "
        f"problem the best seed of the notebook's network has an error of {number(wide)} where pulses are at "
        f"least {limit} steps wide and of {number(narrow)} where they are narrower, forward of "
        f"{number(wide_forward)} (from {limit_forward} steps on) and {number(narrow_forward)}: {found}."
    )


def table(named: Mapping[str, ErrorSources]) -> Table:
    """Every situation's share of the steps, and of each network's error."""
    situations = next(iter(named.values())).situations
    rows = [
        (
            each.name,
            percent(each.steps),
            *(percent(sources.situations[row].error) for sources in named.values()),
        )
        for row, each in enumerate(situations)
    ]
    return Table(
        "Where the squared error on the validation sequences of the reverse problem arises.",
        ("situation", "of the steps", *(f"of the error: {name}" for name in named)),
        rows,
    )


def as_dict(named: Mapping[str, ErrorSources], widths: Mapping[str, ErrorByWidth]) -> dict[str, object]:
    """For programs."""
    return {
        "error_sources": {
            name: [{"situation": s.name, "steps": s.steps, "error": s.error} for s in sources.situations]
            for name, sources in named.items()
        },
        "error_by_width": {
            name: {
                "widths": found.widths.tolist(),
                "pulses": found.pulses.tolist(),
                "normalised_error": found.normalised_error.tolist(),
            }
            for name, found in widths.items()
        },
    }


def _together(sources: ErrorSources, *names: str) -> Situation:
    chosen = [each for each in sources.situations if each.name in names]
    return Situation(listed(list(names)), sum(s.steps for s in chosen), sum(s.error for s in chosen))


def _by_width(found: ErrorByWidth) -> tuple[tuple[float, float], int]:
    """The error in answers to narrow pulses and to the widest ones, and from what width on they are these."""
    is_wide = found.pulses[::-1].cumsum()[::-1] <= WIDEST * found.pulses.sum()
    is_wide[0], is_wide[-1] = False, True
    narrow, wide = (
        float(np.average(found.normalised_error[chosen], weights=found.pulses[chosen]))
        for chosen in (~is_wide, is_wide)
    )
    return (narrow, wide), int(found.widths[is_wide][0])
