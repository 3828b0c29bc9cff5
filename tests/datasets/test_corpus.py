"""A corpus of odd files: each is read to the values that another reader finds, or refused in one line."""

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import netlet as nl
from netlet.datasets.files.images import read_image
from netlet.datasets.files.unlabelled import read_inputs
from netlet.errors import NetletError

RNG = np.random.default_rng(1)
PIXELS = RNG.integers(0, 256, (12, 6, 5, 1))
Y = np.arange(12) % 2


def save(path, x, y, **more):
    half = len(x) // 2
    np.savez(path, x_train=x[:half], y_train=y[:half], x_val=x[half:], y_val=y[half:], **more)
    return nl.load(path)


def together(dataset, what):
    return np.concatenate([getattr(dataset.train, what), getattr(dataset.validation, what)])


# --- arrays -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ["C", "F", "reversed"])
@pytest.mark.parametrize("kind", ["u1", "<u2", ">i2", "<i4", ">i8", "<f2", ">f4", "<f8", "?"])
def test_pixels_of_every_type_and_layout_in_memory(tmp_path, kind, order):
    x = (PIXELS > 99 if kind == "?" else PIXELS).astype(kind)
    x = x[::-1] if order == "reversed" else np.asarray(x, order=order)
    data = save(tmp_path / "x.npz", x, Y)
    np.testing.assert_allclose(together(data, "x") * data.integer_scale, x.astype(np.float64), rtol=1e-6)
    assert data.kind == "image"


@pytest.mark.parametrize(
    ("shape", "moved"),
    [((12, 6, 5), False), ((12, 6, 5, 3), False), ((12, 1, 6, 5), True), ((12, 3, 16, 15), True)],
)
def test_images_of_every_layout(tmp_path, shape, moved):
    x = RNG.integers(0, 256, shape, np.uint8)
    data = save(tmp_path / "x.npz", x, Y)
    expected = np.moveaxis(x, 1, -1) if moved else x
    np.testing.assert_allclose(together(data, "x").reshape(expected.shape), expected / 255, rtol=1e-6)


LABELS = {
    "zeros and ones": Y,
    "one and two": Y + 1,
    "minus and plus one": Y * 2 - 1,
    "truth": Y == 1,
    "floats": Y.astype(float),
    "bytes": Y.astype("S1"),
    "text": np.array(["up", "down"])[Y],
    "a column": Y[:, np.newaxis],
    "small": Y.astype(np.uint8),
    "three": np.arange(12) % 3,
    "three from five": np.arange(12) % 3 + 5,
    "three words": np.array(["größer", "klein", "a b"])[np.arange(12) % 3],
    "text of numbers": (np.arange(12) % 3).astype(str),
}


@pytest.mark.parametrize("form", LABELS)
def test_labels_in_every_form_are_as_pandas_tells_them_apart(tmp_path, form):
    labels = LABELS[form]
    data = save(tmp_path / "x.npz", PIXELS.astype(np.uint8), labels)
    expected, names = pd.factorize(pd.Series(labels.reshape(-1)), sort=True)
    found = together(data, "y")
    np.testing.assert_array_equal(found if found.ndim == 1 else found.argmax(axis=1), expected)
    decoded = [name.decode() if isinstance(name, bytes) else name for name in names]
    told = [f"{name}".casefold().removesuffix(".0") for name in decoded]
    assert [each.casefold() for each in data.class_names] == told


def test_one_hot_rows_and_objects_of_pandas(tmp_path):
    hot = np.eye(3)[np.arange(12) % 3]
    data = save(tmp_path / "x.npz", PIXELS.astype(np.uint8), hot)
    np.testing.assert_array_equal(together(data, "y"), hot)
    words = pd.Series(["b", "a", "c"] * 4)
    for given in (
        words,
        words.astype("category"),
        words.to_numpy(),
        list(words),
    ):
        data = nl.Dataset("d", (PIXELS.astype(np.uint8), given), (PIXELS.astype(np.uint8), given))
        np.testing.assert_array_equal(data.train.y.argmax(axis=1), pd.factorize(words, sort=True)[0])
        assert data.class_names == ("a", "b", "c")


# --- images -----------------------------------------------------------------------------------------------

MODES = [
    *[(".png", mode) for mode in ("1", "L", "LA", "P", "RGB", "RGBA")],
    *[(".jpg", mode) for mode in ("L", "RGB", "CMYK")],
    *[(".bmp", mode) for mode in ("1", "L", "P", "RGB")],
    *[(".gif", mode) for mode in ("1", "L", "P", "RGB")],
    *[(".tif", mode) for mode in ("1", "L", "P", "RGB", "RGBA", "CMYK", "YCbCr")],
    *[(".webp", mode) for mode in ("L", "RGB", "RGBA")],
]


@pytest.mark.parametrize(("suffix", "mode"), MODES)
def test_images_of_every_format_and_mode_are_as_pillow_reads_them(tmp_path, suffix, mode):
    colour = RNG.integers(0, 256, (9, 7, 3), np.uint8)
    path = tmp_path / f"x{suffix}"
    Image.fromarray(colour).convert(mode).save(path)
    with Image.open(path) as image:
        expected = np.asarray(image.convert("RGB"))
    np.testing.assert_array_equal(read_image(path), expected)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_grey_of_16_bits(tmp_path, suffix):
    deep = RNG.integers(0, 65536, (9, 7)).astype(np.uint16)
    Image.fromarray(deep).save(tmp_path / f"x{suffix}")
    np.testing.assert_array_equal(read_image(tmp_path / f"x{suffix}")[..., 0], deep)


# --- text -------------------------------------------------------------------------------------------------

FRAME = pd.DataFrame(RNG.normal(size=(6, 3)).round(4), columns=["a", "b", "c"])


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize(("separator", "decimal"), [",.", ";.", ";,", "\t.", "\t,"])
def test_tables_in_every_spelling_are_as_pandas_reads_them(tmp_path, separator, decimal, header, end):
    path = tmp_path / "x.csv"
    form = {"sep": separator, "decimal": decimal, "lineterminator": end, "encoding": "utf-8-sig"}
    FRAME.to_csv(path, header=header, index=False, **form)
    expected = pd.read_csv(path, sep=separator, decimal=decimal, header=0 if header else None)
    np.testing.assert_allclose(read_inputs(path, "table", (3,)).x, expected.to_numpy())


# --- what is refused --------------------------------------------------------------------------------------


def npz(**arrays):
    content = io.BytesIO()
    np.savez(content, **arrays)
    return content.getvalue()


Z = np.arange(4) / 3
GOOD = {"x_train": np.zeros((4, 3)), "y_train": Z, "x_val": np.ones((4, 3)), "y_val": Z}
REFUSED = {
    "empty.npz": b"",
    "text.npz": b"hello",
    "cut.npz": npz(**GOOD)[:-40],
    "half.npz": npz(x_train=np.zeros((4, 3))),
    "complex.npz": npz(**GOOD | {"x_train": np.zeros((4, 3), complex)}),
    "objects.npz": npz(**GOOD | {"y_train": np.array([None, 1, "a", {}], dtype=object)}),
    "dates.npz": npz(**GOOD | {"y_train": np.zeros(4, "M8[s]")}),
    "nan.npz": npz(**GOOD | {"x_train": np.full((4, 3), np.nan)}),
    "inf.npz": npz(**GOOD | {"x_val": np.full((4, 3), np.inf)}),
    "few.npz": npz(**GOOD | {"y_train": np.zeros(3)}),
    "none.npz": npz(**GOOD | {"x_train": np.zeros((0, 3)), "y_train": np.zeros(0)}),
    "wide.npz": npz(**GOOD | {"x_val": np.ones((4, 2))}),
    "words.npz": npz(**GOOD | {"x_train": np.full((4, 3), "a")}),
    "task.npz": npz(**GOOD, task=np.array("guess")),
    "tasks.npz": npz(**GOOD, task=np.array(["binary", "x"])),
    "kind.npz": npz(**GOOD, kind=np.array(3)),
    "record.npz": npz(**GOOD | {"y_train": np.zeros(4, "f8,i4")}),
    "empty.npy": b"",
    "text.npy": b"\x93NUMPY\1\0\5\0{'a':",
    "one.npy": b"\x93NUMPY\xff\xff" + b"\0" * 99,
    "empty.csv": b"",
    "zero.csv": b"\0" * 500,
    "name.parquet": b"PAR1",
    "unknown.xyz": b"?",
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_in_one_line(tmp_path, name):
    (tmp_path / name).write_bytes(REFUSED[name])
    with pytest.raises(NetletError) as caught:
        nl.load(tmp_path / name)
    message = str(caught.value)
    assert message.isprintable()
    assert len(message) <= 400
    assert name.partition(".")[0].rstrip("s") in message


def test_inputs_beyond_float32_are_refused_without_a_warning():
    data = nl.Dataset("d", (np.eye(6), np.arange(6) / 5), (np.eye(6), np.arange(6) / 5), kind="table")
    network = nl.train("dense(1)", data, epochs=1, quiet=True).best.network
    with pytest.raises(NetletError, match=r"beyond float32: scale them"):
        network.predict(np.full((2, 6), 1e300))
