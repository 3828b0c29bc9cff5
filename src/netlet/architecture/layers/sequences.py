"""Convolution and pooling over the steps of sequences: those of images, on an image of one row."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar

from netlet.architecture.layers.base import SEQUENCE, Layer, Shape, channels_of
from netlet.architecture.layers.images import AvgPool, Conv, GlobalAvgPool, GlobalMaxPool, MaxPool
from netlet.errors import ArchitectureError


def _slide(steps: int | None, window: int, stride: int, padding: str, what: str) -> int | None:
    """How many steps are left after a window has moved over them; None if their number is open."""
    if steps is None:
        return None
    if padding != "valid":
        return -(-steps // stride)
    if window > steps:
        raise ArchitectureError(
            f"has a {what} of {window}, longer than the {steps} steps it is given: "
            f"take a smaller {what} or padding=same"
        )
    return (steps - window) // stride + 1


@dataclass(frozen=True)
class StepsLayer(Layer):
    """What they share. A mask ends with them, as in Keras: from there on every step counts."""

    takes = (SEQUENCE,)
    rules: ClassVar[dict[str, str]] = dict.fromkeys(("kernel_size", "pool_size", "strides"), "length")
    image_layer: ClassVar[type[Layer]]

    @property
    def on_image(self) -> Layer:
        """The layer that does the same on an image of one row (1, steps, channels).

        For a causal padding, which images have not, it has none: the zeros before the first step are missing.
        """
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        for name in ("kernel_size", "pool_size", "strides"):
            if given.get(name) is not None:
                given[name] = (1, given[name])
        if given.get("padding") == "causal":
            given["padding"] = "valid"
        return self.image_layer(**given)


@dataclass(frozen=True)
class Conv1D(StepsLayer):
    """A convolution over steps; `padding` causal has a step see none behind it (Keras's Conv1D)."""

    name = "conv1d"
    keras_name = "Conv1D"
    positional = ("filters", "kernel_size", "strides", "padding")
    keras_defaults: ClassVar[dict[str, object]] = {"activation": "linear"}
    rules: ClassVar[dict[str, str]] = StepsLayer.rules | {"padding": "padding_of_steps"}
    image_layer = Conv

    filters: int
    kernel_size: int = 3
    strides: int = 1
    padding: str = "valid"
    activation: str | None = None
    use_bias: bool = True
    kernel_initializer: str = "glorot_uniform"

    def output_shape(self, shape: Shape) -> Shape:
        """``(steps, filters)``."""
        return (_slide(shape[0], self.kernel_size, self.strides, self.padding, "kernel"), self.filters)

    def weight_shapes(self, shape: Shape) -> list[tuple[int, ...]]:
        """Kernel ``(steps, channels, filters)``, bias ``(filters,)``."""
        kernel = (self.kernel_size, channels_of(shape), self.filters)
        return [kernel, (self.filters,)] if self.use_bias else [kernel]


@dataclass(frozen=True)
class _Pool1D(StepsLayer):
    positional = ("pool_size", "strides", "padding")

    pool_size: int = 2
    strides: int | None = None
    padding: str = "valid"

    def __post_init__(self) -> None:
        """Keep strides that equal the pool as None, so that equal layers compare as equal."""
        super().__post_init__()
        if self.strides == self.pool_size:
            object.__setattr__(self, "strides", None)

    def output_shape(self, shape: Shape) -> Shape:
        """``(steps, channels)``."""
        strides = self.strides or self.pool_size
        return (_slide(shape[0], self.pool_size, strides, self.padding, "pool"), channels_of(shape))


@dataclass(frozen=True)
class MaxPool1D(_Pool1D):
    """The largest value in each window of steps; strides of None are the pool's own (MaxPooling1D)."""

    name = "maxpool1d"
    keras_name = "MaxPooling1D"
    image_layer = MaxPool


@dataclass(frozen=True)
class AvgPool1D(_Pool1D):
    """The mean of each window of steps; strides of None are the pool's own (AveragePooling1D)."""

    name = "avgpool1d"
    keras_name = "AveragePooling1D"
    image_layer = AvgPool


@dataclass(frozen=True)
class _GlobalPool1D(StepsLayer):
    def output_shape(self, shape: Shape) -> Shape:
        """``(channels,)``."""
        return (channels_of(shape),)


@dataclass(frozen=True)
class GlobalMaxPool1D(_GlobalPool1D):
    """The largest value of each channel over all steps (Keras's GlobalMaxPooling1D)."""

    name = "globalmaxpool1d"
    keras_name = "GlobalMaxPooling1D"
    image_layer = GlobalMaxPool


@dataclass(frozen=True)
class GlobalAvgPool1D(_GlobalPool1D):
    """The mean of each channel over the steps that count (Keras's GlobalAveragePooling1D)."""

    name = "globalavgpool1d"
    keras_name = "GlobalAveragePooling1D"
    image_layer = GlobalAvgPool
