"""How often the warning of shuffled labels comes when it should not, and when it should.

Splits of the same data are drawn at random, thousands of times: clouds of points of every separation, number
of samples, classes and share of the rarest, and real data (scikit-learn's digits, breast cancer, iris and
wine; mnist56 and crt, whose parts are drawn anew). Then the labels of the validation split are shuffled.

Of 9,300 clouds 4 honest splits were warned of (0.04 %), and 2,255 shuffled ones: most clouds cannot be told
apart, or are too few. Of 6,000 honest splits of real data none; of shuffled ones about 99 in a hundred, of
iris, of which 30 flowers are held out, 48.

    python -m benchmarks.shuffled_labels [DRAWS]
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np
from sklearn import datasets as known

import netlet as nl
from netlet.datasets.shuffled import shuffled_labels


def clouds(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, int]:
    """Points around a centre for each class, and how many are for training."""
    classes, features = int(rng.integers(2, 11)), int(rng.choice([1, 2, 5, 20, 100]))
    count = int(rng.choice([40, 100, 300, 1000]))
    shares = rng.dirichlet(np.full(classes, rng.choice([0.7, 3.0, 100.0])))
    y = rng.choice(classes, count, p=shares)
    centers = rng.normal(size=(classes, features)) * rng.choice([0.0, 0.1, 0.3, 1.0, 3.0])
    return (
        centers[y] + rng.normal(size=(count, features)),
        y,
        round(count * float(rng.choice([0.5, 0.8, 0.9]))),
    )


def real() -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Data that people have."""
    for name in ("digits", "breast_cancer", "iris", "wine"):
        x, y = getattr(known, f"load_{name}")(return_X_y=True)
        yield name, x, y
    for name in ("mnist56", "crt"):
        data = nl.load(name)
        x = np.concatenate([split.x for split in data.present.values()])
        y = np.concatenate([split.y for split in data.present.values()])
        yield name, x.reshape(len(x), -1)[:, ::7], y if y.ndim == 1 else y.argmax(axis=1)


def warned(rng: np.random.Generator, x: np.ndarray, y: np.ndarray, train: int, is_shuffled: bool) -> bool:
    """Whether a split drawn at random is warned of."""
    order = rng.permutation(len(y))
    x, y = x[order], y[order]
    held = y[train:]
    if is_shuffled:
        held = rng.permutation(held)
    names = sorted(set(map(str, y)))
    data = nl.Dataset(
        "d",
        (x[:train], y[:train].astype(str)),
        (x[train:], held.astype(str)),
        kind="table",
        class_names=names,
    )
    return bool(shuffled_labels(data))


def main() -> None:
    """Count."""
    draws = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    rng = np.random.default_rng(0)
    false = right = used = 0
    for _ in range(draws):
        x, y, train = clouds(rng)
        if len(set(y[:train])) < 2 or len(set(y)) != len(set(y[:train])):
            continue
        used += 1
        false += warned(rng, x, y, train, False)
        right += warned(rng, x, y, train, True)
    print(f"clouds: {false} of {used:,} honest splits warned of, {right} of {used:,} shuffled")
    for name, x, y in real():
        few = max(20, draws // 10)
        train = round(0.8 * len(y))
        counts = [sum(warned(rng, x, y, train, each) for _ in range(few)) for each in (False, True)]
        print(f"{name}: {counts[0]} of {few} honest splits warned of, {counts[1]} of {few} shuffled")


if __name__ == "__main__":
    main()
