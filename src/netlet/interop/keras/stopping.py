"""Keras's EarlyStopping, by netlet's patience or watched epoch by epoch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from netlet.interop.keras.compiled import is_keras, refused
from netlet.training import Epoch


@dataclass
class Stopping:
    """Keras's EarlyStopping: by netlet's patience where it restores the best weights, else watched here."""

    monitor: str
    patience: int
    restores: bool
    min_delta: float
    sign: int
    baseline: float | None
    start: int
    best: float | None = None
    wait: int = 0

    @classmethod
    def of(cls, callbacks: Any, is_validated: bool) -> Stopping | None:
        """The one callback that is taken, checked."""
        given: Any = callbacks if isinstance(callbacks, (list, tuple)) else [callbacks] if callbacks else []
        if not given:
            return None
        for callback in given:
            kind = type(callback)
            if kind.__name__ != "EarlyStopping" or not is_keras(kind):
                raise refused(
                    f"callback {kind.__name__} is not called: of callbacks it knows EarlyStopping alone"
                )
        if len(given) > 1:
            raise refused(f"there are {len(given)} EarlyStopping callbacks, but one can be followed")
        callback = given[0]
        monitor = callback.monitor
        known = ("loss", "val_loss", "accuracy", "val_accuracy")
        if monitor not in known or (monitor.startswith("val_") and not is_validated):
            raise refused(
                f"EarlyStopping watches {monitor}, which there is not: give validation data, or watch loss"
            )
        is_least = callback.mode == "min" or (callback.mode == "auto" and monitor.endswith("loss"))
        made = cls(
            monitor,
            max(1, int(callback.patience)),
            bool(callback.restore_best_weights),
            abs(float(callback.min_delta)),
            1 if is_least else -1,
            callback.baseline,
            int(getattr(callback, "start_from_epoch", 0)),
        )
        chosen = (made.monitor, made.sign, made.min_delta, made.baseline, made.start)
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
        value = epoch.values[self.monitor]
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
