"""What a notebook hands in: the runs that were trained in it, as results that `netlet check` reads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netlet.errors import FileError
from netlet.lab.answer import Answer, TrainedNetwork
from netlet.lab.desk.seal import MIME
from netlet.lab.report.about import About, DatasetFacts, circumstances
from netlet.lab.report.results import as_json, claims, to_bytes
from netlet.saving import write_whole
from netlet.training import Runs

RESULTS = "results.json"


@dataclass(frozen=True)
class HandingIn:
    """Results, shown in a notebook as a line, and kept among its outputs for `netlet check`."""

    results: Mapping[str, Any]

    def __repr__(self) -> str:
        """What is handed in, in a line."""
        answers = self.results["answers"]
        networks = sum(len(answer["networks"]) for answer in answers.values())
        told = f"{networks} network{'s' if networks != 1 else ''}: {', '.join(answers) or 'none'}"
        return f"handed in by {self.results['name'] or 'nobody'}: {told}"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {"text/plain": repr(self), MIME: dict(self.results)}


def hand_in(name: str, trained: Mapping[str, Any], folder: str | Path | None = None) -> HandingIn:
    """Put together what was trained, so that it can be checked.

    Parameters
    ----------
    name
        Whose it is.
    trained
        By question or name: `netlet.Runs`, or several; everything else in it is passed over, so that it may
        be a notebook's ``globals()``.
    folder
        Where to write results.json, too, if anywhere; one of netlet's is replaced, but no other file.

    Raises
    ------
    FileError
        If results.json cannot be written, or there is one that netlet has not written.
    """
    answers, seen, place = [], {}, 0
    for key, value in trained.items():
        if key.startswith("_") or not (runs := _runs(value)):
            continue
        place += 1
        networks = tuple(TrainedNetwork.of(f"{key}", each) for each in runs)
        seen |= {each.dataset.content_hash: each for each in runs}
        answers.append(Answer(key, place, "", key, "", "", "", networks=networks))
    results = claims(as_json(answers, _about(name, list(seen.values()), answers)))
    results = json.loads(json.dumps(results, allow_nan=False))
    if folder is not None:
        _write(Path(folder) / RESULTS, results)
    return HandingIn(results)


def _runs(value: Any) -> list[Runs]:
    if isinstance(value, Runs):
        return [value]
    if isinstance(value, list | tuple) and value and all(isinstance(each, Runs) for each in value):
        return list(value)
    return []


def _about(name: str, runs: Iterable[Runs], answers: Iterable[Answer]) -> About:
    counts = [len(network.seeds) for answer in answers for network in answer.networks]
    return About(
        exercises=(),
        seeds=max(counts, default=0),
        is_quick=False,
        is_complete=True,
        datasets=tuple(DatasetFacts.of(each.dataset) for each in runs),
        trainings=sum(counts),
        training_seconds=0.0,
        seconds=0.0,
        name=name,
        **circumstances(),
    )


def _write(path: Path, results: dict[str, Any]) -> None:
    from netlet.lab.report.folder import previous

    if path.exists() and not previous(path.parent):
        raise FileError(f"{path} is none of netlet's: give another folder, or move it away", file=path)
    write_whole(path, to_bytes(results))
