"""NetletClassifier and NetletRegressor: a network trained from one or several seeds, as an estimator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils.validation import column_or_1d

from netlet.architecture import Architecture
from netlet.datasets.scaling import Scaling
from netlet.interop.exact import ExactDataset
from netlet.interop.sklearn.base import (
    Classifying,
    NetletEstimator,
    classes_of,
    hot,
    in_one_order,
    random_of,
    seed_of,
    weighted,
)
from netlet.training import Training, train

_SETTINGS = (
    "epochs",
    "batch_size",
    "optimizer",
    "learning_rate",
    "schedule",
    "l2",
    "patience",
)
"""Parameters that are settings of `netlet.Training` by the same names."""


class _Trained(NetletEstimator):
    """Fits a network."""

    def __init__(
        self,
        hidden: str | None = None,
        *,
        input_shape: Sequence[int] | None = None,
        epochs: int = 100,
        batch_size: int = 32,
        optimizer: str = "adam",
        learning_rate: float = 0.005,
        schedule: str = "constant",
        l2: float = 1e-4,
        patience: int | None = None,
        seeds: int = 1,
        validation_fraction: float = 0.1,
        scale_inputs: bool = True,
        settings: dict[str, Any] | None = None,
        threads: int | None = 1,
        random_state: Any = None,
    ) -> None:
        """Keep the parameters; they are checked by fit."""
        self.hidden = hidden
        self.input_shape = input_shape
        self.epochs = epochs
        self.batch_size = batch_size
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.l2 = l2
        self.patience = patience
        self.seeds = seeds
        self.validation_fraction = validation_fraction
        self.scale_inputs = scale_inputs
        self.settings = settings
        self.threads = threads
        self.random_state = random_state

    def _needs_validation(self) -> bool:
        return self.patience is not None or self.seeds != 1

    def _train(
        self, x: np.ndarray, y: np.ndarray, task: str, classes: Sequence[str], sample_weight: Any, labels: Any
    ) -> None:
        """Train, and keep the best network by validation."""
        random = random_of(self.random_state)
        x, y, weights = weighted(self, x, y, sample_weight, labels)
        training = self._training()
        if training.shuffle:
            order = in_one_order(x, y)
            x, y = x[order], y[order]
            weights = None if weights is None else weights[order]
        data, weights = self._dataset(x, y, weights, random, task=task, class_names=classes)
        outputs = 1 if task == "binary" else y.shape[-1]
        text = " - ".join(part for part in (self._hidden(), f"dense({outputs})") if part)
        first = seed_of(random)
        runs = train(
            Architecture(text),
            data,
            training,
            seeds=range(first, first + int(self.seeds)),
            sample_weight=weights,
            validate=len(data.validation) > 0,
            threads=self.threads,
            quiet=True,
        )
        best = runs.best if len(runs) > 1 else runs[0]
        if best.diverged is not None:
            raise ValueError(f"the training diverged in epoch {best.diverged}: take a lower learning_rate")
        self.network_ = best.network
        self.history_ = best.history
        self.n_iter_ = best.epochs

    def _training(self) -> Training:
        """The settings, which are those of the parameters and further ones, each said once."""
        more = dict(self.settings or {})
        for name in more:
            if name in _SETTINGS:
                raise ValueError(
                    f"settings has {name}, which is a parameter of its own: give {name}= instead"
                )
        own = {name: getattr(self, name) for name in _SETTINGS}
        return Training().changed(**own, **more)


_PARAMETERS = """
    Parameters
    ----------
    hidden
        The layers before the last one, as netlet writes them, such as ``"dense(20) - dense(10)"``, or
        ``"conv(4, 3x3) - maxpool(2) - flatten"`` for images, ``"gru(8)"`` for sequences; by default
        ``dense(64)``, or a small convolution or recurrent layer; ``""`` for none. The last layer is {last}.
    input_shape
        None for rows of a table; ``(height, width, channels)`` or ``(steps, channels)`` where the features of
        a row are an image or a sequence, or where X is given in that shape.
    epochs, batch_size, optimizer, learning_rate, schedule, l2, patience
        As of `netlet.Training`. Patience needs a part of the samples for validation.
    seeds
        From how many seeds to train; the best by validation is kept.
    validation_fraction
        Share of the samples kept for validation, if patience or several seeds need it.
    scale_inputs
        Whether features (of images and sequences: channels) are standardised, as a part of the network.{more}
    settings
        Further settings of `netlet.Training` by name, such as ``{{"momentum": 0.9}}``.
    threads
        How many seeds are trained at a time.
    random_state
        As in scikit-learn.
"""


class NetletClassifier(Classifying, _Trained):
    """A classifier of two or more classes.

    {parameters}
    Attributes
    ----------
    network_ : netlet.Network
        What was trained.
    classes_ : ndarray
        The classes, sorted.
    history_ : dict of list of float
        Loss and accuracy after every epoch.
    n_iter_ : int
        Epochs trained.
    n_features_in_ : int

    Notes
    -----
    Of several targets a sample: wrap it in ``sklearn.multioutput.MultiOutputClassifier``.
    """

    def __init__(
        self,
        hidden: str | None = None,
        *,
        input_shape: Sequence[int] | None = None,
        epochs: int = 100,
        batch_size: int = 32,
        optimizer: str = "adam",
        learning_rate: float = 0.005,
        schedule: str = "constant",
        l2: float = 1e-4,
        patience: int | None = None,
        seeds: int = 1,
        validation_fraction: float = 0.1,
        scale_inputs: bool = True,
        class_weight: Any = None,
        settings: dict[str, Any] | None = None,
        threads: int | None = 1,
        random_state: Any = None,
    ) -> None:
        """Keep the parameters; they are checked by fit."""
        super().__init__(
            hidden,
            input_shape=input_shape,
            epochs=epochs,
            batch_size=batch_size,
            optimizer=optimizer,
            learning_rate=learning_rate,
            schedule=schedule,
            l2=l2,
            patience=patience,
            seeds=seeds,
            validation_fraction=validation_fraction,
            scale_inputs=scale_inputs,
            settings=settings,
            threads=threads,
            random_state=random_state,
        )
        self.class_weight = class_weight

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train on samples and their classes.

        Raises
        ------
        ValueError
            As scikit-learn's estimators do; errors of netlet's own for parameters.
        """
        x, y = self._checked(X, reset=True, y=y)
        if sample_weight is not None:
            kept = np.asarray(sample_weight, dtype=float).reshape(-1) > 0
            if kept.shape == (len(x),) and not kept.all() and kept.any():
                x, y = x[kept], y[kept]
                sample_weight = np.asarray(sample_weight, dtype=float).reshape(-1)[kept]
        self.classes_, places = classes_of(y)
        targets, task = hot(places, len(self.classes_))
        names = [str(each) for each in self.classes_]
        self._train(x, targets, task, names, sample_weight, self.classes_[places])
        return self


class NetletRegressor(RegressorMixin, _Trained):
    """A regressor of one or several numbers.

    {parameters}
    Attributes
    ----------
    network_ : netlet.Network
        What was trained.
    history_ : dict of list of float
        Loss after every epoch.
    n_iter_ : int
        Epochs trained.
    n_features_in_ : int
    """

    def __init__(
        self,
        hidden: str | None = None,
        *,
        input_shape: Sequence[int] | None = None,
        epochs: int = 100,
        batch_size: int = 32,
        optimizer: str = "adam",
        learning_rate: float = 0.005,
        schedule: str = "constant",
        l2: float = 1e-4,
        patience: int | None = None,
        seeds: int = 1,
        validation_fraction: float = 0.1,
        scale_inputs: bool = True,
        scale_targets: bool = True,
        settings: dict[str, Any] | None = None,
        threads: int | None = 1,
        random_state: Any = None,
    ) -> None:
        """Keep the parameters; they are checked by fit."""
        super().__init__(
            hidden,
            input_shape=input_shape,
            epochs=epochs,
            batch_size=batch_size,
            optimizer=optimizer,
            learning_rate=learning_rate,
            schedule=schedule,
            l2=l2,
            patience=patience,
            seeds=seeds,
            validation_fraction=validation_fraction,
            scale_inputs=scale_inputs,
            settings=settings,
            threads=threads,
            random_state=random_state,
        )
        self.scale_targets = scale_targets

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train on samples and their numbers, ``(n,)`` or ``(n, outputs)``.

        Raises
        ------
        ValueError
            As scikit-learn's estimators do; errors of netlet's own for parameters.
        """
        x, y = self._checked(X, reset=True, y=y)
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        self.is_one_ = y.ndim == 1
        targets = np.asarray(y, dtype=np.float32).reshape(len(y), -1)
        self._train(x, targets, "regression", (), sample_weight, None)
        return self

    def _dataset(
        self, x: np.ndarray, y: np.ndarray, weights: np.ndarray | None, random: Any, **kind: Any
    ) -> tuple[ExactDataset, np.ndarray | None]:
        data, weights = super()._dataset(x, y, weights, random, **kind)
        if self.scale_targets:
            data.target_scaling = Scaling.standard(data.train.y)
        return data, weights

    def predict(self, X: Any) -> np.ndarray:
        """The numbers, ``(n,)`` if the targets were so, else ``(n, outputs)``."""
        answers = self._answers(X).astype(np.float64)
        return answers[:, 0] if self.is_one_ else answers

    def __sklearn_tags__(self) -> Any:
        """What scikit-learn asks of an estimator."""
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


def _document(kind: type, last: str, more: str) -> None:
    if kind.__doc__:  # python -OO has none
        parameters = _PARAMETERS.format(last=last, more=more).strip() + "\n"
        kind.__doc__ = kind.__doc__.replace("{parameters}", parameters)


_document(
    NetletClassifier,
    "as many dense units as the classes need",
    '\n    class_weight\n        As in scikit-learn: None, ``"balanced"``, or a mapping.',
)
_document(
    NetletRegressor,
    "as many dense units as there are numbers",
    "\n    scale_targets\n        Whether targets are standardised while it learns; answers are in "
    "their own units.",
)
