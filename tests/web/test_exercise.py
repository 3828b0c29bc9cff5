"""What the page's exercise hands out is what the command line takes."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from netlet.lab import own, read

ROOT = Path(__file__).parents[2]
WEB = ROOT / "web"
QUESTIONS = ("q1", "q2", "q6")

pytestmark = [
    pytest.mark.skipif(
        shutil.which("node") is None or shutil.which("chromium") is None,
        reason="there is no Node.js or no Chromium",
    ),
    pytest.mark.skipif(
        not (WEB / "node_modules" / ".package-lock.json").exists()
        or not (WEB / "dist" / "netlet.html").exists(),
        reason="the page is not built: make web",
    ),
]


@pytest.fixture(scope="module")
def handed_out(tmp_path_factory):
    """The folder with answers.md and results.json, as somebody downloads them after two questions."""
    folder = tmp_path_factory.mktemp("handed-out")
    done = subprocess.run(
        ["npm", "run", "--silent", "browser", "--", "browser/exercise.test.ts"],
        cwd=WEB,
        capture_output=True,
        text=True,
        env=os.environ | {"NETLET_ANSWERS": str(folder)},
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def netlet(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "import sys; from netlet.cli import run; sys.exit(run(sys.argv[1:]))"]
    env = os.environ | {"COLUMNS": "200"} | environment
    return subprocess.run(
        [*command, *arguments], capture_output=True, text=True, env=env, timeout=900, check=False
    )


def test_netlet_check_trains_the_networks_of_the_page_again_to_the_bit(handed_out):
    verdicts = handed_out / "verdicts.json"
    done = netlet(
        "check",
        str(handed_out / "results.json"),
        "--json",
        str(verdicts),
        NETLET_INSTRUCTION_SET="x86-64-v2",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (file,) = json.loads(verdicts.read_text(encoding="utf-8"))["files"]
    assert file["student"] == "Ada"
    assert {answer["key"]: answer["verdict"] for answer in file["answers"]} == dict.fromkeys(
        QUESTIONS, "reproduced"
    )


def test_netlet_lab_writes_its_report_around_the_words_of_the_page(handed_out):
    answers = own.read(read(), handed_out / "answers.md")
    assert answers.name == "Ada"
    assert answers.words["summary"] == "Small is enough."
    assert "above 98 %" in answers.words["q1"]  # in spite of headings, comments and fences in it
    assert [each.network.architecture for each in answers.networks["q2"]] == [
        "conv(2, 5x5, strides=3, activation=relu) - globalmaxpool - dense(1, activation=sigmoid)"
    ]
    report = handed_out / "report"
    done = netlet(
        "lab",
        "q2",
        "--quick",
        "--seeds",
        "1",
        "--answers",
        str(handed_out / "answers.md"),
        "--out",
        str(report),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    results = json.loads((report / "results.json").read_text(encoding="utf-8"))
    assert results["name"] == "Ada"
    (network,) = results["answers"]["q2"]["own"]["networks"]
    assert network["parameters"] == 55
