"""A run: one training from one seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from netlet.datasets import Dataset, Split
from netlet.metrics import as_text
from netlet.network import Network
from netlet.showing import picture

if TYPE_CHECKING:
    from netlet.figures.shown import Shown


@dataclass(frozen=True, eq=False, repr=False)
class Run:
    """One training from one seed.

    Attributes
    ----------
    seed
        What weights, order and dropout were drawn from.
    history
        One value an epoch: loss and accuracy on the training data as they were while it was learning,
        val_loss and val_accuracy after the epoch. Regression has normalised_error and val_normalised_error,
        the loss divided by the variance of the split's targets, in the place of accuracies (with several
        outputs, whose errors have units of their own, or another loss than mse, losses only). Losses are of
        scaled targets, where the dataset has a target_scaling.
    diverged
        The epoch, from 1, in which the training or validation loss or a weight stopped being finite, after
        which it was trained no more; None if none did. A run that diverged counts as the worst there is
        (`Runs.best`, `Runs.metrics`), whatever its network can do.
    network
        With the weights after the history's last epoch; where `Training.patience` is given, after its best,
        even if the run diverged later. Initial ones, if there is no such epoch.
    finished
        False if the training was ended before its last epoch, by Ctrl-C or by a callback.
    stopped
        Whether it was a callback (`netlet.train`'s on_epoch) that ended it.
    dataset
        What it was trained on; None if that is not at hand.
    """

    seed: int
    history: dict[str, list[float]]
    diverged: int | None
    network: Network
    finished: bool = True
    stopped: bool = False
    dataset: Dataset | None = None

    @property
    def epochs(self) -> int:
        """Epochs trained."""
        return len(self.history["loss"])

    def evaluate(self, data: Split | Dataset | tuple[Any, ...]) -> dict[str, Any]:
        """The metrics of the run's task on a split, a dataset or a pair (x, y): see `Network.evaluate`."""
        return self.network.evaluate(data)

    def maps(self, image: ArrayLike | int) -> Shown:
        """A picture of an image and what every convolution and pooling makes of it.

        Parameters
        ----------
        image
            Which image of the validation split, from 0; or one of your own, (height, width, channels) or
            (height, width).

        Raises
        ------
        DataError
            If the network takes no images, there is no such image, or it has another shape.
        """
        return picture("maps", self, image)

    def sequence(self, index: int) -> Shown:
        """A picture of a validation sequence, counted from 0: what is answered, and what happens inside.

        Raises
        ------
        DataError
            If the network takes no sequences, or there is no such one.
        """
        return picture("sequence", self, index)

    def mistakes(self, limit: int = 12) -> Shown:
        """A picture of the validation examples that the network is most wrong about, at most `limit`.

        Raises
        ------
        DataError
            If the run diverged.
        """
        return picture("mistakes", self, limit)

    def __repr__(self) -> str:
        """Seed, epochs, and the last values of the history."""
        end = ", ".join(f"{name} {as_text(values[-1])}" for name, values in self.history.items() if values)
        how = f", diverged in epoch {self.diverged}" if self.diverged else ""
        how += "" if self.finished else ", stopped by a callback" if self.stopped else ", interrupted"
        return f"<Run of seed {self.seed}: {self.epochs} epochs{', ' if end else ''}{end}{how}>"
