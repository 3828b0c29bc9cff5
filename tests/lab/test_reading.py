"""Whatever is wrong in an exercise's folder is refused when it is read, with its file and line."""

import re
import shutil

import pytest

from netlet.errors import DataError, FileError, NetletError
from netlet.lab import UNIVERSITY, answering, evidence, pictures, read
from netlet.lab.laboratory import Laboratory
from netlet.lab.places import Places

DOCUMENT = """\
title = "Small"

[parts.one]
title = "One"
questions = ["first"]

[settings.brief]
epochs = 2

[networks.small]
name = "the small network"
architecture = "flatten - dense(1)"
dataset = "mnist56"
settings = "brief"

[questions.first]
networks = ["small"]

[questions.first.evidence]
goal = 0.5
share = { measure = "share_better", network = "small", goal = "goal" }

[questions.first.figures]
first-seeds = { draw = "over_seeds", networks = ["small"] }
"""
WORDS = """\
# First

{% set half = goal %}

## Question

Is it good?

## Answer

{{ share | percent }} of the seeds are above {{ half | percent }}.

## Text

![](first-seeds)
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "exercise.toml").write_text(DOCUMENT)
    (tmp_path / "first.md").write_text(WORDS)
    return tmp_path


def refused(folder, kind: type[NetletError] = DataError):
    with pytest.raises(kind) as caught:
        read(folder)
    assert "\n" not in str(caught.value)
    return caught.value


def test_what_is_right_is_read_and_answered(folder):
    exercise = read(folder)
    lab = Laboratory(seeds=2)
    answering.prepare(exercise, [], lab)
    (answer,) = answering.answers(exercise, [], lab)
    assert re.fullmatch(r"(0|50|100) % of the seeds are above 50 %\.", answer.short)
    assert lab.trained[0].training.epochs == 2
    assert answer.evidence["goal"] == 0.5


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ("epochs = 2", "epochs = = 2", 8, ""),
        ("epochs = 2", "epoch = 2", 8, "epochs"),
        ("epochs = 2", "epochs = -2", 8, "epochs is -2"),
        ("epochs = 2", "momentum = 0.9", 8, "momentum"),
        ("flatten - dense(1)", "flaten - dense(1)", 12, "flaten"),
        ('dataset = "mnist56"', 'dataset = "mnist57"', 13, "mnist57"),
        ('settings = "brief"', 'settings = "long"', 14, "there are brief"),
        ('settings = "brief"', "settings = { rate = 1 }", 14, "rate"),
        ('questions = ["first"]', 'questions = ["second"]', 5, "second"),
        ('networks = ["small"]\n\n', 'networks = ["large"]\n\n', 17, "large"),
        ('measure = "share_better"', 'measure = "share_worse"', 21, "share_better"),
        ('network = "small", goal', 'network = "large", goal', 21, "small"),
        ('goal = "goal" }', 'goal = "gaol" }', 21, "a number"),
        (', goal = "goal" }', " }", 21, "needs goal"),
        (', goal = "goal" }', ", goal = 1, by = 2 }", 21, "takes no 'by'"),
        ('draw = "over_seeds"', 'draw = "under_seeds"', 24, "over_seeds"),
        ("first-seeds =", '"../seeds" =', 24, "must begin with a letter"),
        ('networks = ["small"] }', "networks = [] }", 24, "list of networks"),
        ('title = "Small"', "title = 3", 1, "title is 3"),
        ('title = "Small"', 'title = "Small"\nseed = 3', 2, "seed"),
        ("goal = 0.5", "small = 0.5", 20, "a network already"),
        ("[parts.one]", "[parts.one]\ncolour = 1", 4, "colour"),
        ("[networks.small]", "[networks.spread]", 10, "a phrase already"),
    ],
)
def test_a_mistake_in_the_document_is_told_with_its_line(folder, old, new, line, told):
    path = folder / "exercise.toml"
    assert old in DOCUMENT
    path.write_text(DOCUMENT.replace(old, new, 1))
    error = refused(folder)
    assert (error.file, error.row) == (str(path), line)
    assert f"{path}, line {line}: " in str(error)
    assert told in str(error)


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ("{{ share | percent }}", "{{ shere | percent }}", 11, "is 'share' meant?"),
        ("{{ share | percent }}", "{{ share | per_cent }}", 11, "per_cent"),
        ("{{ share | percent }}", "{{ share | percent }", 11, ""),
        ("{{ share | percent }}", "{{ small.paramters }}", 11, "is 'parameters' meant?"),
        ("{{ share | percent }}", "{% if share %}", None, ""),
        ("## Answer", "## Anser", 9, "Answer"),
        ("## Question\n\nIs it good?\n\n", "", 1, "Question"),
        ("# First", "First", 1, "title"),
        ("(first-seeds)", "(second-seeds)", 15, "first-seeds"),
        ("{% set half = goal %}", "{% set half = gaol %}", 3, "is 'goal' meant?"),
    ],
)
def test_a_mistake_in_the_words_is_told_with_its_line(folder, old, new, line, told):
    path = folder / "first.md"
    assert old in WORDS
    path.write_text(WORDS.replace(old, new, 1))
    error = refused(folder)
    assert error.file == str(path)
    assert line is None or error.row == line
    assert told in str(error)


@pytest.mark.parametrize("name", ["exercise.toml", "first.md"])
def test_a_missing_file_and_one_that_is_no_text_are_refused(folder, name):
    (folder / name).write_bytes(b"\xff\xfe\x00")
    assert refused(folder, FileError).file == str(folder / name)
    (folder / name).unlink()
    assert refused(folder, FileError).file == str(folder / name)


def test_no_folder_is_refused(tmp_path):
    assert "no folder" in str(refused(tmp_path / "missing", FileError))


def test_what_fails_when_it_is_filled_in_is_told_with_its_line(folder):
    (folder / "first.md").write_text(WORDS.replace("{{ share | percent }}", "{{ 1 / (share - share) }}"))
    with pytest.raises(DataError) as caught:
        list(answering.answers(read(folder), [], Laboratory(seeds=1)))
    assert (caught.value.file, caught.value.row) == (str(folder / "first.md"), 11)


@pytest.mark.parametrize(
    "attack",
    [
        "{{ ().__class__.__bases__[0].__subclasses__() }}",
        "{{ small.__class__.__init__.__globals__ }}",
        "{{ small.training.__class__.default.__func__.__globals__ }}",
        "{{ spread.__globals__ }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ '%s' | attr('__class__') }}",
        "{{ '{0.__class__.__mro__}'.format(small) }}",
        "{% include '../secret.md' %}",
        "{% include '/etc/passwd' %}",
    ],
)
def test_words_run_no_code_and_read_no_file_elsewhere(folder, attack):
    (folder.parent / "secret.md").write_text("secret")
    (folder / "first.md").write_text(WORDS.replace("{{ share | percent }}", attack))
    with pytest.raises(DataError):
        list(answering.answers(read(folder), [], Laboratory(seeds=1)))


def test_values_that_look_like_templates_are_text(folder):
    changed = DOCUMENT.replace("the small network", "{{ 7 * 7 }}")
    (folder / "exercise.toml").write_text(changed)
    (folder / "first.md").write_text(WORDS.replace("{{ share | percent }}", "{{ small.name }}"))
    (answer,) = answering.answers(read(folder), [], Laboratory(seeds=1))
    assert answer.short.startswith("{{ 7 * 7 }}")


def test_an_exercise_may_be_in_another_language(folder, tmp_path):
    phrases = (UNIVERSITY.parents[1] / "wording" / "phrases.md").read_text()
    (folder / "phrases.md").write_text(phrases.replace('"s" if amount != 1', '"r" if amount != 1'))
    (folder / "first.md").write_text(WORDS.replace("{{ share | percent }}", '{{ count(2, "bild") }}'))
    (answer,) = answering.answers(read(folder), [], Laboratory(seeds=1))
    assert answer.short.startswith("2 bildr")


def test_a_copy_of_the_universitys_exercise_is_the_same(tmp_path):
    shutil.copytree(UNIVERSITY, tmp_path / "mine")
    mine, theirs = read(tmp_path / "mine"), read()
    assert mine.networks == theirs.networks
    assert [each.figures for each in mine.questions.values()] == [
        each.figures for each in theirs.questions.values()
    ]


def test_settings_do_not_fit_the_data_is_told_before_any_training(folder):
    (folder / "exercise.toml").write_text(DOCUMENT.replace("epochs = 2", "epochs = 2\ntruncation = 5"))
    with pytest.raises(Exception, match=r"network small: .*truncation"):
        answering.prepare(read(folder), [], Laboratory(seeds=1))


@pytest.mark.parametrize("registry", [evidence.EVIDENCE, pictures.PICTURES])
def test_every_function_that_may_be_named_says_what_it_gives_and_needs(registry):
    for name in registry.names:
        assert registry[name].__doc__
        assert all(
            argument.rule or argument.kind == "laboratory" for argument in registry.arguments(name).values()
        )


def test_lines_of_keys_are_found():
    text = 'a = 1\nb = """\nc = 2\n"""\n[t.u]\n"x y" = 3\nz.w = 4\n[[many]]\nq = 1\n'
    places = Places(text)
    assert [
        places.of(path) for path in (("a",), ("b",), ("t",), ("t", "u", "x y"), ("t", "u", "z", "w"))
    ] == [
        *(1, 2, 5, 6, 7),
    ]
    assert places.of(("c",)) == 1  # within a long string
    assert places.of(("t", "u", "missing")) == 5
