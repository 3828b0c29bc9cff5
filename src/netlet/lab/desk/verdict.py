"""What is said of a file handed in: a verdict on every network, and on every answer, with its reasons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

REPRODUCED, PLAUSIBLE, UNCHECKED, NOT = "reproduced", "plausible", "unchecked", "not"
"""To the bit; within the distribution over seeds; not decided; and neither, or not what it is said to be."""
_ORDER = (REPRODUCED, PLAUSIBLE, UNCHECKED, NOT)
WORDS = {
    REPRODUCED: "reproduced to the bit",
    PLAUSIBLE: "plausible",
    UNCHECKED: "not checked",
    NOT: "NOT REPRODUCED",
}


def worst(verdicts: Iterable[str]) -> str:
    """The worst of several verdicts; of none it is that nothing was checked."""
    return max(verdicts, key=_ORDER.index, default=UNCHECKED)


@dataclass(frozen=True)
class NetworkVerdict:
    """What is said of one network.

    Attributes
    ----------
    name, dataset, is_own
        Which network.
    verdict
        One of `WORDS`.
    reasons
        What it rests on, a sentence each.
    seeds
        Those retrained of those claimed.
    probability
        Of values like the claimed ones, if they come from the distribution over seeds; None where nothing was
        compared in that way.
    """

    name: str
    dataset: str
    verdict: str
    reasons: tuple[str, ...]
    seeds: tuple[int, ...] = ()
    probability: float | None = None
    is_own: bool = False


@dataclass(frozen=True)
class AnswerVerdict:
    """What is said of one answer: the worst of its networks' verdicts."""

    key: str
    title: str
    networks: tuple[NetworkVerdict, ...]

    @property
    def verdict(self) -> str:
        """One of `WORDS`; an answer that rests on no network has nothing to be checked."""
        return worst(network.verdict for network in self.networks) if self.networks else REPRODUCED


@dataclass(frozen=True)
class Verdict:
    """What is said of one file.

    Attributes
    ----------
    file
        Its path.
    student
        Whose it is.
    answers
        In the file's order.
    remarks
        What is to be known besides, a sentence each.
    refused
        Why the file was not checked at all; empty if it was.
    is_changed
        Whether a page's words were changed after netlet wrote it.
    is_copied
        Whether some of its weights belong to another training, as another file or another seed tells.
    seconds
        What the check took, by the clock.
    """

    file: str
    student: str = ""
    answers: tuple[AnswerVerdict, ...] = ()
    remarks: tuple[str, ...] = ()
    refused: str = ""
    is_changed: bool = False
    is_copied: bool = False
    seconds: float = 0.0

    @property
    def verdict(self) -> str:
        """The worst of its answers'; a page that was changed or copied weights are not what netlet wrote."""
        if self.refused or self.is_changed or self.is_copied:
            return NOT
        return worst(answer.verdict for answer in self.answers)
