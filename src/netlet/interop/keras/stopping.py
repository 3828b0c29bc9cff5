"""Keras's callbacks that end or slow a training: EarlyStopping and ReduceLROnPlateau."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from netlet.interop.keras.compiled import Compiled, refused
from netlet.interop.keras.weights import is_keras
from netlet.training import Epoch


@dataclass
class Stopping:
    """Keras's EarlyStopping: by netlet's patience where it restores the best weights, else watched here."""

    watched: str
    patience: int
    restores: bool
    min_delta: float
    sign: int
    baseline: float | None
    start: int
    best: float | None = None
    wait: int = 0

    @classmethod
    def of(cls, callbacks: Any, is_validated: bool, compiled: Compiled) -> Self | None:
        """The one of its kind among the callbacks, checked."""
        callback = _one("EarlyStopping", callbacks)
        if callback is None:
            return None
        known = {"loss": "loss"} | dict.fromkeys(compiled.accuracies, "accuracy")
        if is_validated:
            known |= {f"val_{name}": f"val_{own}" for name, own in known.items()}
        watched = known.get(callback.monitor)
        if watched is None:
            raise refused(
                f"EarlyStopping watches {callback.monitor}, which there is not: there is {', '.join(known)}"
            )
        _check_penalty("EarlyStopping", watched, compiled)
        is_least = callback.mode == "min" or (callback.mode == "auto" and watched.endswith("loss"))
        made = cls(
            watched,
            max(1, int(callback.patience)),
            bool(callback.restore_best_weights),
            abs(float(callback.min_delta)),
            1 if is_least else -1,
            callback.baseline,
            int(getattr(callback, "start_from_epoch", 0)),
        )
        chosen = (made.watched, made.sign, made.min_delta, made.baseline, made.start)
        plain = chosen == ("val_loss", 1, 0, None, 0)
        if made.restores and not plain:
            raise refused(
                "EarlyStopping restores the best weights, for which it must watch val_loss, without "
                "min_delta, "
                "baseline or start_from_epoch"
            )
        return made

    def after(self, epoch: Epoch) -> bool:
        """Whether an epoch is the last, by Keras's rule."""
        value = epoch.values[self.watched]
        number = epoch.epoch - 1
        if number < self.start:
            return False
        self.wait += 1
        if self._is_better(value, self.best):
            self.best = value
            if self.baseline is None or self._is_better(value, self.baseline):
                self.wait = 0
            return False
        return self.wait >= self.patience and number > 0

    def _is_better(self, value: float, than: float | None) -> bool:
        return than is None or self.sign * value < self.sign * than - self.min_delta


@dataclass(frozen=True)
class Plateau:
    """Keras's ReduceLROnPlateau as netlet's schedule."""

    factor: float
    patience: int

    @classmethod
    def of(cls, callbacks: Any, is_validated: bool, compiled: Compiled) -> Self | None:
        """The one of its kind among the callbacks, checked."""
        callback = _one("ReduceLROnPlateau", callbacks)
        if callback is None:
            return None
        if callback.monitor != "val_loss" or callback.mode == "max" or not is_validated:
            raise refused("ReduceLROnPlateau must watch val_loss, and there must be validation data")
        _check_penalty("ReduceLROnPlateau", "val_loss", compiled)
        for name, usual in _USUAL.items():
            value = getattr(callback, name)
            if value != usual:
                raise refused(f"ReduceLROnPlateau has {name}={value!r}, but netlet's is {usual!r}")
        return cls(float(callback.factor), max(1, int(callback.patience)))

    @property
    def settings(self) -> dict[str, Any]:
        """Of `netlet.Training`."""
        return {
            "schedule": "reduce-on-plateau",
            "plateau_factor": self.factor,
            "plateau_patience": self.patience,
        }

    def rates(self, rate: float, losses: list[float]) -> list[float]:
        """The learning rate of every epoch and of the one that would follow, from the validation losses."""
        found, best, wait = [], float("inf"), 0
        for loss in losses:
            found.append(rate)
            if loss < best - _USUAL["min_delta"]:
                best, wait = loss, 0
                continue
            wait += 1
            if wait >= self.patience:
                rate, wait = rate * self.factor, 0
        return [*found, rate]


_USUAL = {"min_delta": 1e-4, "cooldown": 0, "min_lr": 0}
_KNOWN = ("EarlyStopping", "ReduceLROnPlateau")


def _check_penalty(kind: str, watched: str, compiled: Compiled) -> None:
    if watched.endswith("loss") and compiled.settings.get("l2"):
        raise refused(f"{kind} watches {watched}, to which Keras adds the L2 penalty: watch an accuracy")


def _one(kind: str, callbacks: Any) -> Any:
    """The callback of a kind, if there is one; every other must be one that netlet knows."""
    given: Any = callbacks if isinstance(callbacks, (list, tuple)) else [callbacks] if callbacks else []
    for callback in given:
        own = type(callback)
        if own.__name__ not in _KNOWN or not is_keras(own):
            raise refused(
                f"callback {own.__name__} is not called: of callbacks it knows {' and '.join(_KNOWN)} alone"
            )
    found = [callback for callback in given if type(callback).__name__ == kind]
    if len(found) > 1:
        raise refused(f"there are {len(found)} {kind} callbacks, but one can be followed")
    return found[0] if found else None
