"""Figures: one function a picture. Each is given results, draws them, and returns a matplotlib Figure.

All are as wide as a page, legible to colour-blind people, and identical for identical input. Importing this
package does not import matplotlib; drawing does.
"""

from netlet.figures.comparison import comparison
from netlet.figures.evidence import ablation, saliency
from netlet.figures.explanation import explanation
from netlet.figures.front import front
from netlet.figures.galleries import error_gallery, image_strip
from netlet.figures.learning_curves import history
from netlet.figures.map_sheets import feature_maps, kernels
from netlet.figures.quality import confusion_matrix, roc, seeds
from netlet.figures.recurrent_evidence import error_by_width, error_sources, memory, node_signals
from netlet.figures.saving import save, to_png_bytes, to_svg_bytes
from netlet.figures.separation import class_means
from netlet.figures.sequences import activity, contributions, gates, prediction, responses, sequences
from netlet.figures.weight_sheets import weights
from netlet.figures.worst import answers, series_gallery

__all__ = [
    "ablation",
    "activity",
    "answers",
    "class_means",
    "comparison",
    "confusion_matrix",
    "contributions",
    "error_by_width",
    "error_gallery",
    "error_sources",
    "explanation",
    "feature_maps",
    "front",
    "gates",
    "history",
    "image_strip",
    "kernels",
    "memory",
    "node_signals",
    "prediction",
    "responses",
    "roc",
    "saliency",
    "save",
    "seeds",
    "sequences",
    "series_gallery",
    "to_png_bytes",
    "to_svg_bytes",
    "weights",
]
