import csv
import os

import numpy as np
import pytest
from PIL import Image, ImageOps

import netlet as nl
from netlet.datasets import describe
from netlet.datasets.files import own
from netlet.datasets.files.unlabelled import read_inputs
from netlet.errors import DataError

RNG = np.random.default_rng(0)


def picture(size=(12, 10), seed=None):
    return (RNG if seed is None else np.random.default_rng(seed)).integers(0, 256, size, np.uint8)


def save(path, pixels, mode=None, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(pixels)
    (image.convert(mode) if mode else image).save(path, **options)


def classes(folder, names=("cat", "dog"), count=5, suffix=".png", size=(12, 10)):
    for name in names:
        for place in range(count):
            save(folder / name / f"{place}{suffix}", picture(size))


def pixels(data):
    return np.concatenate([split.x for split in data.present.values()])


def sizes(data):
    return {name: len(split) for name, split in data.present.items()}


def table(path, rows, separator=","):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=separator).writerows(rows)


# --- splits and classes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "names",
    [("Trn", "VALID", "Tst"), ("training_set", "dev-set", "test_set"), ("Training", "val", "Testing")],
)
def test_folders_of_splits_go_by_many_names(tmp_path, names):
    for name, count in zip(names, (4, 3, 2), strict=True):
        classes(tmp_path / name, count=count)
    data = own.read(tmp_path)
    assert sizes(data) == {"training": 8, "validation": 6, "test": 4}
    assert data.class_names == ("cat", "dog")


def test_each_class_may_have_the_splits_in_it(tmp_path):
    for name in ("cat", "dog"):
        for split, count in (("Train", 4), ("Val", 2)):
            for place in range(count):
                save(tmp_path / name / split / f"{place}.png", picture())
    data = own.read(tmp_path)
    assert sizes(data) == {"training": 8, "validation": 4}
    assert data.train.y.tolist() == [0] * 4 + [1] * 4


@pytest.mark.parametrize(
    ("folders", "message"),
    [
        (("train", "val"), "no folders of classes in them.*labels"),
        (("Train", "TEST", "more"), "no folders of classes in them.*labels"),
        (("val/a", "val/b", "test/a", "test/b"), "has test/ and val/, but no train/"),
        (("train/a", "train/b", "val/a", "Valid/a"), "are both for validation"),
        (("archive/a", "archive/b"), "is it .*archive you mean"),
    ],
)
def test_folders_that_say_no_classes_are_refused(tmp_path, folders, message):
    for folder in folders:
        for place in range(3):
            save(tmp_path / folder / f"{place}.png", picture())
    with pytest.raises(DataError, match=message):
        own.read(tmp_path)


def test_a_drawn_validation_part_has_a_fifth_of_each_class_and_is_said(tmp_path):
    for split in ("train", "test"):
        classes(tmp_path / split, count=10)
        classes(tmp_path / split, names=("dog",), count=20)
    data = own.read(tmp_path)
    assert [int((data.validation.y == label).sum()) for label in (0, 1)] == [2, 4]
    assert any("no validation split" in note for note in data.notes)
    assert own.read(tmp_path, 1).content_hash != data.content_hash == own.read(tmp_path).content_hash


# --- what is left out -------------------------------------------------------------------------------------


def test_what_is_left_out_is_counted_and_named(tmp_path):
    classes(tmp_path)
    (tmp_path / "dog" / "more").mkdir()
    os.mkfifo(tmp_path / "dog" / "more" / "pipe.png")
    (tmp_path / "dog" / "gone.png").symlink_to(tmp_path / "nowhere.png")
    for place in range(4):
        save(tmp_path / f"stray{place}.png", picture())
    (tmp_path / "cat" / "notes\n.txt").write_text("")
    (tmp_path / "round").symlink_to(tmp_path)
    (note,) = (each for each in own.read(tmp_path).notes if "left out" in each)
    assert note == (
        "8 files left out: 4 in no folder of a class (stray0.png, stray1.png, stray2.png, ...); "
        "1 of no kind that is read (cat/notes\\n.txt); "
        "3 no ordinary file or folder (dog/gone.png, dog/more/pipe.png, round)"
    )


def test_the_check_says_what_was_left_out(tmp_path):
    classes(tmp_path)
    save(tmp_path / "stray.png", picture())
    assert any("stray.png" in line for line in describe(nl.load(tmp_path)))


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n\x1b[31m", b"GIF89a" + b"\xff" * 50])
def test_a_broken_file_is_named_in_one_printable_line(tmp_path, content):
    classes(tmp_path)
    (tmp_path / "cat" / "bro\x1bken\n.png").write_bytes(content)
    with pytest.raises(DataError, match=r"bro\\x1bken\\n\.png cannot be read as an image") as caught:
        own.read(tmp_path)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 400


# --- pixels -----------------------------------------------------------------------------------------------


FORMATS = {
    ".png": ("1", "L", "P", "RGB"),
    ".bmp": ("1", "L", "P", "RGB"),
    ".gif": ("1", "L", "P"),
    ".TIF": ("1", "L", "P", "RGB", "CMYK"),
    ".jpeg": ("L", "RGB", "CMYK"),
    ".webp": ("RGB",),
}


@pytest.mark.parametrize(("suffix", "mode"), [(each, mode) for each in FORMATS for mode in FORMATS[each]])
def test_every_format_and_mode_is_read_as_pillow_has_it(tmp_path, suffix, mode):
    expected = []
    for name in ("cat", "dog"):
        for place in range(5):
            path = tmp_path / name / f"{place}{suffix}"
            save(path, picture((12, 10, 3)), mode)
            with Image.open(path) as image:
                expected.append(np.asarray(image.convert("RGB"), np.float32) / 255)
    read = sorted(np.broadcast_to(each, (12, 10, 3)).tobytes() for each in pixels(own.read(tmp_path)))
    assert read == sorted(each.tobytes() for each in expected)


def test_grey_of_16_bits_is_read_without_loss_and_8_bits_beside_it_alike(tmp_path):
    deep = RNG.integers(0, 3000, (6, 7), dtype=np.uint16)
    for name in ("cat", "dog"):
        for place in range(3):
            save(tmp_path / "train" / name / f"{place}.tiff", deep)
            save(tmp_path / "val" / name / f"{place}.png", np.full((6, 7), 51, np.uint8))
    data = own.read(tmp_path)
    np.testing.assert_array_equal(data.train.x[0, ..., 0], deep.astype(np.float32) / np.float32(65535))
    assert (data.validation.x == np.float32(0.2)).all()
    assert data.integer_scale == 65535


def test_dark_pictures_are_no_brighter_than_their_files(tmp_path):
    for name in ("cat", "dog"):
        for place in range(3):
            save(tmp_path / name / f"{place}.png", np.full((6, 7), 40 + place, np.uint8))
    assert pixels(own.read(tmp_path)).max() == np.float32(42) / np.float32(255)


def test_a_bitmap_whose_rows_have_160_bytes_has_not_16_bits(tmp_path):
    classes(tmp_path, suffix=".bmp", size=(4, 53, 3))
    assert own.read(tmp_path).input_shape == (4, 53, 3)


def laid(pixels, background):
    """Shape drawn in alpha, by hand."""
    alpha = pixels[..., -1].astype(float) / 255
    return pixels[..., 0] * alpha + background * (1 - alpha)


@pytest.mark.parametrize(
    ("ink", "background", "told"), [(0, 255, "white"), (255, 0, "black"), (90, 255, "white")]
)
@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_shapes_drawn_in_alpha_can_be_seen(tmp_path, ink, background, told, mode):
    expected = []
    for name in ("cat", "dog"):
        for place in range(4):
            shape = picture((8, 8)) // 128 * 255
            drawn = np.dstack([np.full((8, 8), ink, np.uint8)] * (1 if mode == "LA" else 3) + [shape])
            save(tmp_path / name / f"{place}.png", drawn)
            expected.append(laid(drawn, background).astype(np.float32) / np.float32(255))
    data = own.read(tmp_path)
    assert sorted(each.tobytes() for each in expected) == sorted(each.tobytes() for each in pixels(data))
    assert f"8 images are transparent in part: laid on {told};" in " ".join(data.notes)
    assert data.reading == {"background": told}


def test_one_background_is_taken_for_all_files_of_a_folder(tmp_path):
    for place, ink in enumerate([0, 255] * 3):
        shape = np.zeros((8, 8), np.uint8)
        shape[place] = 255
        for name in ("cat", "dog"):
            save(tmp_path / name / f"{place}.png", np.dstack([np.full((8, 8), ink, np.uint8), shape]))
    data = own.read(tmp_path)
    assert "laid on grey" in " ".join(data.notes)
    assert set(np.unique(pixels(data) * 255)) == {0, 128, 255}


@pytest.mark.parametrize("mode", ["P", "L", "RGB"])
def test_a_transparent_colour_is_laid_on_white(tmp_path, mode):
    grey = np.zeros((6, 6), np.uint8)
    grey[2] = 200
    for name in ("cat", "dog"):
        for place in range(3):
            image = Image.fromarray(grey).convert(mode)
            (tmp_path / name).mkdir(exist_ok=True)
            clear = image.getpixel((0, 0))
            image.save(tmp_path / name / f"{place}.png", transparency=clear)
    first = own.read(tmp_path).train.x[0, ..., 0] * 255
    assert first[2].tolist() == [200] * 6
    assert first[0].tolist() == [255] * 6


@pytest.mark.parametrize("orientation", range(1, 9))
def test_photographs_are_upright_as_pillow_turns_them(tmp_path, orientation):
    expected = []
    for name in ("cat", "dog"):
        for place in range(3):
            exif = Image.Exif()
            exif[274] = orientation
            save(tmp_path / name / f"{place}.jpg", picture(), exif=exif)
            with Image.open(tmp_path / name / f"{place}.jpg") as image:
                turned = ImageOps.exif_transpose(image)
                expected.append((np.asarray(turned, np.float32) / 255).tobytes())
    assert sorted(each.tobytes() for each in pixels(own.read(tmp_path))) == sorted(expected)


def test_the_first_frame_of_an_animation_is_read(tmp_path):
    frames = [Image.fromarray(np.full((5, 5), value, np.uint8)) for value in (102, 204)]
    for name in ("cat", "dog"):
        (tmp_path / name).mkdir()
        for place in range(3):
            frames[0].save(tmp_path / name / f"{place}.gif", save_all=True, append_images=frames[1:])
    assert (pixels(own.read(tmp_path)) == np.float32(0.4)).all()


def test_what_is_asked_of_a_network_keeps_its_16_bits(tmp_path):
    deep = RNG.integers(0, 65536, (6, 7), dtype=np.uint16)
    save(tmp_path / "a.png", deep)
    save(tmp_path / "b.png", np.full((6, 7), 3, np.uint8))
    inputs = read_inputs(tmp_path, "image", (6, 7, 1))
    assert inputs.white == 65535
    np.testing.assert_array_equal(inputs.x[0, ..., 0], deep)
    assert (inputs.x[1] == 3 * 257).all()


# --- size and colour --------------------------------------------------------------------------------------


def test_sizes_are_named_with_counts_most_frequent_first(tmp_path):
    classes(tmp_path, count=3)
    classes(tmp_path, names=("dog",), count=2, size=(9, 9))
    save(tmp_path / "cat" / "0.png", picture((7, 8)))
    with pytest.raises(
        DataError, match="there are 3 of 10 x 12, 2 of 9 x 9, 1 of 8 x 7; say size, such as 10x12"
    ):
        own.read(tmp_path)


@pytest.mark.parametrize("fit", ["pad", "crop", "stretch"])
@pytest.mark.parametrize("is_colour", [False, True])
def test_images_are_brought_to_a_size_as_pillow_does_it(tmp_path, fit, is_colour):
    smooth = Image.Resampling.BILINEAR
    expected = []
    for name in ("cat", "dog"):
        for place in range(3):
            grey = picture((9 + place, 20, 3) if is_colour else (9 + place, 20))
            save(tmp_path / name / f"{place}.png", grey)
            image = Image.fromarray(grey)
            brought = {
                "pad": lambda image=image: ImageOps.pad(image, (7, 8), smooth),
                "crop": lambda image=image: ImageOps.fit(image, (7, 8), smooth),
                "stretch": lambda image=image: image.resize((7, 8), smooth),
            }[fit]()
            expected.append((np.asarray(brought, np.float32) / 255).tobytes())
    data = nl.load(tmp_path, size=(8, 7), fit=fit)
    assert sorted(each.tobytes() for each in pixels(data)) == sorted(expected)
    assert any("brought to 7 x 8 pixels" in note for note in data.notes)


def test_deep_pictures_keep_their_depth_when_brought_to_a_size(tmp_path):
    for name in ("cat", "dog"):
        for place in range(3):
            save(tmp_path / name / f"{place}.png", np.full((6, 6), 30001, np.uint16))
    assert (pixels(nl.load(tmp_path, size=4)) == np.float32(30001) / np.float32(65535)).all()


def test_colour_is_turned_to_grey_and_grey_to_three_channels(tmp_path):
    classes(tmp_path, size=(4, 5, 3))
    grey = own.read(tmp_path, color=False)
    weighted = np.rint(own.read(tmp_path).train.x * 255 @ [0.299, 0.587, 0.114])
    assert grey.input_shape == (4, 5, 1)
    np.testing.assert_allclose(grey.train.x[..., 0] * 255, weighted, atol=1e-4)
    assert "10 images are in colour: turned to grey" in grey.notes
    classes(tmp_path / "grey")
    data = own.read(tmp_path / "grey", color=True)
    assert data.input_shape == (12, 10, 3)
    assert (data.train.x == data.train.x[..., :1]).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": (0, 4)}, r"size is \(0, 4\), but must be \(height, width\)"),
        ({"size": "28x"}, "size is '28x', but must be"),
        ({"size": (8, 8, 3)}, "but must be"),
        ({"size": (8, 10**9)}, "but must be"),
        ({"size": 8, "fit": "zoom"}, "fit is 'zoom', but must be one of pad, crop, stretch"),
        ({"fit": "pad"}, "fit has no use without size"),
        ({"train": 4}, "takes no train: choose from kind, task, target, size"),
    ],
)
def test_options_that_make_no_sense_are_refused(tmp_path, options, message):
    classes(tmp_path)
    with pytest.raises(DataError, match=message):
        nl.load(tmp_path, **options)


def test_a_file_of_arrays_has_no_use_for_a_size(tmp_path):
    np.save(tmp_path / "waves.npy", np.zeros((2, 6, 5)))
    with pytest.raises(
        DataError, match=r"size goes with a folder of images, but .*waves.npy is an .npy file"
    ):
        nl.load(tmp_path / "waves.npy", size=(4, 4))


# --- labels in a table ------------------------------------------------------------------------------------


@pytest.fixture
def labelled(tmp_path):
    """Twelve images, and the rows of names and labels that belong to them."""
    for place in range(12):
        save(tmp_path / "images" / f"{place:02}.png", np.full((5, 5), place, np.uint8))
    return tmp_path, [[f"{place:02}.png", "odd" if place % 2 else "even"] for place in range(12)]


def truth(data):
    """For every image that was read, its number and its class's name."""
    return sorted(
        (round(float(x.max() * 255)), data.class_names[int(y)])
        for split in data.present.values()
        for x, y in zip(split.x, split.y, strict=True)
    )


EVERY = [(place, "odd" if place % 2 else "even") for place in range(12)]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("header", [[], [["file", "label"]], [["Name", "what"]]])
def test_labels_are_read_from_a_table(labelled, separator, header):
    folder, rows = labelled
    table(folder / "labels.csv", header + rows[::-1], separator)
    data = own.read(folder)
    assert truth(data) == EVERY
    assert data.task == "binary"
    assert "labels are those of labels.csv" in data.notes


@pytest.mark.parametrize("written", ["images/{}", "images\\{}", "./images/{}", "{}"])
def test_a_table_may_name_files_with_folders_and_without(labelled, written):
    folder, rows = labelled
    table(folder / "labels.csv", [[written.format(name), label] for name, label in rows])
    assert truth(own.read(folder)) == EVERY


def test_a_table_may_name_files_without_their_kind_and_have_more_columns(labelled):
    folder, rows = labelled
    table(folder / "labels.csv", [["label", "id", "by"], *([label, name[:-4], "me"] for name, label in rows)])
    assert truth(own.read(folder)) == EVERY


def test_a_table_may_say_the_splits(labelled):
    folder, rows = labelled
    splits = ["train"] * 8 + ["Val"] * 2 + ["TEST"] * 2
    table(
        folder / "my.csv", [["file", "class", "split"], *([*r, s] for r, s in zip(rows, splits, strict=True))]
    )
    data = own.read(folder)
    assert (sizes(data), truth(data)) == ({"training": 8, "validation": 2, "test": 2}, EVERY)


def test_each_split_may_have_a_table_of_its_own(tmp_path):
    for split, count in (("Train", 6), ("val", 4)):
        for place in range(count):
            save(tmp_path / split / f"{place}.png", np.full((5, 5), place, np.uint8))
        table(tmp_path / split / "labels.csv", [[f"{place}.png", "ab"[place % 2]] for place in range(count)])
    data = own.read(tmp_path)
    assert sizes(data) == {"training": 6, "validation": 4}
    assert data.validation.y.tolist() == [0, 1, 0, 1]


def test_labels_that_are_numbers_are_measured_values(labelled):
    folder, rows = labelled
    table(folder / "labels.csv", [[name, place / 8] for place, (name, _) in enumerate(rows)])
    data = own.read(folder)
    assert data.task == "regression"
    for split in data.present.values():
        np.testing.assert_allclose(split.x.max(axis=(1, 2, 3)) * 255, split.y[:, 0] * 8, atol=1e-4)


def test_images_without_a_label_are_counted_and_named(labelled):
    folder, rows = labelled
    table(folder / "labels.csv", rows[:10])
    (note,) = (each for each in own.read(folder).notes if "left out" in each)
    assert note == "2 files left out: 2 named in no table of labels (images/10.png, images/11.png)"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ([["99.png", "odd"]], r"labels\.csv names 1 file that no image beside it has for a name \(99\.png\)"),
        ([["03.png", "even"]], r"line 13: 03\.png is labelled even, but odd before"),
        ([["04.png", ""]], "line 13: there is no label"),
    ],
)
def test_rows_that_cannot_be_used_are_refused(labelled, change, message):
    folder, rows = labelled
    table(folder / "labels.csv", rows + change)
    with pytest.raises(DataError, match=message):
        own.read(folder)


def test_columns_that_may_both_be_labels_are_refused(labelled):
    folder, rows = labelled
    table(folder / "labels.csv", [["file", "a", "b"], *([*row, "x"] for row in rows)])
    with pytest.raises(DataError, match="has columns file, a, b: give file names and labels"):
        own.read(folder)


def test_a_table_about_something_else_leaves_folders_their_classes(tmp_path):
    classes(tmp_path)
    table(tmp_path / "widths.csv", [[f"cat/{place}.png", 10] for place in range(5)])
    data = own.read(tmp_path)
    assert data.class_names == ("cat", "dog")
    assert any("widths.csv" in note for note in data.notes)
