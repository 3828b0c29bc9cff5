import numpy as np
import pytest

from netlet import cli


@pytest.fixture(autouse=True)
def wide_and_without_variable(monkeypatch):
    monkeypatch.delenv("NETLET_DATA", raising=False)
    monkeypatch.setenv("COLUMNS", "160")


@pytest.fixture
def run(capsys):
    """Run a command: its exit code, what it printed, and what it wrote to stderr."""

    def run(*arguments):
        capsys.readouterr()
        code = cli.run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture
def dots(tmp_path):
    """A dataset of one's own: a dot in the upper or in the lower half of 6 x 6 pixels; no test split."""
    rng = np.random.default_rng(0)
    arrays = {}
    for split, count in (("train", 40), ("val", 20)):
        labels = np.arange(count) % 2
        images = np.zeros((count, 6, 6, 1), dtype=np.float32)
        images[np.arange(count), rng.integers(3, size=count) + 3 * labels, rng.integers(6, size=count)] = 1
        arrays |= {f"x_{split}": images, f"y_{split}": labels}
    path = tmp_path / "dots.npz"
    np.savez(path, **arrays)
    return path
