"""Naive forecasts of a series: what a network has to beat before it has learned anything."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from netlet import metrics

Naive = Mapping[str, Mapping[str, Mapping[str, float | None]]]
"""By the forecast's name and split: the metrics of a regression, in the data's own units."""

_LEAST_CYCLES = 3  # in training, for a period to be believed
_LEAST_PEAK, _LEAST_RISE = 0.2, 0.15  # of the autocorrelation, and above its lowest value before
_NEARLY = 0.8  # a shorter period this near to the best peak is taken: multiples have peaks as well


def period(values: np.ndarray) -> int | None:
    """The period of a series in steps, from its autocorrelation; None if it shows none.

    Parameters
    ----------
    values : ndarray, (steps,)
        Without gaps. A straight line is taken out of them first.

    Returns
    -------
    int or None
        The lag, from 2 to a third of the steps, of the first high peak of the autocorrelation.
    """
    count = len(values)
    longest = count // _LEAST_CYCLES
    values = np.asarray(values, np.float64)
    if longest < 2 or not np.ptp(values) > 0:
        return None
    steps = np.linspace(-1, 1, count)
    rest = values - values.mean()
    rest = rest - steps * (rest @ steps) / (steps @ steps)
    variance = rest @ rest
    if not variance > 1e-12 * count * np.ptp(values) ** 2:  # a straight line
        return None
    spectrum = np.fft.rfft(rest, 1 << (2 * count - 1).bit_length())
    found = np.fft.irfft(spectrum.real**2 + spectrum.imag**2)[: 2 * longest + 1] / variance
    found *= count / (count - np.arange(len(found)))  # a longer lag has fewer pairs
    lags = np.arange(2, longest + 1)
    lowest = np.minimum.accumulate(found)[lags]
    is_peak = (found[lags] >= found[lags - 1]) & (found[lags] >= found[lags + 1])
    is_high = found[lags] >= max(_LEAST_PEAK, 3 / np.sqrt(count))
    peaks = lags[is_peak & is_high & (found[lags] - lowest >= _LEAST_RISE)]
    if not len(peaks):
        return None
    first = int(peaks[found[peaks] >= _NEARLY * found[peaks].max()][0])
    # Noise moves a peak to the lag beside it, but not as far at twice and three times the lag.
    near = range(max(2, first - 1 - first // 20), min(longest, first + 1 + first // 20) + 1)
    return max(near, key=lambda lag: float(found[lag : 2 * longest + 1 : lag][:4].mean()))


def forecasts(
    values: np.ndarray, last: np.ndarray, ahead: np.ndarray, season: int | None
) -> dict[str, np.ndarray]:
    """What naive forecasts answer for windows of a series.

    Parameters
    ----------
    values : ndarray, (rows, targets)
        The targets, gaps filled with the last value before them.
    last : ndarray of int, (n,)
        The last row that each window sees.
    ahead : ndarray of int, (steps,)
        How many rows after that each forecast value lies.
    season : int, optional
        The period; None for none.

    Returns
    -------
    dict
        By name: "last value", and "seasonal (12)" with the value of the last season that the window's end
        has seen. Of shape (n, steps * targets), the targets of a step side by side; NaN where the series had
        not begun.
    """
    found = {"last value": np.repeat(values[last][:, np.newaxis], len(ahead), axis=1)}
    if season is not None:
        rows = last[:, np.newaxis] + ahead - season * -(-ahead // season)
        seasonal = values[np.maximum(rows, 0)]
        seasonal[rows < 0] = np.nan
        found[f"seasonal ({season})"] = seasonal
    return {name: answer.reshape(len(last), -1) for name, answer in found.items()}


def measured(y: np.ndarray, answers: np.ndarray) -> dict[str, float | None]:
    """The metrics of a naive forecast, over the rows for which it has an answer."""
    known = ~np.isnan(answers).any(axis=1)
    if not known.any():
        return dict.fromkeys(metrics.METRICS["regression"])
    return metrics.evaluate("regression", y[known], answers[known])


def remarks(
    naive: Naive, found: Mapping[str, float | None] | None = None, metric: str = "normalised_error"
) -> list[str]:
    """Naive forecasts in words, and whether a network is no better than they are.

    Parameters
    ----------
    naive
        Of a dataset; nothing is said where it is empty.
    found
        What the network reaches of the metric, by split; None to leave it out.
    metric
        One of a regression's.
    """
    if not naive:
        return []
    splits = [split for split in ("validation", "test") if any(split in each for each in naive.values())]
    told = "; ".join(
        " ".join([name, ", ".join(f"{_short(each[split][metric])} on {split}" for split in splits)])
        for name, each in naive.items()
    )
    lines = [f"naive forecasts, {metric.replace('_', ' ')}: {told}"]
    sign = -1 if metrics.higher_is_better(metric) else 1
    beaten = []
    for split in splits:
        own = (found or {}).get(split)
        best = {name: value for name, each in naive.items() if (value := each[split][metric]) is not None}
        if own is None or not best:
            continue
        name = min(best, key=lambda each: sign * best[each])
        if not sign * own < sign * best[name]:
            beaten.append(f"on {split} {_short(own)}, {name} {_short(best[name])}")
    if beaten:
        lines.append(f"warning: the network is no better than a naive forecast: {'; '.join(beaten)}")
    return lines


def as_dict(naive: Naive) -> dict[str, dict[str, dict[str, float | None]]]:
    """For JSON: what is no finite number is None."""
    return {
        name: {
            split: {metric: metrics.json_number(value) for metric, value in found.items()}
            for split, found in splits.items()
        }
        for name, splits in naive.items()
    }


def _short(value: float | None) -> str:
    return metrics.as_text(value, "-")
