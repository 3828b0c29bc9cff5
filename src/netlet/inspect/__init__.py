"""Inside a network: numbers about feature maps, kernels, classes, hidden nodes, mistakes; never a picture."""

from netlet.inspect.classes import ClassMeans, Contrast, LayerClassMeans, Separation, class_means
from netlet.inspect.error_sources import (
    ErrorByWidth,
    ErrorSources,
    Situation,
    error_by_width,
    error_sources,
)
from netlet.inspect.explanation import MOST_PARAMETERS, Explanation, explain
from netlet.inspect.formula import Formula, formula
from netlet.inspect.maps import FeatureMaps, Kernels, LayerMaps, feature_maps, kernels
from netlet.inspect.mistakes import Mistakes, Worst, mistakes, worst
from netlet.inspect.nodes import Contributions, contributions, silenced_nodes
from netlet.inspect.one_sequence import OneSequence
from netlet.inspect.remembering import Memory, Response, memory, response
from netlet.inspect.saliency_map import Saliency, saliency
from netlet.inspect.selection import Place, activities, convolutions, poolings, recurrent_layers
from netlet.inspect.signals import Node, nodes, signals
from netlet.inspect.silencing import Ablation, Silenced, ablation
from netlet.inspect.weights import LayerWeights, layer_weights
from netlet.inspect.windows import Window, receptive_field

__all__ = [
    "MOST_PARAMETERS",
    "Ablation",
    "ClassMeans",
    "Contrast",
    "Contributions",
    "ErrorByWidth",
    "ErrorSources",
    "Explanation",
    "FeatureMaps",
    "Formula",
    "Kernels",
    "LayerClassMeans",
    "LayerMaps",
    "LayerWeights",
    "Memory",
    "Mistakes",
    "Node",
    "OneSequence",
    "Place",
    "Response",
    "Saliency",
    "Separation",
    "Silenced",
    "Situation",
    "Window",
    "Worst",
    "ablation",
    "activities",
    "class_means",
    "contributions",
    "convolutions",
    "error_by_width",
    "error_sources",
    "explain",
    "feature_maps",
    "formula",
    "kernels",
    "layer_weights",
    "memory",
    "mistakes",
    "nodes",
    "poolings",
    "receptive_field",
    "recurrent_layers",
    "response",
    "saliency",
    "signals",
    "silenced_nodes",
    "worst",
]
