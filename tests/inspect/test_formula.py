"""A network written down as a formula: whoever reads it with nothing but numpy gets the engine's answers."""

import re

import numpy as np
import pytest

from netlet import Architecture, Network
from netlet.datasets.scaling import Scaling
from netlet.inspect import formula


class Outside(dict):
    """Numbers by their place: 0 where there are none, or nothing at all within a pooling."""

    def __init__(self, pooled):
        super().__init__()
        self.pooled = pooled

    def __missing__(self, place):
        return np.nan if self.pooled[0] else 0.0


def softmax(*scores):
    return np.exp(scores - np.max(scores)) / np.exp(scores - np.max(scores)).sum()


FUNCTIONS = {
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "relu": lambda z: max(z, 0.0),
    "elu": lambda z: z if z > 0 else np.exp(z) - 1,
    "leaky_relu": lambda z: z if z > 0 else 0.2 * z,
    "softmax": softmax,
}
RANGE = re.compile(r"(\w) in 0\.\.(\d+)")


def as_python(text):
    """A right-hand side as Python has it: "for m in 0..1, n in 0..1" are two loops."""
    within = r" for (\w in 0\.\.\d+(?:, \w in 0\.\.\d+)*)"
    loops = re.sub(
        within,
        lambda found: "".join(f" for {n} in range({int(last) + 1})" for n, last in RANGE.findall(found[1])),
        text,
    )
    return re.sub(r"\b(max|mean)\(", r"pooled_\1(", loops)


def read(lines, x):
    """Compute what the lines say of one input; knows nothing of networks."""
    pooled, names = [False], {}

    def of_those_inside(function):
        def of(values):
            pooled[0] = True
            inside = [value for value in values if not np.isnan(value)]
            pooled[0] = False
            return function(inside)

        return of

    def known(name):
        return names.setdefault(name, Outside(pooled))

    channels = x.shape[-1]
    for k in range(channels):
        name = "x" if channels == 1 else f"x{k + 1}"
        if x.ndim == 1:
            names[name] = x[k]
        for place in np.ndindex(*x.shape[:-1]) if x.ndim > 1 else ():
            known(name)[place if x.ndim == 3 else int(place[-1])] = x[(*place, k)]
    functions = FUNCTIONS | {f"pooled_{n}": of_those_inside(f) for n, f in (("max", max), ("mean", np.mean))}
    steps = []

    def compute(line, where):
        left, right = line.split(" = ", 1)
        name, _, place = left.partition("[")
        for mentioned in re.findall(r"([a-z]\w*)\[", right):
            known(mentioned)
        value = eval(as_python(right), {**functions, **names, **where})
        if place:
            known(name)[eval(place[:-1], {}, where)] = value
        else:
            names[name] = value

    def compute_steps():
        for t in range(int(steps[0][1]) + 1) if steps else ():
            for line, _ in steps:
                compute(line, {"t": t})
        steps.clear()

    for line in lines:
        line, _, where = line.partition("  for ")
        ranges = RANGE.findall(where)
        if ranges and ranges[0][0] == "t":
            steps.append((line, ranges[0][1]))
            continue
        compute_steps()
        for place in np.ndindex(*(int(last) + 1 for _, last in ranges)):
            compute(line, dict(zip((n for n, _ in ranges), place, strict=True)))
    compute_steps()
    return names


def made(text, shape, task, outputs, per_step=False, **details):
    architecture = Architecture(text).resolve(shape, task, outputs, per_step)
    random = np.random.default_rng(len(text))
    weights = [random.normal(0, 0.7, size).round(6) for size in architecture.weight_shapes(shape)]
    return Network(architecture, shape, task, weights, **details)


def answered(names, network, steps=None):
    """The formula's answer in the form of `predict`."""
    if network.task != "regression":
        found = names["p"]
    elif "y" in names:
        found = names["y"]
    else:
        found = [names[f"y{k + 1}"] for k in range(sum(name.startswith("y") for name in names))]
    if steps is None:
        return np.atleast_1d(found)
    if isinstance(found, list):
        return np.array([[each[t] for each in found] for t in range(steps)])
    return np.array([np.atleast_1d(found[t]) for t in range(steps)])


IMAGES, SERIES, TABLE = (7, 6, 1), (9, 2), (4,)
NETWORKS = [
    ("conv(1, 3x2, strides=2) - globalmaxpool - dense(3)", IMAGES, "categorical", 3),
    (
        "conv(2, 3x3, padding=same, activation=elu) - maxpool(2) - flatten - dense(1)",
        IMAGES,
        "binary",
        2,
        False,
    ),
    (
        "conv(1, 2x5, use_bias=false) - avgpool(2, strides=1) - flatten - dense(2)",
        IMAGES,
        "regression",
        2,
        False,
    ),
    ("depthwiseconv(2x2, depth_multiplier=2) - globalavgpool - dense(1)", (5, 5, 3), "binary", 2),
    (
        "maxpool(3, strides=2, padding=same) - avgpool(2, padding=same) - flatten - dense(1)",
        IMAGES,
        "binary",
        2,
        False,
    ),
    (
        "conv(1, 4x4, strides=3, padding=same) - activation(tanh) - flatten - dense(1)",
        IMAGES,
        "regression",
        1,
        False,
    ),
    ("conv(3, 3x3) - globalavgpool - activation(softmax)", IMAGES, "categorical", 3),
    ("flatten - dense(2, activation=leaky_relu) - dropout(0.5) - dense(1)", (3, 3, 1), "binary", 2),
    ("rnn(2) - dense(1)", SERIES, "regression", 1, True),
    ("gru(2) - dense(2)", SERIES, "regression", 2, True),
    ("gru(2, reset_after=false) - rnn(1, activation=relu) - dense(1)", SERIES, "binary", 2),
    ("lstm(2) - dense(3)", SERIES, "categorical", 3),
    ("lstm(1, use_bias=false) - gru(1, use_bias=false) - dense(1)", (9, 1), "regression", 1, True),
    ("gru(1) - dense(2)", SERIES, "categorical", 2, True),
    ("dense(2, activation=tanh) - dense(1)", SERIES, "regression", 1, True),
]


@pytest.mark.parametrize("described", [pytest.param(each, id=each[0]) for each in NETWORKS])
def test_reading_the_formula_gives_the_engines_answers(described):
    network, per_step = made(*described), described[-1] is True
    shape = network.input_shape
    x = np.random.default_rng(0).normal(size=(3, *shape)).astype(np.float32)
    lines = formula(network, digits=9).lines
    expected = network.predict(x)
    for one, answer in zip(x, expected, strict=True):
        found = answered(read(lines, one.astype(np.float64)), network, shape[0] if per_step else None)
        np.testing.assert_allclose(found.reshape(np.shape(answer)), answer, rtol=2e-5, atol=2e-6)


def test_scalings_are_part_of_the_formula():
    details = {
        "input_scaling": Scaling((1.5, -2.0), (0.5, 4.0)),
        "target_scaling": Scaling((100.0,), (20.0,)),
    }
    network = made("gru(1) - dense(1)", SERIES, "regression", 1, True, **details)
    x = np.random.default_rng(0).normal(size=(1, *SERIES)).astype(np.float32)
    lines = formula(network, digits=9).lines
    assert lines[0] == "u1[t] = (x1[t] - 1.5)/0.5  for t in 0..8"
    assert lines[1] == "u2[t] = (x2[t] + 2)/4  for t in 0..8"
    assert lines[-1] == "y[t] = 100 + 20*b1[t]  for t in 0..8"
    found = answered(read(lines, x[0].astype(np.float64)), network, 9)
    np.testing.assert_allclose(found, network.predict(x)[0], rtol=1e-5)


def test_a_formula_by_hand():
    architecture = Architecture("conv(1, 1x2, strides=2, use_bias=false) - globalmaxpool - dense(1)")
    architecture = architecture.resolve((4, 4, 1), "binary", 2)
    kernel = np.array([0.5, -1.25]).reshape(1, 2, 1, 1)
    network = Network(architecture, (4, 4, 1), "binary", [kernel, np.array([[-3.0]]), np.array([2.0])])
    assert formula(network).lines == (
        "a1[i, j] = relu(0.5*x[2*i, 2*j] - 1.25*x[2*i, 2*j + 1])  for i in 0..1, j in 0..1",
        "b1 = max(a1[i, j] for i in 0..1, j in 0..1)",
        "c1 = -3*b1 + 2",
        "p = sigmoid(c1)",
    )


def test_weights_are_rounded_to_the_digits_asked_for():
    network = made("flatten - dense(1)", (2, 1, 1), "regression", 1)
    kernel, bias = (weight.ravel().astype(float) for weight in network.weights)
    pattern = r"a1 = -?([\d.]+)\*x\[0, 0\] [+-] ([\d.]+)\*x\[1, 0\] [+-] ([\d.]+)"
    found = re.fullmatch(pattern, formula(network, digits=2).lines[0])
    assert found is not None
    assert [float(each) for each in found.groups()] == [float(f"{abs(v):.2g}") for v in (*kernel, *bias)]
