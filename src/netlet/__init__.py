"""A laboratory for small neural networks.

>>> import netlet as nl
>>> data = nl.load("mnist56")
>>> runs = nl.train("conv(3, 3x3) - maxpool(3) - flatten - dense(1)", data, seeds=16)
>>> runs  # doctest: +SKIP
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netlet import (
        architecture,
        comparison,
        datasets,
        errors,
        figures,
        inspect,
        interop,
        metrics,
        network,
        search,
        store,
        training,
    )
    from netlet.architecture import Architecture
    from netlet.comparison import compare
    from netlet.datasets import Dataset, Split, load
    from netlet.errors import (
        ArchitectureError,
        DataError,
        FileError,
        Interrupted,
        NetletError,
        TrainingError,
    )
    from netlet.network import Network, load_network
    from netlet.store import Store
    from netlet.training import Epoch, Run, Runs, Training, train

__all__ = [
    "Architecture",
    "ArchitectureError",
    "DataError",
    "Dataset",
    "Epoch",
    "FileError",
    "Interrupted",
    "NetletError",
    "Network",
    "Run",
    "Runs",
    "Split",
    "Store",
    "Training",
    "TrainingError",
    "architecture",
    "compare",
    "comparison",
    "datasets",
    "errors",
    "figures",
    "inspect",
    "interop",
    "load",
    "load_network",
    "metrics",
    "network",
    "search",
    "store",
    "train",
    "training",
]

_HOMES = {
    "netlet.architecture": ("Architecture",),
    "netlet.comparison": ("compare",),
    "netlet.datasets": ("Dataset", "Split", "load"),
    "netlet.errors": (
        "ArchitectureError",
        "DataError",
        "FileError",
        "Interrupted",
        "NetletError",
        "TrainingError",
    ),
    "netlet.network": ("Network", "load_network"),
    "netlet.store": ("Store",),
    "netlet.training": ("Epoch", "Run", "Runs", "Training", "train"),
}

_ROOMS = (
    "architecture",
    "comparison",
    "datasets",
    "errors",
    "figures",
    "inspect",
    "interop",
    "metrics",
    "network",
    "search",
    "store",
    "training",
)
"""Packages that `import netlet as nl` offers as they are: ``nl.metrics.evaluate``, ``nl.search.search``."""


def __getattr__(name: str) -> object:
    """Import a name when it is first used: `netlet --help` need not wait for numpy and the engine."""
    if name == "__version__":
        from importlib.metadata import version

        return version("netlet")
    for home, names in _HOMES.items():
        if name in names:
            value = getattr(import_module(home), name)
            globals()[name] = value
            return value
    if name in _ROOMS:
        return import_module(f"netlet.{name}")
    raise AttributeError(f"module 'netlet' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_ROOMS, "__version__"})
