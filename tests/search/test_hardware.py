"""A search for hardware: what does not fit is not tried, and what is quoted in int8 was measured in it."""

import re

import numpy as np
import optuna
import pytest

import netlet as nl
from netlet.datasets import make
from netlet.errors import FileError, TrainingError
from netlet.interop.c import Quantized, to_c, to_c_int8
from netlet.search import Hardware, search, study
from netlet.search.hardware import INT8, amount

SHORT = {"epochs": 6, "batch_size": 20, "learning_rate": 0.1}


@pytest.fixture
def find(dots, store, one_by_one):
    def find(target="accuracy=0.8", **given):
        usual = {"candidates": 30, "seeds": 3, "store": store, "executor": one_by_one(dots)}
        return search(dots, target, **(usual | SHORT | given))

    return find


@pytest.mark.parametrize(
    ("given", "bytes_"),
    [("8k", 8192), ("8K", 8192), ("8 kB", 8192), ("8KiB", 8192), ("1.5k", 1536), ("2M", 2**21), ("300", 300),
     (300, 300), ("0.5k", 512), (" 64 b ", 64)],
)  # fmt: skip
def test_sizes_are_read_as_people_write_them(given, bytes_):
    assert amount("max_flash", given) == bytes_


def test_multiply_adds_are_counted_in_thousands():
    assert amount("max_macs", "50k", 1000) == 50_000
    assert Hardware.of(max_macs="0.5M", max_ram="2k") == Hardware(None, 2048, 500_000)


@pytest.mark.parametrize(
    "given",
    [
        "8x",
        "-3",
        "",
        "k",
        "nan",
        "inf",
        "1e3",
        "8 8",
        "8kk",
        "0",
        "0.0001",
        True,
        [8],
        -1,
        9e99,
        "9" * 500,
        "٣",
    ],
)
@pytest.mark.parametrize("name", ["max_flash", "max_ram", "max_macs"])
def test_nonsense_is_refused_in_one_line(find, name, given):
    with pytest.raises(TrainingError) as refused:
        find(**{name: given})
    assert refused.value.setting == name
    assert re.fullmatch(rf"{name} is .+ but must be .+", str(refused.value))
    assert len(str(refused.value)) < 300


def test_bytes_are_no_multiply_adds(find):
    with pytest.raises(TrainingError, match="max_macs is '50kb', but must be a number such as 50000 or 50k"):
        find(max_macs="50kb")


def test_nothing_is_trained_that_does_not_fit(find, store, dots):
    find(candidates=60)
    everything = [_costs(each, store) for each in store.list()]
    limits = np.median(everything, axis=0).astype(int)
    assert not all((costs <= limits).all() for costs in everything)
    with nl.Store(f"{store}2") as other:
        found = find(max_flash=int(limits[0]), max_ram=int(limits[1]), max_macs=int(limits[2]), store=other)
        assert found.candidates == 30
        for experiment in other.list():
            assert (_costs(experiment, other) <= limits).all()
    for point in found.front:
        costs = point.costs
        assert (costs.flash, costs.ram, costs.multiply_adds) == tuple(_costs(point.experiment, other))


def _costs(experiment, store):
    """Counted by the program that is written."""
    costs = to_c(store.load(experiment)[0].network).costs
    return np.array([costs.flash, costs.ram, costs.multiply_adds])


def test_int8_is_measured_of_every_run_that_is_quoted(find, store, dots):
    found = find("loss=0.6", int8=True, max_flash="2k", seeds=5)
    assert found.answer is not None
    assert found.hardware == Hardware(2048, int8=True)
    assert found.as_dict()["hardware"]["int8"] is True
    labels = dots.validation.y.ravel()
    for point in (found.answer, found.fresh, *found.front):
        runs = store.load(point.experiment)
        for place, run in enumerate(runs):
            quantized = Quantized(run.network, dots.train.x)
            answers = quantized.predict(dots.validation.x)[:, 0]
            loss = -np.mean(np.log(np.where(labels == 1, answers, 1 - answers)))
            assert point.by_seed["validation"][place] == pytest.approx(loss, rel=1e-4, abs=1e-6)
            assert abs(point.experiment.runs[place].metrics["validation"]["loss"] - loss) > 1e-9
        header, _ = to_c_int8(runs[0].network, dots.train.x)
        assert point.costs == header.costs
    assert found.answer.values["validation"] == np.median(found.answer.by_seed["validation"])


def test_no_network_of_the_front_is_beaten_in_everything(find):
    front = find(max_flash="64k", candidates=60).front
    needs = [(p.parameters, p.costs.flash, p.costs.ram, p.costs.multiply_adds, -p.goodness) for p in front]
    for one in needs:
        assert not any(other is not one and all(np.array(other) <= one) for other in needs)


def test_a_search_for_hardware_goes_on_with_the_same_and_optuna_has_what_was_needed(find, store):
    first = find(int8=True, max_ram="1k", name="mine")
    again = find(int8=True, max_ram=1024, name="mine", candidates=first.candidates)
    assert (again.begun, again.candidates) == (0, first.candidates)
    assert again.answer.by_seed == first.answer.by_seed
    trials = study(store, "mine").get_trials(states=[optuna.trial.TrialState.COMPLETE])
    assert all(trial.user_attrs["ram"] <= 1024 and trial.user_attrs["flash"] > 0 for trial in trials)
    with pytest.raises(
        FileError, match=r"the search mine has hardware at most 1,024 bytes of RAM, int8, not"
    ):
        find(name="mine")


def test_what_others_have_trained_is_measured_before_it_is_quoted(find, store, dots):
    find(candidates=30)
    found = find(candidates=30, int8=True)
    assert found.known > 0
    for run in found.answer.experiment.runs:
        assert INT8 + "accuracy" in run.metrics["validation"]


def test_room_for_nothing_is_refused(find):
    with pytest.raises(TrainingError, match="could be made within at most 1 bytes of flash: give more room"):
        find(max_flash=1)


def test_a_recurrent_network_is_searched_and_measured_in_int8_too(store):
    pulses = make("pulses", train=5, validation=5, test=0, steps=30)
    found = search(pulses, "normalised_error=5", candidates=4, seeds=2, int8=True, fresh_seeds=2, store=store)
    assert found.answer is not None
    for run in found.answer.experiment.runs:
        assert INT8 + "normalised_error" in (run.metrics["validation"] or {})
