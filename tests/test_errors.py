"""Every message is one short line of printable characters, whatever people and files put into it."""

import pickle

import numpy as np
import pytest

import netlet as nl
from netlet.architecture import Conv, Dense
from netlet.errors import MOST_MESSAGE, DataError, Interrupted, NetletError, brief, one_line


def is_one_short_line(text):
    return text.isprintable() and len(text) <= MOST_MESSAGE


@pytest.mark.parametrize(
    "text",
    [
        "a\nb\r\nc\td\x0be",
        "\x1b[2J\x1b[31mred\x07",
        "\udcff\ud800",
        "\u202egnp.exe\u2066",
        "x" * 12_000,
        "word " * 3_000,
        "\x00" * 5_000,
        "\U0010ffff\ufeff\u2028",
    ],
)
def test_messages_are_short_printable_lines(text):
    for error in (NetletError(text), DataError(f"file {text} is wrong: mend it"), Interrupted(text)):
        assert is_one_short_line(str(error))
    assert is_one_short_line(one_line(text))


def test_a_plain_message_is_left_as_it_is():
    message = "dateien/größe.csv, line 3: «x» is no number: write 0.5 or 1"
    assert str(DataError(message)) == message


def test_what_is_wrong_and_what_to_do_survive_a_long_name():
    path = "/data/" + "very-long-name/" * 300 + "x.png"
    message = str(DataError(f"{path} is no image: get the file anew", file=path))
    assert message.startswith("/data/very-long-name/")
    assert message.endswith("x.png is no image: get the file anew")
    assert DataError(message, file=path).file == path


def test_of_a_long_list_the_beginning_and_the_end_are_kept():
    names = ", ".join(f"name{k}" for k in range(2000))
    message = str(DataError(f"there is no column y: choose from {names}: or write one"))
    assert message.startswith("there is no column y: choose from name0, name1")
    assert message.endswith("name1999: or write one")


def test_messages_are_the_same_after_a_process_has_passed_them_on():
    error = DataError("a\nb", row=3)
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.row) == ("a b", 3)


def doubling(depth=22):
    shared: list = []
    for _ in range(depth):
        shared = [shared, shared]
    return shared


class Speechless:
    def __repr__(self):
        raise RuntimeError("no words")


VALUES = [
    doubling(),
    "x" * 10**6,
    10**5000,
    {"a": "b" * 10_000},
    np.zeros((300, 300)),
    Speechless(),
    "\x1b\udc80",
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_any_value_can_be_quoted_at_once(value):
    assert is_one_short_line(brief(value))


@pytest.mark.parametrize(
    ("value", "text"), [("adam2", "'adam2'"), (0.25, "0.25"), ((3, 3), "(3, 3)"), (None, "None")]
)
def test_plain_values_are_quoted_as_python_writes_them(value, text):
    assert brief(value) == text


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize(
    "call",
    [
        lambda value: nl.Dataset("d", (np.zeros((4, 3)), [0, 1, 0, 1]), kind=value),
        lambda value: nl.Dataset("d", (np.zeros((4, 3)), [0, 1, 0, 1]), task=value),
        lambda value: nl.Dataset("d", (np.zeros((4, 3)), [0, 1, 0, 1]), scale=value),
        lambda value: nl.Training(learning_rate=value),
        lambda value: nl.Training(epochs=value),
        lambda value: nl.Training(optimizer=value),
        lambda value: Dense(value),
        lambda value: Conv(2, value),
        lambda value: nl.train("dense(1)", value),
        lambda value: nl.train("dense(1)", "pulses", seeds=value),
        lambda value: nl.load("r3", seed=value),
        lambda value: nl.load("r3", train=value),
    ],
)  # fmt: skip
def test_absurd_arguments_are_refused_in_a_short_line(call, value):
    with pytest.raises(NetletError) as caught:
        call(value)
    assert is_one_short_line(str(caught.value))
