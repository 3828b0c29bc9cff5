"""The race: whose seeds are trained, who is tried next, and what is the front and the answer."""

import itertools
import math
import zlib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import netlet as nl
from netlet.architecture import Architecture
from netlet.errors import ArchitectureError
from netlet.search import Space, Target
from netlet.search.population import BEYOND, RACING, Candidate, Member, Population

NAN = math.nan
ACCURACY = Target("accuracy", 0.9)
SEEDS = 32

HELD = {
    "depth": [1],
    "1.conv": ["conv"],
    "1.filters": [1],
    "1.kernel_height": [2],
    "1.kernel_width": [2],
    "1.stride": [1],
    "1.padding": ["valid"],
    "1.activation": ["relu"],
    "1.bias": [True],
    "1.pool": ["none"],
    "1.pool_size": [2],
    "end": ["flatten"],
    "hidden": [0],
    "hidden_activation": ["relu"],
    "output_bias": [True],
    "learning_rate": [0.01],
    "schedule": ["constant"],
    "epochs": [2],
    "batch_size": [10],
}
SOME = HELD | {
    "1.filters": [1, 2, 3, 4, 5],
    "1.kernel_width": [1, 2],
    "1.pool": ["none", "max"],
    "end": ["flatten", "global max"],
}
"""40 candidates."""


@pytest.fixture
def wide(dots):
    """All there is."""
    return Space(dots, nl.Training(epochs=2, batch_size=10))


@pytest.fixture
def some(dots):
    return Space(dots, nl.Training(), only=SOME)


_numbers = itertools.count(1)


def member(parameters, *values, genes=None):
    """One that is like no other; it was given its seeds."""
    training = nl.Training(learning_rate=float(next(_numbers)))
    candidate = Candidate(Architecture("flatten - dense(1)"), training, parameters, 1.0)
    return Member(genes or {}, candidate, list(values), wanted=len(values))


def whole(parameters, *values, seeds=SEEDS, genes=None):
    """One that has all its seeds, whose values repeat."""
    return member(parameters, *itertools.islice(itertools.cycle(values), seeds), genes=genes)


class Nothing:
    """A space in which nothing is left to be proposed."""

    def random(self, _):
        return {}

    def mutated(self, *_):
        return {}

    crossed = mutated

    def structure(self, _):
        return ()

    def candidate(self, _):
        raise ArchitectureError("nothing fits")


def population_of(members, target=ACCURACY, seeds=SEEDS):
    """Of members made by hand, and no others."""
    space: Any = Nothing()
    found = Population(space, target, seeds)
    assert found.next() is None
    for one in members:
        found.update(one)
    return found


def drained(population, step, value, most=2000):
    """Everybody whom `step` gives out, one after the other, each given a value for every seed."""
    given = []
    while (one := step()) is not None:
        given.append((one, len(one.values), one.wanted))
        one.values += [value(one, seed) for seed in range(len(one.values), one.wanted)]
        population.update(one)
        assert len(given) < most
    return given


def sizes(front):
    return [one.parameters for one in front]


# --- front and answer ---------------------------------------------------------------------------------------


def test_the_front_has_whoever_beats_all_that_are_no_larger():
    hand_made = [
        member(5, 0.5),
        member(7, 0.4),  # larger and worse
        member(9, 0.7),
        member(9, 0.6),  # as large and worse
        member(12, 0.7),  # larger and as good
        member(20, 0.8),
        member(30, 0.95),
        member(31, 0.94),
    ]
    for order in (hand_made, hand_made[::-1]):
        found = population_of([])
        for one in order:
            found.update(one)
        assert [(one.parameters, one.values[0]) for one in found.front()] == [
            (5, 0.5),
            (9, 0.7),
            (20, 0.8),
            (30, 0.95),
        ]


def test_the_front_of_errors_falls():
    found = population_of([], Target("loss", 0.1))
    for one in (member(3, 0.5), member(4, 0.6), member(5, 0.2), member(6, NAN), member(7, 0.1)):
        found.update(one)
    assert sizes(found.front()) == [3, 5, 7]


def test_of_equals_one_is_on_the_front():
    found = population_of([])
    for one in (member(5, 0.5), member(5, 0.5), member(5, 0.5)):
        found.update(one)
    assert sizes(found.front()) == [5]


def test_the_front_may_be_of_those_with_enough_seeds():
    found = population_of([])
    lucky, solid = member(5, 0.99), member(10, *[0.8] * 4)
    found.update(lucky)
    found.update(solid)
    assert found.front() == [lucky]
    assert found.front(4) == [solid]
    assert found.front(5) == []


def test_whoever_has_no_seeds_yet_is_on_no_front(wide):
    found = Population(wide, ACCURACY, SEEDS)
    assert found.front() == []
    assert found.next() is not None
    assert found.front() == []


@pytest.mark.parametrize("of", ["median", "best", "q10"])
def test_the_front_is_that_of_its_definition(of):
    rng = np.random.default_rng(3)
    target = Target("accuracy", 0.9, of)
    for _ in range(40):
        all_ = [
            member(int(rng.integers(1, 15)), *np.round(rng.random(rng.integers(1, 6)), 1)) for _ in range(25)
        ]
        found = population_of([], target)
        for one in all_:
            found.update(one)
        told = [(one.parameters, target.goodness(one.values)) for one in all_]
        front = [(one.parameters, target.goodness(one.values)) for one in found.front()]
        assert front == sorted(
            {
                (size, good)
                for size, good in told
                if not any(s <= size and g >= good and (s, g) != (size, good) for s, g in told)
            }
        )


def test_the_answer_is_the_smallest_that_reaches_with_all_seeds():
    found = population_of([])
    for one in (whole(8, 0.89), member(3, *[1.0] * 12), member(4, 1.0)):
        found.update(one)
    assert found.answer is None
    large = whole(50, 0.99)
    found.update(large)
    assert found.answer is large
    found.update(whole(60, 1.0))
    assert found.answer is large
    exact = whole(40, 0.9)
    found.update(exact)
    assert found.answer is exact
    found.update(whole(39, 0.8, 0.95, 0.85))  # best, but not in the median
    assert found.answer is exact


def test_of_two_answers_of_a_size_the_better_is_taken():
    one, other = whole(10, 0.92), whole(10, 0.95)
    for order in ((one, other), (other, one)):
        found = population_of([])
        for each in order:
            found.update(each)
        assert found.answer is other


@pytest.mark.parametrize(
    ("of", "reaches"), [("best", True), ("q75", True), ("median", False), ("q10", False)]
)
def test_the_answer_is_of_the_seed_asked_for(of, reaches):
    found = population_of([], Target("accuracy", 0.9, of), 8)
    found.update(whole(10, 0.95, 0.95, 0.95, *[0.5] * 5, seeds=8))
    assert (found.answer is not None) == reaches


# --- the race -----------------------------------------------------------------------------------------------


def given_by_next(population, value=lambda one, seed: one.values[0]):
    return drained(population, population.next, value)


def test_whoever_may_be_the_answer_goes_on_to_all_seeds():
    good = member(10, 0.95)
    population = population_of([good])
    given = [one for one in given_by_next(population) if one[0] is good]
    assert [seeds for _, _, seeds in given][-1] == SEEDS
    assert [begin for _, begin, _ in given] == [1, *(seeds for _, _, seeds in given[:-1])]
    assert len(given) >= 2  # not all at once
    assert population.answer is good


def test_whoever_is_beaten_by_many_smaller_ones_does_not_go_on():
    better = [member(5, 0.7) for _ in range(20)]
    beaten = member(10, 0.6)
    given = given_by_next(population_of([*better, beaten]))
    assert beaten not in [one for one, _, _ in given]
    assert any(one in better for one, _, _ in given)


def test_whoever_is_beaten_by_larger_ones_only_goes_on():
    better = [member(20, 0.7) for _ in range(20)]
    small = member(10, 0.6)
    assert small in [one for one, _, _ in given_by_next(population_of([*better, small]))]


def test_more_than_enough_counts_as_enough():
    """20 that are better than needed, but larger, do not take a place from one that is just good enough."""
    small, large = member(10, 0.9), [member(11, 1.0) for _ in range(20)]
    population = population_of([*large, small])
    assert given_by_next(population)[0][0] is small
    assert population.answer is small


def test_of_those_that_reach_the_smallest_is_looked_at_first():
    one, other, third = member(30, 1.0), member(10, 0.9), member(20, 0.95)
    population = population_of([one, other, third])
    assert population.next() is other


def test_a_lucky_seed_does_not_get_all_seeds():
    lucky = member(10, 0.95)
    population = population_of([lucky])
    given = given_by_next(population, lambda one, seed: 0.1)
    asked = [seeds for one, _, seeds in given if one is lucky]
    assert asked
    assert max(asked) < SEEDS
    assert population.answer is None


def test_one_good_seed_of_all_is_enough_where_the_best_is_asked_for():
    weak = member(10, 0.5)
    population = population_of([weak], Target("accuracy", 0.9, "best"))
    given_by_next(population, lambda one, seed: 0.95 if seed == SEEDS - 1 else 0.5)
    assert population.answer is weak


def test_nothing_as_large_as_the_answer_goes_on():
    larger = [member(size, 1.0) for size in (10, 11, 50)]
    smaller = member(9, 0.95)
    assert population_of([whole(10, 0.9), *larger]).next() is None
    population = population_of([whole(10, 0.9), *larger, smaller])
    given = [one for one, _, _ in given_by_next(population)]
    assert smaller in given
    assert not set(given) & set(larger)
    assert population.answer is smaller


def test_with_one_seed_there_is_nothing_to_race_for():
    population = population_of([member(10, 0.95), member(5, 0.5)], seeds=1)
    assert population.answer is not None
    assert population.next() is None
    assert population.finish() is None


@pytest.mark.parametrize("seeds", [1, 2, 4, 5, 12, 13, 40])
def test_whatever_the_number_of_seeds_nobody_gets_more(seeds):
    good = member(10, 0.95)
    population = population_of([good], seeds=seeds)
    given_by_next(population)
    assert len(good.values) == seeds
    assert population.answer is good
    drained(population, population.finish, lambda one, seed: one.values[0])
    assert all(len(one.values) <= seeds for one in population.members.values())


# --- proposals ----------------------------------------------------------------------------------------------


def noisy(target):
    """What a run gives: the larger the better, and luck; sometimes it diverges."""

    def value(one, seed):
        luck = np.random.default_rng([zlib.crc32(repr(one.candidate.key).encode()), seed])
        if luck.random() < 0.05:
            return NAN if luck.random() < 0.5 else None
        good = 1 - 1 / (1 + one.parameters / 20) + luck.normal(0, 0.05)
        return float(np.clip(good if target.higher_is_better else 1 - good, 0, 1))

    return value


def distinct(space):
    """All that a small space can spell out, by key."""
    found = {}
    for values in itertools.product(*(gene.values for gene in space.genes.values())):
        genes = dict(zip(space.genes, values, strict=True))
        if all(genes[name] in SOME.get(name, (genes[name],)) for name in genes):
            try:
                candidate = space.candidate(space.active(genes))
            except ArchitectureError:
                continue
            found[candidate.key] = candidate
    return found


@pytest.fixture
def distinct_some(dots):
    """Of `some`: genes of blocks that are never there count once."""
    usual = {name: gene.values[:1] for name, gene in Space(dots, nl.Training()).genes.items()}
    return distinct(Space(dots, nl.Training(), only=usual | SOME))


@pytest.mark.parametrize("seed", range(2))
def test_a_small_space_is_tried_once_and_all_of_it(some, distinct_some, seed):
    population = Population(some, Target("accuracy", 1.0), 1, seed=seed)
    given = drained(population, population.next, lambda one, seed: 0.5 - 1e-4 * one.parameters)
    keys = [one.candidate.key for one, _, _ in given]
    assert len(keys) == len(set(keys)) == len(distinct_some) == 40
    assert set(keys) == set(distinct_some)
    assert population.next() is None


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_proposed_twice(wide, seed):
    target = Target("accuracy", 0.8, "median")
    population = Population(wide, target, 12, seed=seed)
    new, value = [], noisy(target)
    for _ in range(500):
        one = population.next()
        assert one is not None
        if not one.values:
            new.append(one.candidate.key)
        one.values += [value(one, seed) for seed in range(len(one.values), one.wanted)]
        population.update(one)
    assert len(new) == len(set(new)) == len(population.members) > 100


def test_the_limits_are_kept(wide):
    most, cost = 60, 2e6
    population = Population(wide, ACCURACY, 4, max_parameters=most, max_cost=cost)
    proposed = {one for one, _, _ in firsts(population, 300, noisy(ACCURACY))}
    assert len(proposed) > 100
    assert max(one.parameters for one in proposed) <= most
    assert max(one.candidate.cost for one in proposed) <= cost
    free = {one for one, _, _ in firsts(Population(wide, ACCURACY, 4), 300, noisy(ACCURACY))}
    assert max(one.parameters for one in free) > most
    assert max(one.candidate.cost for one in free) > cost


def firsts(population, count, value):
    """The first so many whom `next` gives out, or all there are."""
    given = itertools.islice(iter(population.next, None), count)
    found = []
    for one in given:
        found.append((one, len(one.values), one.wanted))
        one.values += [value(one, seed) for seed in range(len(one.values), one.wanted)]
        population.update(one)
    return found


def test_limits_that_nothing_keeps_end_it_at_once(some):
    for parameters, cost in ((0, math.inf), (None, 0.5)):
        population = Population(some, ACCURACY, 4, parameters, cost)
        assert population.next() is None
        assert population.finish() is None


def test_little_as_large_as_the_answer_is_proposed(wide):
    """Only so much as may improve the front beyond it, and where nothing can be better, nothing."""
    for best, share in ((0.95, BEYOND), (1.0, 0.0)):
        population = Population(wide, ACCURACY, 4)
        costs = [one.candidate.cost for one, _, _ in firsts(population, 150, lambda one, seed: 0.5)]
        genes = next(iter(population.members.values())).genes
        larger = []
        for size in (30, 12):
            population.update(whole(size, best, seeds=4, genes=genes))
            later = [one for one, begin, _ in firsts(population, 200, lambda one, seed: 0.5) if not begin]
            costs += [one.candidate.cost for one in later]
            larger += [one.candidate.cost for one in later if one.parameters >= size]
            assert any(one.parameters < size for one in later)
        assert sum(larger) <= share * sum(costs) + max(costs)
        assert bool(larger) == (share > 0)


def test_it_comes_nearer_to_a_target_than_chance_does(wide):
    """A target that few random candidates reach: those with 20 to 30 parameters and a hidden layer."""

    def value(one, seed):
        score = 0.5 + 0.3 * (one.genes["hidden"] in (2, 3)) + 0.2 * (one.genes.get("1.pool") == "max")
        return score * (0.5 if one.parameters < 15 else 1.0)

    target = Target("accuracy", 0.99)
    answers, drawn = [], []
    for seed in range(3):
        population = Population(wide, target, 1, seed=seed)
        firsts(population, 250, value)
        assert population.answer is not None
        answers.append(population.answer.parameters)
        rng = np.random.default_rng(seed)
        found = []
        while len(found) < 250:
            genes = wide.random(rng)
            try:
                found.append(Member(genes, wide.candidate(genes)))
            except ArchitectureError:
                continue
        drawn.append(min(one.parameters for one in found if value(one, 0) >= 0.99))
    assert sorted(answers)[1] < sorted(drawn)[1]


def test_further_seeds_take_no_more_than_their_share_of_the_work(wide):
    population = Population(wide, Target("accuracy", 0.99), SEEDS)
    first, further = 0.0, 0.0
    for one, begin, wanted in firsts(population, 600, noisy(ACCURACY)):
        if begin:
            assert further <= RACING * (first + further) * 1.1
            further += one.candidate.cost * (wanted - begin)
        else:
            first += one.candidate.cost
    assert further > 0.1 * first


def test_choices_depend_on_the_seed_alone(wide):
    def chosen(seed):
        population = Population(wide, ACCURACY, 4, seed=seed)
        return [
            (str(one.candidate.architecture), begin, wanted)
            for one, begin, wanted in firsts(population, 150, lambda one, seed: 1 - 1 / one.parameters)
        ]

    assert chosen(1) == chosen(1)
    assert chosen(1) != chosen(2)


# --- the end ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seeds", [1, 3, 12, 32])
@pytest.mark.parametrize("target", [Target("accuracy", 0.8), Target("loss", 0.1, "best")])
def test_in_the_end_the_front_has_all_seeds(wide, seeds, target):
    for seed in range(3):
        population = Population(wide, target, seeds, seed=seed)
        firsts(population, 120, noisy(target))
        drained(population, population.finish, noisy(target))
        assert population.front()
        assert all(len(one.values) == seeds for one in population.front())
        assert population.finish() is None


def test_whoever_is_on_the_front_is_topped_up_the_nearest_to_the_target_first():
    near, far, off = member(20, *[0.8] * 4), member(10, *[0.5] * 4), member(30, *[0.7] * 4)
    population = population_of([near, far, off])
    one, other = population.finish(), population.finish()
    assert one is near
    assert other is far
    assert (near.wanted, far.wanted) == (SEEDS, SEEDS)
    assert population.finish() is None  # both are being trained


def test_whoever_is_being_trained_is_not_given_out_again():
    busy = member(10, 0.95)
    population = population_of([busy])
    assert population.next() is busy
    assert busy.is_busy
    assert population.next() is None
    assert busy not in (population.finish(), population.finish())
    busy.values += [0.95] * (busy.wanted - 1)
    population.update(busy)
    assert not busy.is_busy
    assert population.next() is busy


def test_whoever_is_taken_up_while_being_trained_is_not_given_out_again():
    """As when a search is resumed: what was under way goes on without being asked for."""
    one = member(10, 0.95)
    population = population_of([one])
    one.wanted = 4
    assert population.next() is None
    one.values += [0.95] * 3
    population.update(one)
    assert population.next() is one


@pytest.mark.parametrize("seed", range(8))
def test_every_seed_of_every_member_is_handed_out_once_and_in_order(wide, some, seed):
    """However many are under way at a time, in whatever order they end, and whenever the end begins."""
    rng = np.random.default_rng(seed)
    metric, value = ("accuracy", 0.85) if seed % 2 else ("loss", 0.15)
    target = Target(metric, value, str(rng.choice(["median", "best", "q10"])))
    seeds = int(rng.choice([1, 2, 4, 7, 32]))
    space = some if seed % 3 == 0 else wide
    population = Population(space, target, seeds, max_parameters=400, seed=seed)
    most = int(rng.integers(1, 40))
    handed, under_way, results = {}, [], noisy(target)
    is_ending = False
    for step in range(1000):
        is_ending = step > 200
        while len(under_way) < most:
            ask = population.finish if is_ending or rng.random() < 0.02 else population.next
            if (one := ask()) is None:
                break
            assert one not in under_way
            done = handed.setdefault(one.candidate.key, [])
            new = list(range(len(one.values), one.wanted))
            assert new
            assert [*done, *new] == list(range(one.wanted))
            assert one.wanted <= seeds
            assert one is population.members[one.candidate.key]
            done += new
            under_way.append(one)
        if not under_way:
            assert is_ending or population.next() is None
            break
        one = under_way.pop(int(rng.integers(len(under_way))))
        one.values += [results(one, seed) for seed in range(len(one.values), one.wanted)]
        population.update(one)
    assert not under_way
    if is_ending:
        assert all(len(one.values) == seeds for one in population.front())
    reaching = [
        one
        for one in population.members.values()
        if len(one.values) == seeds and target.goodness(one.values) >= target.goal
    ]
    least = min((one.parameters for one in reaching), default=None)
    assert (population.answer.parameters if population.answer else None) == least


def test_a_member_that_is_taken_up_again_goes_on_where_it_was(some):
    """As when a search is resumed: members come with values, not from proposals."""
    before = Population(some, ACCURACY, 4)
    given = firsts(before, 30, lambda one, seed: 0.5)
    after = Population(some, ACCURACY, 4, seed=9)
    for one in {one for one, _, _ in given}:
        again = replace(one, values=one.values[:1], wanted=1)
        after.update(again)
    new = [one for one, begin, _ in firsts(after, 200, lambda one, seed: 0.5) if not begin]
    assert not {one.candidate.key for one in new} & {one.candidate.key for one, _, _ in given}
    assert len(after.members) == 40
