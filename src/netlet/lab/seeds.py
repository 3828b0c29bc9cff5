"""What the seeds of one training say: all of them, the best, on the test split, beside the notebook."""

from __future__ import annotations

from netlet import metrics
from netlet.lab.notebook import Printed, reaches
from netlet.lab.wording import count, number
from netlet.training import Runs


def values(runs: Runs, split: str = "validation") -> list[float | None]:
    """What every seed has of the metric that runs are ranked by."""
    return [each[runs.ranked_by] for each in runs.metrics(split)]


def of_best(runs: Runs, split: str) -> dict[str, float | None]:
    """All metrics of the one seed that is best by validation."""
    rows = zip(runs, runs.metrics(split), strict=True)
    return next(found for run, found in rows if run is runs.best)


def share_better(runs: Runs, goal: float, split: str = "validation") -> float:
    """The share of seeds that are better than a goal, 0..1."""
    sign = 1 if metrics.higher_is_better(runs.ranked_by) else -1
    return sum(value is not None and sign * value > sign * goal for value in values(runs, split)) / len(runs)


def on_test(runs: Runs) -> str:
    """What the test split says, as a sentence to follow another.

    Not the best seed of the test split: to look for it would be to choose by that split.
    """
    if runs.dataset.test is None:
        return " There is no test split."
    noun = "test image" if len(runs.dataset.input_shape) == 3 else "test sequence"
    spread = runs.distribution(split="test")
    if len(runs) == 1:
        told = f"it is {number(spread.median)}"
    else:
        diverged = f"; {spread.diverged} diverged" if spread.diverged else ""
        told = (
            f"the median is {number(spread.median)} (quartiles {number(spread.lower_quartile)} and "
            f"{number(spread.upper_quartile)}{diverged}), and the seed that is best by validation has "
            f"{number(of_best(runs, 'test')[runs.ranked_by])}"
        )
    return f" On the {count(len(runs.dataset.test), noun)}, by which nothing was chosen, {told}."


def beside_notebook(runs: Runs, printed: Printed) -> str:
    """How the notebook's one figure compares with the seeds."""
    figure = printed.metrics["validation"][runs.ranked_by]
    is_higher_better = metrics.higher_is_better(runs.ranked_by)
    reached = sum(reaches(value, figure, is_higher_better) for value in values(runs))
    if len(runs) == 1:
        ours = f"our one seed {'reaches' if reached else 'does not reach'} that"
    else:
        ours = f"{reached or 'none'} of our {len(runs)} seeds {'reaches' if reached == 1 else 'reach'} that"
    about = "about " if printed.is_rough else ""
    return f"The notebook gives {about}{figure:g} ({printed.note}); {ours}."
