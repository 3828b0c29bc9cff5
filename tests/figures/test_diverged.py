"""Pictures of what diverged: where there is no number nothing is drawn, and nothing is raised."""

import dataclasses

import numpy as np
import pytest

from netlet import figures


def broken(value):
    """The same with NaN in the place of every float."""
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return np.full_like(value, np.nan)
    if isinstance(value, float):
        return float("nan")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = [field.name for field in dataclasses.fields(value) if field.init]
        return dataclasses.replace(value, **{name: broken(getattr(value, name)) for name in fields})
    if isinstance(value, dict):
        return {name: broken(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(broken(each) for each in value)
    return value


@pytest.fixture(autouse=True)
def _nothing_is_a_number(monkeypatch):
    others = ("comparison", "front", "save", "to_png_bytes", "to_svg_bytes")
    for name in set(figures.__all__) - set(others):
        drawing = getattr(figures, name)
        monkeypatch.setattr(
            figures,
            name,
            lambda *values, drawing=drawing, **named: drawing(*map(broken, values), **named),
        )


def test_every_picture_can_be_drawn_of_a_network_that_diverged(draw):
    assert figures.to_png_bytes(draw(), pixels_per_inch=30).startswith(b"\x89PNG")
