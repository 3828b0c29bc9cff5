import json
import math

import pytest

from netlet.comparison import Contender, pairs
from netlet.lab.answering import plain
from netlet.lab.evidence.contest import FEWEST, contest
from netlet.lab.report.results import _plain

LOW, MIDDLE, HIGH = ([start + step / 1000 for step in range(9)] for start in (0.1, 0.2, 0.3))


@pytest.fixture
def compared(pretend):
    """What is measured of several networks, and what question 7 says of it."""

    def of(**values):
        return contest({name: pretend(each) for name, each in values.items()})

    return of


@pytest.fixture
def said(told):
    """What question 7 says of a contest in the notebook's settings."""

    def of(found):
        return told("q7", "Appendix", usual=found), told("q7", "Answer", usual=found)

    return of


def test_the_better_one_is_told_with_what_its_median_is_lower_by(compared, said):
    found = compared(GRU=MIDDLE, SimpleRNN=LOW, LSTM=HIGH)
    assert found["order"] == ["SimpleRNN", "GRU", "LSTM"]
    text, answer = said(found)
    assert "the SimpleRNN does best, clearly ahead of the GRU" in answer
    wanted = (
        "A seed of the SimpleRNN beats one of the GRU with a probability of 1.00; the SimpleRNN's median is"
    )
    assert f"{wanted} lower by 0.09" in text
    assert "| SimpleRNN against GRU | -0.1000 |" in text
    assert "These limits hold together" in text


def test_intervals_are_those_of_netlet_compare(compared, pretend):
    found = compared(a=LOW, b=MIDDLE, c=HIGH)
    runs = [pretend(values) for values in (LOW, MIDDLE, HIGH)]
    theirs = pairs([Contender(each) for each in runs], runs[0].dataset)[0, 1]["validation"]
    ours = found["pairs"][0]
    assert (ours["difference_of_medians"], ours["low"], ours["high"]) == (
        theirs.difference,
        theirs.low,
        theirs.high,
    )


def test_what_is_open_is_said_to_be(compared, said):
    found = compared(SimpleRNN=LOW, GRU=[value + 0.0001 for value in LOW], LSTM=HIGH)
    text, answer = said(found)
    assert "ahead of the GRU, but not clearly" in answer
    assert "whose median is lower is open (the SimpleRNN's is between" in text
    assert found["pairs"][0]["is_clear"] is False


@pytest.mark.parametrize("seeds", [1, 3, FEWEST - 1])
def test_few_seeds_have_no_interval_and_nothing_is_clear(compared, said, seeds):
    found = compared(SimpleRNN=LOW[:seeds], GRU=MIDDLE[:seeds], LSTM=HIGH[:seeds])
    text, answer = said(found)
    assert "too few seeds" in answer
    assert "too few to say" in text
    assert text.count("| too few seeds |") >= 3
    assert {(pair["low"], pair["is_clear"]) for pair in found["pairs"]} == {(None, None)}


def test_diverged_seeds_give_no_infinite_numbers(compared, said):
    found = compared(SimpleRNN=LOW, GRU=MIDDLE[:5] + [math.nan] * 4, LSTM=[math.nan] * 9)
    text, _ = said(found)
    assert "inf" not in text.replace("information", "")
    assert "nan" not in text
    assert "the SimpleRNN's median is lower by at least 0.09" in text
    assert "∞" in text
    assert "Infinity" not in json.dumps(_plain(plain(found)))
