"""ONNX's recurrent operators as netlet's layers: gate orders and biases put right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from netlet.architecture import GRU, LSTM, RNN
from netlet.interop.onnx.graph import Operator
from netlet.interop.onnx.reading import FUNCTIONS, STEPS_FIRST, Reading, text

CELLS: dict[str, tuple[type[Any], tuple[int, ...], list[str]]] = {
    "RNN": (RNN, (0,), ["Tanh"]),
    "GRU": (GRU, (0, 1, 2), ["Sigmoid", "Tanh"]),
    "LSTM": (LSTM, (0, 2, 3, 1), ["Sigmoid", "Tanh", "Tanh"]),
}
"""netlet's cell; where Keras's gates stand among ONNX's; ONNX's activations if none are given."""


def recurrent(operator: Operator, reading: Reading) -> None:
    """A recurrent operator as netlet's layer."""
    cell, order, defaults = CELLS[operator.kind]
    kernel, recurrent, bias = (operator.constant(place) for place in (1, 2, 3))
    is_plain = (
        reading.axes == STEPS_FIRST
        and text(operator.attribute("direction", "forward")) == "forward"
        and not operator.attribute("layout", 0)
        and not operator.attribute("clip")
        and not operator.attribute("input_forget", 0)
        and operator.output in (0, 1)
    )
    started = [operator.constant(place) for place in range(4, len(operator.constants))]
    if not is_plain or kernel is None or recurrent is None or any(_counts(each) for each in started):
        raise operator.found.refusal(
            "is not what netlet has: (steps, batch, channels) forward from zeros, with fixed weights "
            "and its output "
            "at every step or after the last one"
        )
    units = int(recurrent.shape[-1])
    more = _cell_functions(operator, cell, defaults)
    if cell is GRU:
        more["reset_after"] = bool(operator.attribute("linear_before_reset", 0))

    def gates(weights: np.ndarray) -> np.ndarray:
        parts = np.split(weights, len(order), axis=0)
        return np.concatenate([parts[gate] for gate in order], axis=0)

    arrays = [gates(kernel[0]).T, gates(recurrent[0]).T]
    if bias is not None:
        given, inner = (gates(each) for each in np.split(bias[0], 2))
        arrays += [np.stack([given, inner])] if more.get("reset_after") else [given + inner]
    sequences = operator.output == 0
    reading.shape = (reading.shape[0], reading.shape[1])
    layer = cell(units, use_bias=bias is not None, return_sequences=sequences, **more)
    reading.add(operator, layer, *arrays)
    reading.pending = "all" if sequences else "last"
    reading.axes = STEPS_FIRST if sequences else (0, 1)


def _counts(start: np.ndarray | None) -> bool:
    """Whether a state at the start, or a list of lengths, changes anything."""
    return start is not None and bool(np.any(start))


def _cell_functions(operator: Operator, cell: type[Any], defaults: Sequence[str]) -> dict[str, Any]:
    names = [text(each) for each in operator.attribute("activations", defaults)]
    alphas, betas = (
        list(operator.attribute("activation_alpha", [])),
        list(operator.attribute("activation_beta", [])),
    )
    found = []
    for name in names:
        kind = name.capitalize() if name.lower() in ("tanh", "relu", "sigmoid") else name
        alpha = alphas.pop(0) if kind in ("LeakyRelu", "Elu", "Affine") and alphas else None
        beta = betas.pop(0) if kind == "Affine" and betas else None
        if kind == "Affine" and (alpha, beta or 0.0) == (1.0, 0.0):
            found.append("linear")
        elif kind in FUNCTIONS and kind != "Softmax" and _own(kind, alpha):
            found.append(FUNCTIONS[kind])
        else:
            raise operator.found.refusal(f"has the activation {name}, which netlet has not")
    if cell is LSTM and (len(found) != 3 or found[1] != found[2]):
        raise operator.found.refusal(
            "has two activations for cell and hidden state, but netlet's lstm has one"
        )
    if cell is RNN:
        return {"activation": found[0]}
    return {"recurrent_activation": found[0], "activation": found[1]}


def _own(kind: str, alpha: float | None) -> bool:
    if kind == "LeakyRelu":
        return alpha is not None and abs(alpha - 0.2) < 1e-6
    return kind != "Elu" or alpha in (None, 1.0)
