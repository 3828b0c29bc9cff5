"""Networks set against each other: which has the lowest error over seeds, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from netlet.lab.evidence.known import EVIDENCE
from netlet.training import Runs

FEWEST = 7
"""Seeds an interval needs. The range of 6 values misses their true median in 1 of 32 cases, of 7 in 1 of 64:
for three pairs to hold together with 95 % confidence, each may be wrong in 1 of 60."""


@EVIDENCE
def contest(networks: Mapping[str, Runs]) -> dict[str, Any]:
    """Several networks on the same data, from the same seeds, set against each other by `netlet compare`.

    ``order``: their names, the best median first; ``seeds``; ``has_intervals``: whether these are enough for
    intervals; ``pairs``: every two of them, in that order; ``steps``: each with the next worse one. Of a pair
    the names ``a`` and ``b``, the ``difference_of_medians`` and the interval it is in (``low``, ``high``; all
    intervals hold together with 95 % confidence), whether the better one is clearly so (``is_clear``), and
    ``probability_that_a_beats_b``.
    """
    from netlet.comparison import Comparison, Contender, pairs

    contenders = tuple(Contender(each) for each in networks.values())
    found = Comparison(contenders, pairs(contenders, contenders[0].runs.dataset))
    names = tuple(networks)
    places = list(found.ranking)
    seeds = len(contenders[0].runs)
    has_intervals = seeds >= FEWEST

    def pair(i: int, j: int) -> dict[str, Any]:
        each = found.between(i, j)
        return {
            "a": names[i],
            "b": names[j],
            "difference_of_medians": each.difference,
            "low": each.low if has_intervals else None,
            "high": each.high if has_intervals else None,
            "is_clear": each.is_clear if has_intervals else None,
            "probability_that_a_beats_b": each.probability,
        }

    return {
        "order": [names[place] for place in places],
        "seeds": seeds,
        "has_intervals": has_intervals,
        "pairs": [pair(i, j) for rank, i in enumerate(places) for j in places[rank + 1 :]],
        "steps": [pair(i, j) for i, j in pairwise(places)],
    }
