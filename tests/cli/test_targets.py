import json

import pytest

from netlet.cli import targets
from netlet.errors import FileError


def test_a_file_in_a_folder_that_is_there_is_fine_and_nothing_is_left(tmp_path):
    targets.check("--json", tmp_path / "a.json")
    assert list(tmp_path.iterdir()) == []


def test_an_older_file_is_not_touched_by_the_check(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("old")
    targets.check("--json", path)
    assert path.read_text() == "old"


def test_a_folder_and_a_missing_folder_are_refused(tmp_path):
    with pytest.raises(FileError, match="is a folder"):
        targets.check("--json", tmp_path)
    with pytest.raises(FileError, match="there is no folder"):
        targets.check("--json", tmp_path / "no" / "a.json")


def test_json_that_is_not_finite_is_never_written(tmp_path):
    path = tmp_path / "a.json"
    with pytest.raises(ValueError):
        targets.write_json(path, {"loss": float("nan")})
    assert not path.exists()


def test_a_link_is_written_through(tmp_path):
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    real.write_text("{}")
    link.symlink_to(real)
    targets.write_json(link, {"a": 1})
    assert link.is_symlink()
    assert json.loads(real.read_text()) == {"a": 1}


def test_a_file_that_may_not_be_written_to_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    path.write_text("old")
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(FileError, match="may not be written to"):
        targets.check("--json", path)


def test_a_link_to_a_folder_that_is_not_there_and_a_link_to_itself_are_refused(tmp_path):
    link, loop = tmp_path / "link", tmp_path / "loop"
    link.symlink_to(tmp_path / "no" / "a.json")
    loop.symlink_to(loop)
    with pytest.raises(FileError, match="there is no folder"):
        targets.check("--json", link)
    with pytest.raises(FileError):
        targets.check("--json", loop)


def test_data_is_spared(tmp_path):
    own, folder = tmp_path / "own.npz", tmp_path / "images"
    own.write_bytes(b"data")
    folder.mkdir()
    (folder / "a.png").write_bytes(b"data")
    (tmp_path / "link.json").symlink_to(own)
    for path in (own, tmp_path / "link.json", folder / "a.png"):
        with pytest.raises(FileError, match="is the data that is trained on"):
            targets.spare("--json", path, [own, folder])
    for path in (tmp_path / "new.json", folder / "results.json", tmp_path / "best.npz"):
        targets.spare("--json", path, [own, folder, tmp_path / "missing"])


def test_what_is_in_no_alphabet_is_escaped(tmp_path):
    path = tmp_path / "a.json"
    targets.write_json(path, {"name": "bad\udcff"})
    assert json.loads(path.read_text(encoding="utf-8")) == {"name": "bad\udcff"}


def test_what_cannot_be_written_is_kept_elsewhere(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    path = tmp_path / "missing" / "a.json"
    problem = targets.write_somewhere(lambda path: targets.write_json(path, {"a": 1}), path)
    assert "it is kept in " in str(problem)
    kept = next(tmp_path.glob("netlet-*/a.json"))
    assert str(kept) in str(problem)
    assert json.loads(kept.read_text()) == {"a": 1}


def test_if_there_is_no_space_at_all_that_is_said(tmp_path):
    def full(path):
        raise FileError(f"{path} cannot be written: No space left on device")

    problem = targets.write_somewhere(full, tmp_path / "a.json")
    assert str(problem) == f"{tmp_path / 'a.json'} cannot be written: No space left on device"


def test_what_can_be_written_is_no_problem(tmp_path):
    assert targets.write_somewhere(lambda path: path.write_text("x"), tmp_path / "a") is None
