"""What a file handed in claims: networks, the data they were trained on, and what every seed gave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from netlet.lab.reading import SPLITS
from netlet.lab.report.results import VERSION

MOST_ANSWERS, MOST_NETWORKS, MOST_SEEDS, MOST_TEXT = 200, 100, 1000, 4000
"""Of a file: answers, networks of an answer, seeds of a network, characters of a name or an architecture."""
_MOST_METRICS = 30
_KIND = ("instruction_set", "engine", "system", "libc")


class ClaimError(ValueError):
    """What is wrong with a file's content, and where in it; whoever reads the file adds its name."""


@dataclass(frozen=True)
class ClaimedData:
    """A dataset, as a file tells of it.

    Attributes
    ----------
    name, source, seed, counts, content_hash
        As in `netlet.lab.report.about.DatasetFacts`.
    """

    name: str
    source: str
    seed: int | None
    counts: Mapping[str, int]
    content_hash: str


@dataclass(frozen=True)
class ClaimedNetwork:
    """A network, as a file tells of it.

    Attributes
    ----------
    name, dataset, content_hash, architecture, parameters, settings
        As in results.json; nothing of it is checked yet but its type.
    metric
        What `values` are of: the one that runs are ranked by.
    seeds, weights
        What it was trained from, and the digest of what came out (`kind.weights_digest`).
    values
        By split there is: one a seed; None where one diverged.
    medians
        By split there is, then by metric: the median that is told.
    is_own
        Whether it is the student's, beside the exercise's.
    """

    name: str
    dataset: str
    content_hash: str
    architecture: str
    parameters: int
    settings: Mapping[str, Any]
    metric: str
    seeds: tuple[int, ...]
    weights: tuple[str, ...]
    values: Mapping[str, tuple[float | None, ...]]
    medians: Mapping[str, Mapping[str, float | None]]
    is_own: bool = False

    @property
    def median(self) -> float | None:
        """Of its metric on the validation data; None if it diverged."""
        return self.medians["validation"][self.metric]

    @property
    def training(self) -> tuple[str, str, str]:
        """What decides, with a seed, which weights come out; equal for the same training, however told."""
        return self.content_hash, self.architecture, repr(sorted(self.settings.items()))

    @property
    def telling(self) -> dict[int, str]:
        """By seed: the digest of its weights, where it tells who trained them: they are numbers, and some."""
        if not self.parameters:
            return {}
        ended = zip(self.seeds, self.weights, self.values["validation"], strict=True)
        return {seed: digest for seed, digest, value in ended if value is not None}


@dataclass(frozen=True)
class ClaimedWeights:
    """Weights that tell who trained them, by their digest: what they are of, and what decides them."""

    told: str
    training: tuple[str, str, str]
    seed: int
    digest: str


@dataclass(frozen=True)
class ClaimedAnswer:
    """An answer, with the networks it rests on, and whether there are words of the student's own."""

    key: str
    title: str
    networks: tuple[ClaimedNetwork, ...]
    has_words: bool = False


@dataclass(frozen=True)
class Claims:
    """All that a file claims.

    Attributes
    ----------
    student
        Whose it says it is; empty if it does not.
    netlet, date, kind
        The version, when, and on what kind of machine (`netlet.network.machine.machine_kind`).
    is_complete
        Whether all questions asked for were answered.
    data, answers
        What was trained on, and what was found.
    """

    student: str
    netlet: str
    date: str
    kind: Mapping[str, str]
    is_complete: bool
    data: tuple[ClaimedData, ...]
    answers: tuple[ClaimedAnswer, ...]

    @classmethod
    def of(cls, content: Any) -> Claims:
        """Claims from what a JSON text holds.

        Raises
        ------
        ClaimError
            If it is of another version, or anything in it has not the form that netlet writes.
        """
        top = _Part("the file", content)
        if "netlet" not in top.content or "answers" not in top.content:
            raise ClaimError("it holds no results of netlet lab")
        if (version := top.content.get("results_version", 1)) != VERSION:
            told = version if isinstance(version, int) else "another one"
            raise ClaimError(
                f"its results have version {told}, but this netlet checks version {VERSION}: write them again"
            )
        kind = top.part("kind")
        answers = top.part("answers").parts(MOST_ANSWERS)
        return cls(
            student=top.text("name", "") if top.content.get("name") is not None else "",
            netlet=top.text("netlet"),
            date=top.text("date", ""),
            kind={key: kind.text(key) for key in _KIND},
            is_complete=top.content.get("is_complete") is True,
            data=tuple(_data(each) for each in top.listed("datasets", MOST_NETWORKS)),
            answers=tuple(_answer(key, each) for key, each in answers.items()),
        )

    @property
    def networks(self) -> tuple[ClaimedNetwork, ...]:
        """Those of all answers, each as often as it is told of."""
        return tuple(network for answer in self.answers for network in answer.networks)

    @property
    def telling(self) -> tuple[ClaimedWeights, ...]:
        """Its weights that tell who trained them."""
        return tuple(
            ClaimedWeights(
                f"{network.name} on {network.dataset}, seed {seed}", network.training, seed, digest
            )
            for network in self.networks
            for seed, digest in network.telling.items()
        )


class _Part:
    """A mapping within a file, and what it is called in errors."""

    def __init__(self, what: str, content: Any) -> None:
        if not isinstance(content, dict):
            raise ClaimError(f"{what} is {_told(content)}, but must be a mapping")
        self.what, self.content = what, content

    def value(self, key: str) -> Any:
        if key not in self.content:
            raise ClaimError(f"{self.what} has no {key}")
        return self.content[key]

    def wrong(self, key: str, rule: str) -> ClaimError:
        return ClaimError(f"{self.what}: {key} is {_told(self.content.get(key))}, but must be {rule}")

    def text(self, key: str, default: str | None = None) -> str:
        value = self.content.get(key, default) if default is not None else self.value(key)
        if not isinstance(value, str) or len(value) > MOST_TEXT:
            raise self.wrong(key, f"a text of at most {MOST_TEXT:,} characters")
        return value

    def whole(self, key: str, most: int = 2**63 - 1) -> int:
        value = self.value(key)
        if not _is_whole(value, most):
            raise self.wrong(key, f"a whole number from 0 to {most:,}")
        return value

    def digest(self, key: str) -> str:
        if not _is_digest(self.value(key)):
            raise self.wrong(key, "64 hexadecimal digits")
        return self.content[key]

    def part(self, key: str) -> _Part:
        return _Part(f"{self.what}, {key}", self.value(key))

    def parts(self, most: int) -> dict[str, _Part]:
        if len(self.content) > most:
            raise ClaimError(f"{self.what} has {len(self.content):,} entries, but at most {most} are checked")
        for key in self.content:
            if len(key) > MOST_TEXT:
                raise ClaimError(f"{self.what} has a key of {len(key):,} characters")
        return {key: self.part(key) for key in self.content}

    def array(self, key: str, most: int) -> list[Any]:
        value = self.value(key)
        if not isinstance(value, list) or len(value) > most:
            raise self.wrong(key, f"a list of at most {most:,}")
        return value

    def listed(self, key: str, most: int) -> list[_Part]:
        return [
            _Part(f"{self.what}, {key} {place}", each)
            for place, each in enumerate(self.array(key, most), start=1)
        ]


def _answer(key: str, answer: _Part) -> ClaimedAnswer:
    own = answer.part("own")
    networks = [_network(each, False) for each in answer.listed("networks", MOST_NETWORKS)]
    networks += [_network(each, True) for each in own.listed("networks", MOST_NETWORKS)]
    return ClaimedAnswer(key, answer.text("title", key), tuple(networks), bool(own.content.get("text")))


def _network(network: _Part, is_own: bool) -> ClaimedNetwork:
    seeds = network.array("seed_list", MOST_SEEDS)
    if not seeds or not all(_is_whole(seed) for seed in seeds) or len(set(seeds)) != len(seeds):
        raise network.wrong("seed_list", "different whole numbers from 0 to 2^63 - 1, at least one")
    weights = network.array("weights_sha256", MOST_SEEDS)
    if len(weights) != len(seeds) or not all(map(_is_digest, weights)):
        raise network.wrong("weights_sha256", "64 hexadecimal digits for every seed")
    metrics, values = network.part("metrics"), network.part("values")
    told = [split for split in SPLITS if metrics.content.get(split) is not None]
    if "validation" not in told or set(values.content) != set(told):
        raise network.wrong(
            "values", "given for the splits that metrics are given for, validation among them"
        )
    metric = network.text("ranked_by")  # not the first of the metrics: Jupyter sorts keys when it saves
    medians = {
        split: {
            name: _number(spread, "median")
            for name, spread in metrics.part(split).parts(_MOST_METRICS).items()
        }
        for split in told
    }
    if any(metric not in each for each in medians.values()):
        raise network.wrong("ranked_by", "one of the metrics of every split")
    settings = network.part("settings").content
    if len(settings) > 100 or any(
        not (value is None or isinstance(value, bool | int | float) or _is_short(value))
        for value in settings.values()
    ):
        raise network.wrong("settings", "numbers, words, true, false or nothing")
    return ClaimedNetwork(
        name=network.text("name"),
        dataset=network.text("dataset"),
        content_hash=network.digest("content_hash"),
        architecture=network.text("architecture"),
        parameters=network.whole("parameters"),
        settings=settings,
        metric=metric,
        seeds=tuple(seeds),
        weights=tuple(weights),
        values={split: _values(values, split, len(seeds)) for split in told},
        medians=medians,
        is_own=is_own,
    )


def _data(data: _Part) -> ClaimedData:
    counts = data.part("counts")
    for split in counts.content:
        if split not in SPLITS:
            raise counts.wrong(split, f"of {', '.join(SPLITS)}")
    return ClaimedData(
        name=data.text("name"),
        source=data.text("source", ""),
        seed=None if data.value("seed") is None else data.whole("seed"),
        counts={split: counts.whole(split) for split in counts.content},
        content_hash=data.digest("content_hash"),
    )


def _values(values: _Part, split: str, count: int) -> tuple[float | None, ...]:
    found = values.array(split, MOST_SEEDS)
    if len(found) != count or not all(each is None or _is_number(each) for each in found):
        raise values.wrong(split, "a number, or nothing, for every seed")
    return tuple(None if each is None else float(each) for each in found)


def _number(part: _Part, key: str) -> float | None:
    value = part.value(key)
    if value is not None and not _is_number(value):
        raise part.wrong(key, "a number, or nothing")
    return None if value is None else float(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300


def _is_whole(value: Any, most: int = 2**63 - 1) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most


def _is_digest(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 64 and set(value) <= set("0123456789abcdef")


def _is_short(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 100


def _told(value: Any) -> str:
    """A value for an error's line: short, whatever it is."""
    if isinstance(value, dict | list):
        return f"a {'mapping' if isinstance(value, dict) else 'list'} of {len(value):,}"
    text = repr(value) if not isinstance(value, int) or abs(value) < 10**30 else "a huge number"
    return text if len(text) <= 60 else f"{text[:57]}..."
