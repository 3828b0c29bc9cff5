"""Original files have no test split: every answer can do without."""

import pytest

from netlet import datasets
from netlet.datasets.files import originals
from netlet.exercises import answers


@pytest.fixture(scope="module")
def lab(tmp_path_factory, hasty):
    folder = tmp_path_factory.mktemp("originals")
    for name in ("crt", "r3"):
        originals.write(datasets.make(name, train=60, validation=40, test=0), folder)
    return type(hasty)(seeds=1, data_dir=folder, is_quick=True)


def test_shapes_are_answered_from_files_without_a_test_split(lab):
    fourth, fifth = answers(["ex3"], lab)
    assert fourth.networks[0].metrics["test"] is None
    assert "no test split" in fourth.text[0]
    assert len(fifth.pictures) > 8
    assert all(picture.png for picture in (*fourth.pictures, *fifth.pictures))
