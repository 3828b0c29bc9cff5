"""Texts as times: ISO with and without a zone, day first or month first, short years, weeks, quarters."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

_LOOKS_DATED = re.compile(
    r"\d{4}|\d{1,2}[-./]\d{1,2}[-./]\d{2}|\d{1,2}:\d{2}|[a-z]{3,9}[ -]'?\d{2}$|\d{1,2}[ -][a-z]{3}", re.I
)
_CLOCK = r"(?:[T ,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*([AaPp])?\.?[Mm]?\.?)?"
_ISO = re.compile(r"\d{4}-\d{1,2}(-\d{1,2})?([T ]\d.*)?")
_YEAR_FIRST = re.compile(r"(\d{4})[/.](\d{1,2})(?:[/.](\d{1,2}))?\.?" + _CLOCK)
_YEAR_LAST = re.compile(r"(\d{1,2})([-./])\s?(\d{1,2})\2\s?(\d{4}|\d{2})\.?" + _CLOCK)
_MONTH_OF_YEAR = re.compile(r"(\d{1,2})[-./](\d{4})")
_WEEK = re.compile(r"(\d{4})-?W(\d{1,2})", re.I)
_QUARTER = re.compile(r"(?:(\d{4})[- /]?Q([1-4])|Q([1-4])[- /]?(\d{4}))", re.I)
_NAMED = ("%b-%y", "%b %y", "%b-%Y", "%b %Y", "%B %Y", "%d-%b-%y", "%d-%b-%Y", "%d %b %Y", "%d %B %Y")
_NAMED += ("%b %d, %Y", "%B %d, %Y", "%Y-%b", "%Y %b", "%Y-%b-%d", "%a %d %b %Y", "%a %b %d %H:%M:%S %Y")
_PIVOT = 69  # of years with two digits, as POSIX has it: 69 is 1969
_NONE = np.datetime64("NaT", "ns")


def looks_dated(text: str) -> bool:
    """Whether a text may be a time at all: pandas takes "m7" for one."""
    return _LOOKS_DATED.search(text) is not None


def times(texts: Sequence[str]) -> tuple[np.ndarray, str]:
    """Times of different texts, all written in one way.

    Parameters
    ----------
    texts
        In the order of the rows. Which of day and month comes first is what makes the steps the most even.

    Returns
    -------
    times : datetime64[ns]
        NaT where a text is none. Those with a zone are UTC.
    note : str
        How they are read, if that is not plain; else empty.
    """
    texts = [text.strip() for text in texts]
    candidates = [found for reader in _READERS for found in reader(texts)]
    best = min(candidates, key=lambda found: (np.isnat(found[0]).sum(), _odd(found[0])), default=None)
    if best is None or np.isnat(best[0]).any():
        candidates += _inferred(texts)
        best = min(candidates, key=lambda found: (np.isnat(found[0]).sum(), _odd(found[0])))
    found, how = best
    others = [other for other, _ in candidates if other is not found and not np.isnat(other).any()]
    is_plain = np.isnat(found).any() or not others or all((other == found).all() for other in others)
    if is_plain or not how:
        return found, ""
    row = next(row for row in range(len(found)) if any(other[row] != found[row] for other in others))
    return found, f"dates are read {how}: {texts[row][:30]} is {found[row].astype('datetime64[D]')}"


def _odd(found: np.ndarray) -> int:
    """How many different steps there are, and more if they go both ways."""
    steps = np.diff(found[~np.isnat(found)])
    both = bool((steps < np.timedelta64(0)).any() and (steps > np.timedelta64(0)).any())
    return len(np.unique(steps)) + both * len(found)


def _iso(texts: list[str]) -> list[tuple[np.ndarray, str]]:
    return _by_pandas(texts, "ISO8601") if texts and _ISO.fullmatch(texts[0]) else []


def _digits(texts: list[str]) -> list[tuple[np.ndarray, str]]:
    if not texts or not all(text.isdecimal() for text in texts[:100]):
        return []
    form = {4: "%Y", 6: "%Y%m", 8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}.get(len(texts[0]))
    return _by_pandas(texts, form) if form else []


def _numbered(texts: list[str]) -> list[tuple[np.ndarray, str]]:
    """Day, month and year as numbers, in whatever order."""
    if texts and _YEAR_FIRST.fullmatch(texts[0]):
        matches = [_YEAR_FIRST.fullmatch(text) for text in texts]
        return [(np.array([_time(m, 1, 2, 3, 4) for m in matches], "M8[ns]"), "")]
    if texts and _MONTH_OF_YEAR.fullmatch(texts[0]):
        matches = [_MONTH_OF_YEAR.fullmatch(text) for text in texts]
        return [(np.array([_time(m, 2, 1, 0, 0) for m in matches], "M8[ns]"), "")]
    if not texts or not _YEAR_LAST.fullmatch(texts[0]):
        return []
    matches = [_YEAR_LAST.fullmatch(text) for text in texts]
    orders = {"day first": (4, 3, 1), "month first": (4, 1, 3)}
    first = next(match for match in matches if match)
    if first[2] == "/":
        orders = dict(reversed(orders.items()))  # of equally good ones the first is taken
    if len(first[4]) == 2:
        orders["year first"] = (1, 3, 4)
    return [
        (np.array([_time(m, *order, 5) for m in matches], "M8[ns]"), how) for how, order in orders.items()
    ]


def _time(match: re.Match[str] | None, year: int, month: int, day: int, clock: int) -> np.datetime64:
    """The time of a match, by the places of its groups; 0 for a part that it has not."""
    if match is None:
        return _NONE
    years = int(match[year])
    if len(match[year]) < 4:
        years += 1900 if years >= _PIVOT else 2000
    days = int(match[day] or 1) if day else 1
    if not 1678 <= years <= 2261:  # what nanoseconds in 64 bits hold
        return _NONE
    try:
        found = np.datetime64(f"{years:04d}-{int(match[month]):02d}-{days:02d}", "ns")
    except ValueError:
        return _NONE
    if not clock or match[clock] is None:
        return found
    hour, minute, second = (int(match[clock + place] or 0) for place in range(3))
    if half := match[clock + 4]:
        hour = hour % 12 + (12 if half in "pP" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return _NONE
    fraction = int((match[clock + 3] or "0").ljust(9, "0"))
    return found + np.timedelta64((hour * 3600 + minute * 60 + second) * 10**9 + fraction, "ns")


def _parts_of_years(texts: list[str]) -> list[tuple[np.ndarray, str]]:
    """Weeks and quarters, by their first day."""
    if texts and _QUARTER.fullmatch(texts[0]):
        found = []
        for match in map(_QUARTER.fullmatch, texts):
            year, quarter = (match[1] or match[4], match[2] or match[3]) if match else ("", "")
            found.append(np.datetime64(f"{year}-{3 * int(quarter) - 2:02d}-01", "ns") if match else _NONE)
        return [(np.array(found, "M8[ns]"), "")]
    if texts and _WEEK.fullmatch(texts[0]):
        weeks = [f"{m[1]}-{int(m[2]):02d}-1" if (m := _WEEK.fullmatch(text)) else "" for text in texts]
        return _by_pandas(weeks, "%G-%V-%u")
    return []


def _names_of_months(texts: list[str]) -> list[tuple[np.ndarray, str]]:
    if not texts or not re.search("[a-zA-Z]{3}", texts[0]):
        return []
    plain = [text.replace("'", "").replace("Sept ", "Sep ") for text in texts]
    first = [form for form in _NAMED if not np.isnat(_by_pandas(plain[:1], form)[0][0]).any()]
    return [found for form in first for found in _by_pandas(plain, form)]


def _inferred(texts: list[str]) -> list[tuple[np.ndarray, str]]:
    return _by_pandas(texts, None)


def _by_pandas(texts: list[str], form: str | None) -> list[tuple[np.ndarray, str]]:
    import pandas as pd

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a format cannot be inferred
        try:
            found: Any = pd.to_datetime(
                pd.Series(texts, dtype=object), errors="coerce", format=form, utc=True
            )
        except (ValueError, TypeError, OverflowError):
            return [(np.full(len(texts), _NONE), "")]
    return [(found.dt.tz_localize(None).to_numpy().astype("M8[ns]"), "")]


_READERS = (_iso, _digits, _numbered, _parts_of_years, _names_of_months)
