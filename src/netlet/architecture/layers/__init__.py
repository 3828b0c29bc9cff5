"""All layers there are, as frozen dataclasses."""

from __future__ import annotations

from netlet.architecture.layers.base import (
    IMAGE,
    SEQUENCE,
    VECTOR,
    Layer,
    Shape,
    Size,
    is_required,
    layer_name,
)
from netlet.architecture.layers.images import (
    AvgPool,
    Conv,
    DepthwiseConv,
    GlobalAvgPool,
    GlobalMaxPool,
    MaxPool,
)
from netlet.architecture.layers.normalisation import BatchNorm
from netlet.architecture.layers.plain import Activation, Dense, Dropout, Flatten
from netlet.architecture.layers.recurrent import GRU, LSTM, RNN, Recurrent

__all__ = [
    "GRU",
    "IMAGE",
    "LAYERS",
    "LSTM",
    "RNN",
    "SEQUENCE",
    "VECTOR",
    "Activation",
    "AvgPool",
    "BatchNorm",
    "Conv",
    "Dense",
    "DepthwiseConv",
    "Dropout",
    "Flatten",
    "GlobalAvgPool",
    "GlobalMaxPool",
    "Layer",
    "MaxPool",
    "Recurrent",
    "Shape",
    "Size",
    "is_required",
    "layer_name",
]

LAYERS: tuple[type[Layer], ...] = (
    Conv,
    DepthwiseConv,
    MaxPool,
    AvgPool,
    GlobalMaxPool,
    GlobalAvgPool,
    Flatten,
    Dense,
    Dropout,
    Activation,
    BatchNorm,
    RNN,
    GRU,
    LSTM,
)
"""Every layer there is."""
