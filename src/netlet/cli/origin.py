"""From where a command loads its dataset: for whoever must not write there."""

from __future__ import annotations

from pathlib import Path


def sources_of(dataset: str, data: Path | None) -> list[Path]:
    """The files or folders that a dataset is read from.

    Parameters
    ----------
    dataset, data
        What the command was given for it.
    """
    import os

    from netlet.datasets import DATA_DIR_VARIABLE, names
    from netlet.paths import expanded

    if dataset not in names():
        from netlet.datasets.files.archive.pairs import find_pair

        own = expanded(dataset)
        if not own.is_dir() and (pair := find_pair(own)) is not None:
            return list(pair.paths)
        if not own.name.endswith("-trn.npy"):
            return [own]
        stem = own.name.removesuffix("-trn.npy")
        return [own, *(own.with_name(f"{stem}-{split}.npy") for split in ("val", "tst"))]
    folder = data or os.environ.get(DATA_DIR_VARIABLE)
    return [expanded(folder)] if folder else []
