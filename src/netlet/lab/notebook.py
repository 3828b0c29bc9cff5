"""The exercise's notebook in facts: its architectures, its settings, and the figures printed in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

FIRST_NETWORK = "conv(4, 3x3) - maxpool(2) - conv(4, 3x3) - maxpool(2) - flatten - dense(10) - dense(1)"
CELL_NETWORK = "conv(3, 3x3) - maxpool(3) - conv(3, 3x3) - maxpool(3) - flatten - dense(5) - dense(1)"
TRIMMED_NETWORK = "conv(2, 3x3) - maxpool(2) - conv(2, 3x3) - maxpool(2) - flatten - dense(1)"
CRT_NETWORK = "conv(4, 3x3) - maxpool(3) - conv(4, 3x3) - maxpool(3) - flatten - dense(10) - dense(3)"
R3_NETWORK = "conv(3, 3x3) - maxpool(3) - conv(3, 3x3) - maxpool(3) - flatten - dense(10) - dense(3)"

RNN_NETWORK = "rnn(5) - dense(1)"
EXPLAINED_NETWORK = "gru(3) - dense(1)"
REVERSED_NETWORK = "gru(25, activation=relu) - dense(1, activation=linear) - dense(1)"

SIXES = (1, 3)
FIVES = (2, 5)
"""Validation images of mnist56, by index from 0, that question 3 looks at."""
R3_IMAGE = 8
"""Validation image of r3 whose feature maps the notebook shows."""

Figures = Mapping[str, Mapping[str, float]]
"""By split, then by metric."""


@dataclass(frozen=True)
class Printed:
    """What the notebook printed for one network, from one seed.

    Attributes
    ----------
    metrics
        By split ("training", "validation"), then by metric; loss is the mean cross-entropy in nats,
        normalised_error the mean squared error over the variance of the split's targets.
    note
        What has to be known to compare.
    is_rough
        Whether it says "about" of them.
    other
        What else it gives, by what it is.
    """

    metrics: Figures = field(default_factory=dict)
    note: str = ""
    is_rough: bool = False
    other: Mapping[str, float] = field(default_factory=dict)


def reaches(value: float | None, figure: float, higher_is_better: bool) -> bool:
    """Whether a value is as good as a printed figure, in as many decimals as are printed."""
    if value is None:
        return False
    rounded = round(value, len(f"{figure:g}".partition(".")[2]))
    return rounded >= figure if higher_is_better else rounded <= figure


FIRST = Printed(
    {"validation": {"accuracy": 0.9946, "sensitivity": 0.9906, "specificity": 0.9989}},
    "one run; the settings are taken to be those of the cell",
)
CELL = Printed(
    {
        "training": {"accuracy": 0.9970, "sensitivity": 0.9980, "specificity": 0.9960},
        "validation": {"accuracy": 0.9892, "sensitivity": 0.9875, "specificity": 0.9910},
    },
    "one run",
)
TRIMMED = Printed(
    {"validation": {"accuracy": 0.99}}, "the settings are taken to be those of the cell", is_rough=True
)
CRT = Printed(
    {"validation": {"accuracy": 0.98}}, "the settings are taken to be those of the cell", is_rough=True
)
R3 = Printed(
    {
        "training": {"accuracy": 1.0, "loss": 0.0131},
        "validation": {"accuracy": 0.696, "loss": 1.867},
    },
    "the printed run; its report gives 0.78 for the best of its attempts",
    other={"validation accuracy of the best attempt": 0.78},
)

RNN = Printed({"validation": {"normalised_error": 0.26866}}, "one run")
GRU = Printed({"validation": {"normalised_error": 0.03874}}, "one run; its size is not printed")
LSTM = Printed({"validation": {"normalised_error": 0.08070}}, "one run; its size is not printed")
REVERSED = Printed(
    {"training": {"normalised_error": 0.08294}, "validation": {"normalised_error": 0.09330}},
    "after the last epoch of one run, training as it went on; the best epoch had 0.08056",
    other={"validation error of the best epoch": 0.08056},
)
SEQUENCE = 3
"""The sequence that the notebook shows, from 0."""
