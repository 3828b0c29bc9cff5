"""Keras, the truth that layers and optimizers are held against, is quiet; the user's own runs are safe."""

import itertools
import os

import pytest

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["GRPC_VERBOSITY"] = "ERROR"  # which comes with Ray
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"  # Keras loads TensorFlow where it is installed, which talks
# What is computed here takes less time than optimising its compilation would.
os.environ["JAX_DISABLE_MOST_OPTIMIZATIONS"] = "1"


@pytest.fixture(scope="session", autouse=True)
def _stores(tmp_path_factory):
    """Names of stores that are not there yet; one of them is what fixtures of more than a test use."""
    folder = tmp_path_factory.mktemp("stores")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NETLET_STORE", str(folder / "shared.db"))
        yield (folder / f"{number}.db" for number in itertools.count())


@pytest.fixture(autouse=True)
def default_store(_stores, monkeypatch):
    """Where runs are kept if nothing else is said: a store of its own for every test, never the user's."""
    path = next(_stores)
    monkeypatch.setenv("NETLET_STORE", str(path))
    return path
