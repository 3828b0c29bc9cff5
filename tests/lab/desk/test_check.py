import json
import math

import numpy as np
import pytest

from netlet.datasets.files import originals
from netlet.lab.desk.check import check, copies
from netlet.lab.desk.material import Material, Owned
from netlet.lab.desk.reading import read
from netlet.lab.desk.retraining import Asked
from netlet.lab.desk.seal import sealed
from netlet.lab.desk.verdict import NOT, PLAUSIBLE, REPRODUCED, UNCHECKED

ALL = Asked(seconds=60)


def checked(path, material=None, asked=ALL):
    return check(path, material or Material(), asked)


def reasons(verdict):
    return [reason for answer in verdict.answers for network in answer.networks for reason in network.reasons]


def network_of(results, key="q1", place=0):
    return results["answers"][key]["networks"][place]


def set_value(network, split, place, value):
    """Forge one seed's value, and the medians with it, as a careful forger would."""
    values = network["values"][split]
    values[place] = value
    metric = next(iter(network["metrics"][split]))
    network["metrics"][split][metric]["median"] = float(np.median(values))


def test_honest_results_are_reproduced_to_the_bit(results, write):
    verdict = checked(write(results))
    assert verdict.verdict == REPRODUCED, reasons(verdict)
    assert verdict.student == "Ada"
    assert [answer.key for answer in verdict.answers] == ["q1", "q2"]
    assert verdict.answers[0].networks[0].seeds == (0, 1, 2, 3)


def test_a_page_and_a_notebook_that_carry_them_are_checked_alike(results, write):
    page = sealed("<html><body><p>Words.</p></body></html>", results)
    notebook = {"nbformat": 4, "metadata": {"netlet": {"results": results}}, "cells": []}
    for path in (write(page, "index.html"), write(notebook, "report.ipynb")):
        assert checked(path).verdict == REPRODUCED


def test_the_order_of_keys_does_not_count(results, write):
    # Jupyter sorts keys when it saves a notebook.
    assert checked(write(json.dumps(results, sort_keys=True))).verdict == REPRODUCED


def test_words_changed_in_a_page_are_noticed(results, write):
    page = sealed("<html><body><p>Accuracy 0.91 & more</p></body></html>", results)
    verdict = checked(write(page.replace("0.91", "0.99"), "index.html"))
    assert verdict.verdict == NOT
    assert verdict.remarks == ("words of the page were changed after netlet wrote it",)


@pytest.mark.parametrize("split", ["training", "validation", "test"])
def test_a_forged_accuracy_is_caught_on_every_split(results, write, split):
    forged = network_of(results)
    value = forged["values"][split][2]
    examples = {"training": 60, "validation": 50, "test": 40}[split]
    set_value(forged, split, 2, (round(value * examples) + 1) / examples)
    verdict = checked(write(results))
    assert verdict.answers[0].verdict == NOT
    assert f"seed 2 gave {value:.4f} on {split}" in reasons(verdict)[0]
    assert verdict.answers[1].verdict == REPRODUCED


def test_a_median_alone_that_is_forged_is_caught(results, write):
    network_of(results)["metrics"]["validation"]["accuracy"]["median"] += 0.02
    assert "its median on validation is not that of its seeds" in reasons(checked(write(results)))


def test_medians_of_other_metrics_are_compared_too(results, write):
    network_of(results)["metrics"]["test"]["loss"]["median"] *= 0.9
    verdict = checked(write(results))
    assert verdict.answers[0].verdict == NOT
    assert "the median of loss is" in reasons(verdict)[0]


def test_an_accuracy_that_no_number_of_examples_gives_is_caught_without_training(results, write, monkeypatch):
    monkeypatch.setattr("netlet.lab.desk.retraining.train", None)
    set_value(network_of(results), "validation", 0, 0.777)
    del results["answers"]["q2"]
    assert "its accuracy on validation is none of 50 examples" in reasons(checked(write(results)))


def test_a_digest_of_weights_that_does_not_belong_to_its_seed_is_caught(results, write):
    network_of(results)["weights_sha256"][1] = "ab" * 32
    verdict = checked(write(results))
    assert verdict.answers[0].verdict == NOT
    assert "seed 1 gave other weights" in reasons(verdict)[0]


def test_seeds_called_by_another_number_are_caught(results, write):
    network_of(results)["seed_list"] = [0, 1, 2, 7]
    assert "seed 7 gave other weights" in reasons(checked(write(results)))[0]


def test_the_same_weights_for_two_seeds_are_caught(results, write):
    digests = network_of(results)["weights_sha256"]
    digests[3] = digests[0]
    assert "different seeds cannot give the same weights" in reasons(checked(write(results)))[0]


def test_another_number_of_parameters_is_caught(results, write):
    network_of(results)["parameters"] = 9
    assert "parameters, not 9" in reasons(checked(write(results)))[0]


def test_data_that_is_not_what_it_says_is_caught(results, made, small, write):
    other = made({"q1": [small(seed=4)]})
    other["datasets"][0]["seed"] = 3  # says that it is the class's data, and is easier data of its own
    verdict = checked(write(other))
    assert verdict.verdict == NOT
    assert "its crt is not what it says" in reasons(verdict)[0]


def test_values_from_other_data_under_the_right_hash_are_caught(results, made, small, write):
    other = made({"q1": [small(seed=4)]})
    swapped = network_of(other)
    swapped["content_hash"] = other["datasets"][0]["content_hash"] = network_of(results)["content_hash"]
    other["datasets"][0]["seed"] = 3
    assert "gave other weights" in reasons(checked(write(other)))[0]


def test_a_hash_that_the_file_tells_nothing_of_is_caught(results, write):
    network_of(results)["content_hash"] = "cd" * 32
    assert "its crt is none of the datasets that the file tells of" in reasons(checked(write(results)))[0]


def test_data_from_files_is_checked_with_the_folder_it_was_in(small, made, write, tmp_path):
    runs = small()
    originals.write(runs.dataset, tmp_path / "data")
    content = made({"q1": [runs]})
    content["datasets"][0] |= {"seed": None, "source": "files in data"}
    path = write(content)
    unknown = checked(path)
    assert unknown.verdict == UNCHECKED
    assert "its crt is not at hand: give the folder it was in with --data" in reasons(unknown)
    assert checked(path, Material(tmp_path / "data")).verdict == REPRODUCED
    originals.write(small(seed=4).dataset, tmp_path / "other")
    assert checked(path, Material(tmp_path / "other")).verdict == NOT


def test_in_a_class_data_has_to_be_the_students_own(small, made, write, tmp_path):
    runs = small()
    originals.write(runs.dataset, tmp_path / "data")
    owned = {runs.dataset.content_hash: Owned("Ada", "crt", 99, tmp_path / "data")}
    assert checked(write(made({"q1": [runs]})), Material(of_class=owned)).verdict == REPRODUCED
    verdict = checked(write(made({"q1": [runs]}, name="Bob")), Material(of_class=owned))
    assert verdict.verdict == NOT
    assert "its crt is the data of 'Ada', not that of 'Bob'" in reasons(verdict)
    verdict = checked(write(made({"q1": [small(seed=5)]})), Material(of_class=owned))
    assert "its crt is none of the class's datasets" in reasons(verdict)


def test_on_another_kind_of_machine_honest_values_are_plausible(made, small, elsewhere, write):
    content = elsewhere(made({"q1": [small(seeds=range(100, 108))]}))
    verdict = checked(write(content))
    assert verdict.verdict == PLAUSIBLE, reasons(verdict)
    network = verdict.answers[0].networks[0]
    assert network.probability is not None
    assert network.probability > 0.01
    assert "on another kind of machine" in network.reasons[0]


def test_on_another_kind_of_machine_values_too_good_are_not(made, small, elsewhere, write):
    content = elsewhere(made({"q1": [small(seeds=8)]}))
    forged = network_of(content)
    for place in range(8):
        set_value(forged, "validation", place, 1.0)
    verdict = checked(write(content))
    assert verdict.verdict == NOT
    assert (verdict.answers[0].networks[0].probability or 0) < 0.01


def test_only_some_seeds_are_trained_again_if_asked(results, write):
    verdict = checked(write(results), asked=Asked(seeds=2, seconds=60))
    assert verdict.verdict == REPRODUCED
    assert all(len(network.seeds) == 2 for answer in verdict.answers for network in answer.networks)


def test_what_would_take_too_long_is_not_trained(results, write, monkeypatch):
    monkeypatch.setattr("netlet.lab.desk.retraining.train", None)
    for answer in results["answers"].values():
        for network in answer["networks"]:
            network["settings"]["epochs"] = 10**9
    verdict = checked(write(results))
    assert verdict.verdict == UNCHECKED
    assert "training it again would take too long: take fewer --seeds" in reasons(verdict)


def test_the_time_for_a_file_is_limited(results, write):
    for answer in results["answers"].values():
        for network in answer["networks"]:
            network["settings"]["epochs"] = 20_000
    verdict = checked(write(results), asked=Asked(seconds=0.01))
    assert verdict.verdict == UNCHECKED
    assert "the 0 seconds for this file were over" in reasons(verdict)[0]


def test_a_training_is_the_same_however_its_settings_are_ordered(results, write):
    network = network_of(results)
    results["answers"]["q2"]["networks"].append(
        network | {"settings": dict(reversed(network["settings"].items()))}
    )
    networks = read(write(results)).claims.networks
    assert len(networks) == 4 and len({each.training for each in networks}) == 3


def test_settings_and_architectures_that_cannot_be_are_refused(results, write):
    network_of(results)["settings"]["epochs"] = -3
    network_of(results, "q2")["architecture"] = "dense(" * 500
    network_of(results, "q2", 1)["settings"]["__class__"] = 1
    told = reasons(checked(write(results)))
    assert told[0].startswith("it cannot be trained: epochs")
    assert told[1].startswith("it cannot be trained: ")
    assert told[2] == "its settings are none of a training of netlet's"


def test_weights_of_somebody_else_are_found_in_both_files(results, made, small, write):
    mine = write(results, "a/results.json")
    theirs = made({"q1": [small(seed=8)]}, name="Bob")
    network_of(theirs)["weights_sha256"][0] = network_of(results)["weights_sha256"][2]
    path = write(theirs, "b/results.json")
    found = copies({file: read(file).claims.telling for file in (mine, path)})
    assert set(found) == {mine, path}
    assert found[path] == [
        f"network 0 on crt, seed 0 has the same weights as {mine}: network 0 on crt, seed 2"
    ]


def test_the_same_training_by_two_students_is_no_copy(results, write):
    both = write(results, "a/results.json"), write(results | {"name": "Bob"}, "b/results.json")
    assert copies({file: read(file).claims.telling for file in both}) == {}


def test_a_diverged_seed_is_reproduced_too(small, made, write):
    from dataclasses import replace

    from netlet.training import train

    runs = small("pulses")
    wild = train(runs.architecture, runs.dataset, replace(runs.training, learning_rate=1e30), seeds=2)
    assert wild.diverged
    content = made({"q1": [wild]})
    assert None in network_of(content)["values"]["validation"]
    assert checked(write(content)).verdict == REPRODUCED


def test_numbers_survive_being_written_as_json(results):
    values = network_of(results)["values"]["validation"]
    assert json.loads(json.dumps(values)) == values
    assert all(math.isfinite(each) for each in values)
