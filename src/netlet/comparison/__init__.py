"""Is one network better than another: intervals, contests of many, sizes made equal."""

from netlet.comparison.intervals import CONFIDENCE, Comparison, compare

__all__ = ["CONFIDENCE", "Comparison", "compare"]
