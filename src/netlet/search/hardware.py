"""The hardware a network is searched for: limits of flash, RAM and multiply-adds, and int8 as measured."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from netlet import metrics
from netlet.architecture import Architecture
from netlet.datasets import Dataset
from netlet.errors import ArchitectureError, DataError, brief
from netlet.interop.c import Costs, costs_of, quantized_of
from netlet.network import Network
from netlet.store import Metrics
from netlet.training import Run, SettingError

INT8 = "int8 "
"""What stands before the name of a metric of the network in int8, beside those in float."""

_AMOUNT = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,9})?)\s*(k|m|)(i?b)?", re.IGNORECASE)
_MOST = 2**40


def amount(name: str, given: str | float | None, thousand: int = 1024) -> int | None:
    """A limit as a whole number: 8192, "8192", "8k", "1.5 KB".

    Parameters
    ----------
    name
        Of the limit, for the message.
    given
        None for none.
    thousand
        What k stands for: 1,024 of bytes, 1,000 of what is counted.

    Raises
    ------
    TrainingError
        If it cannot be read, or is below 1.
    """
    if given is None:
        return None
    example = "8192 or 8k" if thousand == 1024 else "50000 or 50k"
    match = _AMOUNT.fullmatch(str(given).strip()) if not isinstance(given, bool) else None
    if match is None or (match[3] and thousand != 1024):
        raise SettingError(name, f"is {brief(given)}, but must be a number such as {example}")
    value = float(match[1]) * thousand ** ("", "k", "m").index(match[2].lower())
    if not 1 <= value <= _MOST:
        raise SettingError(name, f"is {brief(given)}, but must be from 1 to {_MOST:,}, such as {example}")
    return int(value)


@dataclass(frozen=True)
class Hardware:
    """What a network must fit into, written in C as `netlet export` does.

    Attributes
    ----------
    max_flash, max_ram
        Bytes of weights and tables, and of buffers and state (the code and the input come on top); None for
        no limit.
    max_macs
        Multiply-adds of one answer; of recurrent networks, of one step.
    int8
        Whether it is to be in int8: then costs are those in int8, and values are those of the network in
        int8, measured.
    """

    max_flash: int | None = None
    max_ram: int | None = None
    max_macs: int | None = None
    int8: bool = False

    @classmethod
    def of(
        cls,
        max_flash: str | float | None = None,
        max_ram: str | float | None = None,
        max_macs: str | float | None = None,
        int8: bool = False,
    ) -> Hardware:
        """With sizes as people write them (`amount`)."""
        return cls(
            amount("max_flash", max_flash),
            amount("max_ram", max_ram),
            amount("max_macs", max_macs, 1000),
            bool(int8),
        )

    def __bool__(self) -> bool:
        """Whether anything is asked for."""
        return self != Hardware()

    def __str__(self) -> str:
        """In a line."""
        limits = (
            ("bytes of flash", self.max_flash),
            ("bytes of RAM", self.max_ram),
            ("multiply-adds", self.max_macs),
        )
        told = [f"at most {limit:,} {what}" for what, limit in limits if limit is not None]
        return ", ".join(told + (["int8"] if self.int8 else []))

    def costs(self, architecture: Architecture, dataset: Dataset) -> Costs:
        """What a (resolved) architecture costs on a dataset's inputs."""
        flat = np.zeros(architecture.parameters(dataset.input_shape), np.float32)
        return costs_of(Network.for_dataset(architecture, dataset, flat), self.int8)

    def allows(self, costs: Costs) -> bool:
        """Whether costs are within the limits."""
        needed = (costs.flash, costs.ram, costs.multiply_adds)
        limits = (self.max_flash, self.max_ram, self.max_macs)
        return all(limit is None or need <= limit for need, limit in zip(needed, limits, strict=True))


def measured_int8(run: Run, dataset: Dataset) -> dict[str, Mapping[str, float | None]]:
    """The metrics of a run's network in int8, on every split, with `INT8` before their names.

    The scales are fitted on the training data, as `netlet export --int8` fits them.
    """
    network, names = run.network, metrics.METRICS[dataset.task]
    try:
        quantized = quantized_of(network, dataset.train.x)
    except (ArchitectureError, DataError):  # an activation that int8 has not; diverged: not finite
        return {split: {INT8 + name: math.nan for name in names} for split in dataset.present}
    found: dict[str, Mapping[str, float | None]] = {}
    for split, part in dataset.present.items():
        found[split] = {INT8 + name: value for name, value in quantized.evaluate(part).items()}
    return found


def with_int8(measured: Metrics, run: Run, dataset: Dataset) -> Metrics:
    """A run's metrics, those of its network in int8 among them."""
    found = measured_int8(run, dataset)
    return {split: values and {**values, **found.get(split, {})} for split, values in measured.items()}
