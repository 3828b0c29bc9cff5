"""How probable it is that values from some seeds come from the distribution that other seeds have shown.

Two tests, each of which an honest claim fails with at most the probability that is told:

- *ranks*: claimed values and retrained ones are put in one row; if they come from one distribution, every way
  to choose which of the row are the claimed ones is as likely as every other, whatever the distribution is.
  The sum of the ranks is compared with that of all ways (Wilcoxon's rank-sum test, two-sided, exact).
- *best*: how far the best claimed value is above what was retrained, in a normal distribution's terms, on
  the scale of arcsines of roots of shares (on which chance spreads all shares alike), or of logarithms of
  errors. It finds one forged seed among many, which ranks cannot.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import comb, inf

import numpy as np

_MOST_EXACT = 120
"""Values from which on ranks are compared by a normal approximation."""
_LEAST_SPREAD = 0.1
"""Standard deviation that an error's logarithm has at least; a share's has that of chance."""


def of_ranks(claimed: Sequence[float | None], retrained: Sequence[float | None]) -> float:
    """Of a sum of ranks as far from its mean as the claimed values', in either direction; 0..1.

    None (diverged, or undefined) is the least of all values.
    """
    values = np.array([-inf if each is None else each for each in [*claimed, *retrained]])
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    twice = (2 * last - counts + 1)[place]  # twice the mean rank of those that are equal
    k, n = len(claimed), len(values)
    found, mean = int(twice[:k].sum()), k * (n + 1)
    if n > _MOST_EXACT:
        from scipy.stats import norm

        spread = np.sqrt(k * (n - k) * np.var(twice.astype(float)) / (n - 1))
        return float(2 * norm.sf(max(abs(found - mean) - 1, 0) / spread)) if spread else 1.0
    ways = np.zeros((k + 1, int(twice.sum()) + 1))  # by how many are chosen, and twice the sum of their ranks
    ways[0, 0] = 1
    for rank in twice:
        ways[1:, rank:] += ways[:-1, : ways.shape[1] - rank]
    sums = np.arange(ways.shape[1])
    return float(min(1.0, ways[k, np.abs(sums - mean) >= abs(found - mean)].sum() / comb(n, k)))


def of_best(
    claimed: Sequence[float | None], retrained: Sequence[float | None], examples: int, is_share: bool
) -> float:
    """Of any claimed value being so much better than the retrained ones, by their normal distribution; 0..1.

    Parameters
    ----------
    examples
        How many a share is a share of.
    is_share
        Whether values are shares, better if higher; else errors, better if lower.
    """
    from scipy.stats import t

    ours, theirs = (
        np.array([_good(each, examples, is_share) for each in values if each is not None])
        for values in (retrained, claimed)
    )
    if len(ours) < 3 or not len(theirs):
        return 1.0
    spread = max(float(ours.std(ddof=1)), 0.5 / np.sqrt(examples) if is_share else _LEAST_SPREAD)
    distance = (theirs.max() - ours.mean()) / (spread * np.sqrt(1 + 1 / len(ours)))
    return float(min(1.0, len(theirs) * t.sf(distance, len(ours) - 1)))


def of_network(
    claimed: Sequence[float | None], retrained: Sequence[float | None], examples: int, is_share: bool
) -> float:
    """The smaller of both tests' probabilities, doubled because it is chosen of two."""
    sign = 1 if is_share else -1  # ranks are told from the worst up; of errors that is the largest
    turned = ([None if each is None else sign * each for each in values] for values in (claimed, retrained))
    found = of_ranks(*turned), of_best(claimed, retrained, examples, is_share)
    return min(1.0, 2 * min(found))


def _good(value: float, examples: int, is_share: bool) -> float:
    """On a scale on which seeds are spread about as a normal distribution, better if higher."""
    if not is_share:
        return -float(np.log(max(value, 1e-12)))
    right = min(max(value, 0.0), 1.0) * examples
    return float(np.arcsin(np.sqrt((right + 0.375) / (examples + 0.75))))  # Anscombe's
