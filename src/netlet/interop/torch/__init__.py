"""The door to PyTorch, both ways: gate orders, biases and layouts put right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from netlet.errors import ArchitectureError
from netlet.interop.extras import needed
from netlet.interop.parts import Model, network_of
from netlet.interop.torch.build import modules_of
from netlet.network import Network

__all__ = ["from_torch", "to_torch"]


def to_torch(network: Network) -> Any:
    """A network as a ``torch.nn.Sequential`` in evaluation mode.

    It takes float tensors as netlet's own inputs are: images with their channels last, whole-number pixels
    divided by ``network.integer_scale``. Its answers have the last axis even where that is 1.

    Raises
    ------
    ArchitectureError
        If PyTorch has no such layer (a GRU with reset_after=false, other activations in recurrent layers).
    NetletError
        If PyTorch is not installed.
    """
    torch = needed("torch", "torch", "to_torch")
    from netlet.interop.torch import modules as own

    modules = modules_of(network)
    names = {"nn": torch.nn, **{name: getattr(own, name) for name in dir(own) if name[0].isupper()}}
    made = torch.nn.Sequential()
    for module in modules:
        each = eval(module.expression, {"__builtins__": {"float": float}}, names)
        each.load_state_dict({name: torch.tensor(array.copy()) for name, array in module.state.items()})
        made.add_module(module.name, each)
    return made.eval()


def from_torch(
    model: Any, input_shape: Sequence[int], *, task: str | None = None, class_names: Sequence[str] = ()
) -> Network:
    """A ``torch.nn.Sequential`` as a network.

    Parameters
    ----------
    model
        Of modules that netlet has; recurrent ones are followed by `netlet.interop.torch.modules.EveryStep` or
        ``LastStep``, which take their output. Models that take images with their channels first are taken
        too: the network has them last.
    input_shape
        Of one sample as netlet has it: ``(height, width, channels)``, ``(steps, channels)``, ``(features,)``.
    task, class_names
        As of `netlet.interop.keras.from_keras`.

    Raises
    ------
    ArchitectureError
        If netlet has no such module; it is named, with what is supported.
    """
    if type(model).__name__ != "Sequential" or not type(model).__module__.startswith("torch.nn."):
        raise ArchitectureError(
            f"from_torch takes a torch.nn.Sequential, not a {type(model).__name__}: what another "
            "module does stands "
            "in its code alone"
        )
    from netlet.interop.torch.read import reading_of

    reading = reading_of(list(_flat(model)), input_shape)
    weights = iter(reading.weights)
    seen = Model(tuple(int(n) for n in input_shape), tuple(reading.parts), "the PyTorch model")
    return network_of(seen, lambda *_: next(weights), task=task, class_names=class_names)


def _flat(model: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """The modules of a Sequential, those of Sequentials within it in their place."""
    _check_code(model, before.rstrip("."))
    for name, module in model._modules.items():  # named_children leaves out what stands there twice
        if type(module).__name__ == "Sequential":
            yield from _flat(module, f"{before}{name}.")
        else:
            _check_code(module, f"{before}{name}")
            yield f"{before}{name}", module


def _check_code(module: Any, name: str) -> None:
    """Refuse (ArchitectureError) what a module does besides what its class says."""
    what = f"PyTorch's module {name!r} ({type(module).__name__})"
    if module._forward_hooks or module._forward_pre_hooks or "forward" in vars(module):
        raise ArchitectureError(
            f"{what} has hooks or a forward of its own, which are not executed: remove them first (after "
            "pruning or weight_norm by prune.remove or remove_weight_norm)"
        )
    for tensor in module.parameters(recurse=False):
        if str(tensor.dtype) not in ("torch.float32", "torch.float64"):
            raise ArchitectureError(
                f"{what} computes in {tensor.dtype}, but netlet in float32 only: call model.float() first"
            )
