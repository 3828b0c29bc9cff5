"""Where the runs of a search are trained: in threads of this process; `ray_cluster` has many machines."""

from netlet.search.executors.protocol import Executor, Outcome, Task, carry_out
from netlet.search.executors.threads import Threads

__all__ = ["Executor", "Outcome", "Task", "Threads", "carry_out"]
