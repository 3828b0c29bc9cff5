"""PyTorch: plain loops, data in memory, default memory format, fused Adam; or with `torch.compile`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import nn

import netlet as nl
from benchmarks.peers import Peer
from benchmarks.tasks import ImageTask, SequenceTask, Task


def peer(task: Task, data: nl.Dataset, variant: str) -> Peer:
    """A loop for images, or for sequences; variant "compile" for images alone."""
    if isinstance(task, ImageTask):
        return images(task, data, variant == "compile")
    assert isinstance(task, SequenceTask)
    return sequences(task, data)


def images(task: ImageTask, data: nl.Dataset, compiled: bool) -> Peer:
    """Batches are drawn by index from an order that changes every epoch."""
    is_binary = data.task == "binary"

    def tensors(split: nl.Split) -> tuple[torch.Tensor, torch.Tensor]:
        y = torch.tensor(split.y)
        return torch.tensor(split.x).permute(0, 3, 1, 2).contiguous(), y[:, None] if is_binary else y.argmax(
            1
        )

    (x, y), (x_val, y_val) = tensors(data.train), tensors(data.validation)
    loss_of = nn.BCEWithLogitsLoss() if is_binary else nn.CrossEntropyLoss()
    parts: list[nn.Module] = []
    channels = 1
    for filters in task.filters:
        parts += [nn.Conv2d(channels, filters, 3), nn.ReLU(), nn.MaxPool2d(task.pool)]
        channels = filters
    parts.append(nn.Flatten())
    features = nn.Sequential(*parts)(x[:1]).shape[1]
    parts += [nn.Linear(features, task.hidden), nn.ReLU()]
    parts += [nn.Dropout(task.dropout)] if task.dropout else []
    model = nn.Sequential(*parts, nn.Linear(task.hidden, task.outputs))
    optimizer = torch.optim.Adam(model.parameters(), task.learning_rate, fused=True)

    def loss_of_batch(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return loss_of(model(x), y)

    def looked_at(x: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        answer = model(x)
        right = ((answer > 0 if is_binary else answer.argmax(1)) == y).sum()
        return loss_of(answer, y), right

    if compiled:
        loss_of_batch, looked_at = torch.compile(loss_of_batch), torch.compile(looked_at)

    def train(epochs: int) -> None:
        for _ in range(epochs):
            model.train()
            order = torch.randperm(len(x))
            for first in range(0, len(x), task.batch_size):
                batch = order[first : first + task.batch_size]
                optimizer.zero_grad()
                loss_of_batch(x[batch], y[batch]).backward()
                optimizer.step()
            model.eval()
            right = 0
            with torch.no_grad():
                for first in range(0, len(x_val), task.batch_size):
                    here = slice(first, first + task.batch_size)
                    right += int(looked_at(x_val[here], y_val[here])[1])

    def predict() -> np.ndarray:
        with torch.no_grad():
            answer = model(x_val)
        return (answer.sigmoid() if is_binary else answer.softmax(1)).numpy()

    return Peer(_reset(model, optimizer), train, predict)


def sequences(task: SequenceTask, data: nl.Dataset) -> Peer:
    """The state is detached and handed on from piece to piece. PyTorch's GRU knows tanh alone."""
    assert task.activation == "tanh"
    (x, y), (x_val, y_val) = (
        (torch.tensor(split.x), torch.tensor(split.y)) for split in (data.train, data.validation)
    )
    gru = nn.GRU(1, task.units, batch_first=True)
    head = nn.Sequential(nn.Linear(task.units, 1), nn.Linear(1, 1))
    model = nn.ModuleList([gru, head])
    optimizer = torch.optim.Adam(model.parameters(), task.learning_rate, fused=True)
    loss_of = nn.MSELoss()
    batches = [slice(i, i + task.batch_size) for i in range(0, len(x), task.batch_size)]
    pieces = [slice(i, i + task.piece) for i in range(0, x.shape[1], task.piece)]

    def train(epochs: int) -> None:
        for _ in range(epochs):
            for batch in batches:
                state = None
                for piece in pieces:
                    optimizer.zero_grad()
                    hidden, state = gru(x[batch, piece], state)
                    state = state.detach()
                    loss_of(head(hidden), y[batch, piece]).backward()
                    optimizer.step()
            with torch.no_grad():
                for batch in batches:
                    state = None
                    for piece in pieces:
                        hidden, state = gru(x_val[batch, piece], state)
                        loss_of(head(hidden), y_val[batch, piece])

    def predict() -> np.ndarray:
        with torch.no_grad():
            return head(gru(x_val)[0]).numpy()

    return Peer(_reset(model, optimizer), train, predict)


def _reset(model: nn.Module, optimizer: torch.optim.Optimizer) -> Callable[[], None]:
    def reset() -> None:
        for part in model.modules():
            if hasattr(part, "reset_parameters"):
                part.reset_parameters()  # type: ignore[operator]
        optimizer.state.clear()

    return reset
