"""The functions that written code is made of; each stands in it as it stands here (np may be jax.numpy)."""

import numpy as np

ORDER = (
    "linear",
    "relu",
    "leaky_relu",
    "sigmoid",
    "softplus",
    "elu",
    "softmax",
    "padded",
    "conv",
    "depthwise_conv",
    "windows",
    "max_pool",
    "mean_pool",
    "batch_norm",
    "layer_norm",
    "rnn",
    "gru",
    "lstm",
)


def linear(x):
    """Nothing."""
    return x


def relu(x):
    """What is above 0."""
    return np.maximum(x, 0)


def leaky_relu(x):
    """A fifth of what is below 0."""
    return np.where(x < 0, 0.2 * x, x)


def sigmoid(x):
    """From 0 to 1."""
    return 0.5 + 0.5 * np.tanh(0.5 * x)


def softplus(x):
    """log(1 + exp(x))."""
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def elu(x):
    """exp(x) - 1 below 0."""
    return np.where(x < 0, np.expm1(np.minimum(x, 0)), x)


def softmax(x):
    """Probabilities over the last axis."""
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def padded(x, padding, value=0.0):
    """Images with a border: padding holds (above, below) and (left, right)."""
    return np.pad(x, ((0, 0), *padding, (0, 0)), constant_values=value)


def conv(x, kernel, bias, strides, padding):
    """Convolution of (n, height, width, channels) with a kernel (height, width, channels, filters)."""
    x = padded(x, padding)
    (down, right), (height, width) = strides, kernel.shape[:2]
    rows, columns = (x.shape[1] - height) // down + 1, (x.shape[2] - width) // right + 1
    y = bias
    for i in range(height):
        for j in range(width):
            seen = x[:, i : i + rows * down : down, j : j + columns * right : right][:, :rows, :columns]
            y = y + seen @ kernel[i, j]
    return y


def depthwise_conv(x, kernel, bias, strides, padding):
    """Convolution of every channel with its own kernels (height, width, channels, multiplier)."""
    x = padded(x, padding)
    (down, right), (height, width, channels, multiplier) = strides, kernel.shape
    rows, columns = (x.shape[1] - height) // down + 1, (x.shape[2] - width) // right + 1
    y = np.zeros((len(x), rows, columns, channels, multiplier), dtype=x.dtype)
    for i in range(height):
        for j in range(width):
            seen = x[:, i : i + rows * down : down, j : j + columns * right : right][:, :rows, :columns]
            y = y + seen[..., None] * kernel[i, j]
    return y.reshape(len(x), rows, columns, channels * multiplier) + bias


def windows(x, size, strides):
    """All values of each window: (n, rows, columns, channels, values)."""
    rows, columns = ((n - w) // s + 1 for n, w, s in zip(x.shape[1:3], size, strides, strict=True))
    (down, right), (height, width) = strides, size
    return np.stack(
        [
            x[:, i : i + rows * down : down, j : j + columns * right : right][:, :rows, :columns]
            for i in range(height)
            for j in range(width)
        ],
        axis=-1,
    )


def max_pool(x, size, strides, padding):
    """The largest value of each window."""
    return windows(padded(x, padding, -np.inf), size, strides).max(axis=-1)


def mean_pool(x, size, strides, padding):
    """The mean of each window; padding does not count."""
    ones = windows(padded(np.ones_like(x), padding), size, strides)
    return windows(padded(x, padding), size, strides).sum(axis=-1) / ones.sum(axis=-1)


def batch_norm(x, gamma, beta, mean, variance, epsilon):
    """Every channel by its moving mean and variance."""
    return (x - mean) / np.sqrt(variance + np.float32(epsilon)) * gamma + beta


def layer_norm(x, gamma, beta, epsilon):
    """Every place by the mean and variance of its own channels."""
    away = x - x.mean(axis=-1, keepdims=True)
    variance = (away**2).mean(axis=-1, keepdims=True)
    return away / np.sqrt(variance + np.float32(epsilon)) * gamma + beta


def rnn(x, kernel, recurrent, bias, activation):
    """Fully connected recurrent nodes: the output at every step."""
    h, outputs = np.zeros((len(x), recurrent.shape[0]), dtype=x.dtype), []
    for step in range(x.shape[1]):
        h = activation(x[:, step] @ kernel + h @ recurrent + bias)
        outputs.append(h)
    return np.stack(outputs, axis=1)


def gru(x, kernel, recurrent, bias, activation, recurrent_activation, reset_after):
    """Gated recurrent units; gates: update, reset, candidate."""
    units = recurrent.shape[0]
    bias = np.broadcast_to(np.asarray(bias), (3 * units,)) if np.ndim(bias) < 1 else np.asarray(bias)
    of_x, of_h = bias if bias.ndim == 2 else (bias, np.zeros_like(bias))
    h, outputs = np.zeros((len(x), units), dtype=x.dtype), []
    for step in range(x.shape[1]):
        a, b = x[:, step] @ kernel + of_x, h @ recurrent + of_h
        gates = recurrent_activation(a[:, : 2 * units] + b[:, : 2 * units])
        update, reset = gates[:, :units], gates[:, units:]
        last = recurrent[:, 2 * units :]
        product = reset * b[:, 2 * units :] if reset_after else (reset * h) @ last
        h = update * h + (1 - update) * activation(a[:, 2 * units :] + product)
        outputs.append(h)
    return np.stack(outputs, axis=1)


def lstm(x, kernel, recurrent, bias, activation, recurrent_activation):
    """Long short-term memory; gates: input, forget, candidate, output."""
    units = recurrent.shape[0]
    h = c = np.zeros((len(x), units), dtype=x.dtype)
    outputs = []
    for step in range(x.shape[1]):
        z = x[:, step] @ kernel + h @ recurrent + bias
        i, f, o = (recurrent_activation(z[:, k * units : (k + 1) * units]) for k in (0, 1, 3))
        c = f * c + i * activation(z[:, 2 * units : 3 * units])
        h = o * activation(c)
        outputs.append(h)
    return np.stack(outputs, axis=1)
