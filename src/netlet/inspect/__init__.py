"""Inside a network: numbers about feature maps, kernels, classes, hidden nodes, mistakes; never a picture."""

from netlet.inspect.classes import ClassMeans, Contrast, LayerClassMeans, Separation, class_means
from netlet.inspect.error_sources import (
    ErrorByWidth,
    ErrorSources,
    Situation,
    error_by_width,
    error_sources,
)
from netlet.inspect.maps import FeatureMaps, Kernels, LayerMaps, feature_maps, kernels
from netlet.inspect.mistakes import Mistakes, mistakes
from netlet.inspect.nodes import Contributions, contributions, silenced_nodes
from netlet.inspect.remembering import Memory, Response, memory, response
from netlet.inspect.saliency_map import Saliency, saliency
from netlet.inspect.selection import Place, activities, convolutions, poolings, recurrent_layers
from netlet.inspect.signals import Node, nodes, signals
from netlet.inspect.silencing import Ablation, Silenced, ablation
from netlet.inspect.windows import Window, receptive_field

__all__ = [
    "Ablation",
    "ClassMeans",
    "Contrast",
    "Contributions",
    "ErrorByWidth",
    "ErrorSources",
    "FeatureMaps",
    "Kernels",
    "LayerClassMeans",
    "LayerMaps",
    "Memory",
    "Mistakes",
    "Node",
    "Place",
    "Response",
    "Saliency",
    "Separation",
    "Silenced",
    "Situation",
    "Window",
    "ablation",
    "activities",
    "class_means",
    "contributions",
    "convolutions",
    "error_by_width",
    "error_sources",
    "feature_maps",
    "kernels",
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
]
