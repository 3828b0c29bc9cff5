import pytest

from netlet import training
from netlet.cli import limits
from netlet.errors import TrainingError


def test_what_can_be_trained_is_fine():
    limits.check(None, None)
    limits.check(1, 1, 0)
    limits.check(training.MOST_SEEDS, training.MOST_THREADS)
    limits.check(1, None, limits.LAST_SEED)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((0, None), "--seeds is 0, but must be from 1 to 1,000,000"),
        ((-1, None), "--seeds is -1"),
        ((10**20, None), "--seeds is 1"),
        ((1, 0), "--threads is 0, but must be from 1 to 1,024: leave it out"),
        ((1, 10**20), "--threads is 1"),
        ((1, None, -1), "--first-seed is -1, but must be from 0 to 9223372036854775807"),
        ((2, None, limits.LAST_SEED), "but must be from 0 to 9223372036854775806"),
    ],
)
def test_what_cannot_be_trained_is_refused(arguments, words):
    with pytest.raises(TrainingError) as error:
        limits.check(*arguments)
    assert words in str(error.value)
