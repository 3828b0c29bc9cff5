"""Inside a network: numbers about feature maps, kernels, classes, mistakes; never a picture."""

from netlet.inspect.classes import ClassMeans, Contrast, LayerClassMeans, Separation, class_means
from netlet.inspect.maps import FeatureMaps, Kernels, LayerMaps, feature_maps, kernels
from netlet.inspect.mistakes import Mistakes, errors
from netlet.inspect.saliency_map import Saliency, saliency
from netlet.inspect.selection import Place, convolutions, poolings
from netlet.inspect.silencing import Ablation, Silenced, ablation
from netlet.inspect.windows import Window, receptive_field

__all__ = [
    "Ablation",
    "ClassMeans",
    "Contrast",
    "FeatureMaps",
    "Kernels",
    "LayerClassMeans",
    "LayerMaps",
    "Mistakes",
    "Place",
    "Saliency",
    "Separation",
    "Silenced",
    "Window",
    "ablation",
    "class_means",
    "convolutions",
    "errors",
    "feature_maps",
    "kernels",
    "poolings",
    "receptive_field",
    "saliency",
]
