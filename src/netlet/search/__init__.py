"""The smallest network that does the job."""

from netlet.search.asked import check_numbers, new_name, search
from netlet.search.diary import study
from netlet.search.executors import Executor, Threads
from netlet.search.hardware import Hardware
from netlet.search.result import Found, Point
from netlet.search.space import Space
from netlet.search.status import Progress, Status
from netlet.search.target import Target

__all__ = [
    "Executor",
    "Found",
    "Hardware",
    "Point",
    "Progress",
    "Space",
    "Status",
    "Target",
    "Threads",
    "check_numbers",
    "new_name",
    "search",
    "study",
]
