import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from netlet import cli
from netlet.errors import DataError


def netlet(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-c", "from netlet.cli import main; main()", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        **options,
    )


def test_help_lists_every_command(run):
    code, out, _ = run("--help")
    assert code == 0
    for command in ("train", "search", "compare", "look", "lab", "summary", "data", "runs"):
        assert f" {command} " in out


def test_help_imports_nothing_slow():
    slow = ["numpy", "matplotlib", "sklearn", "PIL", "jinja2", "sqlalchemy", "optuna", "netlet._engine"]
    loaded = f"set({slow}) & set(sys.modules)"
    program = f"import sys; from netlet.cli import run; run(['--help']); print({loaded})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"


def test_no_command_shows_the_help(run):
    assert "Commands" in run()[1]


def test_the_version_is_printed(run):
    import netlet

    assert run("--version") == (0, f"netlet {netlet.__version__}\n", "")


def test_an_unknown_command_is_answered_with_the_nearest(run):
    code, out, error = run("trian")
    assert (code, out) == (2, "")
    assert error.count("\n") == 1
    assert "'trian'" in error
    assert "'train'" in error


def test_an_unknown_option_is_one_line(run):
    code, _, error = run("train", "mnist56", "flatten - dense(1)", "--epoks", "3")
    assert code == 2
    assert error.count("\n") == 1
    assert "--epochs" in error


def test_a_missing_argument_is_one_line_that_names_it(run):
    code, _, error = run("train", "mnist56")
    assert code == 2
    assert error.count("\n") == 1
    assert "architecture" in error


def test_a_group_without_a_command_shows_its_help_once(run):
    code, out, error = run("data")
    assert code == 2
    assert (out + error).count("Usage:") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train", "mnist57", "flatten - dense(1)"], "mnist56"),
        (["train", "mnist56", "flaten - dense(1)"], "flatten"),
        (["train", "mnist56", "flatten - dense(3)"], "dense(1)"),
        (["train", "mnist56", "flatten - dense(1)", "--epochs", "-1"], "epochs"),
        (["train", "mnist56", "flatten - dense(1)", "--seeds", "0"], "--seeds"),
        (["train", "mnist56", "flatten - dense(1)", "--first-seed", "-1"], "--first-seed"),
        (["train", "mnist56", "flatten - dense(1)", "--data", "/nowhere"], "/nowhere"),
        (["lab", "ex9"], "ex1"),
        (["look", "/nowhere.netlet"], "/nowhere.netlet"),
        (["summary", "conv(0)", "--dataset", "mnist56"], "conv"),
    ],
)
def test_a_mistake_is_one_line_on_stderr_and_exit_code_2(run, arguments, words):
    code, out, error = run(*arguments)
    assert (code, out) == (2, "")
    assert error.count("\n") == 1
    assert words in error
    assert "Traceback" not in error


def test_an_error_of_several_lines_becomes_one(run, monkeypatch):
    def fail(**options):
        raise DataError("first\n  second")

    monkeypatch.setattr(cli, "app", fail)
    assert run("train") == (2, "", "first second\n")


@pytest.mark.parametrize(
    ("raised", "code", "words"),
    [
        (OSError(28, "No space left on device", "/tmp/x"), 2, "/tmp/x: No space left on device"),
        (MemoryError(), 2, "memory"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
)
def test_what_the_system_raises_is_one_line(run, monkeypatch, raised, code, words):
    def fail(**options):
        raise raised

    monkeypatch.setattr(cli, "app", fail)
    assert run("train") == (code, "", f"{words}\n") or words in run("train")[2]
    assert run("train")[0] == code


def test_a_reader_that_goes_away_is_no_error():
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-c", "from netlet.cli import main; main()", "--version"],
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(write)
    assert done.stderr == ""


def test_ctrl_c_keeps_what_was_trained(tmp_path, dots):
    import json

    results, kept = tmp_path / "results.json", tmp_path / "kept.netlet"
    process = subprocess.Popen(
        [
            *[sys.executable, "-c", "print('up', flush=True); from netlet.cli import main; main()"],
            *["train", str(dots), "flatten - dense(200) - dense(200) - dense(1)", "--epochs", "1000000"],
            *["--seeds", "3", "--json", str(results), "--save", str(kept)],
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    stored = Path(os.environ["NETLET_STORE"])
    while not stored.exists() and process.poll() is None:  # it is made when the training begins
        time.sleep(0.1)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=30)
    assert process.returncode == 130, error
    assert "Traceback" not in error
    found = json.loads(results.read_text())
    assert found["interrupted"] is True
    assert found["runs"][0]["epochs"] > 0
    assert kept.exists()
    assert "interrupted" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--epochs", "many"], "'many' for '--epochs'"),
        (["--epochs=many"], "'many' for '--epochs'"),
        (["--learning-rate", "quick"], "'quick' for '--learning-rate'"),
        (["--data-seed", "-1"], "'-1' for '--data-seed'"),
    ],
)
def test_a_value_that_is_no_number_is_quoted(run, arguments, words):
    code, out, error = run("train", "mnist56", "flatten - dense(1)", *arguments)
    assert (code, out) == (2, "")
    assert error.count("\n") == 1
    assert words.replace("'", "") in error.replace("'", "") or words in error


def test_a_mistake_of_netlets_own_is_one_line_that_says_where(run, monkeypatch):
    def fail(**options):
        raise KeyError("missing")

    monkeypatch.setattr(cli, "app", fail)
    code, out, error = run("train")
    assert (code, out, error.count("\n")) == (2, "", 1)
    assert "KeyError: 'missing'" in error
    assert "NETLET_TRACEBACK=1" in error
    monkeypatch.setenv("NETLET_TRACEBACK", "1")
    with pytest.raises(KeyError):
        run("train")


def test_what_would_change_the_terminal_is_written_out(run, monkeypatch):
    def fail(**options):
        raise DataError("\x1b[2J\udcff is wrong")

    monkeypatch.setattr(cli, "app", fail)
    assert run("train")[2] == "\\x1b[2J\\udcff is wrong\n"


def test_a_full_disk_behind_the_output_is_one_line():
    if not os.path.exists("/dev/full"):  # noqa: PTH110
        pytest.skip("no /dev/full here")
    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = subprocess.run(
            [sys.executable, "-c", "from netlet.cli import main; main()", "data", "list"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 2
    assert done.stderr == "the output cannot be written: No space left on device\n"


def test_closed_streams_are_no_error(dots, tmp_path):
    results = tmp_path / "results.json"
    program = f"{sys.executable} -c 'from netlet.cli import main; main()'"
    command = f"{program} train {dots} 'flatten - dense(1)' --epochs 1 --json {results}"
    for closed in (">&-", "2>&- >&-", "2>/dev/full >/dev/null"):
        done = subprocess.run(["sh", "-c", f"{command} {closed}"], capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stderr) == (0, "")
        results.unlink()


def test_a_narrow_terminal_hides_no_number():
    done = netlet("data", "list", env=os.environ | {"COLUMNS": "40"})
    assert done.returncode == 0
    assert "pulses-reversed" in done.stdout
    assert "100 x 1" in done.stdout
    assert "…" not in done.stdout
