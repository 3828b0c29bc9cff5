"""Genes and what they spell out: every candidate fits, is counted rightly, and is tried once."""

from collections import Counter, defaultdict
from dataclasses import asdict, replace
from itertools import pairwise
from math import prod

import numpy as np
import pytest

import netlet as nl
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
    MaxPool,
    Recurrent,
)
from netlet.errors import ArchitectureError
from netlet.search import Space
from netlet.search.space import Gene, multiply_adds, work
from netlet.store import described

USUAL = nl.Training(epochs=4, batch_size=8, learning_rate=0.005)


def targets(rng, count, task, *steps):
    if task == "binary":
        return np.arange(count) % 2
    if task == "categorical":
        return np.arange(count) % 3
    return rng.random((count, *steps, 2))


def dataset(shape, task, per_step=False):
    rng = np.random.default_rng(0)
    steps = shape[:1] if per_step else ()
    x = rng.random((12, *shape)).astype(np.float32)
    y = targets(rng, 12, task, *steps)
    return nl.Dataset("any", (x, y), (x, y), task=task)


KINDS = {
    "3x3 binary": ((3, 3, 1), "binary"),
    "1x1 binary": ((1, 1, 2), "binary"),
    "12x5 in colours, categorical": ((12, 5, 3), "categorical"),
    "28x28 regression": ((28, 28, 1), "regression"),
    "56x56 binary": ((56, 56, 1), "binary"),
    "one step": ((1, 1), "regression", True),
    "one step, one target": ((1, 2), "binary"),
    "30 steps": ((30, 2), "regression", True),
    "30 steps, one target": ((30, 1), "categorical"),
    "7 steps, numbers": ((7, 1), "regression"),
}


@pytest.fixture(params=KINDS.values(), ids=list(KINDS))
def data(request):
    return dataset(*request.param)


@pytest.fixture
def rng():
    return np.random.default_rng(1)


def candidates(space, rng, count):
    """Genes drawn at random, with what they spell out."""
    for _ in range(count):
        genes = space.random(rng)
        try:
            yield genes, space.candidate(genes)
        except ArchitectureError:
            continue


def assert_sound(space, genes):
    """Exactly the genes that matter, each with one of its values."""
    assert space.active(genes) == genes
    for name, value in genes.items():
        values = space.genes[name].values
        assert value in values
        assert type(value) in {type(known) for known in values}
    others = {name: gene.values[0] for name, gene in space.genes.items()}
    assert space.active(others | genes) == genes


# --- candidates ---------------------------------------------------------------------------------------------


def test_any_genes_give_a_network_that_fits_or_say_that_none_does(data, rng):
    space = Space(data, USUAL)
    found = list(candidates(space, rng, 300))
    assert len(found) >= 15
    for genes, candidate in found:
        assert_sound(space, genes)
        text = str(candidate.architecture)
        read = Architecture(text).resolve(data.input_shape, data.task, data.outputs, data.per_step)
        assert str(read) == text
        assert candidate.parameters == read.parameters(data.input_shape) >= space.least_parameters
        outputs = candidate.architecture.shapes(data.input_shape)[-1]
        assert outputs == (*(data.input_shape[:1] if data.per_step else ()), data.outputs)


def test_candidates_can_be_trained_and_have_as_many_weights_as_they_say(data, rng):
    space = Space(data, USUAL)
    few = [found for _, found in candidates(space, rng, 400) if found.cost < 5e6][:12]
    assert len(few) == 12
    for candidate in few:
        (run,) = nl.train(candidate.architecture, data, candidate.training, threads=1)
        assert sum(weight.size for weight in run.network.weights) == candidate.parameters


def test_settings_are_the_usual_ones_but_for_the_genes(data, rng):
    usual = replace(USUAL, optimizer="nadam", l2=0.25, beta_1=0.5)
    space = Space(data, usual)
    for genes, candidate in candidates(space, rng, 40):
        settings = asdict(candidate.training)
        known = asdict(usual)
        assert {name: genes[name] for name in genes if name in known} == {
            name: value for name, value in settings.items() if name in genes
        }
        assert all(settings[name] == value for name, value in known.items() if name not in genes)
        for name in ("learning_rate", "schedule", "epochs", "batch_size"):
            assert name in genes


def test_the_usual_settings_can_be_chosen(data):
    space = Space(data, USUAL)
    for name in ("epochs", "batch_size", "learning_rate"):
        assert getattr(USUAL, name) in space.genes[name].values
    for epochs, size in ((1, 1), (1000, 5000)):
        extreme = Space(data, nl.Training(epochs=epochs, batch_size=size, learning_rate=3.0))
        assert 3.0 in extreme.genes["learning_rate"].values
        for name in ("epochs", "batch_size"):
            values = extreme.genes[name].values
            assert min(values) >= 1
            assert all(isinstance(value, int) for value in values)


def test_ordered_genes_rise_and_all_values_differ_where_they_are_ordered(data):
    for gene in Space(data, USUAL).genes.values():
        if gene.is_ordered:
            numbers = [value for value in gene.values if value is not None]
            assert all(one < other for one, other in pairwise(numbers))
            assert len(set(gene.values)) == len(gene.values)


# --- what can be reached ------------------------------------------------------------------------------------


def spread(found):
    """All values that each field of each kind of layer takes, and of settings."""
    values = defaultdict(set)
    for _, candidate in found:
        for layer in candidate.architecture.layers:
            for name, value in vars(layer).items():
                values[type(layer), name].add(value)
        for name, value in asdict(candidate.training).items():
            values[name].add(value)
        kinds = [type(layer) for layer in candidate.architecture.layers]
        values["kinds"] |= set(kinds)
        for kind in kinds:
            values["count", kind].add(kinds.count(kind))
        values["cells"].add(sum(isinstance(layer, Recurrent) for layer in candidate.architecture.layers))
    return values


@pytest.mark.parametrize("channels", [1, 3])
def test_everything_that_images_need_is_reached(rng, channels):
    space = Space(dataset((24, 24, channels), "categorical"), USUAL)
    values = spread(candidates(space, rng, 1500))
    pools = {MaxPool, AvgPool, GlobalMaxPool, GlobalAvgPool}
    assert values["kinds"] == {Conv, DepthwiseConv, Flatten, Dense} | pools
    assert values["count", Conv] >= {1, 2, 3}
    assert values["count", Dense] == {1, 2}
    assert values["count", MaxPool] >= {1, 2}
    assert len(values[Conv, "filters"]) >= 5
    assert values[Conv, "filters"] >= {1, 2}
    assert {(1, 1), (3, 3), (5, 5), (3, 5), (5, 3)} <= values[Conv, "kernel_size"]
    assert {(1, 1), (2, 2), (3, 3)} <= values[Conv, "strides"]
    assert values[Conv, "padding"] == {"valid", "same"}
    assert {"relu", "tanh", "linear"} <= values[Conv, "activation"]
    assert values[Conv, "use_bias"] == values[Dense, "use_bias"] == {True, False}
    assert {(2, 2), (3, 3)} <= values[MaxPool, "pool_size"]
    assert {(2, 2), (3, 3)} <= values[AvgPool, "pool_size"]
    assert {"relu", "tanh", "softmax"} <= values[Dense, "activation"]
    assert len(values[Dense, "units"]) >= 5
    assert len(values[DepthwiseConv, "depth_multiplier"]) >= 2
    assert len(values["learning_rate"]) >= 5
    assert values["schedule"] == {"constant", "cosine", "one-cycle"}
    assert len(values["epochs"]) >= 3
    assert len(values["batch_size"]) >= 3
    assert values["truncation"] == {None}


@pytest.mark.parametrize("per_step", [True, False])
def test_everything_that_sequences_need_is_reached(rng, per_step):
    space = Space(dataset((40, 1), "regression", per_step), USUAL)
    values = spread(candidates(space, rng, 1000))
    assert values["kinds"] == {RNN, GRU, LSTM, Dense}
    assert values["cells"] >= {1, 2}
    assert values["count", Dense] == {1, 2}
    assert values["count", LSTM] >= {1, 2}
    for cell in (RNN, GRU, LSTM):
        assert len(values[cell, "units"]) >= 8
        assert {"tanh", "relu"} <= values[cell, "activation"]
        assert values[cell, "return_sequences"] == ({True} if per_step else {True, False})
    assert len(values["learning_rate"]) >= 5
    assert values["schedule"] == {"constant", "cosine", "one-cycle"}
    assert len(values["epochs"]) >= 3
    assert len(values["batch_size"]) >= 3
    assert None in values["truncation"]
    assert len(values["truncation"]) >= 2
    assert max(steps for steps in values["truncation"] if steps) <= 40
    assert None in values["global_clip_norm"]


def test_even_the_smallest_network_is_reached(rng):
    """That of one weight for every output."""
    space = Space(dataset((6, 6, 1), "binary"), USUAL)
    assert min(candidate.parameters for _, candidate in candidates(space, rng, 2000)) == 1
    assert space.least_parameters == 1
    assert Space(dataset((6, 6, 1), "categorical"), USUAL).least_parameters == 3


# --- offspring ----------------------------------------------------------------------------------------------


def test_offspring_hold_exactly_the_genes_that_matter(data, rng):
    space = Space(data, USUAL)
    for _ in range(120):
        one, other = space.random(rng), space.random(rng)
        before = dict(one), dict(other)
        assert_sound(space, space.mutated(rng, one))
        assert_sound(space, space.crossed(rng, one, other))
        assert (one, other) == before


def test_generations_of_offspring_stay_sound(data, rng):
    space = Space(data, USUAL)
    alive = [space.random(rng) for _ in range(10)]
    for _ in range(300):
        one, other = rng.integers(len(alive), size=2)
        child = space.mutated(rng, space.crossed(rng, alive[one], alive[other]))
        assert_sound(space, child)
        alive[one] = child


def test_a_mutation_of_an_ordered_gene_is_mostly_a_step_to_a_neighbour(data, rng):
    space = Space(data, USUAL)
    steps = Counter()
    for _ in range(600):
        parent = space.random(rng)
        child = space.mutated(rng, parent)
        for name in parent.keys() & child.keys():
            gene = space.genes[name]
            if gene.is_ordered and len(gene.values) > 3 and parent[name] != child[name]:
                steps[abs(gene.values.index(parent[name]) - gene.values.index(child[name]))] += 1
    assert steps.total() > 60
    assert 0.5 < steps[1] / steps.total() < 0.98
    assert len(steps) > 2


def test_the_neighbour_of_the_smallest_is_not_the_largest(data, rng):
    space = Space(data, USUAL)
    name = "hidden"
    values = space.genes[name].values
    parents = [genes | {name: 0} for genes in (space.random(rng) for _ in range(800))]
    children = [space.mutated(rng, space.active(parent))[name] for parent in parents]
    moved = [values.index(value) for value in children if value != 0]
    assert len(moved) > 10
    assert moved.count(1) > 2 * moved.count(len(values) - 1)


def test_a_mutation_changes_a_few_genes_and_every_gene_is_changed(data, rng):
    space = Space(data, USUAL)
    changed = []
    for _ in range(600):
        parent = space.random(rng)
        child = space.mutated(rng, parent)
        changed.append([name for name in parent.keys() & child.keys() if parent[name] != child[name]])
    assert np.median([len(names) for names in changed]) <= 2
    assert max(map(len, changed)) >= 3
    several = {name for name, gene in space.genes.items() if len(set(gene.values)) > 1}
    assert {name for names in changed for name in names} == several


def test_a_crossing_takes_every_gene_from_a_parent_and_blocks_as_a_whole(data, rng):
    space = Space(data, USUAL)
    mixed = 0
    for _ in range(250):
        one, other = space.random(rng), space.random(rng)
        child = space.crossed(rng, one, other)
        for name in child.keys() & one.keys() & other.keys():
            assert child[name] in (one[name], other[name])
        for block in "123":
            of = [
                {name: value for name, value in genes.items() if name.startswith(f"{block}.")}
                for genes in (child, one, other)
            ]
            if of[1].keys() == of[2].keys() and of[0]:
                assert of[0] in of[1:]
        mixed += child not in (one, other)
    assert mixed > 125


def test_a_crossing_of_a_parent_with_itself_is_that_parent(data, rng):
    space = Space(data, USUAL)
    for _ in range(50):
        parent = space.random(rng)
        assert space.crossed(rng, parent, parent) == parent


def test_choices_come_from_the_generator_alone(data):
    def chain(seed):
        rng = np.random.default_rng(seed)
        space = Space(data, USUAL)
        genes = [space.random(rng), space.random(rng)]
        return [*genes, space.mutated(rng, genes[0]), space.crossed(rng, *genes)]

    assert chain(1) == chain(1)
    assert chain(1) != chain(2)


# --- smaller spaces -----------------------------------------------------------------------------------------

ONE = {
    "depth": [1],
    "1.conv": ["conv"],
    "1.filters": [3],
    "1.kernel_height": [2],
    "1.kernel_width": [3],
    "1.stride": [2],
    "1.padding": ["valid"],
    "1.activation": ["tanh"],
    "1.bias": [False],
    "1.pool": ["max"],
    "1.pool_size": [2],
    "end": ["flatten"],
    "hidden": [4],
    "hidden_activation": ["elu"],
    "output_bias": [True],
    "learning_rate": [0.5],
    "schedule": ["cosine"],
    "epochs": [7],
    "batch_size": [5],
}
"""A space of one candidate."""


def test_genes_can_be_held_fast(rng):
    data = dataset((10, 10, 1), "binary")
    space = Space(data, USUAL, only=ONE)
    found = [candidate for _, candidate in candidates(space, rng, 5)]
    assert len(found) == 5
    assert len({candidate.key for candidate in found}) == 1
    assert str(found[0].architecture) == (
        "conv(3, 2x3, strides=2, activation=tanh, use_bias=false) - maxpool(2) - flatten - "
        "dense(4, activation=elu) - dense(1, activation=sigmoid)"
    )
    assert found[0].training == nl.Training(epochs=7, batch_size=5, learning_rate=0.5, schedule="cosine")
    parent = space.random(rng)
    assert space.mutated(rng, parent) == parent


def test_some_genes_can_be_held_to_some_values(rng):
    data = dataset((10, 10, 1), "binary")
    for source in ({"1.filters": [2, 7]}, {"1.filters": (2, 7)}, {"1.filters": range(2, 8, 5)}):
        space = Space(data, USUAL, only=source)
        genes = [space.random(rng) for _ in range(60)]
        genes += [space.mutated(rng, parent) for parent in genes]
        assert {found["1.filters"] for found in genes if "1.filters" in found} == {2, 7}
        assert len({found["end"] for found in genes}) == 3
    assert Space(data, USUAL).genes["1.filters"] != space.genes["1.filters"]


@pytest.mark.parametrize("shape", [(10, 10, 1), (10, 1)])
@pytest.mark.parametrize("name", ["colour", "4.filters", "filters", "optimizer", ""])
def test_a_gene_that_is_not_there_is_told(shape, name):
    with pytest.raises(ArchitectureError, match=f"there is no gene {name!r}: choose from depth, ") as error:
        Space(dataset(shape, "binary"), USUAL, only={name: [1]})
    assert "\n" not in str(error.value)


def test_images_and_sequences_have_genes_of_their_own():
    images, sequences = (Space(dataset(shape, "binary"), USUAL).genes for shape in ((9, 9, 1), (9, 1)))
    assert all(isinstance(gene, Gene) for gene in (images | sequences).values())
    assert {"1.filters", "end"} <= images.keys() - sequences.keys()
    assert {"1.cell", "truncation"} <= sequences.keys() - images.keys()


# --- nothing twice ------------------------------------------------------------------------------------------


def test_a_depthwise_convolution_of_one_channel_is_a_convolution():
    genes = {**{name: values[0] for name, values in ONE.items()}}
    depthwise = {name: value for name, value in genes.items() if name != "1.filters"}
    depthwise |= {"1.conv": "depthwise", "1.multiplier": 3}
    grey, coloured = (Space(dataset((10, 10, channels), "binary"), USUAL) for channels in (1, 3))
    assert grey.candidate(genes).key == grey.candidate(depthwise).key
    assert coloured.candidate(genes).key != coloured.candidate(depthwise).key
    assert coloured.candidate(depthwise).parameters == 2 * 3 * 3 * 3 + 9 * 2 * 2 * 4 + 4 + 4 + 1


def test_no_depthwise_convolution_of_one_channel_is_ever_made(rng):
    shape = (20, 20, 1)
    seen = 0
    for _, candidate in candidates(Space(dataset(shape, "binary"), USUAL), rng, 800):
        architecture, channels = candidate.architecture, 1
        for layer, out in zip(architecture.layers, architecture.shapes(shape), strict=True):
            assert not (isinstance(layer, DepthwiseConv) and channels == 1)
            seen += isinstance(layer, DepthwiseConv)
            channels = out[-1]
    assert seen > 20


def test_genes_that_do_not_matter_do_not_make_another_candidate(data, rng):
    space = Space(data, USUAL)
    for genes, candidate in candidates(space, rng, 60):
        noise = {name: gene.values[int(rng.integers(len(gene.values)))] for name, gene in space.genes.items()}
        again = space.active(noise | genes)
        assert again == genes
        assert space.candidate(again).key == candidate.key


def test_candidates_are_equal_if_and_only_if_the_store_takes_them_for_the_same(data, rng):
    some = {"learning_rate": [0.001, 0.1], "epochs": [2], "batch_size": [8], "schedule": ["constant"]}
    some |= {"hidden": [0, 1], "output_bias": [True]}
    if len(data.input_shape) == 3:
        some |= {"depth": [1], "1.filters": [1, 2], "1.multiplier": [1, 2], "1.bias": [True]}
        some |= {"1.kernel_height": [1], "1.kernel_width": [1], "1.stride": [1], "1.activation": ["relu"]}
        some |= {"1.padding": ["same"], "1.pool": ["none"], "hidden": [0]}
    else:
        some |= {"depth": [1], "1.units": [1, 2], "truncation": [None]}
    by_key = defaultdict(set)
    fingerprints = set()
    drawn = 0
    for _, candidate in candidates(Space(data, USUAL, only=some), rng, 300):
        row = described(candidate.architecture, data, candidate.training)
        by_key[candidate.key].add(row["fingerprint"])
        fingerprints.add(row["fingerprint"])
        drawn += 1
    assert 1 < len(by_key) == len(fingerprints) < drawn
    assert all(len(same) == 1 for same in by_key.values())


# --- what it costs ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shape", "expected"),
    [
        # 4 x 4 places of 3 x 3 weights for each of 2 filters; 32 numbers to 1
        ("conv(2, 3x3) - flatten - dense(1)", (6, 6, 1), 16 * 9 * 2 + 32),
        ("conv(2, 3x3, use_bias=false) - flatten - dense(1)", (6, 6, 1), 16 * 9 * 2 + 32),
        # 'same' counts the padding; strides of 4 leave 2 x 3 places
        ("conv(5, 3x2, strides=4, padding=same) - flatten - dense(3)", (7, 9, 2), 6 * 12 * 5 + 30 * 3),
        # each of 3 channels has 2 filters of its own, at 3 x 3 places
        ("depthwise(3x3, depth_multiplier=2) - flatten - dense(1)", (5, 5, 3), 9 * 9 * 3 * 2 + 54),
        # pooling multiplies nothing, but leaves less
        ("conv(2, 3x3) - maxpool(2) - flatten - dense(1)", (6, 6, 1), 16 * 9 * 2 + 8),
        ("avgpool(3) - conv(1, 2x2) - globalmaxpool - dense(2)", (6, 6, 3), 12 + 2),
        ("flatten - dense(1)", (6, 6, 1), 36),
        ("globalavgpool - dense(4) - dense(1)", (6, 6, 2), 8 + 4),
        # every step: inputs and the state of before; a gate each
        ("rnn(2, return_sequences=true) - dense(1)", (5, 1), 5 * (2 + 4) + 5 * 2),
        ("lstm(2, return_sequences=true) - dense(3)", (5, 3), 5 * 4 * (6 + 4) + 5 * 6),
    ],
)
def test_multiply_adds_are_those_counted_by_hand(text, shape, expected):
    assert multiply_adds(Architecture(text), shape) == expected


@pytest.mark.parametrize(
    ("text", "shape", "expected"),
    [
        ("gru(2, return_sequences=true) - dense(1)", (5, 1), 5 * 3 * (2 + 4) + 5 * 2),
        # all steps are walked over, though only the last is given
        ("rnn(2) - dense(1)", (5, 1), 5 * (2 + 4) + 2),
        ("lstm(2) - dense(1)", (5, 1), 5 * 4 * (2 + 4) + 2),
        ("gru(2) - dense(1)", (5, 1), 5 * 3 * (2 + 4) + 2),
        ("rnn(3) - rnn(2) - dense(1)", (5, 1), 5 * (3 + 9) + 5 * (6 + 4) + 2),
    ],
)
def test_multiply_adds_of_recurrent_layers_are_those_of_all_steps_and_no_biases(text, shape, expected):
    assert multiply_adds(Architecture(text), shape) == expected


def test_the_cost_is_of_all_samples_and_epochs(data, rng):
    space = Space(data, USUAL)
    for _, candidate in candidates(space, rng, 40):
        of_a_sample = work(candidate.architecture, data.input_shape)
        assert of_a_sample > multiply_adds(candidate.architecture, data.input_shape)
        assert candidate.cost == of_a_sample * candidate.training.epochs * 12
    assert space.cost_of_one_use == prod(data.input_shape) * 12 * USUAL.epochs


# --- truncation ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [1, 2, 5, 20])
@pytest.mark.parametrize("truncation", [None, 5, 50])
def test_pieces_are_shorter_than_the_sequences(steps, truncation):
    """Longer ones cannot be trained, and a piece as long as all is what None says."""
    space = Space(dataset((steps, 1), "binary"), replace(USUAL, truncation=truncation))
    values = space.genes["truncation"].values
    assert None in values
    assert all(value is None or 0 < value < steps for value in values)
