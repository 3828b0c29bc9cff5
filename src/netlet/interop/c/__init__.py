"""The door to C: a network as one header of C99, for microcontrollers and everything else."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from netlet.architecture import Recurrent
from netlet.interop.c.costs import Costs, costs_of
from netlet.interop.c.header import Header, float_header
from netlet.interop.c.integers import int8_header
from netlet.interop.c.quantized import Quantized
from netlet.interop.c.stream_header import stream_header
from netlet.interop.c.streams import QuantizedStream
from netlet.interop.c.text import identifier
from netlet.network import Network
from netlet.saving import write_whole

__all__ = [
    "Costs",
    "Header",
    "Quantized",
    "QuantizedStream",
    "costs_of",
    "quantized_of",
    "to_c",
    "to_c_int8",
    "write_c",
]


def to_c(network: Network, name: str = "model") -> Header:
    """A network as a header of C99 in float, which needs nothing but math.h.

    There is no heap: buffers are static, as small as the largest two neighbouring layers' outputs together,
    and pooling is done while convolving. A recurrent network has a state and a function for one step.

    Parameters
    ----------
    name
        What its functions begin with.

    Raises
    ------
    ArchitectureError
        If a recurrent network flattens its sequences.
    DataError
        If a weight is not finite.
    """
    return float_header(network, identifier(name))


def quantized_of(network: Network, x: np.ndarray) -> Quantized | QuantizedStream:
    """A network in int8 as numpy computes it, with scales fitted on training inputs `x` in netlet's form.

    Raises
    ------
    ArchitectureError, DataError
        As `to_c_int8`.
    """
    return (QuantizedStream if _is_recurrent(network) else Quantized)(network, x)


def _is_recurrent(network: Network) -> bool:
    return any(isinstance(layer, Recurrent) for layer in network.architecture.layers)


def to_c_int8(
    network: Network, x: np.ndarray, name: str = "model"
) -> tuple[Header, Quantized | QuantizedStream]:
    """A network as a header of C99 in int8, and its arithmetic in numpy, which is the same to the bit.

    Recurrent networks have weights of 8 bits, a scale for every unit, and inputs, states and what stands
    between layers in 16; they take a step at a time, as in float.

    Parameters
    ----------
    x
        Training inputs in netlet's form, on which the scales are fitted.
    name
        What its functions begin with.

    Raises
    ------
    ArchitectureError
        If a layer is too large, or one of a recurrent network has an activation that int8 has not.
    DataError
        If there are no inputs, or a weight is not finite.
    """
    write = stream_header if _is_recurrent(network) else int8_header
    return write(network, identifier(name), x)


def write_c(network: Network, path: str | os.PathLike[str], name: str | None = None) -> Header:
    """Write `to_c`'s header; its functions are called after the file, if nothing else is said.

    Raises
    ------
    FileError
        If the file cannot be written.
    """
    header = to_c(network, Path(path).stem if name is None else name)
    write_whole(path, header.text.encode("utf-8"))
    return header
