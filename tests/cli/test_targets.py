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
