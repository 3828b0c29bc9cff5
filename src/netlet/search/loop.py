"""The loop of a search: candidates are proposed, trained, stored, and raced over seeds."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any

from netlet.datasets import Dataset
from netlet.errors import FileError, NetletError
from netlet.search.diary import Diary
from netlet.search.executors import Executor, Outcome, Task
from netlet.search.hardware import with_int8
from netlet.search.population import FOUNDERS, Member, Population
from netlet.search.result import Found, Point
from netlet.search.scoring import Scoring
from netlet.search.status import Progress, Status, Told
from netlet.store import Store, described

FOUNDING, FINISHING = 0.15, 0.12
"""Shares of the time: for candidates drawn at random before any has offspring (of all, where they are
counted), and what is kept for training the front from all seeds."""
MOST_FOUNDERS = 400
_FRESH = -1  # in the place of a trial's number: a run that is not part of the race
_MOST_CONFIRMED = 8
"""So many of the race's answers, from the smallest, are trained from fresh seeds."""
_TICK, _LOOK = 0.1, 1.0  # seconds between two looks at the clock, and at the front


@dataclass
class _Job:
    """A member that is being trained from more seeds."""

    member: Member
    number: int  # of its trial in the diary
    left: int = 0
    values: dict[int, float | None] = field(default_factory=dict)
    problem: Exception | None = None


class Loop:
    """The loop: ask the population what to do, have it done, store what comes, tell the population."""

    def __init__(
        self,
        dataset: Dataset,
        population: Population,
        store: Store,
        executor: Executor,
        name: str,
        origin: Mapping[str, Any] | None,
        scoring: Scoring,
        fresh_seeds: int,
    ) -> None:
        """Take up what the search of that name has done, if there is one."""
        self._dataset, self._population, self._store = dataset, population, store
        self._executor, self._origin = executor, origin
        self._scoring, self._fresh_seeds = scoring, fresh_seeds
        target = population.target
        self._name, self._workers = name, executor.workers
        self._hardware = population.hardware
        facts = {"dataset": dataset.content_hash, "metric": target.metric, "space": population.space.digest}
        facts["hardware"] = str(self._hardware)
        self._diary = Diary(store, self._name, population.space, target.higher_is_better, facts)
        self._stored: dict[str, dict[int, float | None]] = {
            experiment.fingerprint: {
                run.seed: scoring.score(run.metrics)
                for run in experiment.runs
                if "mcc" in (run.metrics["validation"] or {}) or dataset.task == "regression"
                if target.metric in (run.metrics["validation"] or {})  # an older netlet had fewer
            }
            for experiment in store.list(content_hash=dataset.content_hash)
        }
        self._jobs: dict[int, _Job] = {}
        self._tasks: deque[Task] = deque()
        self._came: deque[Outcome] = deque()  # what has ended, and is to be taken in
        self._candidates = self._begun = self._runs = self._trained = self._known = 0
        self._training_seconds = 0.0
        self._shown: tuple[float, tuple[Told, ...]] = -inf, ()
        self._take_up()

    def run(self, minutes: float | None, candidates: int | None, progress: Progress | None) -> Found:
        """Search until the time is up, or so many candidates have been tried."""
        started = time.perf_counter()
        end = None if minutes is None else 60 * minutes
        share = inf if candidates is None else max(FOUNDERS, FOUNDING * candidates)
        self._population.founders = min(MOST_FOUNDERS, share)
        interrupted, problem = False, None
        try:
            while True:
                passed = time.perf_counter() - started
                if end is not None and passed >= end:
                    break
                if end is not None and passed >= FOUNDING * end:
                    self._population.founders = 0
                is_late = end is not None and passed >= (1 - FINISHING) * end
                are_all = candidates is not None and self._candidates >= candidates
                with self._store.together():
                    self._take_all()
                    is_more = self._hand_out(candidates, is_late)
                if progress is not None:
                    left = self._left(passed, candidates) if end is None else end - passed
                    progress(self._status(passed, left, are_all or is_late))
                if not is_more:
                    break
                self._came.extend(self._executor.wait(_TICK))
        except KeyboardInterrupt:
            interrupted = True
        except (FileError, MemoryError) as error:
            problem = error
        if problem is None:
            try:
                self._came.extend(self._executor.wait(0))  # what has ended meanwhile is not lost
                with self._store.together():
                    self._take_all()
            except (FileError, MemoryError) as error:
                problem = error
        fresh, passed_over = None, 0
        if self._fresh_seeds and not interrupted and problem is None:
            try:
                fresh, passed_over = self._confirm()
            except KeyboardInterrupt:
                interrupted = True
            except (FileError, MemoryError) as error:
                problem = error
        seconds = time.perf_counter() - started
        answer, front = None, ()
        try:
            front = tuple(map(self._point, self._front()))
            if self._population.answer is not None:
                answer = self._point(self._population.answer)
        except FileError as error:
            problem = problem or error
        return Found(
            name=self._name,
            dataset=self._dataset.name,
            content_hash=self._dataset.content_hash,
            target=self._scoring.target,
            seeds=self._population.rungs[-1],
            answer=answer,
            front=front,
            tried=tuple(self._told(member) for member in self._population.members.values() if member.values),
            candidates=self._candidates,
            runs=self._runs + sum(len(job.values) for job in self._jobs.values()),
            begun=self._begun,
            trained=self._trained,
            known=self._known,
            seconds=seconds,
            training_share=self._training_seconds / (self._workers * seconds) if seconds else 0.0,
            interrupted=interrupted,
            problem=problem,
            fresh=fresh,
            passed_over=passed_over,
            margin=self._scoring.margin,
            majority=self._scoring.majority,
            naive=dict(self._dataset.naive),
            hardware=self._hardware,
        )

    def _left(self, passed: float, candidates: int | None) -> float | None:
        """About how long the candidates that are left will take."""
        left = (candidates or 0) - self._candidates
        return left * passed / self._begun if self._begun and left > 0 else None

    # --- what goes out and comes back -----------------------------------------------------------------------

    def _take_up(self) -> None:
        """What was tried before; what was under way goes on."""
        under_way = []
        for entry in self._diary.entries():
            candidate = self._population.space.candidate(entry.genes)
            known = self._population.members.get(candidate.key)
            member = known or Member(entry.genes, candidate)
            stored = self._values_of(member)
            while len(member.values) < entry.seeds and len(member.values) in stored:
                member.values.append(stored[len(member.values)])
                self._runs += 1
            member.wanted = len(member.values)
            member.is_given_up |= entry.has_failed
            if entry.is_ended and not (member.values or member.is_given_up):
                continue  # its runs were removed, so it may be tried again
            self._candidates += known is None
            self._population.members[candidate.key] = member
            if member.values:
                self._population.update(member)
            if not entry.is_ended:
                under_way.append((member, entry))
        for member, entry in under_way:
            if not self._population.is_allowed(member.candidate):
                continue
            member.wanted = max(member.wanted, entry.seeds)
            self._begin(member, entry.number)

    def _hand_out(self, candidates: int | None, is_late: bool) -> bool:
        """Give the executor work, as long as it has room; return whether there is anything left to do."""
        until = time.perf_counter() + _TICK  # there may be many members whose runs are all stored already
        while True:
            while self._tasks and (room := self._executor.room) > 0:
                self._executor.submit([self._tasks.popleft() for _ in range(min(room, len(self._tasks)))])
            if self._tasks or self._executor.room <= 0 or time.perf_counter() > until:
                return True
            are_all = candidates is not None and self._candidates >= candidates
            member = self._next(are_all, is_late)
            if member is None:
                return bool(self._jobs)
            self._candidates += not member.values
            self._begun += not member.values
            costs = self._population.costs(member.candidate)
            self._begin(member, self._diary.begin(member.genes, member.wanted, costs))

    def _next(self, are_all: bool, is_late: bool) -> Member | None:
        """Who is to be trained next, and from how many seeds; None to wait for what is being trained."""
        population = self._population
        if are_all:
            return population.promote() or population.finish()
        if is_late:
            return population.finish() or population.next()
        return population.next() or (None if self._jobs else population.finish())

    def _begin(self, member: Member, number: int) -> None:
        """Line up the seeds that a member needs and the store does not have."""
        job = self._jobs[number] = _Job(member, number)
        stored, candidate = self._values_of(member), member.candidate
        for seed in range(len(member.values), member.wanted):
            if seed in stored:
                job.values[seed] = stored[seed]
                self._known += 1
            else:
                job.left += 1
                text = str(candidate.architecture)
                is_int8 = self._hardware.int8 and seed > 0  # which takes longer than to train
                self._tasks.append(Task(number, text, candidate.training, seed, candidate.cost, is_int8))
        if not job.left:
            self._end(job)

    def _take_all(self) -> None:
        """All that has ended."""
        while self._came:
            self._take_in(self._came.popleft())

    def _take_in(self, outcome: Outcome) -> None:
        """Store a run, and when it was the last that a member waited for, go on with that."""
        job = self._jobs[outcome.task.number]
        job.left -= 1
        if outcome.run is None:
            if not isinstance(outcome.problem, NetletError):
                raise outcome.problem or RuntimeError("a task came back without a run")
            job.problem = outcome.problem
        else:
            seed = outcome.task.seed
            self._keep(outcome)
            value = self._scoring.score(outcome.metrics)
            job.values[seed] = self._values_of(job.member)[seed] = value
        if not job.left:
            self._end(job)

    def _keep(self, outcome: Outcome) -> None:
        """Store a run."""
        assert outcome.run is not None
        self._store.add(
            outcome.run,
            self._dataset,
            outcome.task.training,
            None,  # others ran beside it
            self._origin,
            outcome.metrics,
            outcome.machine,
            self._name,
        )
        self._trained += 1
        self._training_seconds += outcome.busy

    def _confirm(self) -> tuple[Point | None, int]:
        """Settle the answer: the smallest whose fresh seeds reach the target, too.

        Returns the answer from fresh seeds, and how many smaller networks were passed over because theirs
        missed it. If none of the smallest `_MOST_CONFIRMED` keeps it, the race's own answer stays.
        """
        target, tried = self._scoring.target, []
        for member in self._population.answers()[:_MOST_CONFIRMED]:
            tried.append(fresh := self._train_fresh(member))
            value = None if fresh is None else fresh.values["validation"]
            if value is not None and target.value_of(value) >= target.goal:
                self._population.answer = member
                return fresh, len(tried) - 1
        return next(iter(tried), None), 0

    def _train_fresh(self, member: Member) -> Point | None:
        """The answer from seeds that had no part in the race; None if it cannot be trained from them."""
        first = self._population.rungs[-1]
        wanted = range(first, first + self._fresh_seeds)
        stored, candidate = self._values_of(member), member.candidate
        text, left = str(candidate.architecture), 0
        tasks = deque(
            Task(_FRESH, text, candidate.training, seed, candidate.cost, self._hardware.int8)
            for seed in wanted
            if seed not in stored
        )
        self._known += len(wanted) - len(tasks)
        while tasks or left:
            if tasks and (room := self._executor.room) > 0:
                batch = [tasks.popleft() for _ in range(min(room, len(tasks)))]
                left += len(batch)
                self._executor.submit(batch)
            came = self._executor.wait(_TICK)
            with self._store.together():
                for outcome in came:
                    if outcome.task.number != _FRESH:
                        self._take_in(outcome)  # of the race, and too late for it
                        continue
                    left -= 1
                    if outcome.run is None:
                        return None
                    self._keep(outcome)
        self._runs += len(wanted)
        return self._point(member, wanted)

    def _end(self, job: _Job) -> None:
        """A member has all the seeds it was trained from."""
        del self._jobs[job.number]
        member, target = job.member, self._population.target
        while len(member.values) in job.values:
            member.values.append(job.values[len(member.values)])
            self._runs += 1
        if self._hardware.int8 and len(member.values) >= self._population.rungs[-1]:
            self._measure(member)
        if job.problem is not None:  # it stays known, so that it is not tried again
            member.wanted, member.is_given_up = len(member.values), True
            self._diary.end(job.number, member.parameters, None)
            return
        value = target.value_of(self._population.goodness(member))
        self._diary.end(job.number, member.parameters, value)
        self._population.update(member)

    def _measure(self, member: Member) -> None:
        """Measure in int8 those of a member's runs that were not: first seeds, and runs of other searches."""
        candidate = member.candidate
        found = self._store.find(candidate.architecture, self._dataset, candidate.training)
        missing = {
            run.seed: run
            for run in (() if found is None else found.runs)
            if not self._scoring.is_measured(run.metrics["validation"])
        }
        if found is None or not missing:
            return
        values = self._values_of(member)
        for run in self._store.load(replace(found, runs=tuple(missing.values()))):
            known = missing[run.seed]
            metrics = with_int8(known.metrics, run, self._dataset)
            self._store.add(
                run,
                self._dataset,
                candidate.training,
                known.seconds,
                metrics=metrics,
                trained_on=known.machine,
            )
            values[run.seed] = self._scoring.score(metrics)
        member.values = [values.get(seed, value) for seed, value in enumerate(member.values)]

    def _values_of(self, member: Member) -> dict[int, float | None]:
        """What is stored of a member, by seed."""
        candidate = member.candidate
        if not member.fingerprint:
            row = described(candidate.architecture, self._dataset, candidate.training)
            member.fingerprint = row["fingerprint"]
        return self._stored.setdefault(member.fingerprint, {})

    # --- what is told ---------------------------------------------------------------------------------------

    def _front(self) -> list[Member]:
        """Of those with all seeds, or, if there are none, of those with the most."""
        rungs = reversed(self._population.rungs)
        by_costs = bool(self._hardware)
        return next((front for rung in rungs if (front := self._population.front(rung, by_costs))), [])

    def _point(self, member: Member, seeds: Sequence[int] | None = None) -> Point:
        seeds = range(len(member.values)) if seeds is None else seeds
        candidate = member.candidate
        if self._hardware.int8:
            self._measure(member)
        found = self._store.find(candidate.architecture, self._dataset, candidate.training)
        if found is None:
            raise FileError(f"the runs of {candidate.architecture} are gone from {self._store}")
        runs = tuple(run for run in found.runs if run.seed in seeds)
        costs = self._population.costs(candidate)
        return Point.of(replace(found, runs=runs), self._scoring.target, self._scoring, costs)

    def _told(self, member: Member) -> Told:
        value = self._population.target.value_of(self._population.goodness(member))
        return member.parameters, value, len(member.values)

    def _status(self, seconds: float, left: float | None, is_finishing: bool) -> Status:
        population = self._population
        if seconds - self._shown[0] >= _LOOK:  # it takes milliseconds
            self._shown = seconds, tuple(self._told(member) for member in population.front())
        return Status(
            seconds=seconds,
            left=left,
            candidates=self._candidates,
            runs=self._runs,
            begun=self._begun,
            trained=self._trained,
            front=self._shown[1],
            answer=self._told(population.answer) if population.answer is not None else None,
            is_finishing=is_finishing,
        )
