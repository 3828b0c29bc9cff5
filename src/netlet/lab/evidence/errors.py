"""In what situations the error of the reverse problem arises, and how far back it has to look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from netlet import inspect
from netlet.inspect import ErrorByWidth, ErrorSources
from netlet.inspect.error_sources import BEGINS, ENDED, PEAK_UNSEEN, RISE_CUT
from netlet.lab.evidence.known import EVIDENCE
from netlet.training import Runs

WIDEST, WORSE = 0.1, 1.5
"""The share of pulses called wide; and how much more the error has to grow with them than forward."""


@EVIDENCE
def error_sources(networks: Mapping[str, Runs]) -> dict[str, list[dict[str, Any]]]:
    """By network, for each ``situation`` its share of the ``steps`` and of the squared ``error``, 0..1.

    Of the best seed on the validation sequences.
    """
    return {
        name: [
            {"situation": each.name, "steps": each.steps, "error": each.error}
            for each in _sources(runs).situations
        ]
        for name, runs in networks.items()
    }


@EVIDENCE
def causes(network: Runs) -> dict[str, dict[str, float]]:
    """What in the reverse problem makes errors: shares of the ``steps`` and of the squared ``error``.

    ``edges``: where the output has to jump; ``unseen``: where the peak of a triangle came before the
    sequence; ``cut``: where only its rise did.
    """
    return together(_sources(network))


def together(sources: ErrorSources) -> dict[str, dict[str, float]]:
    """Situations that have one cause, added up."""
    causes = {"edges": (BEGINS, ENDED), "unseen": (PEAK_UNSEEN,), "cut": (RISE_CUT,)}
    found = {}
    for cause, names in causes.items():
        chosen = [each for each in sources.situations if each.name in names]
        found[cause] = {
            "steps": float(sum(each.steps for each in chosen)),
            "error": float(sum(each.error for each in chosen)),
        }
    return found


@EVIDENCE
def error_by_width(networks: Mapping[str, Runs]) -> dict[str, dict[str, list[float]]]:
    """By network, the best seed's error in answers to pulses of each of the ``widths`` in steps.

    With how many ``pulses`` there are of each, and the ``normalised_error`` in their answers.
    """
    return {
        name: {
            "widths": found.widths.tolist(),
            "pulses": found.pulses.tolist(),
            "normalised_error": found.normalised_error.tolist(),
        }
        for name, runs in networks.items()
        for found in [inspect.error_by_width(runs.best.network, runs.dataset.validation)]
    }


@EVIDENCE
def memory_needed(forward: Runs, reverse: Runs) -> dict[str, Any] | None:
    """Whether wide pulses, which have to be remembered for longer, are what a problem is harder by.

    ``lags``: the least and most steps to be remembered; ``forward`` and ``reverse``: the errors in answers to
    ``narrow`` pulses and to ``wide`` ones, of at least ``limit`` steps; ``is_harder``: whether the error
    grows more with the width than it does forward. None if all pulses are of one width.
    """
    found = [
        inspect.error_by_width(runs.best.network, runs.dataset.validation) for runs in (forward, reverse)
    ]
    return compared_by_width(*found)


def compared_by_width(forward: ErrorByWidth, reverse: ErrorByWidth) -> dict[str, Any] | None:
    """See `memory_needed`."""
    if min(len(forward.widths), len(reverse.widths)) < 2:
        return None
    ends = {"forward": _by_width(forward), "reverse": _by_width(reverse)}
    one, other = ends["forward"], ends["reverse"]
    return {
        **ends,
        "lags": [int(reverse.lags[0]), int(reverse.lags[-1])],
        "is_harder": other["wide"] * one["narrow"] > WORSE * other["narrow"] * one["wide"],
    }


def _sources(runs: Runs) -> ErrorSources:
    return inspect.error_sources(runs.best.network, runs.dataset.validation)


def _by_width(found: ErrorByWidth) -> dict[str, float]:
    """The error in answers to narrow pulses and to the widest ones, and from what width on they are these."""
    is_wide = found.pulses[::-1].cumsum()[::-1] <= WIDEST * found.pulses.sum()
    is_wide[0], is_wide[-1] = False, True
    narrow, wide = (
        float(np.average(found.normalised_error[chosen], weights=found.pulses[chosen]))
        for chosen in (~is_wide, is_wide)
    )
    return {"narrow": narrow, "wide": wide, "limit": int(found.widths[is_wide][0])}
