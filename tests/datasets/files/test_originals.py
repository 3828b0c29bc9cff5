import resource
import shutil

import numpy as np
import pytest
from PIL import Image

from netlet.datasets import Dataset, make
from netlet.datasets.files import originals
from netlet.datasets.files.pickled import write_arrays
from netlet.errors import DataError, FileError

SMALL = {"train": 6, "validation": 4, "test": 3}


def small(name, seed=0, **sizes):
    """A small dataset of each name; mnist56 cut down, for it takes no sizes."""
    if name != "mnist56":
        return make(name, seed, **(SMALL | sizes))
    whole = make(name)
    train, validation, test = ((split.x[:4], split.y[:4]) for split in whole.present.values())
    return Dataset(name, train, validation, test, class_names=whole.class_names)


@pytest.fixture
def crt(tmp_path):
    """A folder with a small crt in it."""
    originals.write(small("crt"), tmp_path)
    return tmp_path


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", originals.NAMES)
def test_what_is_written_is_read(tmp_path, name):
    data = small(name)
    written = originals.write(data, tmp_path / "new" / "folder")
    assert all(path.exists() for path in written)
    read = originals.read(name, tmp_path / "new" / "folder")
    assert read.content_hash == data.content_hash
    assert (read.name, read.task, read.class_names) == (name, data.task, data.class_names)


@pytest.mark.parametrize("name", ["crt", "r3", "pulses", "pulses-reversed", "pulses-memory"])
def test_a_test_split_may_be_absent(tmp_path, name):
    originals.write(small(name, test=0), tmp_path)
    assert originals.read(name, tmp_path).test is None


def test_files_look_as_those_of_the_exercise(crt):
    assert (crt / "crt-val_trg.csv").read_text().splitlines()[0].split("\t")[1] == "crt-val/img_00001.png"
    assert sorted(path.name for path in (crt / "crt-trn").iterdir())[-1] == "img_00006.png"
    targets = np.loadtxt(crt / "crt-trn_trg.csv", usecols=(0, 1, 2))
    np.testing.assert_array_equal(targets, small("crt").train.y)


def test_pulses_are_written_as_inputs_on_targets_in_double_precision(tmp_path):
    data = small("pulses")
    originals.write(data, tmp_path)
    pair = np.load(tmp_path / "pulsedata1-trn.npy")
    assert (pair.shape, pair.dtype) == ((2, 6, 100), np.float64)
    np.testing.assert_array_equal(pair[0].astype(np.float32), data.train.x[..., 0])


def test_the_reverse_problem_lies_in_the_files_of_pulses(tmp_path):
    originals.write(small("pulses-reversed"), tmp_path)
    assert originals.read("pulses", tmp_path).content_hash == small("pulses").content_hash


@pytest.mark.parametrize("scale", [1, 255])
@pytest.mark.parametrize("channel", [True, False])
def test_digits_are_read_as_floats_and_as_bytes_with_and_without_a_channel(tmp_path, scale, channel):
    data = small("mnist56")
    arrays = []
    for split in (data.train, data.validation):
        x = split.x if scale == 1 else np.rint(split.x * 255).astype(np.uint8)
        arrays += [x if channel else x[..., 0], split.y.astype(np.float64)]
    write_arrays(tmp_path / "mnist56.npy", arrays)
    read = originals.read("mnist56", tmp_path)
    np.testing.assert_array_equal(read.train.x, data.train.x)
    np.testing.assert_array_equal(read.validation.y, data.validation.y)
    assert read.test is None


def test_only_the_first_channel_of_an_image_counts(crt):
    path = crt / "crt-trn" / "img_00001.png"
    with Image.open(path) as image:
        pixels = np.array(image)
    pixels[..., 1:3] = 77
    Image.fromarray(pixels).save(path)
    assert originals.read("crt", crt).content_hash == small("crt").content_hash


def test_targets_may_lack_names_and_be_separated_by_commas(crt):
    path = crt / "crt-trn_trg.csv"
    lines = [",".join(line.split()[:3]) for line in path.read_text().splitlines()]
    path.write_text("\n".join(lines) + "\n\n")
    assert originals.read("crt", crt).content_hash == small("crt").content_hash


def test_found_names_what_lies_in_a_folder(crt, tmp_path):
    assert originals.found(crt) == ("crt",)
    originals.write(small("pulses"), tmp_path)
    assert originals.found(tmp_path) == ("crt", "pulses", "pulses-reversed")


def replace_line(path, number, text):
    lines = path.read_text().splitlines()
    lines[number - 1] = text
    path.write_text("\n".join(lines) + "\n")


def break_csv(number, text):
    return lambda folder: replace_line(folder / "crt-trn_trg.csv", number, text)


def shrink(folder):
    path = folder / "crt-val" / "img_00002.png"
    with Image.open(path) as image:
        small = image.resize((32, 64))
    small.save(path)


def truncate(folder):
    path = folder / "crt-val" / "img_00003.png"
    path.write_bytes(path.read_bytes()[:80])


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (
            lambda folder: (folder / "crt-trn" / "img_00004.png").unlink(),
            r"crt-trn/img_00004\.png is missing",
        ),
        (lambda folder: (folder / "crt-trn" / "img_00006.png").unlink(), r"img_00006\.png is missing"),
        (
            lambda folder: shutil.copy(folder / "crt-trn/img_00001.png", folder / "crt-trn/img_00007.png"),
            r"crt-trn has 7 images, but crt-trn_trg\.csv has 6 targets: nothing belongs to img_00007",
        ),
        (shrink, r"crt-val/img_00002\.png is 32 x 64 pixels, but img_00001\.png is 64 x 64"),
        (truncate, r"crt-val/img_00003\.png cannot be read as an image"),
        (break_csv(3, "1 1 0"), r"crt-trn_trg\.csv, line 3: 1 1 0 is not one-hot"),
        (break_csv(2, "0.5 0.5 0"), r"line 2: 0\.5 0\.5 0 is not one-hot"),
        (break_csv(2, "nan 0 1"), "line 2: nan 0 1 is not one-hot"),
        (break_csv(5, "1 0"), "line 5: 1 0 is not one-hot"),
        (break_csv(4, "1 zero 0"), "line 4: could not convert string to float: 'zero'"),
        (
            break_csv(1, "1 0 0\tcrt-trn/img_00002.png"),
            r"line 1 is about crt-trn/img_00002\.png, but image 1",
        ),
        (lambda folder: (folder / "crt-trn_trg.csv").write_text(""), r"crt-trn_trg\.csv is empty"),
        (lambda folder: (folder / "crt-trn_trg.csv").write_bytes(b"\xff\xfe1"), "cannot be read"),
        (
            lambda folder: shutil.rmtree(folder / "crt-val"),
            "crt-val/ missing; crt needs crt-trn/, crt-trn_trg",
        ),
        (lambda folder: (folder / "crt-tst_trg.csv").unlink(), r"crt-tst_trg\.csv missing"),
    ],
)
def test_damage_is_named_with_file_and_row(crt, damage, message):
    damage(crt)
    with pytest.raises(DataError, match=message):
        originals.read("crt", crt)


def test_all_that_is_missing_is_named(tmp_path):
    originals.write(small("r3"), tmp_path)
    for entry in ("r3-val", "r3-tst"):
        shutil.rmtree(tmp_path / entry)
        (tmp_path / f"{entry}_trg.csv").unlink()
    with pytest.raises(DataError, match=r"r3-val/ and r3-val_trg\.csv missing"):
        originals.read("r3", tmp_path)


@pytest.mark.parametrize("name", ["mnist56", "pulses"])
def test_a_folder_without_the_files_says_what_is_needed(tmp_path, name):
    with pytest.raises(DataError, match=f"missing; {name} needs"):
        originals.read(name, tmp_path)


def test_a_folder_that_is_none_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"nowhere is no folder: mnist56 needs one with mnist56\.npy"):
        originals.read("mnist56", tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (lambda x, y: [x, y], "holds 2 arrays, but must hold 4"),
        (lambda x, y: [x, y, x, y[:-1]], "validation has x of shape"),
        (lambda x, y: [x, y, x, y + 1], "the labels are 0, 1, 2"),
        (lambda x, y: [x * np.nan, y, x, y], r"training\.x\[0\] contains nan"),
    ],
)
def test_digits_that_do_not_fit_are_refused(tmp_path, arrays, message):
    data = small("mnist56")
    write_arrays(tmp_path / "mnist56.npy", arrays(data.train.x, data.train.y))
    with pytest.raises(DataError, match=rf"mnist56\.npy.*{message}"):
        originals.read("mnist56", tmp_path)


def test_files_that_are_there_are_not_replaced_unasked(crt):
    before = contents(crt)
    with pytest.raises(FileError, match=r"holds crt-trn/, .* already: replace with --force"):
        originals.write(small("crt", seed=1), crt)
    assert contents(crt) == before


def test_force_replaces_all_files_of_the_dataset_and_no_others(crt):
    (crt / "notes.txt").write_text("mine")
    originals.write(small("crt", seed=1, test=0), crt, force=True)
    read = originals.read("crt", crt)
    assert read.content_hash == small("crt", seed=1, test=0).content_hash
    assert (crt / "notes.txt").read_text() == "mine"
    assert not (crt / "crt-tst").exists()


@pytest.fixture
def full_disk():
    """Let no file of this process grow beyond 20 kB, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.usefixtures("full_disk")
def test_a_full_disk_leaves_nothing_behind(tmp_path):
    folder = tmp_path / "new"
    with pytest.raises(FileError, match="new: pulses cannot be written: "):
        originals.write(small("pulses", train=500), folder)
    assert not folder.exists()


def test_a_full_disk_leaves_old_files_as_they_were(tmp_path, full_disk):
    originals.write(small("pulses", train=3), tmp_path)
    before = contents(tmp_path)
    with pytest.raises(FileError, match="pulses cannot be written"):
        originals.write(small("pulses", train=500), tmp_path, force=True)
    assert contents(tmp_path) == before


def test_a_failure_while_files_are_put_in_place_puts_the_old_ones_back(crt, monkeypatch):
    before = contents(crt)
    rename = originals.Path.rename
    calls = []

    def failing(path, target):
        calls.append(path)
        if len(calls) == 8:
            raise PermissionError(13, "Permission denied")
        return rename(path, target)

    monkeypatch.setattr(originals.Path, "rename", failing)
    with pytest.raises(FileError, match="crt cannot be written: Permission denied"):
        originals.write(small("crt", seed=1), crt, force=True)
    assert contents(crt) == before


def test_an_interruption_leaves_nothing_behind(tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(originals, "write_png", interrupted)
    with pytest.raises(KeyboardInterrupt):
        originals.write(small("crt"), tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_file_in_the_way_of_the_folder_is_an_error(tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(FileError, match="taken/data: crt cannot be written: Not a directory"):
        originals.write(small("crt"), tmp_path / "taken" / "data")


def test_a_dataset_of_ones_own_has_no_such_files(tmp_path):
    data = small("crt")
    mine = Dataset("mine", data.train, data.validation)
    with pytest.raises(FileError, match="mine has no files of the exercise"):
        originals.write(mine, tmp_path)


@pytest.mark.parametrize("name", ["pulses", "crt"])
def test_splits_that_do_not_fit_are_named_with_their_folder(tmp_path, name):
    originals.write(small(name), tmp_path)
    other = small(name, **({"steps": 50} if name == "pulses" else {"size": 40}))
    originals.write(other, tmp_path / "other")
    for path in (tmp_path / "other").glob("*-val*"):
        target = tmp_path / path.name
        if target.is_dir():
            shutil.rmtree(target)
        path.replace(target)
    with pytest.raises(DataError, match=f"{tmp_path}: {name}: validation inputs have shape"):
        originals.read(name, tmp_path)


def test_why_sequences_could_not_be_written_is_said(tmp_path):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(FileError, match="pulses cannot be written: File too large"):
            originals.write(small("pulses"), tmp_path / "new")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not (tmp_path / "new").exists()
