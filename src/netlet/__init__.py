"""A laboratory for small neural networks.

>>> import netlet as nl
>>> data = nl.load("mnist56")
>>> runs = nl.train("conv(3, 3x3) - maxpool(3) - flatten - dense(1)", data, seeds=16)
>>> runs  # doctest: +SKIP
"""

from importlib.metadata import version

from netlet.architecture import Architecture
from netlet.datasets import Dataset, Split, load
from netlet.errors import ArchitectureError, DataError, FileError, NetletError, TrainingError
from netlet.network import Network, load_network
from netlet.training import Run, Runs, Training, train

__version__ = version("netlet")

__all__ = [
    "Architecture",
    "ArchitectureError",
    "DataError",
    "Dataset",
    "FileError",
    "NetletError",
    "Network",
    "Run",
    "Runs",
    "Split",
    "Training",
    "TrainingError",
    "load",
    "load_network",
    "train",
]
