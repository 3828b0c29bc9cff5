"""The page: its TypeScript is held to Python, and it is driven in a browser as a person would."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import netlet as nl
from netlet.datasets.scaling import Scaling

ROOT = Path(__file__).parents[2]
WEB = ROOT / "web"
PAGE = WEB / "dist" / "netlet.html"
MOST_BYTES = 3_000_000

pytestmark = [
    pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node.js"),
    pytest.mark.skipif(
        not (WEB / "node_modules" / ".package-lock.json").exists() or not PAGE.exists(),
        reason="the page is not built: make web",
    ),
]


def run(*command: str, **environment: str) -> None:
    """Run a command in web/; what it says is the failure."""
    done = subprocess.run(
        command,
        cwd=WEB,
        capture_output=True,
        text=True,
        env=os.environ | environment,
        timeout=1200,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def written(program: str, target: Path, **environment: str) -> Path:
    """What a program of this folder writes, in a process of its own."""
    command = [sys.executable, str(Path(__file__).with_name(program)), str(target)]
    subprocess.run(command, check=True, env=os.environ | environment, timeout=600)
    return target


def test_the_page_is_typed_and_linted():
    run("npm", "run", "--silent", "check")


def test_the_page_says_and_computes_what_python_does(tmp_path):
    contract = written("contract.py", tmp_path / "contract.json")
    assert len(json.loads(contract.read_text(encoding="utf-8"))["architectures"]) >= 3000
    trainings = written("trainings.py", tmp_path / "trainings.json", NETLET_INSTRUCTION_SET="x86-64-v2")
    run("npm", "run", "--silent", "test", NETLET_CONTRACT=str(contract), NETLET_TRAININGS=str(trainings))


def test_the_page_is_one_file_below_three_megabytes_that_may_not_use_the_network():
    page = PAGE.read_text(encoding="utf-8")
    assert PAGE.stat().st_size < MOST_BYTES
    policy = page.partition('http-equiv="Content-Security-Policy" content="')[2].partition('"')[0]
    assert "default-src 'none'" in policy
    assert "connect-src" not in policy  # so that default-src holds for it
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy.replace("wasm-unsafe-eval", "")


@pytest.mark.skipif(shutil.which("chromium") is None, reason="there is no Chromium")
def test_the_page_works_in_a_browser_and_exchanges_networks_with_python(tmp_path):
    data = nl.load("mnist56")
    text = "conv(2, 5x5, strides=3) - globalmaxpool - dense(1)"
    native = nl.train(text, data, seeds=[7], epochs=1)[0].network
    native.save(tmp_path / "native.netlet", dataset="mnist56", seed=7)
    pulses = nl.load("pulses")
    spread = Scaling.standard(pulses.train.x)
    scaled = nl.Network(
        (given := nl.train("gru(2) - dense(1)", pulses, seeds=[1], epochs=1)[0].network).architecture,
        given.input_shape,
        given.task,
        given.weights,
        input_scaling=spread,
        target_scaling=Scaling((0.1,), (0.7,)),
    )
    scaled.save(tmp_path / "scaled.netlet", dataset="pulses", seed=1)
    saved = tmp_path / "saved.netlet"
    run(
        "npm",
        "run",
        "--silent",
        "browser",
        "--",
        "--exclude",
        "browser/exercise.test.ts",  # which is test_exercise.py's
        NETLET_SAVED=str(saved),
        NETLET_NATIVE=str(tmp_path / "native.netlet"),
        NETLET_SCALED=str(tmp_path / "scaled.netlet"),
        NETLET_SCALED_ERROR=str(scaled.evaluate(pulses.validation)["normalised_error"]),
    )
    table = nl.load_network(f"{saved}.table")
    assert table.input_scaling is not None
    # In the table's own units.
    assert table.classify([[0, 0], [1, 7], [58, 3]]).tolist() == [
        "low",
        "low",
        "high",
    ]
    network = nl.load_network(saved)
    assert network.class_names == ("5", "6")
    assert network.about["seed"] == 3
    runs = nl.train(network.architecture, data, seeds=[3], epochs=2)
    # Another instruction set may round otherwise: the same weights to the bit are another test's.
    for ours, theirs in zip(network.weights, runs[0].network.weights, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-3)


def test_the_engine_can_be_compiled_for_the_page():
    if importlib.util.find_spec("ziglang") is None:
        pytest.skip("ziglang is not installed")
    assert (WEB / "generated" / "engine.wasm").stat().st_size > 0
