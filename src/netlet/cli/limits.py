"""How many seeds and threads a command may be asked for."""

from __future__ import annotations

LAST_SEED = 2**63 - 1


def check(seeds: int | None, threads: int | None, first_seed: int = 0) -> None:
    """Refuse numbers that nothing could be trained with, before anything is loaded.

    Raises
    ------
    TrainingError
        If a number is too small or too large; None is always fine.
    """
    from netlet.errors import TrainingError
    from netlet.training import MOST_SEEDS, MOST_THREADS

    if seeds is not None and not 1 <= seeds <= MOST_SEEDS:
        raise TrainingError(f"--seeds is {seeds}, but must be from 1 to {MOST_SEEDS:,}")
    if threads is not None and not 1 <= threads <= MOST_THREADS:
        raise TrainingError(
            f"--threads is {threads}, but must be from 1 to {MOST_THREADS:,}: leave it out for as many "
            "as there are processors"
        )
    last = LAST_SEED - (seeds or 1) + 1
    if not 0 <= first_seed <= last:
        raise TrainingError(f"--first-seed is {first_seed}, but must be from 0 to {last}")
