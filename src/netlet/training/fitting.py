"""Whether settings of a training fit a dataset, and architectures on it."""

from __future__ import annotations

from netlet.architecture import Architecture, Bidirectional, Flatten, StepsLayer
from netlet.datasets import Dataset
from netlet.errors import brief
from netlet.training.settings import SettingError, Training


def check(training: Training, dataset: Dataset, *architectures: Architecture | str) -> None:
    """Refuse what does not fit: see `Training.check`."""
    if training.loss != "mse" and dataset.task != "regression":
        raise SettingError(
            "loss",
            f"is {brief(training.loss)}, but {dataset.name} has classes, trained by cross-entropy: leave it "
            "out",
        )
    pieces, shape = training.truncation, dataset.input_shape
    what = {"image": "images", "sequence": "sequences", "table": "a table"}[dataset.kind]
    if training.augments and dataset.kind != "image":
        name = training.augments[0]
        value = brief(getattr(training, name))
        raise SettingError(name, f"is {value}, but {dataset.name} has {what}, not images: leave it out")
    if training.augments and training.shift >= min(shape[:2]):
        raise SettingError(
            "shift",
            f"is {training.shift}, but the images of {dataset.name} are {shape[0]} x {shape[1]}, of which "
            f"that leaves nothing: take at most {min(shape[:2]) - 1}",
        )
    if pieces is None:
        return

    def refused(why: str) -> SettingError:
        return SettingError("truncation", f"is {pieces}, but {why}")

    if len(shape) != 2:
        raise refused(f"{dataset.name} has {what}, not sequences: leave it out")
    if pieces > shape[0]:
        raise refused(
            f"the sequences of {dataset.name} have {shape[0]} steps: take at most {shape[0]}, or "
            "None for whole sequences"
        )
    if dataset.train.mask is not None and not dataset.per_step:
        raise refused(
            f"{dataset.name} has sequences of different length with one target each, which would end in "
            "pieces that learn nothing: take None for whole sequences"
        )
    for architecture in map(Architecture, architectures):
        kinds = Flatten | StepsLayer | Bidirectional
        whole = [layer for layer in architecture.layers if isinstance(layer, kinds)]
        if whole:
            raise refused(f"{whole[0].name} in {architecture} needs whole sequences: take None")
