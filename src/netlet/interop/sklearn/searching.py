"""NetletSearch: the classifier with the fewest parameters that is good enough, as an estimator."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from sklearn.exceptions import ConvergenceWarning

from netlet.architecture import Activation, Architecture, Conv, Dense
from netlet.datasets import Split
from netlet.datasets.scaling import Scaling
from netlet.interop.exact import ExactDataset
from netlet.interop.sklearn.base import (
    Classifying,
    classes_of,
    hot,
    in_one_order,
    random_of,
    seed_of,
    weighted,
)
from netlet.interop.steps import steps_of
from netlet.network import Network
from netlet.search import Space, Target, search
from netlet.store import Store
from netlet.training import Training, train

_TABLE: dict[str, tuple[Any, ...]] = {
    "depth": (1,),
    "1.conv": ("conv", "none"),
    "1.kernel_height": (1,),
    "1.kernel_width": (1,),
    "1.stride": (1,),
    "1.padding": ("valid",),
    "1.pool": ("none",),
    "end": ("flatten",),
}
"""Of rows of a table, seen as images of one pixel: a convolution of 1x1 is a dense layer."""


class NetletSearch(Classifying):
    """The classifier with the fewest parameters that reaches a target.

    Parameters
    ----------
    target
        A metric and a value, such as ``"accuracy=0.95"``, on the part of the samples kept for validation.
    of
        By which of the seeds: "median", "best", or a quantile such as "q10".
    candidates
        How many networks to try.
    minutes
        How long to search; None for as long as the candidates take.
    seeds
        From how many seeds the answer is trained; the best by validation is kept.
    max_parameters
        Larger networks are not tried.
    input_shape, validation_fraction, scale_inputs, random_state
        As of `netlet.interop.sklearn.NetletClassifier`.
    only
        Values for some of the search's genes, by name, in the place of the usual ones.
    threads
        How many runs are trained at a time. What is found is the same each time only with 1.

    Attributes
    ----------
    network_ : netlet.Network
        The answer; if none reached the target, the best there was.
    reached_ : bool
        Whether it did.
    front_ : list of (int, float, str)
        Parameters, value of the metric and architecture of the best networks of every size.
    classes_ : ndarray
    n_features_in_ : int
    """

    def __init__(
        self,
        target: str = "accuracy=0.95",
        *,
        of: str = "median",
        candidates: int = 100,
        minutes: float | None = None,
        seeds: int = 4,
        max_parameters: int | None = None,
        input_shape: Sequence[int] | None = None,
        validation_fraction: float = 0.25,
        scale_inputs: bool = True,
        only: Mapping[str, Sequence[Any]] | None = None,
        threads: int | None = 1,
        random_state: Any = None,
    ) -> None:
        """Keep the parameters; they are checked by fit."""
        self.target = target
        self.of = of
        self.candidates = candidates
        self.minutes = minutes
        self.seeds = seeds
        self.max_parameters = max_parameters
        self.input_shape = input_shape
        self.validation_fraction = validation_fraction
        self.scale_inputs = scale_inputs
        self.only = only
        self.threads = threads
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Self:
        """Search.

        Raises
        ------
        ValueError
            As scikit-learn's estimators do; errors of netlet's own for parameters.

        Warns
        -----
        ConvergenceWarning
            If no network reached the target.
        """
        x, y = self._checked(X, reset=True, y=y)
        self.classes_, places = classes_of(y)
        targets, task = hot(places, len(self.classes_))
        random = random_of(self.random_state)
        x, targets, _ = weighted(self, x, targets, None, None)
        order = in_one_order(x, targets)
        names = [str(each) for each in self.classes_]
        data, _ = self._dataset(x[order], targets[order], None, random, task=task, class_names=names)
        searched = data if len(data.input_shape) > 1 else _as_pixels(data)
        only = dict(self.only or {})
        if searched is not data:
            only = {name: only.get(name, values) for name, values in _TABLE.items()} | only
        with (
            tempfile.TemporaryDirectory(prefix="netlet-search-") as folder,
            Store(Path(folder) / "runs.db") as store,
        ):
            found = search(
                searched,
                Target.read(self.target, task, self.of),
                minutes=self.minutes,
                candidates=self.candidates,
                max_parameters=self.max_parameters,
                seeds=self.seeds,
                quiet=True,
                fresh_seeds=0,
                margin=0.0,  # the target is for the validation part itself
                store=store,
                threads=self.threads,
                space=Space(searched, Training.default(searched), only or None),
                seed=seed_of(random),
            )
        if found.problem is not None:
            raise found.problem
        self.reached_ = found.answer is not None
        point = found.answer or max(found.front, key=lambda each: (each.goodness, -each.parameters))
        if not self.reached_:
            warnings.warn(
                f"no network reached {self.target} among {found.candidates} candidates: the best has "
                f"{point.values['validation']}; try more candidates or a lower target",
                ConvergenceWarning,
                stacklevel=2,
            )
        self.front_ = [
            (each.parameters, each.values["validation"], each.experiment.architecture) for each in found.front
        ]
        network = train(
            point.experiment.architecture,
            searched,
            Training(**point.experiment.settings),
            seeds=[point.best.seed],
            validate=False,
            quiet=True,
        )[0].network
        self.network_ = network if searched is data else _as_rows(network, data)
        return self


def _as_pixels(data: ExactDataset) -> ExactDataset:
    """Rows of a table as images of one pixel."""

    def image(split: Split) -> Split:
        return Split(split.x.reshape(len(split.x), 1, 1, -1), split.y)

    scaling: Scaling | None = data.input_scaling
    return ExactDataset(
        data.name, image(data.train), image(data.validation), data.task, data.class_names, scaling
    )


def _as_rows(network: Network, data: ExactDataset) -> Network:
    """The same network for rows: convolutions of one pixel as the dense layers that they are."""
    layers, weights = [], []
    for step in steps_of(network):
        layer = step.layer
        if isinstance(layer, Conv):
            layer = Dense(layer.filters, layer.activation, layer.use_bias)
            weights.append(step.weights[0][0, 0])
            weights += step.weights[1:]
        elif isinstance(layer, Dense | Activation):
            weights += step.weights
        else:  # flatten, which rows have no need of
            continue
        layers.append(layer)
    return Network(Architecture(layers), data.input_shape, network.task, weights, **network.details)
