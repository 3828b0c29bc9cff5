"""The laboratory: every dataset is loaded once, every network trained once, and shared by all questions."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from netlet import datasets
from netlet.datasets import DATA_DIR_VARIABLE, Dataset
from netlet.errors import DataError
from netlet.paths import expanded
from netlet.training import Runs, Training, train

Progress = Callable[[str, int, int], None]
"""Called now and then with what is being done, how much of it is, and how much there is to do."""

SEEDS, QUICK_SEEDS = 16, 3


class Laboratory:
    """Trains what the questions ask for.

    Parameters
    ----------
    seeds
        From how many seeds every network is trained.
    data_dir
        Folder with the exercise's own files, used for the datasets that are in it; by default that of the
        variable NETLET_DATA, if it is set.
    threads
        Runs at a time; by default as many as the process has processors.
    is_quick
        Whether experiments beside the questions may be made smaller.
    progress
        Told of every training; may be changed.
    own
        Files of datasets that are none of netlet's, by their names.

    Raises
    ------
    DataError
        If the folder holds none of the exercise's datasets.
    """

    def __init__(
        self,
        seeds: int = SEEDS,
        data_dir: str | os.PathLike[str] | None = None,
        threads: int | None = None,
        is_quick: bool = False,
        progress: Progress | None = None,
        own: Mapping[str, Path | None] | None = None,
    ) -> None:
        """Train nothing yet."""
        self.own = {name: path for name, path in (own or {}).items() if path is not None}
        self.seeds = seeds
        self.threads = threads
        self.is_quick = is_quick
        self.folder, self.found = _originals(data_dir)
        self.progress = progress or (lambda what, done, total: None)
        self._datasets: dict[str, Dataset] = {}
        self._runs: dict[tuple[object, ...], Runs] = {}
        self._told: dict[int, Runs] = {}
        # Who trains has the second; who wants to be next waits with the first in hand.
        self._next, self._training = threading.Lock(), threading.Lock()

    @property
    def datasets(self) -> tuple[Dataset, ...]:
        """What has been loaded, and what else was trained on."""
        trained = (runs.dataset for runs in self.trained)
        return tuple({data.content_hash: data for data in (*self._datasets.values(), *trained)}.values())

    @property
    def trained(self) -> tuple[Runs, ...]:
        """What has been trained and asked for."""
        return tuple(self._told.values())

    def dataset(self, name: str) -> Dataset:
        """A dataset by its name: a teacher's own file, the original files, or netlet's own data."""
        if name not in self._datasets:
            if name in self.own:
                self._datasets[name] = datasets.load(self.own[name])
            elif name in self.found:
                self._datasets[name] = datasets.load(name, self.folder)
            else:
                self._datasets[name] = datasets.make(name)
        return self._datasets[name]

    def runs(
        self,
        architecture: str,
        dataset: str | Dataset,
        training: Training | None = None,
        seeds: int | None = None,
        validate: bool = True,
    ) -> Runs:
        """An architecture trained from all seeds, by default with the exercise's settings for the dataset.

        Parameters
        ----------
        architecture, dataset, training
            What is trained, and how.
        seeds
            From how many seeds, if not from the laboratory's number.
        validate
            Whether histories have to have curves of the validation split, which takes longer.

        Raises
        ------
        KeyboardInterrupt
            If Ctrl-C interrupts the training.
        """
        data = self.dataset(dataset) if isinstance(dataset, str) else dataset
        training = training or Training.default(data, architecture)
        key = (architecture, data.content_hash, training, seeds or self.seeds)
        if self._known(key, validate) is None:
            with self._next, self._training:
                if self._known(key, validate) is None:  # or it has just been trained ahead
                    self._train(key, data, validate, self.progress)
        runs = self._known(key, validate)
        assert runs is not None
        self._told[id(runs)] = runs
        return runs

    @contextlib.contextmanager
    def ahead(self, asked: Iterable[tuple[str, str, Training, bool]]) -> Iterator[None]:
        """Train what will be asked for while something else is done: within a with statement, in a thread.

        What somebody waits for comes first. What fails here is left to whoever asks for it, who then is told.

        Parameters
        ----------
        asked
            In the order in which it will be wanted: what `runs` takes, without seeds.
        """
        ended = threading.Event()

        def progress(*done: object) -> None:
            if ended.is_set():
                raise _EndedError
            self.progress(*done)  # type: ignore[arg-type]

        def work() -> None:
            for architecture, dataset, training, validate in asked:
                data = self.dataset(dataset)
                key = (architecture, data.content_hash, training, self.seeds)
                with self._next:
                    self._training.acquire()
                try:
                    if ended.is_set():
                        return
                    if self._known(key, validate) is None:
                        self._train(key, data, validate, progress)
                except Exception:
                    return
                finally:
                    self._training.release()

        thread = threading.Thread(target=work, name="training ahead", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _known(self, key: tuple[object, ...], validate: bool) -> Runs | None:
        """What has been trained already, with validation curves if they are wanted."""
        return self._runs.get((*key, True)) or (None if validate else self._runs.get((*key, False)))

    def _train(self, key: tuple[Any, ...], data: Dataset, validate: bool, progress: Progress) -> None:
        architecture, _, training, seeds = key
        what, total = f"{architecture} on {data.name}", training.epochs * seeds
        runs = train(
            architecture,
            data,
            training,
            seeds=seeds,
            threads=self.threads,
            validate=validate,
            progress=lambda epochs, _: progress(what, epochs, total),
        )
        progress(what, total, total)
        # Also under its architecture with everything written out, by which others may ask for it.
        for text in (architecture, str(runs.architecture)):
            self._runs[(text, *key[1:], validate)] = runs


class _EndedError(Exception):
    """Nobody waits any longer for what is trained ahead."""


def _originals(data_dir: str | os.PathLike[str] | None) -> tuple[Path | None, tuple[str, ...]]:
    """The folder of original files, and the datasets that are in it."""
    given = data_dir if data_dir is not None else os.environ.get(DATA_DIR_VARIABLE) or None
    if given is None:
        return None, ()
    from netlet.datasets.files import originals

    folder = expanded(given)
    hint = f" ({DATA_DIR_VARIABLE} is set: unset it to use netlet's own data)" if data_dir is None else ""
    if not folder.is_dir():
        raise DataError(f"{folder} is no folder: give one with the exercise's own files{hint}")
    found = originals.found(folder)
    if not found:
        raise DataError(
            f"{folder} has none of the exercise's files, such as mnist56.npy or crt-trn/: netlet data make "
            f"can write them{hint}"
        )
    return folder, found
