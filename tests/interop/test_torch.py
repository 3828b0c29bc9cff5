"""Networks from and to PyTorch: the same answers, on random networks and on whole validation sets."""

import os
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import netlet as nl
from netlet.architecture import Architecture, BatchNorm, LayerNorm
from netlet.errors import ArchitectureError, NetletError
from netlet.interop.torch import from_torch, to_torch

torch: Any = pytest.importorskip("torch")
nn: Any = torch.nn
EXAMPLES = int(os.environ.get("NETLET_INTEROP_EXAMPLES", "30"))


def answers(model, x):
    with torch.no_grad():
        return model(torch.tensor(x)).numpy()


def same(network, model, x):
    y = answers(model, x)
    np.testing.assert_allclose(network.predict(x).reshape(y.shape), y, rtol=1e-5, atol=1e-5)


def with_gamma_and_beta(architecture):
    """Which every normalisation has that comes back, whether or not it learned both."""
    norms = {"scale": True, "center": True}
    return Architecture(
        [
            replace(layer, **norms) if isinstance(layer, BatchNorm | LayerNorm) else layer
            for layer in architecture.layers
        ]
    )


@given(data=st.data())
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
def test_random_networks_go_to_pytorch_and_come_back(data, networks):
    network, x = data.draw(networks())
    try:
        model = to_torch(network)
    except ArchitectureError as error:
        assert "PyTorch's" in str(error)
        assume(False)
        raise
    same(network, model, x)
    back = from_torch(model, network.input_shape, task=network.task)
    np.testing.assert_allclose(back.predict(x), network.predict(x), rtol=1e-5, atol=1e-5)
    assert back.parameters == with_gamma_and_beta(network.architecture).parameters(network.input_shape)


def test_the_exercise_s_networks_answer_alike_on_whole_validation_sets(trained):
    network, data = trained
    if "relu" in str(network.architecture) and "gru" in str(network.architecture):
        with pytest.raises(ArchitectureError, match="PyTorch's has tanh as activation, not relu"):
            to_torch(network)
        return
    same(network, to_torch(network), data.validation.x)


def test_models_with_channels_first_come_in_and_answer_alike():
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(2, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),
        nn.Sequential(nn.Conv2d(4, 4, 3, stride=2, groups=4), nn.Tanh()), nn.Dropout(0.2), nn.Flatten(),
        nn.Linear(16, 3), nn.Softmax(dim=1),
    )  # fmt: skip
    model[1].running_mean += torch.randn(4)
    model[1].running_var *= 2
    model.eval()
    x = np.random.default_rng(0).normal(size=(5, 10, 10, 2)).astype(np.float32)
    network = from_torch(model, (10, 10, 2), class_names=["a", "b", "c"])
    y = answers(model, np.ascontiguousarray(x.transpose(0, 3, 1, 2)))
    np.testing.assert_allclose(network.predict(x), y, rtol=1e-5, atol=1e-5)
    assert (network.task, network.class_names) == ("categorical", ("a", "b", "c"))


def test_recurrent_modules_with_both_their_biases_come_in():
    from netlet.interop.torch.modules import EveryStep, LastStep

    torch.manual_seed(0)
    model = nn.Sequential(
        nn.GRU(2, 3, batch_first=True), EveryStep(), nn.LSTM(3, 4, batch_first=True), EveryStep(),
        nn.RNN(4, 2, batch_first=True, nonlinearity="relu"), LastStep(), nn.Linear(2, 1),
    )  # fmt: skip
    x = np.random.default_rng(0).normal(size=(5, 7, 2)).astype(np.float32)
    same(from_torch(model, (7, 2)), model, x)


class Own(nn.Linear):
    pass


@pytest.mark.parametrize(
    ("modules", "message"),
    [
        (
            [nn.ConvTranspose2d(2, 3, 3)],
            r"'0' \(ConvTranspose2d\) is none that netlet takes; it takes .*Linear",
        ),
        ([Own(3, 2)], r"\(Own\) is none that netlet takes"),
        ([nn.Conv2d(2, 2, 3, dilation=2)], "has dilations"),
        ([nn.Conv2d(2, 2, 3, padding=2)], r"pads by \[2, 2, 2, 2\]"),
        ([nn.Conv2d(2, 2, 3, padding=1, padding_mode="reflect")], "padding_mode='reflect'"),
        ([nn.AvgPool2d(3, padding=1, stride=1)], "counts its padding"),
        ([nn.Flatten(), nn.Linear(200, 2), nn.LeakyReLU()], "has alpha=0.01, but netlet has 0.2"),
        ([nn.Flatten(), nn.Linear(200, 2), nn.GELU()], r"\(GELU\) is none"),
    ],
)
def test_what_netlet_has_not_is_refused_by_name(modules, message):
    with pytest.raises(ArchitectureError, match=message):
        from_torch(nn.Sequential(*modules), (10, 10, 2))


def test_recurrent_modules_that_netlet_has_not_are_refused():
    for options in ({"num_layers": 2, "batch_first": True}, {}):
        with pytest.raises(ArchitectureError, match="one layer, batch_first=True, without proj_size"):
            from_torch(nn.Sequential(nn.GRU(2, 3, **options)), (5, 2))


def test_a_module_that_is_no_sequential_is_refused():
    with pytest.raises(ArchitectureError, match=r"takes a torch.nn.Sequential, not a Linear"):
        from_torch(nn.Linear(2, 2), (2,))


@pytest.mark.parametrize(
    "cell", ["gru(2, reset_after=false)", "gru(2, activation=relu)", "rnn(2, activation=elu)"]
)
def test_what_pytorch_has_not_is_refused(cell):
    architecture = nl.Architecture(f"{cell} - dense(1)").resolve((5, 1), "regression", 1)
    weights = [np.zeros(shape) for shape in architecture.weight_shapes((5, 1))]
    with pytest.raises(ArchitectureError, match="PyTorch's"):
        to_torch(nl.Network(architecture, (5, 1), "regression", weights))


def test_without_pytorch_the_error_names_the_extra(monkeypatch, trained_by_name):
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    with pytest.raises(
        NetletError, match=r"needs torch, which is not installed: pip install 'netlet\[torch\]'"
    ):
        to_torch(trained_by_name("trimmed")[0])
