"""Layers as frozen dataclasses: their arguments, the shape each gives and the shapes of its weights.

Shapes leave the batch dimension out: an image is ``(height, width, channels)``, a sequence
``(steps, channels)`` with ``steps`` None where the length is open, a vector ``(numbers,)``. Names,
definitions, defaults and the order and shapes of weights are Keras's (https://keras.io/api/layers), except
that an activation of None stands for netlet's default: relu in convolutions and dense layers, tanh in
recurrent ones, and in the last layer what the task needs.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, MISSING, Field, dataclass, fields
from math import prod
from typing import Any, ClassVar

from netlet.architecture.arguments import checked
from netlet.errors import ArchitectureError

Shape = tuple[int | None, ...]
Size = tuple[int, int]

VECTOR, SEQUENCE, IMAGE = 1, 2, 3
"""Kinds of data, by the number of their dimensions."""


@dataclass(frozen=True)
class Layer:
    """What all layers share: arguments checked when made (ArchitectureError), and Keras's two formulas.

    ``output_shape`` and ``weight_shapes`` expect an input of a kind that the layer takes (``takes``);
    `Architecture.shapes` checks that before it asks.
    """

    name: ClassVar[str]
    keras_name: ClassVar[str]
    takes: ClassVar[tuple[int, ...]] = (VECTOR, SEQUENCE, IMAGE)
    positional: ClassVar[tuple[str, ...]] = ()
    """Arguments that may be given without their name, in Keras's order."""
    keras_defaults: ClassVar[dict[str, object]] = {}
    """Where Keras's default differs from netlet's."""
    keras_arguments: ClassVar[dict[str, str]] = {}
    """Keras's name of an argument, where it is not the field's own."""

    def __post_init__(self) -> None:
        """Check every argument and keep it in its one form."""
        for field in fields(self):
            value = getattr(self, field.name)
            if value is None and field.default is None:
                continue
            try:
                object.__setattr__(self, field.name, checked(field.name, value))
            except ValueError as error:
                raise ArchitectureError(f"{self.name}: {error}") from None

    def output_shape(self, shape: Shape) -> Shape:
        """The shape this layer gives for an input of that shape."""
        return shape

    def weight_shapes(self, shape: Shape) -> list[tuple[int, ...]]:
        """The shapes of its weights, in Keras's order, for an input of that shape."""
        return []


def layer_name(layer: Layer) -> str:
    """The name of a layer in netlet's text, such as ``conv``."""
    return layer.name


def is_required(field: Field[Any]) -> bool:
    """Whether an argument has no default."""
    return field.default is MISSING


def _channels(shape: Shape) -> int:
    channels = shape[-1]
    assert channels is not None
    return channels


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
        kernel = (*self.kernel_size, _channels(shape), self.filters)
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
        return (*size, _channels(shape) * self.depth_multiplier)

    def weight_shapes(self, shape: Shape) -> list[tuple[int, ...]]:
        """Kernel ``(height, width, channels, depth_multiplier)``, bias ``(channels * depth_multiplier,)``."""
        channels = _channels(shape)
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
        return (*_slide(shape, self.pool_size, strides, self.padding, "pool"), _channels(shape))


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
        return (_channels(shape),)


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


@dataclass(frozen=True)
class Flatten(Layer):
    """All numbers of an image, or of a sequence of fixed length, as one vector."""

    name = "flatten"
    keras_name = "Flatten"

    def output_shape(self, shape: Shape) -> Shape:
        """``(numbers,)``."""
        sizes = [size for size in shape if size is not None]
        if len(sizes) < len(shape):
            raise ArchitectureError(
                "cannot take a sequence whose length is open: let the recurrent layer before it keep only "
                "its last step (return_sequences=false) instead"
            )
        return (prod(sizes),)


@dataclass(frozen=True)
class Dense(Layer):
    """Every output from every input, with bias and activation; on a sequence, the same at every step."""

    name = "dense"
    keras_name = "Dense"
    takes = (VECTOR, SEQUENCE)
    positional = ("units", "activation", "use_bias", "kernel_initializer")
    keras_defaults: ClassVar[dict[str, object]] = {"activation": "linear"}

    units: int
    activation: str | None = None
    use_bias: bool = True
    kernel_initializer: str = "glorot_uniform"

    def output_shape(self, shape: Shape) -> Shape:
        """``(units,)``, or ``(steps, units)`` for a sequence."""
        return (*shape[:-1], self.units)

    def weight_shapes(self, shape: Shape) -> list[tuple[int, ...]]:
        """Kernel ``(inputs, units)``, bias ``(units,)``."""
        kernel = (_channels(shape), self.units)
        return [kernel, (self.units,)] if self.use_bias else [kernel]


@dataclass(frozen=True)
class Dropout(Layer):
    """In training, each number set to 0 with probability `rate` (0 <= rate < 1), the others scaled up."""

    name = "dropout"
    keras_name = "Dropout"
    positional = ("rate",)

    rate: float


@dataclass(frozen=True)
class Activation(Layer):
    """An activation function by itself."""

    name = "activation"
    keras_name = "Activation"
    positional = ("function",)
    keras_arguments: ClassVar[dict[str, str]] = {"function": "activation"}

    function: str


@dataclass(frozen=True)
class Recurrent(Layer):
    """What the three recurrent layers share.

    ``gates`` is how many times as many weights a layer has as an rnn of as many units. ``return_sequences``
    of None is settled when the architecture is fitted to a task: true for all but the last recurrent layer.
    """

    takes = (SEQUENCE,)
    keras_defaults: ClassVar[dict[str, object]] = {"activation": "tanh", "return_sequences": False}
    gates: ClassVar[int]

    units: int
    activation: str | None = None
    _: KW_ONLY
    use_bias: bool = True
    return_sequences: bool | None = None
    kernel_initializer: str = "glorot_uniform"
    recurrent_initializer: str = "orthogonal"

    def output_shape(self, shape: Shape) -> Shape:
        """``(steps, units)`` if it returns sequences, else ``(units,)``."""
        return (shape[0], self.units) if self.return_sequences else (self.units,)

    def weight_shapes(self, shape: Shape) -> list[tuple[int, ...]]:
        """Kernel ``(channels, gates * units)``, recurrent kernel ``(units, gates * units)``, bias."""
        width = self.gates * self.units
        kernels: list[tuple[int, ...]] = [(_channels(shape), width), (self.units, width)]
        return [*kernels, self._bias_shape()] if self.use_bias else kernels

    def _bias_shape(self) -> tuple[int, ...]:
        return (self.gates * self.units,)


@dataclass(frozen=True)
class RNN(Recurrent):
    """A layer of fully connected recurrent nodes (Keras's SimpleRNN)."""

    name = "rnn"
    keras_name = "SimpleRNN"
    positional = ("units", "activation", "use_bias", "kernel_initializer", "recurrent_initializer")
    gates = 1


@dataclass(frozen=True)
class GRU(Recurrent):
    """Gated recurrent units; `reset_after` has the reset gate act on the recurrent product (Keras's GRU)."""

    name = "gru"
    keras_name = "GRU"
    positional = ("units", "activation", "recurrent_activation", "use_bias")
    gates = 3

    _: KW_ONLY
    recurrent_activation: str = "sigmoid"
    reset_after: bool = True

    def _bias_shape(self) -> tuple[int, ...]:
        width = self.gates * self.units
        return (2, width) if self.reset_after else (width,)


@dataclass(frozen=True)
class LSTM(Recurrent):
    """Long short-term memory; `unit_forget_bias` starts the forget gate's bias at 1 (Keras's LSTM)."""

    name = "lstm"
    keras_name = "LSTM"
    positional = ("units", "activation", "recurrent_activation", "use_bias")
    gates = 4

    _: KW_ONLY
    recurrent_activation: str = "sigmoid"
    unit_forget_bias: bool = True


LAYERS: tuple[type[Layer], ...] = (
    Conv,
    DepthwiseConv,
    MaxPool,
    AvgPool,
    GlobalMaxPool,
    GlobalAvgPool,
    Flatten,
    Dense,
    Dropout,
    Activation,
    RNN,
    GRU,
    LSTM,
)
"""Every layer there is."""
