"""Measured numbers as words: distributions, settings, counts."""

from __future__ import annotations

from dataclasses import fields

from netlet.metrics import Distribution, as_text
from netlet.training import Training

_NAMES = {"adam": "Adam", "nadam": "Nadam", "sgd": "SGD", "rmsprop": "RMSprop"}


def number(value: float | None) -> str:
    """A metric; in words where there is none, or it is not finite."""
    return as_text(value, "undefined")


def percent(share: float | None) -> str:
    """A share as per cent with one decimal, none for whole ones; what rounds to all but is less says so."""
    if share is None:
        return "undefined"
    if 0.9995 <= share < 1:
        return "over 99.9 %"
    return f"{100 * share:.1f}".removesuffix(".0") + " %"


def count(amount: int, noun: str) -> str:
    """An amount with its noun: "1 image", "1,850 images"."""
    return f"{amount:,} {noun}" + ("" if amount == 1 else "s")


def listed(parts: list[str]) -> str:
    """Parts as people list them: "a, b and c"."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def spread(distribution: Distribution) -> str:
    """A distribution in words, with its quartiles, best and what diverged."""
    d = distribution
    if d.count == 1:
        return f"{number(d.median)} (one seed)" if not d.diverged else "nothing: its one seed diverged"
    diverged = f"; {d.diverged} diverged" if d.diverged else ""
    return (
        f"{number(d.median)} in the median of {d.count} seeds (quartiles {number(d.lower_quartile)} and "
        f"{number(d.upper_quartile)}, best {number(d.best)}{diverged})"
    )


def brief(distribution: Distribution) -> str:
    """A distribution in words once more, where its seeds are known: "0.99 (0.98 to 0.99, best 1.00)"."""
    d = distribution
    if d.count == 1:
        return number(d.median)
    diverged = f", {d.diverged} diverged" if d.diverged else ""
    return (
        f"{number(d.median)} ({number(d.lower_quartile)} to {number(d.upper_quartile)}, best "
        f"{number(d.best)}{diverged})"
    )


def code(text: str) -> str:
    """Text marked as code: in backticks, which the report sets in its type for code."""
    return f"`{text}`"


def settings(training: Training) -> str:
    """The settings that matter in a line: "Adam 0.005, 30 epochs, batches of 64"."""
    parts = [
        f"{_NAMES[training.optimizer]} {training.learning_rate:g}",
        *([f"{training.schedule} schedule"] if training.schedule != "constant" else []),
        count(training.epochs, "epoch"),
        f"batches of {training.batch_size}",
    ]
    parts += [] if training.shuffle else ["in fixed order"]
    parts += [f"pieces of {training.truncation} steps"] if training.truncation else []
    parts += [f"gradients clipped to norm {training.global_clip_norm:g}"] if training.global_clip_norm else []
    said = (
        *("optimizer", "learning_rate", "schedule", "epochs", "batch_size"),
        *("shuffle", "truncation", "global_clip_norm"),
    )
    parts += [
        f"{field.name.replace('_', ' ')} {getattr(training, field.name)}"
        for field in fields(training)
        if field.name not in said and getattr(training, field.name) != field.default
    ]
    return ", ".join(parts)
