"""From where a command has loaded its dataset, for whoever wants to load it again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from netlet.datasets import Dataset


def origin_of(loaded: Dataset, dataset: str, data: Path | None) -> dict[str, Any]:
    """What is needed to load a dataset again (see `netlet.store.Experiment.origin`).

    Parameters
    ----------
    loaded
        The dataset.
    dataset, data
        What the command was given for it.
    """
    import os

    from netlet.datasets import DATA_DIR_VARIABLE, names
    from netlet.paths import expanded

    is_named = dataset in names()
    folder = data or (os.environ.get(DATA_DIR_VARIABLE) if is_named else None)
    return {
        "dataset": dataset if is_named else str(expanded(dataset).resolve()),
        "data_dir": str(expanded(folder).resolve()) if folder else None,
        "data_seed": loaded.seed,
    }
