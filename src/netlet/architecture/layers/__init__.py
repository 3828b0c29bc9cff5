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
from netlet.architecture.layers.embedding import Embedding
from netlet.architecture.layers.images import (
    AvgPool,
    Conv,
    DepthwiseConv,
    GlobalAvgPool,
    GlobalMaxPool,
    MaxPool,
)
from netlet.architecture.layers.normalisation import BatchNorm, LayerNorm
from netlet.architecture.layers.plain import Activation, Dense, Dropout, Flatten
from netlet.architecture.layers.recurrent import GRU, LSTM, RNN, Bidirectional, Recurrent
from netlet.architecture.layers.sequences import (
    AvgPool1D,
    Conv1D,
    GlobalAvgPool1D,
    GlobalMaxPool1D,
    MaxPool1D,
    StepsLayer,
)

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
    "AvgPool1D",
    "BatchNorm",
    "Bidirectional",
    "Conv",
    "Conv1D",
    "Dense",
    "DepthwiseConv",
    "Dropout",
    "Embedding",
    "Flatten",
    "GlobalAvgPool",
    "GlobalAvgPool1D",
    "GlobalMaxPool",
    "GlobalMaxPool1D",
    "Layer",
    "LayerNorm",
    "MaxPool",
    "MaxPool1D",
    "Recurrent",
    "Shape",
    "Size",
    "StepsLayer",
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
    Conv1D,
    MaxPool1D,
    AvgPool1D,
    GlobalMaxPool1D,
    GlobalAvgPool1D,
    Flatten,
    Dense,
    Dropout,
    Activation,
    BatchNorm,
    LayerNorm,
    Embedding,
    RNN,
    GRU,
    LSTM,
    Bidirectional,
)
"""Every layer there is."""
