"""The course's helpers by their names: against scikit-learn and Keras, and in a notebook that uses them."""

import base64
import io
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import confusion_matrix, log_loss, recall_score

import netlet as nl
from netlet.errors import DataError
from netlet.figures.shown import Shown
from netlet.lab import compat

LOADERS = {
    "loadMNIST56": ("mnist56", (2000, 28, 28, 1), (2000,), (1850, 28, 28, 1), (1850,), 28),
    "loadImagesCRT": ("crt", (500, 64, 64, 1), (500, 3), (1000, 64, 64, 1), (1000, 3), 64),
    "loadImagesR3": ("r3", (500, 64, 64, 1), (500, 3), (1000, 64, 64, 1), (1000, 3), 64),
}
CELLS = (
    "import numpy as np\nimport netlet as nl\nfrom netlet.lab.compat import *",
    "x, d, x_val, d_val, width, height = loadMNIST56()",
    "chosen = np.random.default_rng(0).integers(500, size=10)\n"
    "row = x[chosen, :, :].swapaxes(0, 1).reshape(width, 10 * height)\n"
    "assert row.shape == (28, 280) and 0 <= row.min() and row.max() <= 1\n"
    "set(d[chosen])",
    "net = nl.train('conv(2, 3x3) - maxpool(3) - conv(9, 3x3) - maxpool(2) - flatten - dense(1)', "
    "(x, d, x_val, d_val), epochs=2).best.network\n"
    "print('%.4f %.4f %.4f' % binary_pred_stats(d_val, net.predict(x_val)))",
    "layerVisaliztion(net, x_val, d_val, 2, True)",
    "layerVisualization(net, x_val, d_val)",
    "x, d, x_val, d_val, width, height = loadImagesR3()\n"
    "text = 'conv(2, 3x3, strides=3) - maxpool(3) - flatten - dense(3)'\n"
    "three = nl.train(text, (x, d, x_val, d_val), epochs=2)\n"
    "multi_stat_3(three, x_val, d_val, 'Validation')",
    "cm = np.array([[5, 1], [2, 7]])\n"
    "plot_confusion_matrix(cm=cm, target_names=['a', 'b'], title='Mine', cmap='viridis')",
)


@pytest.fixture
def shown(monkeypatch):
    """What is shown, figure by figure."""
    figures = []
    monkeypatch.setattr(Shown, "show", lambda self: figures.append(self))
    return figures


@pytest.mark.parametrize("name", LOADERS)
def test_a_loader_gives_what_the_course_s_gives_and_says_whose_data_it_is(
    name, tmp_path, monkeypatch, capsys
):
    dataset, x, d, x_val, d_val, side = LOADERS[name]
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NETLET_DATA", raising=False)
    got = getattr(compat, name)()
    assert [each.shape for each in got[:4]] == [x, d, x_val, d_val] and got[4:] == (side, side)
    for images, targets in (got[:2], got[2:4]):
        assert images.dtype == np.float32 and images.min() == 0 and images.max() == 1
        assert targets.dtype.kind == "f" and set(np.unique(targets)) == {0, 1}
        assert images.flags.writeable
    said = capsys.readouterr().out
    assert said.count("\n") == 1 and said.startswith(f"{dataset}: no ") and "netlet's own data" in said


@pytest.mark.parametrize("where", ["beside", "variable"])
def test_the_course_s_folders_are_read_where_they_are(where, tmp_path, monkeypatch, capsys):
    from netlet.datasets.files import originals

    data = nl.load("crt", seed=5)
    originals.write(data, tmp_path / "course")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / ("course" if where == "beside" else "elsewhere"))
    monkeypatch.setenv("NETLET_DATA", str(tmp_path / "course") if where == "variable" else "")
    x, _, _, d_val, *_ = compat.loadImagesCRT()
    assert np.array_equal(x, data.train.x) and np.array_equal(d_val, data.validation.y)
    assert capsys.readouterr().out == ""
    (tmp_path / "course" / "crt-val_trg.csv").unlink()
    with pytest.raises(DataError, match=r"crt-val_trg.csv missing"):
        compat.loadImagesCRT()


def test_statistics_of_two_classes_come_in_order_as_scikit_learn_has_them():
    rng = np.random.default_rng(1)
    target, answer = rng.integers(0, 2, 200).astype(np.float64), rng.random(200)
    for threshold in (0.5, 0.3):
        said = answer > threshold
        expected = (
            recall_score(target, said),
            recall_score(target, said, pos_label=0),
            np.mean(said == target),
        )
        assert compat.binary_pred_stats(target, answer, threshold) == pytest.approx(expected)
        assert compat.binary_pred_stats(target, answer[:, None], threshold) == pytest.approx(expected)
    # What is on the threshold counts as class 0; a class without examples has no share.
    assert compat.binary_pred_stats([0.0], [0.5])[1:] == (1.0, 1.0)
    assert np.isnan(compat.binary_pred_stats([0.0], [0.5])[0])
    with pytest.raises(DataError, match=r"targets are \(200,\) and answers \(3,\)"):
        compat.binary_pred_stats(target, answer[:3])


class Known:
    """A network whose answers are given."""

    def __init__(self, answers):
        self.answers = answers

    def predict(self, x):
        return self.answers


def test_statistics_of_three_classes_are_scikit_learn_s(shown, capsys):
    rng = np.random.default_rng(2)
    answers, target = rng.dirichlet([1, 1, 1], 60), np.eye(3)[rng.integers(0, 3, 60)]
    assert compat.multi_stat_3(Known(answers), None, target, "Validation") is None
    loss, accuracy = (
        float(line.split(": ")[1]) for line in capsys.readouterr().out.splitlines() if ": " in line
    )
    assert loss == pytest.approx(log_loss(target, answers))
    assert accuracy == pytest.approx(np.mean(answers.argmax(1) == target.argmax(1)))
    (picture,) = shown
    axes = picture.figure.axes[0]
    counts = [int(text.get_text()) for text in axes.texts]
    assert counts == confusion_matrix(target.argmax(1), answers.argmax(1)).ravel().tolist()
    assert [label.get_text() for label in axes.get_yticklabels()] == ["class 1", "class 2", "class 3"]
    assert picture.title == "Confusion Matrix: Validation"


def test_a_sure_mistake_costs_what_it_did_with_the_course_s_clipping(shown, capsys):
    compat.multi_stat_3(Known(np.array([[1, 0, 0]], dtype=np.float32)), None, np.array([[0, 1, 0]]), "x")
    loss = float(capsys.readouterr().out.splitlines()[0].split(": ")[1])
    assert loss == pytest.approx(-np.log(1e-15))


def test_a_confusion_matrix_has_shares_of_rows_names_and_colours(shown):
    assert (
        compat.plot_confusion_matrix([[3, 1, 0], [0, 4, 0], [0, 0, 0]], list("abc"), "T", "viridis") is None
    )
    axes, _ = shown[0].figure.axes
    assert [text.get_text() for text in axes.texts] == [
        "0.7500",
        "0.2500",
        "0.0000",
        *["0.0000", "1.0000", "0.0000"],
        *"---",
    ]
    assert axes.images[0].get_cmap().name == "viridis" and axes.get_ylabel() == "true class"
    assert "accuracy 0.8750, misclassified 0.1250" in axes.get_xlabel()
    with pytest.raises(DataError, match="2 names for 3 classes"):
        compat.plot_confusion_matrix(np.eye(3), ["a", "b"])


def test_both_spellings_show_a_keras_model_s_maps_as_they_show_netlet_s(shown, capsys):
    keras = pytest.importorskip("keras")
    from netlet.interop.keras import to_keras

    assert compat.layerVisaliztion is compat.layerVisualization
    data = nl.load("mnist56")
    runs = nl.train(
        "conv(3, 3x3) - maxpool(3) - conv(3, 3x3) - maxpool(3) - flatten - dense(1)", data, epochs=1
    )
    model = to_keras(runs.best.network)
    assert isinstance(model, keras.Model)
    x, d = data.validation.x, data.validation.y
    for post_pool in (False, True):
        pictures = []
        for network in (runs.best.network, runs.best, runs, model):
            assert compat.layerVisualization(network, x, d, 2, post_pool) is None
            axes = shown[-1].figure.axes
            pictures.append([image.get_array() for each in axes for image in each.images])
            said, told = capsys.readouterr().out.splitlines()
            assert said.startswith("Prediction:") and told.startswith("Target    :  0.0")
        assert len(pictures[0]) >= 7
        for others in pictures[1:]:
            for ours, other in zip(pictures[0], others, strict=True):
                assert np.allclose(ours, other, atol=1e-4)


@pytest.mark.parametrize("idx", [-1, 2, True, 0.0])
def test_an_image_that_is_not_there_is_refused(idx):
    with pytest.raises(DataError, match="there are images 0 to 1"):
        compat.layerVisualization(None, np.zeros((2, 4, 4, 1)), [0, 1], idx)


def test_a_notebook_that_uses_them_as_the_course_s_does_runs_with_netlet_alone(tmp_path):
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])
    where = {"metadata": {"path": str(tmp_path)}}
    nbclient.NotebookClient(made, timeout=300, kernel_name="python3", resources=where).execute()
    told = ["".join(output.get("text", "") for output in cell.outputs) for cell in made.cells]
    assert "netlet's own data" in told[1] and "Target    :  0.0" in told[4] and "accuracy: " in told[6]
    for cell in made.cells[4:]:
        (picture,) = (output["data"] for output in cell.outputs if "image/png" in output.get("data", {}))
        with Image.open(io.BytesIO(base64.b64decode(picture["image/png"]))) as image:
            assert image.width > 300


def test_without_keras_nothing_of_it_is_asked_for():
    code = (
        "import sys; sys.modules['keras'] = None\n"
        "from netlet.lab import compat; import numpy as np, netlet as nl\n"
        "net = nl.train('conv(1, 3x3) - flatten - dense(1)', nl.load('mnist56'), epochs=1).best.network\n"
        "assert not compat._is_keras(net)\n"
        "print(compat.binary_pred_stats([0, 1], [0.1, 0.9]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "(1.0, 1.0, 1.0)"
