"""What Python says about architectures and metrics, case by case: the page's tests hold it to every one.

Run as a program it writes the contract into the file named.
"""

import json
import random
import sys
from pathlib import Path

import numpy as np

from netlet import metrics
from netlet.architecture import ACTIVATIONS, INITIALIZERS, LAYERS, Architecture, Bidirectional, Embedding
from netlet.datasets.scaling import Scaling
from netlet.errors import ArchitectureError
from netlet.inspect.formula import formula
from netlet.network import Network

VALID, BROKEN, METRICS = 1500, 1500, 400

PURPOSES = (
    ((28, 28, 1), "binary", 1, False, "mnist56"),
    ((64, 64, 1), "categorical", 3, False, "crt"),
    ((9, 12, 3), "categorical", 4, False, "small"),
    ((100, 1), "regression", 1, True, "pulses"),
    ((40, 2), "categorical", 5, False, "sentences"),
    ((None, 3), "binary", 1, False, "open"),
    ((7,), "regression", 2, False, "table"),
)
"""Input shape, task, outputs, whether there is a target at every step, name."""

BY_HAND = (
    "",
    "   ",
    "-",
    "conv",
    "conv(",
    "conv()",
    "conv(3",
    "conv(3))",
    "conv(3)]",
    "conv(3,)",
    "conv(,3)",
    "conv(3 4)",
    "conv(3.0)",
    "conv(-3)",
    "conv(0)",
    "conv(+3)",
    "conv(1000000000)",
    "conv(1000000001)",
    "conv(1e3)",
    "conv(99999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999)",
    "conv(true)",
    "conv('3')",
    'conv("3x3")',
    "conv((3, 3))",
    "conv(3, (3,))",
    "conv(3, [3, 3])",
    "conv(3, (3, 3, 3))",
    "conv(3, 3x)",
    "conv(3, x3)",
    "conv(3, 3 x 5)",
    "conv(3, 3×5)",
    "conv(3, 3x3, 2)",
    "conv(3, 3, 2, same)",
    "conv(3, 3, 2, same, relu)",
    "conv(3, padding=sane)",
    "conv(3, pading=same)",
    "conv(3, filters=3)",
    "conv(filters=3, 3x3)",
    "Conv(3)",
    "CONV(3)",
    "Conv2D(3)",
    "Conv2D(3, 3)",
    "conv2d(3)",
    "Conv2d(3)",
    "conv_2d(3)",
    "conv(3, activation=none)",
    "Conv2D(3, activation=None)",
    "conv(3, activation=Relu)",
    "conv(3, activation=relu6)",
    "conv(3, activation=leaky-relu)",
    "conv(3, use_bias=1)",
    "conv(3, use_bias=False)",
    "conv(3, kernel_initializer=he)",
    "conv(3, kernel_initializer=he_normal)",
    "relu",
    "tanh",
    "batchnorm",
    "BatchNormalization",
    "layernorm",
    "LayerNormalization(epsilon=1e-6) - activation(relu)",
    "dense(3) - layernorm - activation(tanh)",
    "Conv1D(3, 3)",
    "conv1d(3) - flatten",
    "conv1d(3, 2x2)",
    "conv1d(3, (2,), padding=CAUSAL) - globalavgpool1d",
    "conv1d(3, 5, 2, same)",
    "conv1d(3, 400)",
    "maxpool1d(2) - gru(3) - conv1d(2)",
    "maxpool1d(2, 2, causal)",
    "gru(3) - conv1d(2, 2, padding=same)",
    "AveragePooling1D() - GlobalMaxPool1D() - conv1d(2)",
    "Input(shape=(28, 28, 1))",
    "conv(3, input_shape=3)",
    "lstm(3, stateful=true)",
    "flaten",
    "densee(3)",
    "dens",
    "maxpol(2)",
    "max_pool(2)",
    "MaxPool2D(2)",
    "MaxPooling2D(2, 2)",
    "maxpool(2, 2)",
    "maxpool(2, 3)",
    "maxpool(pool_size=3, strides=none)",
    "Flatten - Dense(1)",
    "Flatten() - Dense(4) - Dense(1)",
    "3x(3x3 kernel)",
    "3x(3x3 kernel) - Dense(3)",
    "3X(3 kernels) - Flatten - Dense(2) - GRU(2)",
    "3x(3x3)",
    "3x",
    "3x3",
    "12 x ( 3 × 5 kernel )",
    "TimeDistributed(Dense(1))",
    "TimeDistributed",
    "TimeDistributed(LSTM(1))",
    "TimeDistributed(Dense(1)",
    "gru(3) – dense(1)",
    "gru(3) — dense(1)",
    "gru(3) − dense(1)",
    "gru(3), dense(1)",
    "gru(3) dense(1)",
    "(gru(3)) - (dense(1))",
    "(gru(3) - dense(1))",
    "((gru(3)))",
    "gru(3, tanh, sigmoid, true)",
    "gru(3, relu, activation=tanh)",
    "gru(3, reset_after=no)",
    "lstm(3, unit_forget_bias=false)",
    "rnn(3, recurrent_activation=relu)",
    "lstm(4, recurrent_activation=softmax) - dense(1)",
    "dropout",
    "dropout(1)",
    "dropout(1.0)",
    "dropout(0)",
    "dropout(.5)",
    "dropout(5e-1)",
    "dropout(1e-7)",
    "dropout(-0.0)",
    "dropout(0.99999999)",
    "dropout(half)",
    "activation",
    "activation(softmax)",
    "activation(none)",
    "Activation(None)",
    "conv(3) - flatten - dense(1, softmax)",
    "flatten - dense(1, relu)",
    "flatten - dense(3, softmax)",
    "flatten - dense(3) - activation(softmax)",
    "conv(3) - globalmaxpool",
    "globalavgpool",
    "globalavgpool(2)",
    "globalavgpool(pool=2)",
    "depthwise(3)",
    "depthwiseconv(3, depth_multiplier=2)",
    "DepthwiseConv2D(3, depthwise_initializer=zeros)",
    "depthwise(3, kernel_initializer=zeros)",
    "flatten - flatten",
    "flatten - conv(3)",
    "dense(3)",
    "gru(3, return_sequences=false) - gru(2)",
    "gru(3) - flatten - dense(1)",
    "dense(100000) - dense(100000)",
    "flatten - dense(1000000000)",
    "conv(1000000, 1) - flatten",
    "conv(3, 29) - flatten - dense(1)",
    "conv(3, 29, padding=same)",
    "maxpool(30)",
    "É(3)",
    "конв(3)",
    "ſ(3)",
    "con\u200bv(3)",
    "conv(3)\u3000-\u3000flatten",
    "conv(3)\n-\tflatten",
    "conv(3) 😀",
    "😀😀😀 conv(3)",
    "conv(😀)",
    "conv('😀')",
    "conv('it\\'s')",
    'conv("it\'s")',
    "conv('\x07')",
    "conv(3, activation='\x85\u2028')",
    "conv(" + "3, " * 60 + ")",
    "flatten - " * 101 + "dense(1)",
    "conv(3)" + " - dropout(0.1)" * 30 + " - wrong - flatten - dense(1)",
    "a" * 100,
    "conv(3, padding=" + "s" * 90 + ")",
    "conv(3, use_bias=ture)",
    "__proto__",
    "constructor(3)",
    "conv(3, constructor=3)",
    "conv(__proto__=1)",
    "toString",
)


ABSENT = (Bidirectional, Embedding)
"""Layers that the page refuses by name: see web/pack.py."""


def words(rng: random.Random) -> str:
    """A layer of any kind as somebody might write it."""
    layer = rng.choice([layer for layer in LAYERS if layer not in ABSENT])
    names = [layer.name, layer.name.upper(), layer.keras_name, layer.keras_name]
    args = []
    size = rng.choice(["3", "2x3", "(2, 2)", "3 x 3", "[1, 2]"])
    values = {
        "filters": str(rng.randint(1, 6)),
        "units": str(rng.randint(1, 6)),
        "kernel_size": size,
        "pool_size": size,
        "strides": rng.choice(["1", "2", "2x1"]),
        "padding": rng.choice(["same", "valid", "'same'", "SAME"]),
        "activation": rng.choice(ACTIVATIONS),
        "function": rng.choice(ACTIVATIONS),
        "rate": rng.choice(["0.5", "0", ".25"]),
        "recurrent_activation": rng.choice(ACTIVATIONS[1:6]),
        "use_bias": rng.choice(["true", "False"]),
        "depth_multiplier": "2",
        "kernel_initializer": rng.choice(INITIALIZERS),
        "recurrent_initializer": rng.choice(INITIALIZERS),
        "return_sequences": rng.choice(["true", "false", "none"]),
        "reset_after": "false",
        "unit_forget_bias": "false",
        "momentum": rng.choice(["0.9", "0", ".5"]),
        "epsilon": rng.choice(["0.01", "1e-5", "0"]),
        "center": "false",
        "scale": rng.choice(["true", "false"]),
    }
    for name in layer.positional[: rng.choice([0, 1, 1, 2, 3])]:
        args.append(values[name])
    left = [name for name in layer.__dataclass_fields__ if name not in layer.positional[: len(args)]]
    for name in rng.sample(left, min(len(left), rng.choice([0, 0, 1, 2]))):
        keras = layer.keras_arguments.get(name, name)
        args.append(f"{rng.choice([name, keras, name.upper()])}={values.get(name, '1')}")
    return f"{rng.choice(names)}({', '.join(args)})" if args or rng.random() < 0.5 else rng.choice(names)


def whole(rng: random.Random, input_rank: int, outputs: int) -> str:
    """A text whose layers stand in an order that often fits."""
    if input_rank == 3:
        body = rng.choices(
            [
                "conv(3)",
                "conv(2, 3x3, padding=same)",
                "maxpool(2)",
                "avgpool(2x1)",
                "dropout(0.25)",
                "Conv2D(4, 3)",
                "depthwise(3)",
                "conv(2, 2x3, 2, activation=tanh)",
                "activation(relu)",
                "MaxPooling2D(3, 1)",
                "conv(3, 1, use_bias=false)",
            ],
            k=rng.randint(0, 4),
        )
        body += [rng.choice(["flatten", "Flatten()", "globalmaxpool", "globalavgpool"])]
    elif input_rank == 2:
        body = rng.choices(
            [
                "rnn(3)",
                "gru(4)",
                "lstm(2)",
                "GRU(3, return_sequences=True)",
                "LSTM(3)",
                "dropout(0.1)",
                "dense(2, tanh)",
                "conv1d(3, 2, padding=same)",
                "Conv1D(2, 3, 2, activation='relu')",
                "maxpool1d",
                "avgpool1d(2, 1, same)",
                "globalmaxpool1d",
                "gru(5, relu, reset_after=false)",
                "lstm(2, use_bias=false)",
            ],
            k=rng.randint(1, 3),
        )
    else:
        body = []
    body += rng.choices(["dense(5)", "Dense(4)", "dense(3, tanh)", "dropout(0.5)"], k=rng.randint(0, 2))
    body += [
        rng.choice(
            [
                f"dense({outputs})",
                f"Dense({outputs})",
                f"dense({outputs}, linear)",
                "dense(1)",
                "activation(relu)",
            ]
        )
    ]
    return rng.choice([" - ", "-", " – "]).join(body)


def broken(rng: random.Random, text: str) -> str:
    """The text with a few characters changed, lost, doubled or put in."""
    characters = list(text)
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        place = rng.randrange(len(characters)) if characters else 0
        match rng.randrange(4):
            case 0:
                characters[place : place + 1] = []
            case 1:
                characters[place : place + 1] = rng.choice("abcdeflmnoprstuxwz0159()-,=._ '\"[]×é😀")
            case 2:
                characters[place:place] = rng.choice("()-,=x 13")
            case _:
                characters[place : place + 1] *= 2
    return "".join(characters)


def answer(text: str, purpose: tuple) -> dict:
    """Everything that netlet says about a text."""
    shape, task, outputs, per_step, name = purpose
    case: dict = {
        "text": text,
        "purpose": dict(zip(("inputShape", "task", "outputs", "perStep", "name"), purpose, strict=True)),
    }
    try:
        read = Architecture(text)
    except ArchitectureError as error:
        return case | {"readError": str(error)}
    case["canonical"] = str(read)
    try:
        case |= {
            "parameters": read.parameters(shape),
            "shapes": read.shapes(shape),
            "keras": read.keras_code(shape),
        }
        case["summary"] = read.summary(shape)
    except ArchitectureError as error:
        case["shapesError"] = str(error)
    try:
        case["resolved"] = str(read.resolve(shape, task, outputs, per_step, name))
    except ArchitectureError as error:
        case["resolveError"] = str(error)
    return case


def metric_case(rng: np.random.Generator, task: str) -> dict:
    """Targets, predictions and what the metrics make of them."""
    n = int(rng.integers(1, 30))
    if task == "binary":
        y = rng.integers(0, 2, n)
        prediction = rng.choice([0.0, 0.5, 1.0, 1e-30, *rng.random(5)], n)
    elif task == "categorical":
        y = np.eye(3)[rng.integers(0, 3, n)]
        prediction = rng.dirichlet(np.ones(3), n)
        if rng.random() < 0.2:
            prediction[0] = (0, 0, 1)
    else:
        y = rng.normal(size=(n, 4, 1)) if rng.random() < 0.8 else np.ones((n, 4, 1))
        prediction = y + 0.1 * rng.normal(size=y.shape)
    prediction = prediction.astype(np.float32)
    if rng.random() < 0.05:
        prediction.flat[0] = np.nan
    found = metrics.evaluate(task, y.astype(np.float32), prediction)
    used = {name: found[name] for name in metrics.METRICS[task]}
    return {
        "task": task,
        "y": y.astype(np.float32).ravel().tolist(),
        "prediction": [None if np.isnan(p) else float(p) for p in prediction.ravel()],
        "outputs": y.shape[-1] if y.ndim > 1 else 1,
        "metrics": {k: "nan" if v is not None and np.isnan(v) else v for k, v in used.items()},
    }


def spread_case(rng: np.random.Generator) -> dict:
    """Values of many seeds, and their distribution."""
    values = [float(v) for v in rng.random(int(rng.integers(1, 12)))]
    given: list = [v if rng.random() < 0.9 else (None, "nan")[int(rng.integers(2))] for v in values]
    higher = bool(rng.integers(2))
    found = metrics.summarise([float("nan") if v == "nan" else v for v in given], higher)
    told = {k: ("inf" if v == float("inf") else v) for k, v in vars(found).items()}
    return {"values": given, "higherIsBetter": higher, "distribution": told}


FORMULAS = (
    ("conv(2, 4x3, strides=2, padding=same, activation=elu) - avgpool(4x3) - flatten - dense(1)", 0),
    (
        "depthwise(3x2, depth_multiplier=2) - maxpool(2) - conv(2, 2x2) - globalmaxpool - dense(4)",
        2,
    ),
    ("conv(1, 3x3, use_bias=false) - batchnorm(scale=false) - globalavgpool - dense(4)", 2),
    (
        "conv(1, 5x5, strides=4) - flatten - dropout(0.5) - dense(2, tanh) - activation(softplus) - dense(4)",
        2,
    ),
    ("rnn(3, relu) - dense(1)", 3),
    ("gru(2) - rnn(1) - dense(1)", 3),
    ("gru(2, reset_after=false, use_bias=false) - dense(1)", 3),
    ("lstm(2, recurrent_activation=tanh) - dense(2) - dense(1)", 3),
    ("lstm(2) - dense(5)", 4),
    ("gru(1) - flatten - dense(5)", 4),
    ("dense(3, tanh) - batchnorm - dense(2)", 6),
    ("dense(2)", 6),
    ("dense(2, relu) - dense(2)", 6),  # the last is scaled
)
"""Architectures and the place of what they are for among the purposes."""


def formulas(rng: np.random.Generator) -> list[dict]:
    """Networks of random weights, and the formulas they amount to."""
    cases = []
    for text, place in FORMULAS:
        given, task, outputs, per_step, name = PURPOSES[place]
        shape = tuple(int(size or 1) for size in given)
        architecture = Architecture(text).resolve(shape, task, outputs, per_step, name)
        flat = rng.normal(size=architecture.parameters(shape)).astype(np.float32)
        flat *= (10.0 ** rng.integers(-6, 4, flat.size)).astype(np.float32)
        flat[::7] = 0
        scalings = {}
        if text == FORMULAS[-1][0]:
            scalings["input_scaling"] = Scaling.standard(rng.normal(3, 20, size=(9, *shape)))
            scalings["target_scaling"] = Scaling.min_max(rng.normal(size=(9, outputs)))
        weights = np.abs(flat) if "batchnorm" in text else flat
        network = Network.from_flat(architecture, shape, task, weights, **scalings)
        cases.append(
            {
                "text": text,
                "purpose": dict(
                    zip(("inputShape", "task", "outputs", "perStep", "name"), PURPOSES[place], strict=True)
                )
                | {
                    {"input_scaling": "inputScaling", "target_scaling": "targetScaling"}[key]: each.as_dict()
                    for key, each in scalings.items()
                },
                "weights": np.concatenate([weight.ravel() for weight in network.weights]).tolist(),
                "lines": formula(network).lines,
            }
        )
    return cases


def contract() -> dict:
    """All cases; the same at every call."""
    rng, numbers = random.Random(0), np.random.default_rng(0)
    cases = [answer(text, purpose) for text in BY_HAND for purpose in PURPOSES[:4]]
    for _ in range(VALID):
        purpose = rng.choice(PURPOSES)
        text = (
            whole(rng, len(purpose[0]), purpose[2])
            if rng.random() < 0.8
            else " - ".join(words(rng) for _ in range(rng.randint(1, 3)))
        )
        cases.append(answer(text, purpose))
    for _ in range(BROKEN):
        purpose = rng.choice(PURPOSES)
        text = (
            whole(rng, len(purpose[0]), purpose[2])
            if rng.random() < 0.6
            else " - ".join(words(rng) for _ in range(2))
        )
        cases.append(answer(broken(rng, text), purpose))
    return {
        "architectures": cases,
        "metrics": [metric_case(numbers, task) for task in metrics.METRICS for _ in range(METRICS // 3)],
        "formulas": formulas(numbers),
        "spreads": [spread_case(numbers) for _ in range(METRICS)],
    }


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(contract(), ensure_ascii=False), encoding="utf-8")
