import math

import pytest

from netlet.comparison import Contender, pairs
from netlet.lab.cell_comparison import FEWEST, CellComparison

LOW, MIDDLE, HIGH = ([start + step / 1000 for step in range(9)] for start in (0.1, 0.2, 0.3))


@pytest.fixture
def compared(pretend):
    def of(**values):
        return CellComparison.of({name: pretend(each) for name, each in values.items()})

    return of


def test_the_better_one_is_told_with_what_its_median_is_lower_by(compared):
    found = compared(b=MIDDLE, a=LOW, c=HIGH)
    assert found.order == ("a", "b", "c")
    assert found.lead() == "clearly ahead of the b"
    assert (
        "A seed of the a beats one of the b with a probability of 1.00; the a's median is lower by 0.09"
        in (found.sentence())
    )
    assert "all" in found.table("so").head[2]
    assert found.table("so").rows[0][:2] == ("a against b", "-0.1000")


def test_intervals_are_those_of_netlet_compare(compared, pretend):
    found = compared(a=LOW, b=MIDDLE, c=HIGH)
    runs = [pretend(values) for values in (LOW, MIDDLE, HIGH)]
    theirs = pairs([Contender(each) for each in runs], runs[0].dataset)
    assert found.between("a", "b") == theirs[0, 1]["validation"]


def test_what_is_open_is_said_to_be(compared):
    found = compared(a=LOW, b=[value + 0.0001 for value in LOW], c=HIGH)
    assert found.lead() == "ahead of the b, but not clearly"
    assert "whose median is lower is open" in found.sentence()
    assert found.as_list()[0]["is_clear"] is False


@pytest.mark.parametrize("seeds", [1, 3, FEWEST - 1])
def test_few_seeds_have_no_interval_and_nothing_is_clear(compared, seeds):
    found = compared(a=LOW[:seeds], b=MIDDLE[:seeds], c=HIGH[:seeds])
    assert "too few seeds" in found.lead()
    assert "too few" in found.sentence()
    assert "lower by" not in found.sentence()
    assert {row[2] for row in found.table("so").rows} == {"too few seeds"}
    assert {(pair["low"], pair["is_clear"]) for pair in found.as_list()} == {(None, None)}


def test_diverged_seeds_give_no_infinite_numbers(compared):
    found = compared(a=LOW, b=MIDDLE[:5] + [math.nan] * 4, c=[math.nan] * 9)
    words = " ".join([found.sentence(), *(cell for row in found.table("so").rows for cell in row)])
    assert "inf" not in words
    assert "nan" not in words
    assert "the a's median is lower by at least 0.09" in words
    assert "∞" in words
