"""Layers that work on images: convolution and pooling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from netlet.architecture.layers.base import IMAGE, Layer, Shape, Size, channels_of
from netlet.errors import ArchitectureError


def _slide(shape: Shape, window: Size, strides: Size, padding: str, what: str) -> tuple[int, int]:
    """Height and width after a window has moved over an image (Keras's formulas for valid and same)."""
    height, width = shape[:2]
    assert height is not None and width is not None
    if padding == "same":
        return -(-height // strides[0]), -(-width // strides[1])
    if window[0] > height or window[1] > width:
        raise ArchitectureError(
            f"has a {what} of {window[0]}x{window[1]}, larger than the {height}x{width} image it is given: "
            f"take a smaller {what} or padding=same"
        )
    return (height - window[0]) // strides[0] + 1, (width - window[1]) // strides[1] + 1


@dataclass(frozen=True)
class Conv(Layer):
    """A two-dimensional convolution with bias and activation (Keras's Conv2D)."""

    name = "conv"
    keras_name = "Conv2D"
    takes = (IMAGE,)
    positional = ("filters", "kernel_size", "strides", "padding")
    keras_defaults: ClassVar[dict[str, object]] = {"activation": "linear"}

    filters: int
    kernel_size: Size = (3, 3)
    strides: Size = (1, 1)
    padding: str = "valid"
    activation: str | None = None
    use_bias: bool = True
    kernel_initializer: str = "glorot_uniform"

    def output_shape(self, shape: Shape) -> Shape:
        """``(height, width, filters)``."""
        return (*_slide(shape, self.kernel_size, self.strides, self.padding, "kernel"), self.filters)

    def weight_shapes(self, shape: Shape) -> list[tuple[int, ...]]:
        """Kernel ``(height, width, channels, filters)``, bias ``(filters,)``."""
        kernel = (*self.kernel_size, channels_of(shape), self.filters)
        return [kernel, (self.filters,)] if self.use_bias else [kernel]


@dataclass(frozen=True)
class DepthwiseConv(Layer):
    """A convolution of every channel for itself, `depth_multiplier` times (Keras's DepthwiseConv2D)."""

    name = "depthwiseconv"
    keras_name = "DepthwiseConv2D"
    takes = (IMAGE,)
    positional = ("kernel_size", "strides", "padding", "depth_multiplier")
    keras_defaults: ClassVar[dict[str, object]] = {"activation": "linear"}
    keras_arguments: ClassVar[dict[str, str]] = {"kernel_initializer": "depthwise_initializer"}

    kernel_size: Size = (3, 3)
    strides: Size = (1, 1)
    padding: str = "valid"
    depth_multiplier: int = 1
    activation: str | None = None
    use_bias: bool = True
    kernel_initializer: str = "glorot_uniform"

    def output_shape(self, shape: Shape) -> Shape:
        """``(height, width, channels * depth_multiplier)``."""
        size = _slide(shape, self.kernel_size, self.strides, self.padding, "kernel")
        return (*size, channels_of(shape) * self.depth_multiplier)

    def weight_shapes(self, shape: Shape) -> list[tuple[int, ...]]:
        """Kernel ``(height, width, channels, depth_multiplier)``, bias ``(channels * depth_multiplier,)``."""
        channels = channels_of(shape)
        kernel = (*self.kernel_size, channels, self.depth_multiplier)
        return [kernel, (channels * self.depth_multiplier,)] if self.use_bias else [kernel]


@dataclass(frozen=True)
class _Pool(Layer):
    takes = (IMAGE,)
    positional = ("pool_size", "strides", "padding")

    pool_size: Size = (2, 2)
    strides: Size | None = None
    padding: str = "valid"

    def __post_init__(self) -> None:
        """Keep strides that equal the pool as None, so that equal layers compare as equal."""
        super().__post_init__()
        if self.strides == self.pool_size:
            object.__setattr__(self, "strides", None)

    def output_shape(self, shape: Shape) -> Shape:
        """``(height, width, channels)``."""
        strides = self.strides or self.pool_size
        return (*_slide(shape, self.pool_size, strides, self.padding, "pool"), channels_of(shape))


@dataclass(frozen=True)
class MaxPool(_Pool):
    """The largest value in each window; strides of None are the pool's own size (Keras's MaxPooling2D)."""

    name = "maxpool"
    keras_name = "MaxPooling2D"


@dataclass(frozen=True)
class AvgPool(_Pool):
    """The mean of each window; strides of None are the pool's own size (Keras's AveragePooling2D)."""

    name = "avgpool"
    keras_name = "AveragePooling2D"


@dataclass(frozen=True)
class _GlobalPool(Layer):
    takes = (IMAGE,)

    def output_shape(self, shape: Shape) -> Shape:
        """``(channels,)``."""
        return (channels_of(shape),)


@dataclass(frozen=True)
class GlobalMaxPool(_GlobalPool):
    """The largest value of each feature map (Keras's GlobalMaxPooling2D)."""

    name = "globalmaxpool"
    keras_name = "GlobalMaxPooling2D"


@dataclass(frozen=True)
class GlobalAvgPool(_GlobalPool):
    """The mean of each feature map (Keras's GlobalAveragePooling2D)."""

    name = "globalavgpool"
    keras_name = "GlobalAveragePooling2D"
