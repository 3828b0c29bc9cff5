"""Original files have no test split: every answer can do without."""

import pytest

from netlet import datasets
from netlet.datasets.files import originals
from netlet.lab import answers, read
from netlet.lab.report import markdown

SIZES = {"mnist56": {}, "crt": {"train": 60, "validation": 40}, "pulses": {"train": 40, "validation": 40}}
SIZES["r3"] = SIZES["crt"]


@pytest.fixture(scope="module")
def lab(tmp_path_factory, hasty):
    folder = tmp_path_factory.mktemp("originals")
    for name in ("crt", "r3", "pulses"):
        originals.write(datasets.make(name, **SIZES[name], test=0), folder)
    return type(hasty)(seeds=1, data_dir=folder, is_quick=True)


@pytest.mark.parametrize("exercise", ["ex3", "ex4"])
def test_an_exercise_is_answered_from_files_without_a_test_split(lab, exercise):
    for answer in answers(read(), [exercise], lab):
        assert {network.dataset for network in answer.networks} <= set(lab.found)
        assert answer.networks[0].metrics["test"] is None
        assert "no test split" in answer.text + answer.appendix
        assert answer.pictures
        assert all(picture.svg for picture in answer.pictures)


def test_more_images_are_counted_by_those_there_are(lab):
    (table,) = [
        each
        for answer in answers(read(), ["ex3"], lab)
        for each in markdown.tables(answer.text + "\n\n" + answer.appendix)
        if "more images" in each.caption
    ]
    assert [row[1] for row in table.rows] == ["60", "300"] * 2
    sources = [data.source for data in lab.datasets if len(data.train) == 300]
    assert len(sources) == 2
    assert all("generated" in source and "seed 1" in source for source in sources)


def test_what_noise_leaves_is_told_of_generated_sequences_only(lab, hasty):
    def said(chosen):
        answer = next(answers(read(), ["ex4"], chosen))
        return answer.text + answer.appendix

    assert "noise" not in said(lab)
    assert "noise" in said(hasty)
