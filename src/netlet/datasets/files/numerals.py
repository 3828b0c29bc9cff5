"""Numbers as people write them: 1.234,5 and 1,234.5, 12 %, 5 kg, $3, (7), 1.5D+03; and words for none."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

_WORDS = """
? ?? - -- --- . .. ... * ** *** null (null) none nil missing n.a. n.a n/a na na() <na> nan -nan nat unknown
unbekannt k.a. n.v. #n/a #na #nv #div/0! #value! #wert! #ref! #bezug! #name? #num! #zahl! #null!
\\n \u2013 \u2014 \u2026
"""
MISSING = frozenset(_WORDS.split()) | {"", "not available", "k. a.", "keine angabe", "#n/a n/a"}
"""Words of lower case that say of a cell among numbers that there is none."""

_SIGNS = str.maketrans(
    dict.fromkeys("\u2212\u2010\u2011\u2012\u2013\ufe63\uff0d", "-")
    | dict.fromkeys("\u00a0\u202f\u2009\u2007\u2002\u2003", " ")
    | dict.fromkeys("\u2019\u02bc\u00b4\u2018`", "'")
)
_CURRENCY = r"[$€£¥₹₽₩¢]|(?:USD|EUR|GBP|CHF|JPY|SEK|NOK|DKK|PLN|CAD|AUD|US\$|CA\$|A\$|R\$|Fr\.?|Rs\.?|kr\.?)"
_NUMBER = re.compile(
    rf"(?P<open>\()?\s*(?P<sign>[+-]?)\s*(?P<before>{_CURRENCY})?\s*(?P<sign2>[+-]?)"
    r"(?P<body>0[xX][0-9a-fA-F]+|\d[\d.,' ]*(?<! )|[.,]\d+)(?:[eEdD](?P<power>[+-]?\d{1,4}))?"
    r"\s*(?P<after>[^\d\s.,()'+\-:;][^\d()+\-:;]{0,11}?)?\s*(?P<close>\))?(?P<last>-?)"
)
_GROUPS = re.compile(r"[1-9]\d{0,2}(?:([.,' ])\d{2,3})*[.,' ]\d{3}")
_MOST_CELL = 60  # characters: no number is longer
Word = dict[str, Any]


@dataclass
class Numbers:
    """Texts as numbers.

    Attributes
    ----------
    values
        float64, one a text; NaN where there is none.
    gaps
        Which say that a value is missing.
    wrong
        Which are neither a number nor missing.
    example
        A text that is not written as programs write numbers, and what it is taken for; or None.
    comma
        Whether a comma was taken for the decimal sign.
    """

    values: np.ndarray
    gaps: np.ndarray
    wrong: np.ndarray
    example: tuple[str, float] | None = None
    comma: bool = False


def numbers(texts: list[str], decimal: str = ".") -> Numbers:
    """What texts say, all of one column.

    Parameters
    ----------
    texts
        Different ones; blanks around them do not matter.
    decimal
        The sign that the rest of the file has, for what may be read in two ways: 1.234 and 1,234.
    """
    cells = [text.strip() for text in texts]
    gaps = np.array([cell.lower() in MISSING for cell in cells], dtype=bool)
    values = np.array([np.nan if gap else _plain(cell) for cell, gap in zip(cells, gaps, strict=True)])
    wrong = np.isnan(values) & ~gaps
    if not wrong.any() and not (decimal == "," and any("." in cell for cell in cells)):
        return Numbers(values, gaps, wrong)
    words = [None if gap else _word(cell, not bad) for cell, gap, bad in zip(cells, gaps, wrong, strict=True)]
    known = [word for word in words if word is not None]
    sign, group = _signs([word["body"] for word in known], decimal)
    unit = _unit(known)
    found = Numbers(values, gaps, wrong, comma=sign == ",")
    for place, word in enumerate(words):
        if gaps[place]:
            continue
        value = None if word is None else _value(word, sign, group, unit)
        if value is None:
            if word is not None or np.isnan(values[place]):  # else a plain one, such as inf
                found.wrong[place], values[place] = True, np.nan
            continue
        is_odd = np.isnan(values[place]) or values[place] != value
        values[place], found.wrong[place] = value, False
        if is_odd and (found.example is None or len(cells[place]) > len(found.example[0])):
            found.example = cells[place], value
    return found


def is_number(cell: str) -> bool:
    """Whether one cell alone is a number in any of the usual forms."""
    cell = cell.strip()
    if not cell or cell.lower() in MISSING:
        return False
    if not np.isnan(_plain(cell)):
        return True
    word = _word(cell, False)
    return word is not None and any(
        _value(word, *_signs([word["body"]], decimal), word["unit"]) is not None for decimal in ".,"
    )


def _plain(cell: str) -> float:
    try:
        return np.nan if "_" in cell else float(cell)
    except ValueError:
        return np.nan


def _word(cell: str, is_plain: bool) -> Word | None:
    """The parts of a cell; None if it is no number at all."""
    match = _NUMBER.fullmatch(cell.translate(_SIGNS)) if len(cell) <= _MOST_CELL else None
    if match is None or bool(match["open"]) != bool(match["close"]):
        return None
    signs = [match[each] for each in ("sign", "sign2", "last") if match[each]]
    if len(signs) > 1 or (match["open"] and signs):
        return None
    is_negative = bool(match["open"]) or signs == ["-"]
    unit = (match["before"] or "").strip(), (match["after"] or "").strip()
    return {
        "body": match["body"],
        "negative": is_negative,
        "power": match["power"],
        "unit": "".join(unit),
        "plain": is_plain,
    }


def _signs(bodies: list[str], decimal: str) -> tuple[str, str]:
    """The decimal sign of a column, and what separates thousands; either may be none."""
    groups = {each for each in "' " if any(each in body for body in bodies)}
    both = [body for body in bodies if "." in body and "," in body]
    if both:
        last = {max(".,", key=body.rfind) for body in both}
        if len(last) > 1:
            return "", ""
        sign = last.pop()
        return sign, "".join(groups) + ("," if sign == "." else ".")
    for sign, other in (",.", ".,"):
        with_it = [body for body in bodies if sign in body]
        if not with_it or any(other in body for body in bodies):
            continue
        all_groups = all(_GROUPS.fullmatch(body) for body in with_it)
        if all_groups and (decimal == other or any(body.count(sign) > 1 for body in with_it)):
            return other, sign + "".join(groups)
        return sign, "".join(groups)
    dots, commas = ([body for body in bodies if sign in body] for sign in ".,")
    if dots and commas:  # 1.5 beside 1,234 or 1,5 beside 1.234
        for sign, grouped in ((".", commas), (",", dots)):
            other = "," if sign == "." else "."
            rest = dots if sign == "." else commas
            if all(_GROUPS.fullmatch(body) for body in grouped) and not all(
                _GROUPS.fullmatch(body) for body in rest
            ):
                return sign, other + "".join(groups)
        return "", ""
    return decimal, "".join(groups)


def _unit(words: list[Word]) -> str:
    """What stands beside most numbers, such as kg or $; a nought needs none."""
    found = Counter(word["unit"] for word in words if word["body"].strip("0.,") or word["unit"])
    units = found.most_common()
    return units[0][0] if units else ""


def _value(word: Word, sign: str, group: str, unit: str) -> float | None:
    body = word["body"]
    is_other = bool(word["unit"]) or unit == "%"  # 5 among kg is one of them, 0.12 among 12 % may be either
    if word["unit"] != unit and is_other and body.strip("0.,"):
        return None
    if body[:2].lower() == "0x":
        return float(int(body, 16)) * (-1 if word["negative"] else 1)
    if any(each in body for each in group):
        whole, _, rest = body.partition(sign) if sign else (body, "", "")
        if not _GROUPS.fullmatch(whole) and any(each in whole for each in group):
            return None
        if any(each in rest for each in group):
            return None
        body = "".join(each for each in whole if each not in group) + (f".{rest}" if rest else "")
    elif sign:
        body = body.replace(sign, ".")
    try:
        value = float(f"{body}e{word['power']}" if word["power"] else body)
    except ValueError:
        return None
    return -value if word["negative"] else value
