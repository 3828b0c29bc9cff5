"""Networks: an architecture with weights, what the engine is told of it, and networks in files."""

from netlet.network.activity import Activity
from netlet.network.files import load_network
from netlet.network.lowering import INSTRUCTION_SET_VARIABLE, LOSSES, check_numbers, make_engine
from netlet.network.network import Network
from netlet.network.stream import Stream

__all__ = [
    "INSTRUCTION_SET_VARIABLE",
    "LOSSES",
    "Activity",
    "Network",
    "Stream",
    "check_numbers",
    "load_network",
    "make_engine",
]
