"""Modules that PyTorch lacks; plain code, which `netlet export --to torch` writes out as it stands here."""

import torch
from torch import nn


class ChannelsFirst(nn.Module):
    """From (batch, height, width, channels) or (batch, steps, channels) to (batch, channels, ...)."""

    def forward(self, x):
        """Turn the axes."""
        return x.movedim(-1, 1)


class ChannelsLast(nn.Module):
    """From (batch, channels, ...) to (batch, height, width, channels) or (batch, steps, channels)."""

    def forward(self, x):
        """Turn the axes."""
        return x.movedim(1, -1)


class StepsNorm(nn.BatchNorm1d):
    """Batch normalisation of sequences (batch, steps, channels)."""

    def forward(self, x):
        """With the channels where PyTorch has them."""
        return super().forward(x.transpose(1, 2)).transpose(1, 2)


class WholeNumbers(nn.Module):
    """Floats that hold whole numbers as these."""

    def forward(self, x):
        """Convert."""
        return x.long()


class EveryStep(nn.Module):
    """Of what a recurrent module gives, its output at every step."""

    def forward(self, given):
        """Take it."""
        return given[0]


class LastStep(nn.Module):
    """Of what a recurrent module gives, its output at the last step."""

    def forward(self, given):
        """Take it."""
        return given[0][:, -1]


class BothDirections(nn.Module):
    """Of what a bidirectional module gives, both directions joined: at every step, or after each's last."""

    def __init__(self, merge, sequences):
        """Choose: concat, sum, mul or ave."""
        super().__init__()
        self.merge, self.sequences = merge, sequences

    def forward(self, given):
        """Join."""
        forward, backward = given[0].chunk(2, dim=-1)
        if not self.sequences:
            forward, backward = forward[:, -1], backward[:, 0]
        if self.merge == "concat":
            return torch.cat([forward, backward], dim=-1)
        if self.merge == "mul":
            return forward * backward
        return (forward + backward) / (2 if self.merge == "ave" else 1)


class GlobalPool(nn.Module):
    """The largest value, or the mean, of each channel."""

    def __init__(self, mean):
        """Choose."""
        super().__init__()
        self.mean = mean

    def forward(self, x):
        """Over height and width, or steps."""
        axes = tuple(range(2, x.ndim))
        return x.mean(dim=axes) if self.mean else x.amax(dim=axes)


class PaddedMean(nn.Module):
    """Average pooling in which padding (left, right, and top, bottom) does not count."""

    def __init__(self, size, stride, padding):
        """Keep the sizes."""
        super().__init__()
        self.size, self.stride, self.padding = size, stride, padding

    def forward(self, x):
        """Sums by counts."""
        ones = nn.functional.pad(torch.ones_like(x), self.padding)
        padded = nn.functional.pad(x, self.padding)
        pool = nn.functional.avg_pool1d if len(self.size) == 1 else nn.functional.avg_pool2d
        return pool(padded, self.size, self.stride) / pool(ones, self.size, self.stride)


class Affine(nn.Module):
    """Every channel (the last axis) times a scale plus an offset."""

    def __init__(self, channels):
        """To be loaded with the numbers."""
        super().__init__()
        self.register_buffer("scale", torch.ones(channels))
        self.register_buffer("offset", torch.zeros(channels))

    def forward(self, x):
        """Scale."""
        return x * self.scale + self.offset
