"""What a person may say of data of their own, as one table: a row is an option, and what it goes with.

The keyword of `netlet.load`, the option of every command that reads data, its help, the check of its value
and what is refused where it has no use follow from a row. It imports next to nothing: the command line reads
it at every start.
"""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Mapping
from numbers import Integral
from pathlib import Path
from typing import Any, NamedTuple

from netlet.errors import DataError, brief

FOLDER, TABLE, ARCHIVE, ARRAYS, SEQUENCES = "folder", "table", "archive", "arrays", "sequences"
FORMS = {
    FOLDER: "a folder of images",
    TABLE: "a CSV, TSV or Parquet file",
    ARCHIVE: "a file of the UCR/UEA archive",
    ARRAYS: "an .npz file",
    SEQUENCES: "an .npy file of sequences",
}
"""In which data comes, in words."""
_TEXT = (".csv", ".tsv", ".tab", ".txt", ".dat", ".data")
_PACKED = ("", ".gz", ".zip", ".bz2", ".xz")
SUFFIXES = (
    {f"{text}{packed}": TABLE for text in _TEXT for packed in _PACKED}
    | {".parquet": TABLE, ".pq": TABLE}
    | {".npz": ARRAYS, ".npy": SEQUENCES}
)
_KINDS = {
    FOLDER: ("image",),
    TABLE: ("table", "sequence"),
    ARCHIVE: ("sequence", "table"),
    SEQUENCES: ("sequence",),
}
_MOST_PIXELS = 4096  # of height or width asked for


class Option(NamedTuple):
    """What is known of an option.

    Attributes
    ----------
    help : str
        What it says of the data, for people.
    forms : tuple of str
        Of `FORMS`: those that it goes with.
    type : str
        ``word`` (one of the choices), ``flag``, ``whole`` (number, of at least `least`), ``text``,
        ``columns`` (text or several), ``steps`` (one whole number or several), ``size``, ``names``.
    choices : tuple of str
        Its values, if they are words.
    flags : tuple of str
        Of a bool, what the command line calls yes and no.
    needs : str
        Another option, without which it has no use.
    """

    help: str
    forms: tuple[str, ...]
    type: str = "word"
    choices: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    needs: str = ""
    least: int = 1

    @property
    def option(self) -> str:
        """Of a bool, both options as people write them."""
        return "/".join(f"--{flag}" for flag in self.flags)


OPTIONS: dict[str, Option] = {
    "kind": Option(
        "What the inputs are, where it is not plain: images, sequences, or rows of a table.",
        tuple(FORMS),
        choices=("image", "sequence", "table"),
    ),
    "task": Option(
        "What is to be learned, where it is not plain: one of two classes, one of several, or numbers.",
        tuple(FORMS),
        choices=("binary", "categorical", "regression"),
    ),
    "target": Option(
        "The column to be learned, or several (a,b); of images that of the table of labels beside them.",
        (TABLE, ARCHIVE, FOLDER),
        "columns",
    ),
    "features": Option(
        "The columns to learn from (a,b), by default all that hold numbers or words.",
        (TABLE, ARCHIVE),
        "columns",
    ),
    "window": Option("Of a series in time: how many rows a network sees.", (TABLE,), "whole"),
    "horizon": Option(
        "Of a series: how many values to forecast; or how many rows ahead each of several lies (1,6,12).",
        (TABLE,),
        "steps",
        needs="window",
    ),
    "stride": Option("Of a series: rows from one window to the next.", (TABLE,), "whole", needs="window"),
    "known": Option(
        "Of a series: columns that are known in advance, as of a calendar (a,b).",
        (TABLE,),
        "columns",
        needs="window",
    ),
    "time": Option("Of a series: the column of time, if it is not plain.", (TABLE,), "text", needs="window"),
    "season": Option(
        "Of a series: rows of a season, for the naive forecast; 0 for none.",
        (TABLE,),
        "whole",
        needs="window",
        least=0,
    ),
    "per_step": Option(
        "Whether (n, steps) targets are one at every step of a sequence, or a vector of outputs.",
        (ARRAYS,),
        "flag",
        flags=("per-step", "vector"),
    ),
    "size": Option("Of images: width x height, to which all are brought, such as 28x28.", (FOLDER,), "size"),
    "fit": Option(
        "How, if the shape differs: whole with a margin (pad), the middle alone, or distorted.",
        (FOLDER,),
        choices=("pad", "crop", "stretch"),
        needs="size",
    ),
    "color": Option("Of images: one channel or three.", (FOLDER,), "flag", flags=("color", "grey")),
    "background": Option(
        "Of images: on what transparent pictures are laid.", (FOLDER,), choices=("white", "black", "grey")
    ),
    "scale": Option(
        "How inputs, and numbers to learn, are scaled inside the network.",
        tuple(FORMS),
        choices=("none", "standard", "minmax"),
    ),
    "class_names": Option("One name a class.", (TABLE, ARCHIVE, ARRAYS), "names"),
}


class OptionError(DataError):
    """An option that has no use, or a value that is not allowed; `spelled` tells it in other spellings.

    Attributes
    ----------
    setting : str
        Its name.
    """

    def __init__(self, name: str, template: str) -> None:
        """Keep the text, in which names of options stand in braces."""
        super().__init__(template.format_map({each: each for each in OPTIONS}), setting=name)
        self.template = template

    def spelled(self) -> str:
        """The message with options as the command line has them."""
        return self.template.format_map({name: spelling(name) for name in OPTIONS})


def spelling(name: str) -> str:
    """An option as the command line has it."""
    return OPTIONS[name].option or f"--{name.replace('_', '-')}"


def as_options(said: Mapping[str, Any]) -> str:
    """What was said of data as the command line has it: ``--size 28x28 --grey``."""
    words = []
    for name, value in said.items():
        if name not in OPTIONS:
            words += [f"--{name} {value}"]
        elif OPTIONS[name].type == "flag":
            words += [f"--{OPTIONS[name].flags[0 if value else 1]}"]
        elif OPTIONS[name].type == "size" and not isinstance(value, int):
            words += [f"{spelling(name)} {value[1]}x{value[0]}"]
        else:
            several = ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
            words += [f"{spelling(name)} {shlex.quote(several)}"]
    return " ".join(words)


def suffix_of(path: Path) -> str:
    """What the name of a file ends in, in lower case; of packed tables both endings, .csv.gz."""
    both = "".join(path.suffixes[-2:]).lower()
    return both if both in SUFFIXES else path.suffix.lower()


def form_of(path: Path) -> str | None:
    """In which of `FORMS` the data at a path comes, as far as its name and the disk tell."""
    return FOLDER if path.is_dir() else SUFFIXES.get(suffix_of(path))


def options_of(form: str) -> tuple[str, ...]:
    """The options that go with a form."""
    return tuple(name for name, option in OPTIONS.items() if form in option.forms)


def suited(form: str | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """Those of some options that go with a form: for what was said of other data of the kind."""
    return {name: value for name, value in given.items() if name in OPTIONS and form in OPTIONS[name].forms}


def checked(path: Path | str, form: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """What was said of data, each value in one form; those that are None are left out.

    Raises
    ------
    OptionError
        If an option has no use with this form of data, or a value is not allowed.
    DataError
        If there is no such option.
    """
    given = {name: value for name, value in given.items() if value is not None}
    told = _escaped(str(path))
    for name in given:
        if name not in OPTIONS:
            nearest = difflib.get_close_matches(name, OPTIONS, n=1)
            guess = f": did you mean {nearest[0]}?" if nearest else ""
            raise DataError(
                f"{path} takes no {name}{guess or ': choose from ' + ', '.join(options_of(form))}",
                setting=name,
            )
        if form not in OPTIONS[name].forms:
            others = " or ".join(FORMS[each] for each in OPTIONS[name].forms)
            takes = ", ".join(f"{{{each}}}" for each in options_of(form) if OPTIONS[each].type != "names")
            raise OptionError(
                name,
                f"{{{name}}} goes with {others}, but {told} is {FORMS[form]}, which takes {takes}",
            )
    values = {name: _checked(name, value) for name, value in given.items()}
    for name in values:
        needs = OPTIONS[name].needs
        if needs and needs not in values:
            raise OptionError(name, f"{{{name}}} has no use without {{{needs}}}: say {{{needs}}} too")
    kind, known = values.get("kind"), _KINDS.get(form, OPTIONS["kind"].choices)
    if kind is not None and kind not in known:
        raise OptionError(
            "kind",
            f"{{kind}} is {kind}, but {told} is {FORMS[form]}, which holds {' or '.join(known)} data",
        )
    return values


def _checked(name: str, value: Any) -> Any:
    """One value, in the form in which it is kept."""
    option = OPTIONS[name]
    several: list[Any] = list(value) if isinstance(value, (list, tuple)) else [value]
    if option.type == "size":
        return _size(value)
    if option.type == "names" and isinstance(value, (list, tuple)):
        return [str(each) for each in several]
    if option.type == "flag" and isinstance(value, (bool, Integral)) and int(value) in (0, 1):
        return bool(value)
    if option.type == "whole" and _is_whole(value, option.least):
        return int(several[0])
    if option.type == "steps" and several and all(_is_whole(each, 1) for each in several):
        return [int(each) for each in several] if isinstance(value, (list, tuple)) else int(value)
    if option.type == "steps" and isinstance(value, str):
        return value
    if option.type == "columns" and several and all(isinstance(each, str) for each in several):
        return several if len(several) > 1 else several[0]
    if option.type == "text" and isinstance(value, str):
        return value
    if option.type == "word" and isinstance(value, str) and value in option.choices:
        return str(value)
    allowed = {
        "names": "a list of names",
        "flag": "True or False",
        "whole": f"a whole number of at least {option.least}",
        "steps": "a whole number of at least 1, or several",
        "columns": "the name of a column, or several",
        "text": "the name of a column",
        "word": f"one of {', '.join(option.choices)}",
    }[option.type]
    raise OptionError(name, f"{{{name}}} is {_short(value)}, but must be {allowed}")


def _is_whole(value: Any, least: int) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= least


def _size(value: Any) -> tuple[int, int]:
    """(height, width) of a whole number, such a pair, or text as 28x28, width first."""
    pair: Any = value
    if isinstance(value, str):
        parts = value.lower().replace("×", "x").split("x")
        pair = [int(each) if each.strip().isdecimal() else None for each in reversed(parts)]
        pair = pair * 2 if len(pair) == 1 else pair
    elif isinstance(value, Integral) and not isinstance(value, bool):
        pair = (value, value)
    is_pair = isinstance(pair, (tuple, list)) and len(pair) == 2
    if not is_pair or not all(
        isinstance(each, Integral) and not isinstance(each, bool) and 1 <= int(each) <= _MOST_PIXELS
        for each in pair
    ):
        raise OptionError(
            "size",
            f"{{size}} is {_short(value)}, but must be (height, width), or width x height as in 28x28, "
            f"from 1 to {_MOST_PIXELS} each",
        )
    return int(pair[0]), int(pair[1])


def _short(value: Any) -> str:
    return _escaped(brief(value))


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
