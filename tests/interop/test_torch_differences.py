"""PyTorch modules that would answer otherwise by a detail: refused, or the same."""

from typing import Any

import numpy as np
import pytest

from netlet.errors import ArchitectureError
from netlet.interop.torch import from_torch

torch: Any = pytest.importorskip("torch")
nn: Any = torch.nn

from netlet.interop.torch.modules import EveryStep, GlobalPool  # noqa: E402 (imports torch)

RANDOM = np.random.default_rng(0)


def normal(*shape):
    return RANDOM.normal(size=shape).astype(np.float32)


def hooked(place):
    model = nn.Sequential(nn.Sequential(nn.Linear(4, 3)), nn.Linear(3, 1))
    place(model).register_forward_hook(lambda module, given, answer: 2 * answer)
    return model


def pruned():
    model = nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 1))
    from torch.nn.utils import prune

    prune.l1_unstructured(model[0], "weight", 0.5)
    return model


def with_nan():
    model = nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 1))
    last: Any = model[1]
    last.bias.data[:] = torch.nan
    return model


def on_images(*modules):
    return nn.Sequential(*modules, GlobalPool(True), nn.Linear(2, 1))


IMAGE, ROW, STEPS = (8, 8, 2), (4,), (7, 3)
REFUSED_TORCH = {
    "a hook": (lambda: hooked(lambda model: model[1]), ROW, "'1' .Linear. has hooks"),
    "a hook within": (lambda: hooked(lambda model: model[0]), ROW, "'0' .Sequential. has hooks"),
    "a hook of the whole": (lambda: hooked(lambda model: model), ROW, "has hooks"),
    "pruning that was not ended": (pruned, ROW, "has hooks.*prune.remove"),
    "zeros before the largest": (
        lambda: on_images(nn.ZeroPad2d((0, 1, 0, 1)), nn.MaxPool2d(3, 2)),
        IMAGE,
        "pads by 0.0 before MaxPool2d",
    ),
    "zeros in a mean": (
        lambda: on_images(nn.ZeroPad2d((0, 1, 0, 1)), nn.AvgPool2d(3, 2, count_include_pad=False)),
        IMAGE,
        "pads by 0.0 before AvgPool2d",
    ),
    "zeros before a function": (
        lambda: on_images(nn.ZeroPad2d(1), nn.Sigmoid(), nn.Conv2d(2, 2, 3)),
        IMAGE,
        "pads by 0.0 before Sigmoid",
    ),
    "no numbers before a convolution": (
        lambda: on_images(nn.ConstantPad2d(1, float("-inf")), nn.Conv2d(2, 2, 3)),
        IMAGE,
        "pads by -inf before",
    ),
    "padding twice": (
        lambda: on_images(nn.ZeroPad2d(1), nn.Conv2d(2, 2, 3, padding="same")),
        IMAGE,
        "pads what was padded",
    ),
    "padding at the end": (
        lambda: on_images(nn.Conv2d(2, 2, 3), nn.ZeroPad2d(1)),
        IMAGE,
        "before GlobalPool",
    ),
    "softmax over samples, as PyTorch takes it": (
        lambda: nn.Sequential(nn.GRU(3, 2, batch_first=True), EveryStep(), nn.Softmax()),
        STEPS,
        "has axis=0",
    ),
    "softplus that is straight": (
        lambda: nn.Sequential(nn.Linear(4, 2), nn.Softplus(threshold=1)),
        ROW,
        "threshold=1",
    ),
    "half precision": (lambda: nn.Sequential(nn.Linear(4, 2)).half(), ROW, "computes in torch.float16"),
    "weights that are not finite": (with_nan, ROW, "'1' .Linear. has weights that are not finite"),
}


@pytest.mark.parametrize("name", REFUSED_TORCH)
def test_a_pytorch_model_that_would_answer_otherwise_is_refused(name):
    make, shape, message = REFUSED_TORCH[name]
    with pytest.raises(ArchitectureError, match=message) as caught:
        from_torch(make(), shape)
    assert "\n" not in str(caught.value)


def test_a_module_that_stands_there_twice_counts_twice():
    torch.manual_seed(0)
    function, dense = nn.Tanh(), nn.Linear(4, 4)
    model = nn.Sequential(dense, function, dense, function, nn.Sequential(nn.Linear(4, 3), function))
    x = normal(5, 4)
    network = from_torch(model, (4,))
    assert str(network.architecture).count("tanh") == 3
    expected = model(torch.tensor(x)).detach().numpy()
    np.testing.assert_allclose(network.predict(x), expected, rtol=1e-5, atol=1e-5)
