"""Cost over sizes, and what a training's arithmetic is."""

import pytest
from benchmarks.scaling import Cost, steepest
from benchmarks.tasks import TASKS
from benchmarks.work import multiply_adds

import netlet as nl


def test_the_steepest_growth_looks_at_all_pairs_and_rounds():
    costs = [Cost("f", 1000, [4, 4, 4]), Cost("f", 10, [9, 9, 9]), Cost("f", 100, [2, 2, 1])]
    small, large, growth = steepest(costs)
    assert (small.parameters, large.parameters, growth) == (100, 1000, [2, 2, 4])


@pytest.mark.parametrize(
    ("text", "shape", "forward", "both"),
    [
        ("flatten - dense(3) - dense(2)", (4, 4, 1), 48 + 6, 2 * 48 + 3 * 6),
        ("conv(2, 3x3) - maxpool(2) - flatten - dense(1)", (7, 7, 3), 16 * 54 + 8, 2 * 16 * 54 + 3 * 8),
        ("gru(5, return_sequences=true) - dense(1)", (10, 2), 10 * 110, 10 * (2 * 105 + 75 + 3 * 5)),
    ],
)
def test_multiply_adds(text, shape, forward, both):
    assert multiply_adds(nl.Architecture(text), shape) == (forward, both)


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_every_task_is_counted(task):
    data = nl.load(task.dataset)
    architecture = nl.Architecture(task.architecture).resolve(
        data.input_shape, data.task, data.outputs, data.per_step
    )
    digits = "".join(c for c in task.name if c.isdigit())
    assert architecture.parameters(data.input_shape) == int(digits or 2128)
    assert multiply_adds(architecture, data.input_shape)[0] > 0
