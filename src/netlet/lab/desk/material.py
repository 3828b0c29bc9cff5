"""The data that a file claims to have been trained on, from where a teacher has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from netlet import datasets
from netlet.datasets import Dataset
from netlet.errors import NetletError
from netlet.lab.desk import data
from netlet.lab.desk.claims import ClaimedData

MOST_EXAMPLES = 20_000
"""Of generated data that is made again for a check."""


@dataclass(frozen=True)
class Owned:
    """A dataset of a class: whose it is, its name, and from where it is to be had again.

    Attributes
    ----------
    student, name
        The student's name, and the dataset's.
    seed
        What it was made from.
    folder
        Where the files given to the student are.
    """

    student: str
    name: str
    seed: int
    folder: Path


@dataclass(frozen=True)
class Missing:
    """Why there is no such dataset; `is_false` where it cannot be what the file says it is."""

    reason: str
    is_false: bool


@dataclass(frozen=True)
class Material:
    """Where data may come from.

    Attributes
    ----------
    data_dir
        Folder with the exercise's files, for all that is checked.
    own
        Files of an exercise's own datasets, by name.
    of_class
        By content hash: the datasets of a class; None outside a class. Within one, nothing else counts.
    """

    data_dir: Path | None = None
    own: Mapping[str, Path | None] = field(default_factory=dict)
    of_class: Mapping[str, Owned] | None = None

    def dataset(self, claimed: ClaimedData, student: str) -> Dataset | Missing:
        """The dataset with the content that is claimed, or why there is none.

        Parameters
        ----------
        claimed
            What the file says of it.
        student
            Whose file it is; of a class, data have to be this student's own.
        """
        if self.of_class is not None:
            return self._of_class(self.of_class, claimed, student)
        others = []
        for where, load in (("--data", self._given), ("netlet's own data", self._made)):
            try:
                found = load(claimed)
            except NetletError as error:
                return Missing(f"{claimed.name} cannot be had: {error}", False)
            if found is None:
                continue
            if found.content_hash == claimed.content_hash:
                return found
            others.append(where)
        if others and (self.data_dir is not None or claimed.seed is not None):
            return Missing(
                f"its {claimed.name} is not what it says: {' and '.join(others)} have another content", True
            )
        return Missing(f"its {claimed.name} is not at hand: give the folder it was in with --data", False)

    def _of_class(self, owned: Mapping[str, Owned], claimed: ClaimedData, student: str) -> Dataset | Missing:
        own = owned.get(claimed.content_hash)
        if own is None or own.name != claimed.name:
            return Missing(f"its {claimed.name} is none of the class's datasets", True)
        if own.student != student:
            whose = f"that of {student!r}" if student else "its own"
            return Missing(f"its {claimed.name} is the data of {own.student!r}, not {whose}", True)
        for load in (
            lambda: data.make(own.name, own.seed, has_test="test" in claimed.counts),
            lambda: datasets.load(own.name, own.folder),
        ):
            try:
                found = load()
            except NetletError:
                continue
            if found.content_hash == claimed.content_hash:
                return found
        return Missing(
            f"its {claimed.name} cannot be made again, and its files in {own.folder} have changed", False
        )

    def _given(self, claimed: ClaimedData) -> Dataset | None:
        if (path := self.own.get(claimed.name)) is not None:
            return datasets.load(path)
        if self.data_dir is None or claimed.name not in datasets.names():
            return None
        return datasets.load(claimed.name, self.data_dir)

    def _made(self, claimed: ClaimedData) -> Dataset | None:
        """Made again from the seed and the numbers of examples that are claimed."""
        if claimed.name not in datasets.names() or sum(claimed.counts.values()) > MOST_EXAMPLES:
            return None
        if claimed.name == "mnist56":
            return data.make("mnist56", claimed.seed or 0, has_test="test" in claimed.counts)
        if claimed.seed is None:
            return None
        sizes = {
            "train": claimed.counts.get("training", 0),
            "validation": claimed.counts.get("validation", 0),
            "test": claimed.counts.get("test", 0),
        }
        return datasets.make(claimed.name, claimed.seed, **sizes)
