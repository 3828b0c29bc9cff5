"""One file handed in, checked: its data found, its networks trained again, a verdict on every answer."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from netlet.datasets import Dataset
from netlet.errors import NetletError
from netlet.lab.desk import reading
from netlet.lab.desk.claims import ClaimedData, ClaimedNetwork, ClaimedWeights
from netlet.lab.desk.material import Material, Missing
from netlet.lab.desk.reading import HandedIn
from netlet.lab.desk.retraining import Asked, Retraining, TooLongError
from netlet.lab.desk.verdict import NOT, UNCHECKED, AnswerVerdict, NetworkVerdict, Verdict


def check(file: Path, material: Material, asked: Asked) -> Verdict:
    """Check one file; what is wrong with it is told in the verdict."""
    try:
        handed_in = reading.read(file)
    except NetletError as error:
        return Verdict(str(file), refused=str(error))
    return checked(handed_in, material, asked)


def checked(handed_in: HandedIn, material: Material, asked: Asked) -> Verdict:
    """Check a file that has been read."""
    started = time.perf_counter()
    claims = handed_in.claims
    different = {each.training for each in claims.networks}
    retraining = Retraining(claims.kind, len(different), asked)
    told = {data.content_hash: data for data in claims.data}
    loaded: dict[str, Dataset | Missing] = {}
    is_over = False

    def of(network: ClaimedNetwork) -> NetworkVerdict:
        nonlocal is_over
        data = _data(network, told, loaded, material, claims.student)
        if isinstance(data, Missing):
            return _said(network, NOT if data.is_false else UNCHECKED, data.reason)
        if is_over:
            return _said(network, UNCHECKED, "the time for this file was over")
        try:
            return retraining.verdict(network, data)
        except TooLongError:
            is_over = True
            return _said(network, UNCHECKED, f"the {asked.seconds:.0f} seconds for this file were over")

    answers = tuple(
        AnswerVerdict(answer.key, answer.title, tuple(map(of, answer.networks))) for answer in claims.answers
    )
    return Verdict(
        str(handed_in.file),
        claims.student,
        answers,
        handed_in.remarks,
        is_changed=handed_in.is_changed,
        seconds=time.perf_counter() - started,
    )


def _data(
    network: ClaimedNetwork,
    told: Mapping[str, ClaimedData],
    loaded: dict[str, Dataset | Missing],
    material: Material,
    student: str,
) -> Dataset | Missing:
    """The dataset that a network says it was trained on."""
    claimed = told.get(network.content_hash)
    if claimed is None or claimed.name != network.dataset:
        return Missing(f"its {network.dataset} is none of the datasets that the file tells of", True)
    if network.content_hash not in loaded:
        loaded[network.content_hash] = material.dataset(claimed, student)
    return loaded[network.content_hash]


def _said(network: ClaimedNetwork, verdict: str, reason: str) -> NetworkVerdict:
    return NetworkVerdict(network.name, network.dataset, verdict, (reason,), is_own=network.is_own)


def copies(files: Mapping[Path, Sequence[ClaimedWeights]]) -> dict[Path, list[str]]:
    """By file: which of its weights are those of another training, told from what the files say alone.

    The same network from the same seed on the same data has the same weights, whoever trains it: no copy.
    """
    origins: dict[str, dict[tuple[object, ...], list[tuple[Path, str]]]] = {}
    for file, telling in files.items():
        for each in telling:
            same = origins.setdefault(each.digest, {}).setdefault((*each.training, each.seed), [])
            same.append((file, each.told))
    found: dict[Path, list[str]] = {}
    for trainings in origins.values():
        if len(trainings) < 2:
            continue
        places = list(dict.fromkeys(place for some in trainings.values() for place in some))
        for file, told in places:
            others = [f"{other}: {what}" for other, what in places if (other, what) != (file, told)]
            found.setdefault(file, []).append(f"{told} has the same weights as {others[0]}")
    return found
