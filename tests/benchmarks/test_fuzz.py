"""A short run of the fuzzer, and that it sees what it looks for."""

import pytest
from benchmarks.fuzz import fuzz, judged
from benchmarks.hostile import Maker


def test_hostile_files_and_options_are_refused_in_a_line():
    codes, faults = fuzz(range(7_000_000, 7_000_120))
    assert not faults, "\n".join(map(str, faults))
    assert codes[0] > 5
    assert codes[2] > 50


def test_a_number_makes_the_same_case_again(tmp_path):
    (tmp_path / "home").mkdir()
    maker = Maker(tmp_path / "home")
    for number in (3, 14, 15, 92):
        rooms = [tmp_path / f"{number}-{again}" / "room" for again in range(2)]
        cases = []
        for room in rooms:
            room.mkdir(parents=True)
            cases.append([each.replace(str(room), "") for each in maker.case(number, room).arguments])
        assert cases[0] == cases[1]


@pytest.mark.parametrize(
    ("code", "out", "err", "what"),
    [
        (0, "fine\n", "", ""),
        (2, "", "x.npz is no archive: get it anew\n", ""),
        (2, "", "netlet has made a mistake of its own (KeyError)\n", "a mistake of its own"),
        (1, "", "", "exit code 1"),
        (2, "", "", "an error without a word"),
        (2, "", "x" * 600, "a line too long"),
        (0, "\x1b[31m", "", "something that cannot be printed"),
        (0, "", "a.py:3: UserWarning: x\n", "a warning of Python on the terminal"),
    ],
)
def test_what_is_wrong_is_seen(code, out, err, what):
    assert judged(code, out, err, "", "") == what
