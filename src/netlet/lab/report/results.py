"""Answers as JSON: networks' distributions beside the notebook's figures, and what `netlet check` needs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from netlet.lab.answer import Answer, TrainedNetwork
from netlet.lab.report import markdown
from netlet.lab.report.about import About
from netlet.lab.report.folder import FIGURES
from netlet.metrics import json_number

VERSION = 2
"""Of what results.json holds, raised when programs that read it have to change."""
_WORDS = ("question", "answer", "text", "appendix", "evidence", "tables", "figures")


def as_json(answers: Sequence[Answer], about: About) -> dict[str, Any]:
    """What results.json holds; what is no finite number is None."""
    return {
        "results_version": VERSION,
        **asdict(about),
        "answers": {answer.key: _answer(answer) for answer in answers},
    }


def claims(results: Mapping[str, Any]) -> dict[str, Any]:
    """The same without its words: what a page or a notebook carries along to be checked by."""
    answers = {
        key: {name: value for name, value in answer.items() if name not in _WORDS}
        for key, answer in results["answers"].items()
    }
    without = {key: value for key, value in results.items() if key not in ("introduction", "summary")}
    return {**without, "answers": answers}


def to_bytes(results: dict[str, Any]) -> bytes:
    """JSON text, UTF-8."""
    return (json.dumps(results, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _answer(answer: Answer) -> dict[str, Any]:
    return {
        "exercise": answer.exercise,
        "title": answer.title,
        "question": markdown.plain(answer.question),
        "answer": markdown.plain(answer.short),
        "text": markdown.paragraphs(answer.text),
        "appendix": markdown.paragraphs(answer.appendix),
        "networks": [_network(network) for network in answer.networks],
        "own": {
            "text": markdown.paragraphs(answer.own),
            "networks": [_network(network) for network in answer.own_networks],
        },
        "evidence": _plain(answer.evidence),
        "tables": [
            {"caption": table.caption, "head": list(table.head), "rows": [list(row) for row in table.rows]}
            for table in markdown.tables(f"{answer.text}\n\n{answer.appendix}")
        ],
        "figures": [
            {"file": f"{FIGURES}/{picture.name}.svg", "caption": picture.caption, "alt": picture.alt}
            for picture in answer.pictures
        ],
    }


def _network(network: TrainedNetwork) -> dict[str, Any]:
    printed = network.printed
    return {
        "name": network.name,
        "dataset": network.dataset,
        "architecture": network.architecture,
        "parameters": network.parameters,
        "seeds": len(network.seeds),
        "first_seed": network.seeds[0],
        "seed_list": list(network.seeds),
        "ranked_by": network.ranked_by,
        "values": _plain(network.values),
        "weights_sha256": list(network.weights),
        "content_hash": network.content_hash,
        "best_seed": network.best_seed,
        "diverged": network.diverged,
        "seconds": network.seconds,
        "settings": asdict(network.training),
        "metrics": {
            split: {name: spread.as_dict() for name, spread in values.items()} if values is not None else None
            for split, values in network.metrics.items()
        },
        "best_run": _plain(network.of_best),
        "notebook": (
            {split: dict(values) for split, values in printed.metrics.items()}
            | {"note": printed.note, "is_rough": printed.is_rough, "other": dict(printed.other)}
            if printed is not None
            else None
        ),
    }


def _plain(values: Any) -> Any:
    """The same with None for what is no finite number."""
    if isinstance(values, Mapping):
        return {key: _plain(each) for key, each in values.items()}
    if isinstance(values, list | tuple):
        return [_plain(each) for each in values]
    return json_number(values) if isinstance(values, float) else values
