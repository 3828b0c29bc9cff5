"""The lab's datasets by name, and one's own by path."""

from __future__ import annotations

import difflib
import inspect
import os
from collections.abc import Callable, Mapping
from numbers import Integral
from pathlib import Path
from typing import Any

from netlet import data_options
from netlet.datasets import mnist56, pulses, shapes
from netlet.datasets.dataset import Dataset, Split
from netlet.datasets.describing import describe
from netlet.datasets.forecasting import windows
from netlet.errors import DataError, brief
from netlet.paths import expanded

__all__ = ["Dataset", "Split", "describe", "load", "load_again", "make", "names", "windows"]

DATA_DIR_VARIABLE = "NETLET_DATA"
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


def load(
    name: str | os.PathLike[str], data_dir: str | Path | None = None, seed: int = 0, **options: Any
) -> Dataset:
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
    **options
        Of one's own data what is not to be guessed, None for what is: kind, task and scale as of a `Dataset`;
        of CSV, TSV and Parquet files target, and of series in them window, horizon, stride, known, time and
        season (see `netlet.datasets.windows`); of arrays per_step; of a folder of images size, (height,
        width) or text as "28x28" (width first), to which they are brought, fit, "pad", "crop" or "stretch",
        color, whether they have three channels, and background, "white", "black" or "grey".
        `netlet.data_options` has the table of them; they are kept in the dataset's `reading` and in every
        network that is trained on it, and an .npz file may hold those that go with it.
        Of the lab's own what the generator takes: train, validation, test (how many), and size (of images),
        steps (of sequences) or decay (of pulses-memory).

    Returns
    -------
    Dataset

    Raises
    ------
    DataError
        If there is no such dataset, a file is missing or broken, or a seed or size is not possible.
    netlet.data_options.OptionError
        If an option has no use with the data, or a value is not allowed.
    """
    _check_seed(seed)
    if not isinstance(name, (str, os.PathLike)):
        raise DataError(f"a dataset is given as {brief(name)}, but load takes its name or its path")
    name = name if isinstance(name, str) else Path(name)
    options = {key: value for key, value in options.items() if value is not None}
    if isinstance(name, Path) or (name not in _MAKERS and _is_path(name)):
        path = expanded(Path(name))
        dataset = _load_path(path, data_dir, seed, options)
        place: dict[str, Any] = {"dataset": str(path.resolve()), "data_dir": None}
    elif name in _MAKERS:
        options = _of_generator(name, options)
        folder = data_dir if data_dir is not None else os.environ.get(DATA_DIR_VARIABLE) or None
        place = {"dataset": name, "data_dir": folder and str(expanded(folder).resolve())}
        if folder is not None:
            dataset = _load_originals(name, expanded(folder), data_dir is None, seed, options)
        else:
            dataset = make(name, seed, **options)
        dataset.reading = {
            key: float(value) if key == "decay" else int(value) for key, value in options.items()
        }
    else:
        raise DataError(_unknown(name))
    dataset.place = place | {"data_seed": dataset.seed}
    return dataset


def load_again(origin: Mapping[str, Any], data: str | Path | None = None, **options: Any) -> Dataset:
    """Load a dataset from where it came, as it was read then.

    Parameters
    ----------
    origin
        A dataset's `origin`, as a saved network's `about` and a store's experiments have it.
    data
        Where it is now, if that is elsewhere: the path of one's own, or a folder of the exercise's files.
    **options
        What is to be read in another way.

    Raises
    ------
    DataError
        As by `load`.
    """
    name, kept, seed = origin["dataset"], origin.get("data_dir"), origin.get("data_seed") or 0
    options = dict(origin.get("reading") or {}) | options
    if name not in _MAKERS:
        return load(Path(name if data is None else data), None, seed, **options)
    folder = data or (kept if isinstance(kept, str) else None)
    return load(name, folder, 0 if data else seed, **({} if data else options))


def _of_generator(name: str, options: dict[str, Any]) -> dict[str, Any]:
    """What the lab's own datasets are generated with; what else can be said is for data of one's own."""
    options = {
        key: value[0] if key == "size" and isinstance(value, tuple) and len(set(value)) == 1 else value
        for key, value in options.items()
    }
    for key in options:
        if key in data_options.OPTIONS and key != "size":
            raise data_options.OptionError(
                key,
                f"{{{key}}} is for data of one's own, but {name} is the lab's, which is known: leave it out",
            )
    return options


def make(name: str, seed: int = 0, **sizes: float) -> Dataset:
    """Generate one of the lab's own datasets, or take the packaged one, whatever NETLET_DATA says.

    Parameters and errors are those of `load`.
    """
    if not isinstance(name, str) or name not in _MAKERS:
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

    suffixes = (*data_options.SUFFIXES, *pairs.SUFFIXES)
    is_there = os.path.exists(name)  # noqa: PTH110 (False, whatever the text is)
    if data_options.suffix_of(Path(name)) in suffixes or (bool(name) and is_there):
        return True
    try:
        return bool(name) and "\0" not in name and pairs.find_pair(Path(name)) is not None
    except OSError:  # no file can have such a name
        return False


def _unknown(name: Any, has_paths: bool = True) -> str:
    """What to answer to a name nobody knows."""
    nearest = difflib.get_close_matches(str(name), names(), n=1, cutoff=0.5)
    guess = f"did you mean {nearest[0]}? There" if nearest else "there"
    paths = (
        ", and paths: a folder with a sub-folder of images for each class, an .npz or .npy file, a table "
        "(.csv, .tsv, .parquet), or series of the UCR/UEA archive (.ts, .arff, .tsv)"
        if has_paths
        else ""
    )
    return f"no dataset is called {brief(name)}: {guess} are {', '.join(names())}{paths}"


def _load_path(path: Path, data_dir: str | Path | None, seed: int, options: dict[str, Any]) -> Dataset:
    """One's own data; its `reading` is what was said of it."""
    from netlet.datasets.files import own, tables
    from netlet.datasets.files.archive import pairs
    from netlet.datasets.files.archive import reading as archive

    if data_dir is not None:
        raise DataError(f"{path} is a path, so data_dir ({data_dir}) has no use: leave it out")
    pair = pairs.find_pair(path)
    form = data_options.ARCHIVE if pair is not None else data_options.form_of(path)
    options = data_options.checked(path, form, options) if form else options
    if pair is not None:
        dataset = archive.read_pair(pair, seed, **options)
    elif form == data_options.TABLE:
        if not path.is_file():
            raise DataError(f"{path} does not exist, or is no ordinary file", file=path)
        dataset = tables.read(path, seed, **options)
    else:
        dataset = own.read(path, seed, **options)
    dataset.reading = {**options, **dataset.reading}
    return dataset


def form_of(path: Path) -> str | None:
    """In which of `netlet.data_options.FORMS` the data at a path comes, as far as names tell; else None."""
    from netlet.datasets.files.archive import pairs

    return data_options.ARCHIVE if pairs.find_pair(path) is not None else data_options.form_of(path)


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
