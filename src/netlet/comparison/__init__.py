"""Is one network better than another: many networks from the same seeds, and how sure the differences are."""

from netlet.comparison.intervals import CONFIDENCE, Difference, difference, wilson
from netlet.comparison.networks import SEEDS, TUNING_SEEDS, Comparison, Contender, Rate, compare, pairs
from netlet.comparison.sizes import CELLS, equal_sizes

__all__ = [
    "CELLS",
    "CONFIDENCE",
    "SEEDS",
    "TUNING_SEEDS",
    "Comparison",
    "Contender",
    "Difference",
    "Rate",
    "compare",
    "difference",
    "equal_sizes",
    "pairs",
    "wilson",
]
