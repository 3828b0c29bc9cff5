"""What a search chooses from: genes, each with a few values, that spell out a candidate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from math import prod
from typing import Any

import numpy as np

from netlet.architecture import (
    GRU,
    LSTM,
    RNN,
    Architecture,
    AvgPool,
    Conv,
    Dense,
    DepthwiseConv,
    Flatten,
    GlobalAvgPool,
    GlobalMaxPool,
    Layer,
    MaxPool,
    Recurrent,
)
from netlet.datasets import Dataset
from netlet.errors import ArchitectureError, brief
from netlet.interop.c import Costs
from netlet.search.hardware import Hardware
from netlet.training import Training

SPACE = 1
"""Raised whenever genes or their values change: a search of before cannot be resumed then."""

Genes = dict[str, Any]
"""A value for every gene that matters; the others are left out."""

_CELLS = {"rnn": RNN, "gru": GRU, "lstm": LSTM}
_GATES = {RNN: 1, GRU: 3, LSTM: 4}
_INPUT, _OUTPUT, _POOLED = 5, 10, 2  # multiply-adds that take as long as one number of each, see `work`
_COUNTS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16)
_RATES = tuple(float(f"{0.001 * 10 ** (step / 6):.2g}") for step in range(13))  # 0.001 to 0.1


@dataclass(frozen=True)
class Gene:
    """One choice.

    Attributes
    ----------
    values
        What can be chosen; JSON can hold each.
    is_ordered
        Whether neighbours are alike, so that a small step is one to a neighbour.
    """

    values: tuple[Any, ...]
    is_ordered: bool = False


@dataclass(frozen=True)
class Candidate:
    """One network to be tried: what it is, and how it is trained.

    Attributes
    ----------
    architecture
        Resolved.
    training
        Settings.
    parameters
        All trainable numbers.
    cost
        What training it takes (see `work`): for all training samples and epochs.
    """

    architecture: Architecture
    training: Training
    parameters: int
    cost: float

    @cached_property
    def key(self) -> tuple[str, Training]:
        """Equal for candidates that are the same."""
        return str(self.architecture), self.training


class Space:
    """The candidates for one dataset.

    Parameters
    ----------
    dataset
        What is to be learned. Images have up to three blocks of convolution and pooling, sequences up to two
        recurrent layers; both may have a hidden dense layer behind.
    usual
        The settings to start from: epochs and batch size are multiples of these.
    only
        Values for some genes in the place of the usual ones, to make the space smaller.

    Raises
    ------
    ArchitectureError
        If there is nothing to search for this kind of data, or `only` names no gene.
    """

    def __init__(
        self, dataset: Dataset, usual: Training, only: Mapping[str, Sequence[Any]] | None = None
    ) -> None:
        """Lay out the genes."""
        shape = dataset.input_shape
        if len(shape) not in (1, 2, 3):
            raise ArchitectureError(
                f"{dataset.name} has inputs {shape}, but only images, sequences and tables are searched"
            )
        self._dataset, self._usual = dataset, usual
        self.genes = (_table_genes, _sequence_genes, _image_genes)[len(shape) - 1](shape)
        self.genes |= _training_genes(usual, shape)
        if "truncation" in self.genes and dataset.train.mask is not None and not dataset.per_step:
            self.genes["truncation"] = Gene((None,))  # see `Training.check`
        for name, values in (only or {}).items():
            if name not in self.genes:
                raise ArchitectureError(
                    f"there is no gene {brief(name)}: choose from {', '.join(self.genes)}"
                )
            self.genes[name] = replace(self.genes[name], values=tuple(values))

    def fits(self, dataset: Dataset) -> bool:
        """Whether its candidates are for data of this kind."""
        own, other = (
            (data.input_shape, data.task, data.outputs, data.per_step) for data in (self._dataset, dataset)
        )
        return own == other

    @property
    def cost_of_one_use(self) -> float:
        """Of a network that multiplies every input by one weight, trained as usual."""
        return prod(self._dataset.input_shape) * len(self._dataset.train) * self._usual.epochs

    @property
    def least_parameters(self) -> int:
        """Of the smallest network there can be, whatever `only` leaves out."""
        channels, outputs = self._dataset.input_shape[-1], self._dataset.outputs
        if len(self._dataset.input_shape) == 2:
            return channels + 2 + outputs  # a SimpleRNN of one unit, and a weight from it to each output
        # Of a table a weight from every feature to each output, or by one hidden node. Of images a weight
        # from every channel's mean to each output, or a convolution of one pixel between them.
        return min(channels * outputs, channels + outputs)

    @property
    def digest(self) -> str:
        """Equal for equal spaces: the same genes with the same values, and the same settings besides."""
        text = repr((SPACE, self.genes, self._usual))
        return sha256(text.encode()).hexdigest()[:16]

    def active(self, genes: Genes) -> Genes:
        """The genes that matter: those of blocks and layers that are there."""
        depth, hidden = genes["depth"], genes["hidden"]
        kept = {}
        for name, value in genes.items():
            place, _, what = name.rpartition(".")
            if place and int(place) > depth:
                continue
            if name == "hidden_activation" and not hidden:
                continue
            if place and what == "pool_size" and genes[f"{place}.pool"] == "none":
                continue
            if place and what in _OF_CONV and genes.get(f"{place}.conv") == "none":
                continue
            if what == "filters" and genes[f"{place}.conv"] == "depthwise":
                continue
            if what == "multiplier" and genes[f"{place}.conv"] != "depthwise":
                continue
            kept[name] = value
        return kept

    def candidate(self, genes: Genes) -> Candidate:
        """What genes spell out.

        Raises
        ------
        ArchitectureError
            If the layers do not fit, such as a kernel larger than its image.
        """
        data, shape = self._dataset, self._dataset.input_shape
        if len(shape) == 3:
            layers = _image_layers(genes, shape[-1])
        else:
            layers = _sequence_layers(genes, data.per_step) if len(shape) == 2 else _table_layers(genes)
        if genes["hidden"]:
            layers.append(Dense(genes["hidden"], genes["hidden_activation"]))
        layers.append(Dense(data.outputs, use_bias=genes["output_bias"]))
        architecture = Architecture(layers).resolve(
            shape, data.task, data.outputs, data.per_step, dataset_name=data.name
        )
        changes = {name: genes[name] for name in SETTINGS if name in genes}
        training = replace(self._usual, **changes)
        cost = work(architecture, shape) * training.epochs * len(data.train)
        return Candidate(architecture, training, architecture.parameters(shape), cost)

    def costs(self, candidate: Candidate, hardware: Hardware) -> Costs:
        """What a candidate needs; ArchitectureError if it cannot be had on such hardware."""
        return hardware.costs(candidate.architecture, self._dataset)

    def structure(self, genes: Genes) -> tuple[Any, ...]:
        """What kind of network genes spell out, whatever its numbers and details."""
        kinds = [value for name, value in genes.items() if name.rpartition(".")[2] in _STRUCTURE]
        return (*kinds, genes["hidden"] > 0)

    def random(self, random: np.random.Generator) -> Genes:
        """Any genes."""
        return self.active({name: _drawn(random, gene.values) for name, gene in self.genes.items()})

    def mutated(self, random: np.random.Generator, genes: Genes) -> Genes:
        """Genes with one or a few changed, mostly to a neighbouring value."""
        changed = dict(genes)
        names = list(self.active(genes))
        for _ in range(1 + min(random.geometric(0.5) - 1, 4)):
            name = names[int(random.integers(len(names)))]
            gene = self.genes[name]
            if gene.is_ordered and random.random() < 0.7:
                at = gene.values.index(genes[name]) + (1 if random.random() < 0.5 else -1)
                changed[name] = gene.values[min(max(at, 0), len(gene.values) - 1)]
            else:
                changed[name] = _drawn(random, gene.values)
        return self._completed(random, changed)

    def crossed(self, random: np.random.Generator, a: Genes, b: Genes) -> Genes:
        """Genes of two parents: each block, and each gene outside them, from one or the other."""
        sides: dict[str, Genes] = {}
        child = {}
        for name in self.genes:
            part = name.rpartition(".")[0] or name
            side = sides.setdefault(part, a if random.random() < 0.5 else b)
            other = b if side is a else a
            if name in side or name in other:
                child[name] = side.get(name, other.get(name))
        return self._completed(random, child)

    def _completed(self, random: np.random.Generator, genes: Genes) -> Genes:
        """Genes that have come to matter are drawn; those that no longer do are left out."""
        return self.active(
            {n: genes[n] if n in genes else _drawn(random, g.values) for n, g in self.genes.items()}
        )


def work(architecture: Architecture, input_shape: Sequence[int]) -> int:
    """How long one sample's training takes, in multiply-adds of its pass forward that take as long.

    Of small networks most of the time goes into other things: laying out inputs, activations, pooling. What
    these take beside a multiply-add was measured, on 64 x 64 images and on sequences of 100 steps.
    """
    total = multiply_adds(architecture, input_shape) + _INPUT * prod(input_shape)
    before = tuple(input_shape)
    for layer, after in zip(architecture.layers, architecture.shapes(input_shape), strict=True):
        sizes = [prod(size or 1 for size in shape) for shape in (before, after)]
        if isinstance(layer, Recurrent):
            total += _OUTPUT * (before[0] or 1) * layer.units * _GATES[type(layer)]
        elif isinstance(layer, Conv | DepthwiseConv | Dense):
            total += _OUTPUT * sizes[1]
        else:
            total += _POOLED * sizes[0]
        before = after
    return total


def multiply_adds(architecture: Architecture, input_shape: Sequence[int]) -> int:
    """Of one sample's pass forward, pooling and activations left out."""
    total = 0
    before = tuple(input_shape)
    weights = architecture.layer_weight_shapes(input_shape)
    for layer, after, shapes in zip(
        architecture.layers, architecture.shapes(input_shape), weights, strict=True
    ):
        is_recurrent = isinstance(layer, Recurrent)
        kernels = shapes[:2] if is_recurrent else [shape for shape in shapes if len(shape) > 1]
        # A recurrent layer goes through every step, even if it gives the last one only.
        places = before[:1] if is_recurrent else after[:-1]
        total += sum(map(prod, kernels)) * prod(size or 1 for size in places)
        before = after
    return total


SETTINGS = ("learning_rate", "schedule", "epochs", "batch_size", "truncation", "global_clip_norm")
"""Settings of the training that are chosen."""

_STRUCTURE = ("depth", "conv", "pool", "end", "cell")

_OF_CONV = (
    "filters",
    "multiplier",
    "kernel_height",
    "kernel_width",
    "stride",
    "padding",
    "activation",
    "bias",
)


def _training_genes(usual: Training, shape: Sequence[int]) -> dict[str, Gene]:
    is_sequence = len(shape) == 2
    most = (1, 2, 5, 10) if is_sequence else (0.5, 1, 2, 4)
    genes = {
        "learning_rate": Gene(tuple(sorted({*_RATES, usual.learning_rate})), True),
        "schedule": Gene(("constant", "cosine", "one-cycle")),
        "epochs": Gene(_multiples(usual.epochs, most), True),
        "batch_size": Gene(_multiples(usual.batch_size, (0.25, 0.5, 1, 2)), True),
    }
    if is_sequence:
        shorter = (usual.truncation, shape[0] // 2, shape[0] // 4)
        pieces = {None, *(steps for steps in shorter if steps and steps < shape[0])}
        genes["truncation"] = Gene(tuple(sorted(pieces, key=lambda steps: steps or shape[0])), True)
        genes["global_clip_norm"] = Gene((None, 1.0))
    return genes


def _multiples(usual: int, times: Sequence[float]) -> tuple[int, ...]:
    return tuple(sorted({max(1, round(usual * factor)) for factor in times}))


def _image_genes(shape: Sequence[int]) -> dict[str, Gene]:
    genes = {"depth": Gene((1, 2, 3), True)}
    sizes = tuple(range(1, 8))
    for block in "123":
        genes |= {
            f"{block}.conv": Gene(("conv", "conv", "depthwise", "none")),
            f"{block}.filters": Gene(_COUNTS, True),
            f"{block}.multiplier": Gene((1, 2, 3), True),
            f"{block}.kernel_height": Gene(sizes, True),
            f"{block}.kernel_width": Gene(sizes, True),
            f"{block}.stride": Gene((1, 2, 3, 4), True),
            f"{block}.padding": Gene(("valid", "same")),
            f"{block}.activation": Gene(("relu", "tanh", "leaky_relu", "elu", "linear")),
            f"{block}.bias": Gene((True, False)),
            f"{block}.pool": Gene(("none", "max", "average")),
            f"{block}.pool_size": Gene((2, 3, 4, 5), True),
        }
    return genes | {"end": Gene(("flatten", "global max", "global average"))} | _head_genes()


def _table_genes(shape: Sequence[int]) -> dict[str, Gene]:
    return {
        "depth": Gene((0, 1), True),
        "1.width": Gene(_COUNTS, True),
        "1.width_activation": Gene(("relu", "tanh", "leaky_relu", "elu")),
    } | _head_genes()


def _sequence_genes(shape: Sequence[int]) -> dict[str, Gene]:
    genes = {"depth": Gene((1, 2), True)}
    for layer in "12":
        genes |= {
            f"{layer}.cell": Gene(tuple(_CELLS)),
            f"{layer}.units": Gene(tuple(sorted({*range(1, 9), *_COUNTS, 20, 25})), True),
            f"{layer}.cell_activation": Gene(("tanh", "relu")),
        }
    return genes | _head_genes()


def _head_genes() -> dict[str, Gene]:
    return {
        "hidden": Gene((0, *_COUNTS), True),
        "hidden_activation": Gene(("relu", "tanh", "leaky_relu", "elu")),
        "output_bias": Gene((True, False)),
    }


def _image_layers(genes: Genes, channels: int) -> list[Layer]:
    layers: list[Layer] = []
    for block in range(1, genes["depth"] + 1):
        of = {name.rpartition(".")[2]: value for name, value in genes.items() if name.startswith(f"{block}.")}
        if of["conv"] != "none":
            kernel, strides = (of["kernel_height"], of["kernel_width"]), (of["stride"],) * 2
            padding = of["padding"] if kernel != (1, 1) else "valid"  # the same
            activation, bias = of["activation"], of["bias"]
            if of["conv"] == "depthwise" and channels > 1:
                layers.append(DepthwiseConv(kernel, strides, padding, of["multiplier"], activation, bias))
                channels *= of["multiplier"]
            else:  # of one channel it is the same, and nothing is tried twice
                channels = of["multiplier"] if of["conv"] == "depthwise" else of["filters"]
                layers.append(Conv(channels, kernel, strides, padding, activation, bias))
        if of["pool"] != "none":
            size = (of["pool_size"],) * 2
            layers.append(MaxPool(size) if of["pool"] == "max" else AvgPool(size))
    ends = {"flatten": Flatten, "global max": GlobalMaxPool, "global average": GlobalAvgPool}
    return [*layers, ends[genes["end"]]()]


def _table_layers(genes: Genes) -> list[Layer]:
    return [Dense(genes["1.width"], genes["1.width_activation"])] if genes["depth"] else []


def _sequence_layers(genes: Genes, per_step: bool) -> list[Layer]:
    depth = genes["depth"]
    return [
        _CELLS[genes[f"{layer}.cell"]](
            genes[f"{layer}.units"],
            genes[f"{layer}.cell_activation"],
            return_sequences=per_step or layer < depth,
        )
        for layer in range(1, depth + 1)
    ]


def _drawn(random: np.random.Generator, values: Sequence[Any]) -> Any:
    return values[int(random.integers(len(values)))]
