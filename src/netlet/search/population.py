"""The candidates a search has tried: their front, who deserves more seeds, and whom to try next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from operator import ge

import numpy as np

from netlet.errors import ArchitectureError
from netlet.interop.c import Costs
from netlet.search.hardware import Hardware
from netlet.search.space import Candidate, Genes, Space
from netlet.search.target import Target

RUNGS = (1, 4, 12)
"""Seeds after which a candidate of the race is looked at again; the last rung is what an answer needs."""
BEATEN = (3, 1, 0)
"""To go on from a rung, a candidate may have so many others that are no larger and better there."""
FOUNDERS = 60
"""Candidates drawn at random before any has offspring."""
STRUCTURES = 8
"""So many of the most promising structures have offspring, however far ahead the best of them is."""
RACING = 0.35
"""The share of all work that may go into further seeds of known candidates."""
BEYOND = 0.08
"""The share of all work that goes, once there is an answer, into larger candidates: the rest of the front."""
_FOUNDERS_COST = 0.2  # of what candidates may cost: a first look at many is worth more than one at a few
_CHEAP = 0.1  # a child that costs less of that is always welcome; from there to all of it, ever less often
_ATTEMPTS = 1000


@dataclass(eq=False)
class Member:
    """A candidate with what its seeds have given so far.

    Attributes
    ----------
    genes, candidate
        What it is.
    values
        The validation metric of seed 0, 1, ...; NaN where the run diverged, None where it is undefined.
    wanted
        How many seeds it is being trained from.
    fingerprint
        In the store, once that is known.
    is_given_up
        Whether it could not be trained: then it is tried no more.
    """

    genes: Genes
    candidate: Candidate
    values: list[float | None] = field(default_factory=list)
    wanted: int = 0
    fingerprint: str = ""
    is_given_up: bool = False

    @property
    def parameters(self) -> int:
        """Its size."""
        return self.candidate.parameters

    @property
    def is_busy(self) -> bool:
        """Whether seeds are still being trained."""
        return self.wanted > len(self.values)


class Population:
    """All that was tried, and what to do next.

    Parameters
    ----------
    space
        Where candidates come from.
    target
        What is to be reached; better than that counts as equal.
    seeds
        How many seeds an answer needs.
    max_parameters
        Larger candidates are not tried.
    max_cost
        Nor are those that take longer (see `Candidate.cost`).
    seed
        Of the choices.
    hardware
        What does not fit into it is not tried.

    Attributes
    ----------
    founders
        How many candidates are drawn at random before any has offspring; may be changed.
    """

    def __init__(
        self,
        space: Space,
        target: Target,
        seeds: int,
        max_parameters: int | None = None,
        max_cost: float = np.inf,
        seed: int | Sequence[int] = 0,
        hardware: Hardware = Hardware(),  # noqa: B008 (frozen)
    ) -> None:
        """Nothing tried yet."""
        self.hardware = hardware
        self._costs: dict[object, Costs | None] = {}
        self.space, self.target = space, target
        self.rungs = (*(rung for rung in RUNGS if rung < seeds), seeds)
        self.members: dict[object, Member] = {}
        self.answer: Member | None = None
        self.founders: float = FOUNDERS
        self._max_parameters = np.inf if max_parameters is None else max_parameters
        self._max_cost = max_cost
        self._random = np.random.default_rng(seed)
        self._ladder = {rung: _Rung() for rung in self.rungs}
        self._racers: list[Member] = []
        self._spent = {"first seeds": 0.0, "race": 0.0, "beyond": 0.0}
        self._parents: list[Member] = []
        self._heads: list[Member] = []
        self._parents_beyond: list[Member] = []
        self._parents_of, self._parents_answer = -1, None
        self._is_exhausted = False

    def is_allowed(self, candidate: Candidate) -> bool:
        """Whether it is no larger than what may be tried; a search that is resumed may have larger ones."""
        if candidate.parameters > self._max_parameters:
            return False
        return not self.hardware or self.costs(candidate) is not None

    def costs(self, candidate: Candidate) -> Costs | None:
        """What it needs on the hardware; None if that has no room for it, or no hardware is asked for."""
        if not self.hardware:
            return None
        if candidate.key not in self._costs:
            try:
                costs = self.space.costs(candidate, self.hardware)
            except ArchitectureError:  # cannot be written in C
                costs = None
            self._costs[candidate.key] = costs if costs and self.hardware.allows(costs) else None
        return self._costs[candidate.key]

    # --- what is known --------------------------------------------------------------------------------------

    def goodness(self, member: Member, seeds: int | None = None) -> float:
        """Of its first seeds (all if None)."""
        return self.target.goodness(member.values[:seeds])

    def update(self, member: Member) -> None:
        """Take in a member, or what more of its seeds have given; `wanted` of them are there."""
        self.members[member.candidate.key] = member
        for rung in self.rungs:
            if rung <= len(member.values):
                # By all its seeds: who is known to have been lucky with the first ones beats nobody.
                self._ladder[rung].put(member, self._capped(member))
        if self._is_answer(member) and (
            self.answer is None or self._order(member) < self._order(self.answer)
        ):
            self.answer = member
        if member not in self._racers and self._next_rung(member):
            self._racers.append(member)

    def answers(self) -> list[Member]:
        """All that reach the target from all seeds, the smallest first."""
        return sorted(filter(self._is_answer, self.members.values()), key=self._order)

    def _is_answer(self, member: Member) -> bool:
        reaches = len(member.values) >= self.rungs[-1] and self.goodness(member) >= self.target.goal
        return reaches and self.is_allowed(member.candidate)

    def front(self, least_seeds: int = 1, by_costs: bool = False) -> list[Member]:
        """Of those with so many seeds, whoever is better than all that are no larger; the smallest first.

        By costs, no larger is who needs no more flash, RAM and multiply-adds, either.
        """
        tried = [
            member
            for member in self.members.values()
            if len(member.values) >= least_seeds
            and not member.is_given_up
            and self.is_allowed(member.candidate)
        ]
        found: list[Member] = []
        best: list[tuple[float, ...]] = []  # of those found the goodness, and less of what each needs
        for member in sorted(tried, key=self._order):
            has = self.goodness(member), *(self._thrift(member) if by_costs else ())
            if has[0] > -np.inf and not any(all(map(ge, other, has)) for other in best):
                found.append(member)
                best = [*(best if by_costs else ()), has]
        return found

    def _thrift(self, member: Member) -> tuple[int, ...]:
        costs = self.costs(member.candidate)
        return () if costs is None else (-costs.flash, -costs.ram, -costs.multiply_adds)

    # --- what to do next ------------------------------------------------------------------------------------

    def next(self) -> Member | None:
        """Who is to be trained next, from `wanted` seeds in all; None if nothing seems worth it."""
        is_race_due = self._spent["race"] <= RACING * sum(self._spent.values())
        if is_race_due and self._is_founded and (member := self.promote()) is not None:
            return member
        return self._propose() or (self.promote() if self._is_founded else None)

    @property
    def _is_founded(self) -> bool:
        """Whether enough have been tried for the race to be one."""
        return len(self.members) >= self.founders or self._is_exhausted

    def finish(self, least_seeds: int = 4) -> Member | None:
        """Who on the front is to be trained from all seeds next; None if all are, or are being trained."""
        for least in (least_seeds, 1):
            front = [member for member in self.front(least) if not self._is_whole(member)]
            idle = [member for member in front if not member.is_busy]
            if idle:
                return self._want(max(idle, key=self._promise), self.rungs[-1])
            if front:
                break
        return None

    def promote(self) -> Member | None:
        """The most promising racer, for its next rung; None if nobody races."""
        self._racers.sort(key=self._promise)
        while self._racers:
            member = self._racers.pop()
            rung = self._next_rung(member)
            if rung:
                self._spent["race"] += member.candidate.cost * (rung - len(member.values))
                return self._want(member, rung)
        return None

    def _want(self, member: Member, seeds: int) -> Member:
        member.wanted = seeds
        return member

    def _promise(self, member: Member) -> tuple[float, int]:
        """The nearer to the target the better; of those that reach it, the smaller."""
        return self._capped(member), -member.parameters

    def _order(self, member: Member) -> tuple[int, float]:
        return member.parameters, -self.goodness(member)

    def _capped(self, member: Member, seeds: int | None = None) -> float:
        return min(self.goodness(member, seeds), self.target.goal)

    def _is_whole(self, member: Member) -> bool:
        return max(len(member.values), member.wanted) >= self.rungs[-1]

    def _next_rung(self, member: Member) -> int | None:
        """How many seeds a candidate should have next; None if it has shown that it is not worth more."""
        done = len(member.values)
        if self._is_whole(member) or member.is_busy or member.is_given_up:
            return None
        if self.answer is not None and member.parameters >= self.answer.parameters:
            return None
        if not self.is_allowed(member.candidate):
            return None
        at = max(place for place, rung in enumerate(self.rungs) if rung <= done)
        reaches = self.goodness(member) >= self.target.goal
        if at + 2 == len(self.rungs) and not reaches and self.target.of != "best":
            return None  # all seeds only for what may be the answer
        beaten = self._ladder[self.rungs[at]].better(member, self._capped(member, self.rungs[at]))
        return self.rungs[at + 1] if beaten <= BEATEN[min(at, len(BEATEN) - 1)] else None

    # --- new candidates -------------------------------------------------------------------------------------

    def _propose(self) -> Member | None:
        """A candidate that was not tried and may improve the front; None if there seems to be none left."""
        self._choose_parents()
        is_beyond_due = self._spent["beyond"] <= BEYOND * sum(self._spent.values())
        if is_beyond_due and (member := self._propose_beyond()) is not None:
            return member
        parents = self._parents if len(self.members) >= self.founders else []
        attempts = _ATTEMPTS if not self._is_exhausted else _ATTEMPTS // 20
        for attempt in range(attempts):
            is_child = bool(parents) and attempt < attempts / 2
            most = self._max_cost if parents or attempt > attempts / 2 else _FOUNDERS_COST * self._max_cost
            smaller = None if self.answer is None else self.answer.parameters - 1
            if (member := self._hopeful(parents if is_child else (), most, smaller)) is not None:
                self._spent["first seeds"] += member.candidate.cost
                return member
        self._is_exhausted = True
        return self._propose_beyond()

    def _propose_beyond(self) -> Member | None:
        """A candidate like those of the front that are no smaller than the answer."""
        for _ in range(_ATTEMPTS // 20 if self._parents_beyond else 0):
            if (member := self._hopeful(self._parents_beyond, self._max_cost)) is not None:
                self._spent["beyond"] += member.candidate.cost
                return member
        return None

    def _hopeful(
        self, parents: Sequence[Member], max_cost: float, max_parameters: int | None = None
    ) -> Member | None:
        """A child of parents, or any candidate if there are none; None if there is no use in trying it."""
        genes = self._child(parents) if parents else self.space.random(self._random)
        try:
            candidate = self.space.candidate(genes)
        except ArchitectureError:
            return None
        is_small = max_parameters is None or candidate.parameters <= max_parameters
        is_fast = candidate.cost <= max_cost * (_CHEAP ** self._random.random() if parents else 1)
        if not (is_small and is_fast and self.is_allowed(candidate)) or candidate.key in self.members:
            return None
        member = self.members[candidate.key] = Member(genes, candidate)
        return self._want(member, self.rungs[0])

    def _choose_parents(self) -> None:
        """Members, the more often the more their children are likely to improve the front."""
        answer = self.answer
        if answer is self._parents_answer and len(self.members) < 1.02 * self._parents_of + 5:
            return  # the more there are, the less a few change
        self._parents_answer, self._parents_of = answer, len(self.members)
        tried = [m for m in self.members.values() if m.values and not m.is_given_up]
        self._parents = _near_front(tried, self._capped, self.target.goal, answer)
        self._heads = self._best_of_structures(tried)
        front = self.front() if answer is not None else []
        beyond = [member for member in front if answer and member.parameters >= answer.parameters]
        is_open = bool(beyond) and self.goodness(beyond[-1]) < self.target.perfect
        self._parents_beyond = beyond if is_open else []

    def _best_of_structures(self, tried: Sequence[Member]) -> list[Member]:
        """The most promising member of each of the most promising structures."""
        heads: dict[object, Member] = {}
        for member in sorted(tried, key=self._promise):
            heads[self.space.structure(member.genes)] = member
        return sorted(heads.values(), key=self._promise)[-STRUCTURES:]

    def _child(self, parents: Sequence[Member]) -> Genes:
        random = self._random
        draw = random.random()
        if draw < 0.07:
            return self.space.random(random)
        if draw < 0.37 and self._heads:
            return self.space.mutated(random, self._heads[int(random.integers(len(self._heads)))].genes)
        one = parents[int(random.integers(len(parents)))]
        if draw < 0.55:
            other = parents[int(random.integers(len(parents)))]
            crossed = self.space.crossed(random, one.genes, other.genes)
            return self.space.mutated(random, crossed) if random.random() < 0.5 else crossed
        return self.space.mutated(random, one.genes)


class _Rung:
    """Sizes and goodness of all who have reached a rung, as arrays, to count who is better than one."""

    def __init__(self) -> None:
        self._place: dict[int, int] = {}
        self._values = np.empty((2, 64))

    def put(self, member: Member, goodness: float) -> None:
        place = self._place.setdefault(id(member), len(self._place))
        if place == self._values.shape[1]:
            self._values = np.concatenate([self._values, np.empty_like(self._values)], axis=1)
        self._values[:, place] = member.parameters, goodness

    def better(self, member: Member, goodness: float) -> int:
        """How many are no larger and better, or smaller and as good."""
        sizes, found = self._values[:, : len(self._place)]
        no_larger, smaller = sizes <= member.parameters, sizes < member.parameters
        return int(np.count_nonzero((no_larger & (found > goodness)) | (smaller & (found >= goodness))))


def _near_front(
    tried: Iterable[Member], goodness: Callable[[Member], float], goal: float, answer: Member | None
) -> list[Member]:
    """Layers of the front of sizes and goodness, and those of them next to the goal several times."""
    left = sorted(
        ((member, goodness(member)) for member in tried), key=lambda pair: (pair[0].parameters, -pair[1])
    )
    if answer is not None:
        left = [pair for pair in left if pair[0].parameters <= 1.5 * answer.parameters]
    parents: list[Member] = []
    for layer in range(4):
        best, front, rest = -np.inf, [], []
        for member, value in left:
            (front if value > best else rest).append((member, value))
            best = max(best, value)
        # The largest that fall short of the goal, and the first that does not.
        short = [member for member, value in front if value < goal]
        reaching = [member for member, value in front if value >= goal]
        near = [*short[-4:], *reaching[:1]]
        parents += [member for member, _ in front] + near * (6 - layer)
        left = rest
    if answer is not None:
        parents += [answer] * (len(parents) // 5 + 1)
    return parents
