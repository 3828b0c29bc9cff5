"""Kinds of cells set against each other: which has the lowest error over seeds, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isinf
from typing import TYPE_CHECKING, Any

from netlet.comparison import Difference
from netlet.lab.answer import Table
from netlet.lab.wording import count, number
from netlet.training import Runs

if TYPE_CHECKING:
    from netlet.comparison import Comparison

FEWEST = 7
"""Seeds an interval needs. The range of 6 values misses their true median in 1 of 32 cases, of 7 in 1 of 64:
for three pairs to hold together with 95 % confidence, each may be wrong in 1 of 60."""


@dataclass(frozen=True, eq=False)
class CellComparison:
    """Several networks on the same sequences, from the same seeds.

    Attributes
    ----------
    names
        What the networks are called.
    comparison
        These networks as `netlet compare` sets them against each other, so that it says the same.
    """

    names: tuple[str, ...]
    comparison: Comparison

    @classmethod
    def of(cls, runs: Mapping[str, Runs]) -> CellComparison:
        """Compare runs, by name."""
        from netlet.comparison import Comparison, Contender, pairs

        contenders = tuple(Contender(each) for each in runs.values())
        return cls(tuple(runs), Comparison(contenders, pairs(contenders, contenders[0].runs.dataset)))

    @property
    def order(self) -> tuple[str, ...]:
        """The names, the lowest median validation error first."""
        return tuple(self.names[place] for place in self.comparison.ranking)

    @property
    def seeds(self) -> int:
        """How many each network is trained from."""
        return len(self.comparison.contenders[0].runs)

    def between(self, a: str, b: str) -> Difference:
        """The validation errors of two networks."""
        return self.comparison.between(self.names.index(a), self.names.index(b))

    def lead(self) -> str:
        """Who is first, and how sure that is, as a clause to follow its name."""
        first, second, *_ = self.order
        if self.seeds < FEWEST:
            return f"ahead of the {second}, with too few seeds to be sure"
        clear = self.between(first, second).is_clear
        return f"clearly ahead of the {second}" if clear else f"ahead of the {second}, but not clearly"

    def sentence(self) -> str:
        """Each network against the next worse one."""
        parts = []
        for better, worse in zip(self.order, self.order[1:], strict=False):
            found = self.between(better, worse)
            parts.append(
                f"A seed of the {better} beats one of the {worse} with a probability of "
                f"{found.probability:.2f}{self._interval_clause(better, found)}."
            )
        note = (
            "These limits hold together with 95 % confidence."
            if self.seeds >= FEWEST
            else f"{count(self.seeds, 'seed')} are too few to say within which limits the medians differ."
            if self.seeds > 1
            else "One seed is too few to say within which limits the medians differ."
        )
        return " ".join([*parts, note])

    def _interval_clause(self, better: str, found: Difference) -> str:
        if self.seeds < FEWEST:
            return ""
        least, most = -found.high, -found.low
        if not found.is_clear:
            return (
                f"; whose median is lower is open (the {better}'s is between {_amount(most)} lower and "
                f"{_amount(-least)} higher)"
            )
        if isinf(least):
            return "; most of the latter's seeds diverge"
        limits = f"at least {number(least)}" if isinf(most) else f"{number(least)} to {number(most)}"
        return f"; the {better}'s median is lower by {limits}"

    def table(self, how: str) -> Table:
        """Every two of them."""
        rows = []
        for i, a in enumerate(self.order):
            for b in self.order[i + 1 :]:
                found = self.between(a, b)
                interval = (
                    f"{_signed(found.low)} to {_signed(found.high)}"
                    if self.seeds >= FEWEST
                    else "too few seeds"
                )
                rows.append(
                    (f"{a} against {b}", _signed(found.difference), interval, f"{found.probability:.3f}")
                )
        return Table(
            f"Normalised validation error of the cells compared, {how}, {count(self.seeds, 'seed')} each: "
            "below zero, the first one's is lower.",
            (
                "networks",
                "difference of medians",
                "95 % interval, all together",
                "a seed beats one with probability",
            ),
            rows,
        )

    def as_list(self) -> list[dict[str, Any]]:
        """Every two of them, for programs."""
        has_interval = self.seeds >= FEWEST
        return [
            {
                "a": a,
                "b": b,
                "difference_of_medians": found.difference,
                "low": found.low if has_interval else None,
                "high": found.high if has_interval else None,
                "is_clear": found.is_clear if has_interval else None,
                "probability_that_a_beats_b": found.probability,
            }
            for i, a in enumerate(self.order)
            for b in self.order[i + 1 :]
            for found in [self.between(a, b)]
        ]


def _amount(value: float) -> str:
    return "any amount" if isinf(value) else number(value)


def _signed(value: float | None) -> str:
    """A difference with its sign."""
    if value is None:
        return "undefined"
    sign = "+" if value > 0 else "-" if value < 0 else ""
    return sign + ("∞" if isinf(value) else number(abs(value)))
