"""How an answer is told in a picture's title."""

from types import SimpleNamespace
from typing import Any

import pytest

from netlet.figures.results import said

NETWORK: Any = SimpleNamespace(task="binary", class_names=("5", "6"))


@pytest.mark.parametrize(
    ("answer", "told"),
    [(0.99996, "6 (>99.9 %)"), (0.00004, "5 (>99.9 %)"), (0.998, "6 (99.8 %)"), (1.0, "6 (100.0 %)")],
)
def test_an_answer_is_only_told_as_certain_when_it_is(answer, told):
    assert said(NETWORK, [answer]) == told
