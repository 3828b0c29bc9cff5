"""The lab's datasets by name, and one's own by path."""

from __future__ import annotations

import difflib
import inspect
import os
from collections.abc import Callable, Collection
from numbers import Integral
from pathlib import Path
from typing import Any

from netlet.datasets import mnist56, pulses, shapes
from netlet.datasets.dataset import Dataset, Split
from netlet.datasets.describing import describe
from netlet.datasets.forecasting import windows
from netlet.errors import DataError, brief
from netlet.paths import expanded

__all__ = ["Dataset", "Split", "describe", "load", "make", "names", "windows"]

DATA_DIR_VARIABLE = "NETLET_DATA"
SERIES = ("target", "window", "horizon", "stride", "known", "time", "season")
READING = (*SERIES, "task", "kind", "scale", "class_names")
ARCHIVE = ("target", "task", "kind", "scale", "class_names")
MOST_PIXELS, MOST_STEPS = 500_000_000, 50_000_000  # of all that is generated: 3 GB while it is drawn

_MAKERS: dict[str, Callable[..., Dataset]] = {
    "mnist56": mnist56.mnist56,
    "crt": shapes.crt,
    "r3": shapes.r3,
    "pulses": pulses.pulses,
    "pulses-reversed": pulses.pulses_reversed,
    "pulses-memory": pulses.pulses_memory,
}


def names() -> tuple[str, ...]:
    """Names of the lab's own datasets."""
    return tuple(_MAKERS)


def load(name: str | Path, data_dir: str | Path | None = None, seed: int = 0, **sizes: Any) -> Dataset:
    """Load a dataset by its name, or one's own by its path.

    Parameters
    ----------
    name : str or Path
        One of `names()`; or a folder with a sub-folder of images for each class, an .npz file with
        x_train, y_train, x_val, y_val (and x_test, y_test), an .npy file of sequences, a table or a series in
        time (.csv, .tsv, .parquet), or series of the UCR/UEA archive (.ts, .arff, .tsv, .txt): either of
        NAME_TRAIN and NAME_TEST, their folder, or what their names have in common. It is called after
        the path, but own-crt if that is crt, so that it is not taken for one of `names()`.
    data_dir : str or Path, optional
        Folder with the exercise's own files for the dataset named, which are then used instead of the
        packaged or generated data. By default the environment variable NETLET_DATA, if it is set.
    seed : int
        What generated data is generated from, and by what one's own images or sequences are split. Of data
        that comes as it is only 0 can be asked for.
    **sizes
        What the generator takes: train, validation, test (how many), and size (of images), steps (of
        sequences) or decay (of pulses-memory). Of CSV, TSV and Parquet files target, and of series in them
        window, horizon, stride, known, time and season (see `netlet.datasets.windows`), and task, kind, scale
        and class_names of a `Dataset`. Of a folder of images size, (height, width), to
        which they are brought, fit, "pad", "crop" or "stretch", and color, whether they have three channels.

    Returns
    -------
    Dataset

    Raises
    ------
    DataError
        If there is no such dataset, a file is missing or broken, or a seed or size is not possible.
    """
    _check_seed(seed)
    if isinstance(name, Path) or (name not in _MAKERS and _is_path(name)):
        return _load_path(Path(name), data_dir, seed, sizes)
    if name not in _MAKERS:
        raise DataError(_unknown(name))
    folder = data_dir if data_dir is not None else os.environ.get(DATA_DIR_VARIABLE) or None
    if folder is not None:
        return _load_originals(name, expanded(folder), data_dir is None, seed, sizes)
    return make(name, seed, **sizes)


def make(name: str, seed: int = 0, **sizes: float) -> Dataset:
    """Generate one of the lab's own datasets, or take the packaged one, whatever NETLET_DATA says.

    Parameters and errors are those of `load`.
    """
    if name not in _MAKERS:
        raise DataError(_unknown(name, has_paths=False))
    _check_seed(seed)
    maker = _MAKERS[name]
    allowed = [parameter for parameter in inspect.signature(maker).parameters if parameter != "seed"]
    for key, value in sizes.items():
        if key not in allowed:
            choice = f"it takes {', '.join(allowed)}" if allowed else "it is packaged as it is and takes none"
            raise DataError(f"{name} has no size called {brief(key)}: {choice}")
        least = 0 if key == "test" else 1
        if key != "decay" and not (isinstance(value, Integral) and least <= value < 10**100):
            raise DataError(
                f"{name}: {key} is {brief(value)}, but must be a whole number of at least {least}"
            )
    _check_memory(name, maker, sizes)
    if maker is mnist56.mnist56:
        if seed != 0:
            raise DataError(f"{name} is packaged as it is, so seed {seed} has no use: leave it out")
        return mnist56.mnist56()
    return maker(seed=seed, **sizes)


def _check_memory(name: str, maker: Callable[..., Dataset], sizes: dict[str, float]) -> None:
    """Refuse more than can be generated in reasonable time and memory."""
    defaults = {key: parameter.default for key, parameter in inspect.signature(maker).parameters.items()}
    chosen = {key: int(value) for key, value in (defaults | sizes).items() if key not in ("seed", "decay")}
    count = sum(chosen.get(split, 0) for split in ("train", "validation", "test"))
    numbers = count * chosen.get("size", 1) ** 2 * chosen.get("steps", 1)
    most = MOST_STEPS if "steps" in chosen else MOST_PIXELS
    if numbers > most:
        told = ", ".join(f"{key} {value:,}" for key, value in chosen.items())
        raise DataError(
            f"{name} with {told} has {numbers:,} numbers, but at most {most:,} can be generated: take less"
        )


def _check_seed(seed: int) -> None:
    """Refuse what is no seed."""
    if not (isinstance(seed, Integral) and 0 <= int(seed) < 2**63):
        raise DataError(f"seed is {brief(seed)}, but must be a whole number from 0, below 2**63")


def _is_path(name: str) -> bool:
    """Whether a name is meant as a path rather than as the name of a dataset."""
    if "/" in name or os.sep in name or name.startswith(("~", ".")):
        return True
    from netlet.datasets.files.archive import pairs
    from netlet.datasets.files.frames import PARQUET_SUFFIXES, TEXT_SUFFIXES

    suffixes = (".npz", ".npy", *TEXT_SUFFIXES, *PARQUET_SUFFIXES, *pairs.SUFFIXES)
    is_there = os.path.exists(name)  # noqa: PTH110 (False, whatever the text is)
    if Path(name).suffix.lower() in suffixes or (bool(name) and is_there):
        return True
    return bool(name) and "\0" not in name and pairs.find_pair(Path(name)) is not None


def _unknown(name: str, has_paths: bool = True) -> str:
    """What to answer to a name nobody knows."""
    nearest = difflib.get_close_matches(name, names(), n=1, cutoff=0.5)
    guess = f"did you mean {nearest[0]}? There" if nearest else "there"
    paths = (
        ", and paths: a folder with a sub-folder of images for each class, an .npz or .npy file, a table "
        "(.csv, .tsv, .parquet), or series of the UCR/UEA archive (.ts, .arff, .tsv)"
        if has_paths
        else ""
    )
    return f"no dataset is called {brief(name)}: {guess} are {', '.join(names())}{paths}"


def _load_path(path: Path, data_dir: str | Path | None, seed: int, sizes: dict[str, Any]) -> Dataset:
    """One's own data."""
    from netlet.datasets.files import own, tables
    from netlet.datasets.files.archive import pairs, reading

    if data_dir is not None:
        raise DataError(f"{path} is a path, so data_dir ({data_dir}) has no use: leave it out")
    if (pair := pairs.find_pair(expanded(path))) is not None:
        _check_names(path, sizes, ARCHIVE)
        return reading.read_pair(pair, seed, **sizes)
    if path.suffix.lower() in tables.SUFFIXES:
        file = expanded(path)
        if not file.is_file():
            raise DataError(f"{path} does not exist, or is no ordinary file", file=path)
        _check_names(path, sizes, READING)
        return tables.read(file, seed, **sizes)
    if others := [key for key in sizes if key not in ("size", "fit", "color")]:
        raise DataError(f"{path} is as large as it is: leave out {', '.join(others)}")
    return own.read(expanded(path), seed, **sizes)


def _check_names(path: Path, given: Collection[str], known: tuple[str, ...]) -> None:
    """Refuse what a file of its kind does not take."""
    if unknown := set(given) - set(known):
        raise DataError(
            f"{path} takes no {min(unknown)}: choose from {', '.join(known)}", setting=min(unknown)
        )


def _load_originals(
    name: str, folder: Path, by_variable: bool, seed: int, sizes: dict[str, float]
) -> Dataset:
    """The exercise's own files."""
    from netlet.datasets.files import originals

    chosen = [*(["seed"] if seed != 0 else []), *sizes]
    if chosen:
        origin = f"{DATA_DIR_VARIABLE}={folder}" if by_variable else f"data_dir {folder}"
        raise DataError(
            f"{name} comes from files ({origin}), so {', '.join(chosen)} cannot be chosen: leave it out"
        )
    try:
        return originals.read(name, folder)
    except DataError as error:
        if by_variable:
            raise DataError(
                f"{error} ({DATA_DIR_VARIABLE} is set: unset it to use netlet's own data)"
            ) from None
        raise
