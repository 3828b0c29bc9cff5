"""Figures: one function a picture. Each is given results, draws them, and returns a matplotlib Figure.

All are as wide as a page, legible to colour-blind people, and identical for identical input. Importing this
package does not import matplotlib; drawing does.
"""

from netlet.figures.evidence import ablation, saliency
from netlet.figures.galleries import error_gallery, image_strip
from netlet.figures.learning_curves import history
from netlet.figures.map_sheets import feature_maps, kernels
from netlet.figures.quality import confusion_matrix, roc, seeds
from netlet.figures.saving import save, to_png_bytes, to_svg_bytes
from netlet.figures.separation import class_means

__all__ = [
    "ablation",
    "class_means",
    "confusion_matrix",
    "error_gallery",
    "feature_maps",
    "history",
    "image_strip",
    "kernels",
    "roc",
    "saliency",
    "save",
    "seeds",
    "to_png_bytes",
    "to_svg_bytes",
]
