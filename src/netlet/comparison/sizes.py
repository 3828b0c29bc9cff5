"""Networks of different cells made equal in size, so that a comparison is fair."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from netlet.architecture import GRU, LSTM, RNN, Architecture, Dense
from netlet.datasets import Dataset
from netlet.errors import ArchitectureError, brief

CELLS = {"rnn": RNN, "gru": GRU, "lstm": LSTM}


def equal_sizes(cells: Sequence[str], dataset: Dataset, least: int, most: int) -> tuple[Architecture, ...]:
    """A network of each kind of cell, their sizes as equal as they can be.

    Parameters
    ----------
    cells
        Of rnn, gru and lstm; each gives ``cell(n) - dense(outputs)``.
    dataset
        Of sequences.
    least, most
        Parameters that each may have; of equally good choices the largest is taken.

    Raises
    ------
    ArchitectureError
        If the dataset has no sequences, a cell is unknown or there twice, or one has no size in the range.
    """
    if len(dataset.input_shape) != 2:
        raise ArchitectureError(
            f"cells are for sequences, but {dataset.name} has images: give architectures to compare"
        )
    if unknown := [cell for cell in cells if cell not in CELLS]:
        raise ArchitectureError(f"there is no cell {brief(unknown[0])}: choose from {', '.join(CELLS)}")
    if len(set(cells)) < len(cells) or len(cells) < 2:
        raise ArchitectureError(f"the cells are {', '.join(cells)}, but must be two or three different ones")
    if not 0 < least <= most:
        raise ArchitectureError(f"the parameters are {least}-{most}, but must be a range such as 150-200")
    options = [_options(cell, dataset, least, most) for cell in cells]
    best: tuple[int, int] | None = None
    chosen: tuple[Architecture, ...] = ()
    for low in sorted({size for sizes in options for size, _ in sizes}):
        places = [bisect_left(sizes, low, key=lambda option: option[0]) for sizes in options]
        if any(place == len(sizes) for place, sizes in zip(places, options, strict=True)):
            break
        taken = [sizes[place] for place, sizes in zip(places, options, strict=True)]
        spread = max(size for size, _ in taken) - low
        if best is None or (spread, -low) < best:
            best, chosen = (spread, -low), tuple(architecture for _, architecture in taken)
    return chosen


def _options(cell: str, dataset: Dataset, least: int, most: int) -> list[tuple[int, Architecture]]:
    """All sizes of one kind of cell within the range, from small to large."""
    found: list[tuple[int, Architecture]] = []
    below = above = None
    units = 0
    while above is None:
        units += 1
        layers = [CELLS[cell](units, return_sequences=dataset.per_step), Dense(dataset.outputs)]
        network = Architecture(layers).resolve_for(dataset)
        size = network.parameters(dataset.input_shape)
        if size > most:
            above = size
        elif size >= least:
            found.append((size, network))
        else:
            below = size
    if not found:
        near = " and ".join(f"{size:,}" for size in (below, above) if size is not None)
        raise ArchitectureError(
            f"no {cell} network for {dataset.name} has {least:,} to {most:,} parameters: the nearest have "
            f"{near}"
        )
    return found
