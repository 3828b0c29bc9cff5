"""A compiled Keras model trained by netlet's `fit` and by its own, in turn: the call's time, and accuracies.

`KERAS_BACKEND=tensorflow python -m benchmarks.fit [--rounds 3] [--seeds 32]`: the exercise's network of 185
weights, 2,000 images, 30 epochs with validation. The accuracies of the two over the same number of seeds are
compared by the two-sided test of Mann and Whitney; they are taken for different where p < 0.01.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path
from statistics import median
from typing import Any

import netlet as nl
from netlet.interop.keras import fit

EPOCHS = 30
TARGET = 30.0
"""Times as fast as ``model.fit`` that `fit` must be."""
LEAST_P = 0.01


def made(seed: int) -> Any:
    """The exercise's model, compiled."""
    import keras

    keras.utils.set_random_seed(seed)
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(3, 3, activation="relu"),
            layers.MaxPooling2D(3),
            layers.Conv2D(3, 3, activation="relu"),
            layers.MaxPooling2D(3),
            layers.Flatten(),
            layers.Dense(5, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    return model


def timed(data: nl.Dataset, seed: int, by_netlet: bool) -> tuple[float, float]:
    """Seconds of the whole call, and the accuracy on validation data that the model itself has then."""
    model = made(seed)
    arguments: dict[str, Any] = {
        "epochs": EPOCHS,
        "batch_size": 64,
        "validation_data": (data.validation.x, data.validation.y),
        "verbose": 0,
    }
    x, y = data.train.x, data.train.y
    started = time.perf_counter()
    if by_netlet:
        fit(model, x, y, **arguments)
    else:
        model.fit(x, y, **arguments)
    seconds = time.perf_counter() - started
    answers = model.predict(data.validation.x, batch_size=512, verbose=0).ravel() > 0.5
    return seconds, float((answers == (data.validation.y.ravel() > 0.5)).mean())


def main() -> bool:
    """Measure, and print; whether the target was met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seeds", type=int, default=32)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    import keras
    from scipy.stats import mannwhitneyu

    data = nl.load("mnist56")
    print(f"Keras {keras.__version__} on {keras.backend.backend()}, load average {os.getloadavg()[0]:.1f}")
    timed(data, 0, True)  # imports
    ratios, times = [], []
    for number in range(asked.rounds):
        own, its = timed(data, number, True)[0], timed(data, number, False)[0]
        ratios.append(its / own)
        times.append((own, its))
        print(f"netlet {own:.3f} s, model.fit {its:.2f} s: {its / own:.1f} times")
    ratio = median(ratios)
    accuracies = {
        name: [timed(data, seed, by_netlet)[1] for seed in range(asked.seeds)]
        for name, by_netlet in (("netlet", True), ("model.fit", False))
    }
    for name, found in accuracies.items():
        spread = f"{min(found):.4f} to {max(found):.4f}"
        print(f"{name}: {median(found):.4f} in the median of {len(found)} seeds ({spread})")
    p = float(mannwhitneyu(accuracies["netlet"], accuracies["model.fit"]).pvalue)
    print(
        f"{ratio:.1f} times as fast (target {TARGET:g}); Mann-Whitney p = {p:.3f} (different below {LEAST_P})"
    )
    if asked.out:
        asked.out.mkdir(parents=True, exist_ok=True)
        told = {"seconds": times, "ratio": ratio, "accuracies": accuracies, "p": p}
        (asked.out / "fit.json").write_text(json.dumps(told, indent=1) + "\n")
    return ratio >= TARGET and p >= LEAST_P


if __name__ == "__main__":
    raise SystemExit(0 if main() else 1)
