import os
from typing import Any

import numpy as np
import pytest
from PIL import Image

import netlet as nl

NETWORK = "conv(2, 3x3) - maxpool(2) - flatten - dense(1)"


@pytest.fixture
def kept(run, dots, tmp_path):
    path = tmp_path / "kept.netlet"
    assert run("train", dots, NETWORK, "--epochs", 2, "--save", path)[0] == 0
    return path


def test_figures_are_printed_and_pictures_made(run, kept):
    code, out, error = run("look", kept)
    assert code == 0, error
    network = nl.load_network(kept)
    assert f"Total params: {network.parameters}" in out
    assert "specificity" in out
    made = {path.name for path in kept.with_name("kept-look").iterdir()}
    expected = {"kernels", "classes-conv-1", "classes-maxpool-1", "ablation", "confusion", "mistakes", "roc"}
    assert {f"{name}.png" for name in expected} <= made
    of_images = ("before", "after", "saliency")
    assert {f"image-{index}-{each}.png" for index in (0, 1) for each in of_images} <= made
    assert all((kept.with_name("kept-look") / name).read_bytes()[:4] == b"\x89PNG" for name in made)


def test_pictures_go_where_they_are_wanted(run, kept, tmp_path):
    assert run("look", kept, "--out", tmp_path / "pictures")[0] == 0
    assert (tmp_path / "pictures" / "confusion.png").exists()
    assert not kept.with_name("kept-look").exists()


def test_classes_are_matched_by_name_whatever_their_order(run, tmp_path):
    for kind in ("flat", "tall"):
        (tmp_path / "lines" / kind).mkdir(parents=True)
        for index in range(24):
            pixels = np.zeros((8, 8), np.uint8)
            pixels[(slice(None), index % 6) if kind == "tall" else index % 6] = 255
            Image.fromarray(pixels).save(tmp_path / "lines" / kind / f"{index}.png")
    kept, text = tmp_path / "kept.netlet", "conv(4, 3x3) - globalmaxpool - dense(1)"
    trained = run("train", tmp_path / "lines", text, "--epochs", 60, "--learning-rate", 0.03, "--save", kept)
    assert trained[0] == 0
    (tmp_path / "lines" / "tall").rename(tmp_path / "lines" / "Tall")  # which sorts before flat
    code, out, error = run("look", kept, "--data", tmp_path / "lines")
    assert code == 0, error
    accuracy = next(line for line in out.splitlines() if line.strip().startswith("accuracy"))
    assert min(float(value) for value in accuracy.split()[1:]) >= 0.95
    (tmp_path / "lines" / "Tall").rename(tmp_path / "lines" / "steep")
    code, _, error = run("look", kept, "--data", tmp_path / "lines")
    assert code == 2
    assert "classes flat, steep" in error and "flat, tall" in error


def test_a_file_that_is_no_network_is_refused(run, tmp_path):
    path = tmp_path / "wrong.netlet"
    path.write_bytes(b"no")
    code, _, error = run("look", path)
    assert code == 2
    assert "wrong.netlet" in error


def test_a_network_that_does_not_say_what_it_learned_is_refused(run, kept, tmp_path):
    network = nl.load_network(kept)
    details: dict[str, Any] = network.details | {"about": None}
    bare = nl.Network(network.architecture, network.input_shape, network.task, network.weights, **details)
    bare.save(tmp_path / "bare.netlet")
    code, _, error = run("look", tmp_path / "bare.netlet")
    assert code == 2
    assert "what it was trained on" in error


def test_data_of_another_shape_is_refused(run, kept, tmp_path):
    network = nl.load_network(kept)
    about = dict(network.about)
    network.save(tmp_path / "other.netlet", **(about | {"dataset": "crt"}))
    code, _, error = run("look", tmp_path / "other.netlet")
    assert code == 2
    assert "crt" in error


def test_other_data_than_it_was_trained_on_is_said(run, kept, tmp_path):
    network = nl.load_network(kept)
    about = dict(network.about)
    network.save(tmp_path / "other.netlet", **(about | {"content": "another"}))
    assert "not what it was trained on" in run("look", tmp_path / "other.netlet")[1]


def test_a_network_without_convolutions_has_pictures_too(run, dots, tmp_path):
    path = tmp_path / "flat.netlet"
    assert run("train", dots, "flatten - dense(1)", "--epochs", 1, "--save", path)[0] == 0
    assert run("look", path)[0] == 0
    made = {each.stem for each in (tmp_path / "flat-look").iterdir()}
    saliency = {"image-0-saliency", "image-1-saliency"}
    assert made == {"classes-input", "confusion", "explanation", "mistakes", "roc"} | saliency


def test_a_tiny_network_is_drawn_as_a_whole_and_its_formula_printed(run, dots, tmp_path):
    path, text = tmp_path / "tiny.netlet", "conv(1, 3x3) - globalmaxpool - dense(1)"
    assert run("train", dots, text, "--epochs", 2, "--save", path)[0] == 0
    code, out, error = run("look", path)
    assert code == 0, error
    assert "\nb1 = max(a1[i, j] for i in 0..3, j in 0..3)\n" in out and "\np = sigmoid(c1)\n" in out
    assert (tmp_path / "tiny-look" / "explanation.png").read_bytes()[:4] == b"\x89PNG"


def test_it_is_said_how_the_network_was_trained(run, kept, tmp_path):
    said = "trained on dots from seed 0: Adam 0.005, 2 epochs, batches of 64\n"
    assert said in run("look", kept)[1]
    network = nl.load_network(kept)
    known = dict(network.about)
    known["training"] = known["training"] | {"shuffle": False, "beta_1": 0.5}
    network.save(tmp_path / "other.netlet", **known)
    assert said[:-1] + ", in fixed order, beta 1 0.5\n" in run("look", tmp_path / "other.netlet")[1]


@pytest.mark.parametrize(
    "about",
    [
        {"training": {"epochs": -1}},
        {"training": {"of another version": 1}},
        {"training": "evil"},
        {"training": [1]},
        {"seed": "[/red]"},
        {"data_dir": 7},
        {"content": 3},
        {"class_names": None},
    ],
)
def test_what_is_known_with_a_network_may_be_nonsense(run, kept, tmp_path, about):
    network = nl.load_network(kept)
    known = dict(network.about)
    network.save(tmp_path / "odd.netlet", **(known | about))
    assert run("look", tmp_path / "odd.netlet")[0] == 0


def test_nothing_known_with_a_network_is_refused(run, kept, tmp_path):
    network = nl.load_network(kept)
    network.save(tmp_path / "odd.netlet", dataset=5)
    code, _, error = run("look", tmp_path / "odd.netlet")
    assert code == 2
    assert "what it was trained on" in error


def test_what_is_no_file_is_refused(run, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path, words in ((tmp_path, "is a folder"), (tmp_path / "pipe", "is no ordinary file")):
        code, _, error = run("look", path)
        assert code == 2
        assert words in error


def test_a_network_that_diverged_is_refused(run, kept, tmp_path):
    network = nl.load_network(kept)
    about = dict(network.about)
    weights = [np.full(weight.shape, np.nan) for weight in network.weights]
    network.with_weights(weights).save(tmp_path / "diverged.netlet", **about)
    code, out, error = run("look", tmp_path / "diverged.netlet")
    assert (code, out) == (2, "")
    assert "diverged" in error
    assert not (tmp_path / "diverged-look").exists()


def test_data_that_was_moved_is_asked_for_and_can_be_given(run, kept, dots):
    moved = dots.rename(dots.with_name("moved.npz"))
    code, _, error = run("look", kept)
    assert code == 2
    assert "say with --data where its data is now" in error
    assert not kept.with_name("kept-look").exists()
    code, out, error = run("look", kept, "--data", moved)
    assert code == 0, error
    assert "not what it was trained on" not in out


@pytest.fixture
def numbers(tmp_path):
    """Images with a number to be told for each."""
    rng = np.random.default_rng(0)
    arrays: dict[str, Any] = {f"x_{split}": rng.random((6, 6, 6, 1)) for split in ("train", "val")}
    arrays |= {f"y_{split}": np.arange(6) / 8 + 0.0625 for split in ("train", "val")}
    np.savez(tmp_path / "numbers.npz", **arrays)
    return tmp_path / "numbers.npz"


def test_a_network_of_numbers_has_pictures_too(run, numbers, tmp_path):
    path = tmp_path / "kept.netlet"
    assert run("train", numbers, NETWORK, "--epochs", 1, "--save", path)[0] == 0
    code, out, error = run("look", path)
    assert code == 0, error
    made = {each.stem for each in (tmp_path / "kept-look").iterdir()}
    assert made == {"explanation", "kernels", "image-0-before", "image-0-after", "image-0-saliency"}
    assert "target 0.062" in out


def test_a_network_without_pictures_makes_no_folder(run, sequences, tmp_path):
    path = tmp_path / "kept.netlet"
    data, network = sequences(np.arange(10) / 8), "flatten - dense(30) - dense(1)"
    assert run("train", data, network, "--epochs", 1, "--save", path)[0] == 0
    code, out, _ = run("look", path)
    assert code == 0
    assert "there are no pictures" in out
    assert not (tmp_path / "kept-look").exists()


def test_of_many_classes_a_few_images_are_shown(run, tmp_path):
    from netlet.cli import look

    rng = np.random.default_rng(0)
    arrays: dict[str, Any] = {f"x_{split}": rng.random((60, 4, 4, 1)) for split in ("train", "val")}
    labels = np.arange(60) % 15
    np.savez(tmp_path / "many.npz", **arrays, y_train=labels, y_val=labels)
    assert len(look._examples(nl.load(tmp_path / "many.npz"))) == look._IMAGES


def test_names_in_letters_without_a_picture_are_no_error(run, tmp_path):
    from PIL import Image

    rng = np.random.default_rng(0)
    for name in ("日本", "[/red]".replace("/", "-"), "b\udcff"):
        (tmp_path / "own" / name).mkdir(parents=True)
        for number in range(3):
            pixels = rng.integers(255, size=(6, 6), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / "own" / name / f"{number}.png")
    path = tmp_path / "kept.netlet"
    network = "flatten - dense(3)"
    assert run("train", tmp_path / "own", network, "--epochs", 1, "--save", path)[0] == 0
    code, _, error = run("look", path)
    assert (code, error) == (0, "")


# Sequences

OF_PULSES = {
    *("data", "sequence-3", "sequence-3-contributions", "silenced", "memory", "signals"),
    *("errors", "errors-by-width", "responses"),
}


def looked_at(run, tmp_path, data, network, *options):
    """Train a network a little: the names of its pictures but the one of the whole, and what look says."""
    path = tmp_path / "kept.netlet"
    code, _, error = run("train", data, network, "--epochs", 1, "--seeds", 1, "--save", path)
    assert code == 0, error
    code, out, error = run("look", path, *options)
    assert (code, error) == (0, "")
    return {each.stem for each in (tmp_path / "kept-look").iterdir()} - {"explanation"}, out


@pytest.mark.parametrize(
    ("network", "with_gates"),
    [
        ("rnn(2) - dense(1)", []),
        ("gru(2) - dense(1)", ["gru-1"]),
        ("lstm(9) - dense(1)", ["lstm-1"]),
        ("gru(2) - gru(3) - dense(1)", ["gru-1", "gru-2"]),
        ("rnn(2) - lstm(2) - dense(1)", ["lstm-1"]),
    ],
)
def test_a_network_on_pulses_has_all_pictures_and_gates_of_every_layer_that_has_some(
    run, tmp_path, network, with_gates
):
    made, out = looked_at(run, tmp_path, "pulses", network)
    assert made == OF_PULSES | {f"sequence-3-gates-{layer}" for layer in with_gates}
    assert ("and the hidden activity and cell state of its nodes" in out) == ("lstm" in network)
    for layer in with_gates:
        assert f"Gates of {layer.replace('-', ' ')} of the network over validation sequence 3" in out


def test_without_a_recurrent_layer_there_is_the_prediction_and_nothing_inside(run, tmp_path):
    made, out = looked_at(run, tmp_path, "pulses", "dense(2, activation=tanh) - dense(1)")
    assert made == {"data", "sequence-3"}
    assert "hidden activity" not in out


@pytest.fixture
def sequences(tmp_path):
    """A maker of data of 10 sequences of two channels, of at most 8 steps if they are ragged."""

    def make(targets, is_ragged=False):
        rng = np.random.default_rng(0)
        arrays: dict[str, Any] = {}
        for split in ("train", "val"):
            arrays |= {f"x_{split}": rng.normal(size=(10, 8, 2)), f"y_{split}": targets}
            if is_ragged:
                arrays[f"lengths_{split}"] = [1, 8, *[5] * 8]
        np.savez(tmp_path / "own.npz", **arrays)
        return tmp_path / "own.npz"

    return make


@pytest.mark.parametrize("is_ragged", [False, True])
def test_of_two_channels_there_is_what_needs_no_named_signals(run, tmp_path, sequences, is_ragged):
    data = sequences(np.random.default_rng(1).normal(size=(10, 8, 2)), is_ragged)
    made, _ = looked_at(run, tmp_path, data, "gru(2) - dense(2)", "--index", 0)
    expected = {"data", "silenced", "memory", "responses"}
    assert made == expected | {f"sequence-0{each}" for each in ("", "-gates-gru-1", "-contributions")}


@pytest.mark.parametrize(
    ("network", "is_ragged"),
    [
        ("gru(2) - dense(1)", False),
        ("gru(2) - dense(1)", True),
        ("gru(2, return_sequences=true) - flatten - dense(1)", False),
    ],
)
def test_sequences_of_two_classes_have_their_activity_with_the_answer(
    run, tmp_path, sequences, network, is_ragged
):
    made, out = looked_at(run, tmp_path, sequences(np.arange(10) % 2, is_ragged), network)
    expected = {f"sequence-{index}{each}" for index in (0, 1) for each in ("", "-gates-gru-1")}
    assert made == expected | {"silenced", "confusion", "roc"}
    assert "Validation sequence 1 of own, class 1: its input, and the hidden activity of the nodes" in out
    assert "of the network, which says " in out


def test_sequences_of_many_classes_and_with_a_number_each_have_their_activity_too(run, tmp_path, sequences):
    made, _ = looked_at(run, tmp_path, sequences(np.arange(10) % 3), "lstm(2) - dense(3)", "--index", 2)
    assert made == {"sequence-2", "sequence-2-gates-lstm-1", "silenced", "confusion"}
    (tmp_path / "number").mkdir()
    made, out = looked_at(
        run, tmp_path / "number", sequences(np.arange(10) / 8), "rnn(2) - dense(1)", "--index", 3
    )
    assert made == {"sequence-3", "silenced"}
    assert "target 0.375" in out


def test_a_class_at_every_step_is_drawn_by_name_and_counts_the_steps_that_count():
    from types import SimpleNamespace

    from netlet.cli.look import _examples, _of_classes_at_steps

    architecture = nl.Architecture("gru(2) - dense(3)").resolve((7, 1), "categorical", 3, True)
    random = np.random.default_rng(0)
    weights = [random.normal(size=size) for size in architecture.weight_shapes((7, 1))]
    names = ("rest", "rise", "fall")
    network = nl.Network(architecture, (7, 1), "categorical", weights, class_names=names)
    mask = np.arange(7) < random.integers(1, 8, (5, 1))
    x = random.normal(size=(5, 7, 1)).astype(np.float32)
    split = nl.Split(x, np.eye(3, dtype=np.float32)[random.integers(0, 3, (5, 7))], mask)
    data: Any = SimpleNamespace(
        name="steps", per_step=True, task="categorical", class_names=names, validation=split
    )
    data.present = {"validation": split}
    assert _examples(data) == [0]
    found = {name: figure for name, _, figure in _of_classes_at_steps(network, data, [0, 2])}
    assert list(found) == ["sequence-0", "sequence-2", "confusion"]
    (axes,) = found["confusion"].axes
    assert f"validation: {mask.sum()} steps" in axes.get_title(loc="left")


def test_the_majoritys_share_stands_below_the_metrics(run, kept):
    line = next(line for line in run("look", kept)[1].splitlines() if "majority share" in line)
    assert line.split()[2:] == ["0.5000", "0.5000"]
