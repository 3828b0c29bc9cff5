"""How far a search is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Told = tuple[int, float, int]
"""Of a candidate: its parameters, the metric's value by the seed asked for, and its number of seeds."""


@dataclass(frozen=True)
class Status:
    """How far a search is.

    Attributes
    ----------
    seconds, left
        Since it began, and until it ends: an estimate where candidates are counted, None where there is none.
    candidates, runs
        Tried, and trained, resumed parts included.
    begun, trained
        The same, this time.
    front
        Parameters, the metric's value, and seeds, of the candidates nobody smaller beats.
    answer
        The same of the answer so far.
    is_finishing
        Whether the front is being trained from all seeds.
    """

    seconds: float
    left: float | None
    candidates: int
    runs: int
    begun: int
    trained: int
    front: tuple[Told, ...]
    answer: Told | None
    is_finishing: bool


Progress = Callable[[Status], None]
"""Called about ten times a second; if it raises KeyboardInterrupt, the search ends in order."""
