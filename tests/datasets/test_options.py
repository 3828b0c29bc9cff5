"""What is said of data, the same for every form it comes in, and kept with it."""

import numpy as np
import pytest
from PIL import Image

import netlet as nl
from netlet import data_options
from netlet.datasets import load_again
from netlet.errors import DataError

RNG = np.random.default_rng(3)


@pytest.fixture
def folder(tmp_path):
    for name in ("cat", "dog"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for place in range(6):
            size = (10, 14, 4) if place % 2 else (12, 12, 4)
            pixels = RNG.integers(1, 255, size, np.uint8)
            Image.fromarray(pixels).save(tmp_path / "pets" / name / f"{place}.png")
    return tmp_path / "pets"


@pytest.fixture
def table(tmp_path):
    rows = RNG.normal(size=(60, 3))
    path = tmp_path / "t.csv"
    lines = [f"{a:.5f},{b:.5f},{c:.5f},{place % 3}" for place, (a, b, c) in enumerate(rows)]
    path.write_text("\n".join(["a,b,c,class", *lines]))
    return path


@pytest.fixture
def arrays(tmp_path):
    x, y = RNG.normal(size=(40, 9)), RNG.normal(size=(40, 9))
    path = tmp_path / "a.npz"
    np.savez(path, x_train=x[:30], y_train=y[:30], x_val=x[30:], y_val=y[30:], per_step=False, kind="table")
    return path


@pytest.fixture
def waves(tmp_path):
    np.save(tmp_path / "w.npy", RNG.normal(size=(2, 12, 9)))
    return tmp_path / "w.npy"


EXAMPLES = {
    "kind": "sequence",
    "task": "regression",
    "target": "a",
    "features": ["b"],
    "window": 4,
    "horizon": 2,
    "stride": 2,
    "known": ["b"],
    "time": "t",
    "season": 0,
    "per_step": False,
    "size": (8, 8),
    "fit": "crop",
    "color": True,
    "background": "black",
    "scale": "minmax",
    "class_names": ["x", "y"],
}


USELESS = [
    ("folder", ["features", "window", "horizon", "known", "time", "season", "per_step", "class_names"]),
    ("table", ["per_step", "size", "fit", "color", "background"]),
    ("arrays", ["target", "window", "horizon", "stride", "size", "fit", "color", "background"]),
    ("waves", ["target", "window", "per_step", "size", "fit", "color", "background", "class_names"]),
]


@pytest.mark.parametrize(("form", "name"), [(form, name) for form, names in USELESS for name in names])
def test_an_option_without_use_is_refused_in_one_line_that_says_with_what_it_goes(request, form, name):
    path = request.getfixturevalue(form)
    with pytest.raises(data_options.OptionError) as told:
        nl.load(path, **{name: EXAMPLES[name]})
    message = str(told.value)
    assert message.startswith(f"{name} goes with ") and path.name in message and "\n" not in message
    assert told.value.setting == name and told.value.spelled().startswith(data_options.spelling(name))


def test_every_option_has_an_example_here():
    assert set(EXAMPLES) == set(data_options.OPTIONS)


@pytest.mark.parametrize(
    ("form", "options", "message"),
    [
        (
            "folder",
            {"kind": "table"},
            r"kind is table, but .*pets is a folder of images, which holds image data",
        ),
        ("table", {"kind": "image"}, r"kind is image, but .* holds table or sequence data"),
        ("table", {"horizon": 3}, "horizon has no use without window"),
        ("table", {"window": 0}, "window is 0, but must be a whole number of at least 1"),
        ("table", {"window": 2.5}, "window is 2.5, but must be a whole number"),
        ("table", {"window": True}, "window is True, but must be a whole number"),
        ("folder", {"color": "yes"}, "color is 'yes', but must be True or False"),
        ("folder", {"size": "8x8x8"}, "size is '8x8x8', but must be"),
        ("folder", {"size": "8x²"}, "but must be"),
        ("folder", {"background": "blue"}, "background is 'blue', but must be one of white, black, grey"),
        ("folder", {"sise": 8}, "takes no sise: did you mean size"),
        ("arrays", {"scale": "{x}\n"}, r"scale is '\{x\}\\n', but must be one of"),
    ],
)
def test_what_cannot_be_right_is_refused(request, form, options, message):
    with pytest.raises(DataError, match=message):
        nl.load(request.getfixturevalue(form), **options)


@pytest.mark.parametrize("said", ["14x10", (10, 14), "14 X 10", np.array([10, 14]).tolist()])
def test_a_size_is_width_first_as_text_and_height_first_as_numbers(folder, said):
    data = nl.load(folder, size=said)
    assert data.input_shape == (10, 14, 3) and data.reading["size"] == (10, 14)


def test_what_is_said_overrules_what_an_npz_says_and_what_it_says_overrules_the_guess(arrays):
    assert nl.load(arrays).kind == "table" and not nl.load(arrays).per_step
    data = nl.load(arrays, kind="sequence", per_step=True)
    assert (data.kind, data.per_step) == ("sequence", True)
    assert "kind is sequence, as was said, and not table, as the file says" in data.notes


@pytest.mark.parametrize(
    ("form", "options"),
    [
        ("folder", {"size": (6, 7), "fit": "stretch", "color": False, "background": "black"}),
        ("folder", {"size": (6, 7)}),
        ("table", {"target": "b", "window": 5, "horizon": 2, "stride": 3, "scale": "minmax"}),
        ("table", {"task": "categorical"}),
        ("arrays", {"scale": "standard", "task": "regression"}),
        ("waves", {"scale": "standard"}),
    ],
)
def test_what_was_said_is_kept_in_the_store_and_in_a_file_and_loads_the_very_same_data(
    request, tmp_path, form, options
):
    data = nl.load(request.getfixturevalue(form), seed=0 if form != "folder" else 7, **options)
    assert options.items() <= data.reading.items()
    dense = "dense(1)" if data.per_step else "dense(2)" if data.kind == "table" else "flatten - dense(2)"
    network = dense.replace("(2)", f"({data.outputs})")
    with nl.Store(tmp_path / "runs.db") as store:
        store.train(network, data, epochs=1)
        (experiment,) = store.list()
        store.export(experiment, tmp_path / "n.netlet")
    kept = nl.load_network(tmp_path / "n.netlet")
    for origin in (experiment.origin, kept.about):
        assert origin is not None
        again = load_again(origin)
        assert again.content_hash == data.content_hash and again.reading == data.reading
    assert {name: tuple(v) if isinstance(v, list) else v for name, v in kept.reading.items()} == data.reading


def test_data_of_one_path_read_in_two_ways_is_never_taken_for_one_another(folder, table, tmp_path):
    ways = {
        folder: [
            {"size": 8},
            {"size": 9},
            {"size": 8, "fit": "crop"},
            {"size": 8, "color": False},
            {"size": 8, "background": "black"},
            {"size": 8, "scale": "standard"},
        ],
        table: [
            {},
            {"target": "a"},
            {"scale": "minmax"},
            {"task": "categorical", "kind": "sequence"},
            {"window": 3},
            {"window": 3, "horizon": 2},
            {"window": 3, "stride": 2},
        ],
    }
    hashes = [nl.load(path, **options).content_hash for path, several in ways.items() for options in several]
    assert len(set(hashes)) == len(hashes)
    with nl.Store(tmp_path / "runs.db") as store:
        for options in ways[folder]:
            assert store.train("flatten - dense(1)", nl.load(folder, **options), epochs=1).found == 0
        assert len(store.list()) == len(ways[folder])


def test_data_that_was_loaded_from_nowhere_says_so():
    data = nl.Dataset("mine", (np.eye(6), np.arange(6) % 2), (np.eye(6), np.arange(6) % 2))
    assert data.origin is None and data.reading == {}


def test_a_generated_dataset_is_loaded_again_in_its_size():
    data = nl.load("crt", seed=4, train=20, validation=10, test=0, size=40)
    assert data.origin is not None
    again = load_again(data.origin)
    assert again.input_shape == (40, 40, 1) and again.content_hash == data.content_hash
    with pytest.raises(data_options.OptionError, match="kind is for data of one's own, but crt is the lab's"):
        nl.load("crt", kind="table")


def test_labels_beside_images_are_those_of_the_column_that_is_said(folder):
    files = sorted(folder.rglob("*.png"))
    lines = [f"{each.parent.name}/{each.name},{place % 2},{place % 3}" for place, each in enumerate(files)]
    (folder / "labels.csv").write_text("\n".join(["file,coat,size", *lines]))
    assert nl.load(folder, size=8, target="size").class_names == ("0", "1", "2")
    assert nl.load(folder, size=8, target="Coat").class_names == ("0", "1")
    with pytest.raises(DataError, match="has columns file, coat, size, but no age"):
        nl.load(folder, size=8, target="age")
    (folder / "labels.csv").unlink()
    with pytest.raises(DataError, match="has no table of file names and labels with a column size"):
        nl.load(folder, size=8, target="size")


def test_what_was_said_is_told_as_the_command_line_has_it():
    said = {
        "size": [8, 10],
        "fit": "crop",
        "color": False,
        "per_step": False,
        "target": ["a b", "c"],
        "window": 24,
    }
    told = "--size 10x8 --fit crop --grey --vector --target 'a b,c' --window 24"
    assert data_options.as_options(said) == told
