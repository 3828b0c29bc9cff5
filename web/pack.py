"""Writes what the page takes from Python into a folder: what it knows (truth.json), and its data.

``python web/pack.py web/generated``. Names, defaults and rules are read from the package itself, so that
the page cannot say anything else; what is code in both languages is held together by tests/web.
"""

from __future__ import annotations

import json
import math
import sys
import zlib
from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import numpy as np

import netlet
from netlet import architecture, datasets, metrics
from netlet.architecture import arguments, binding, fit, reading
from netlet.datasets import Dataset
from netlet.lab import read
from netlet.lab.document import Question
from netlet.lab.report import results
from netlet.training import Training

IMAGES = ("mnist56", "crt", "r3")
"""Sets that are packed; the sequences are generated in the page, from the same stream of random numbers."""
SEQUENCES = ("pulses", "pulses-reversed", "pulses-memory")


ABSENT = {
    architecture.Embedding.name: "the page has no embeddings: train them with netlet itself",
    architecture.Bidirectional.name: "the page has no bidirectional layers: train them with netlet itself",
}
"""Layers that the page has not, and what it says of them."""


def layers() -> dict[str, Any]:
    """What every kind of layer takes."""
    return {
        layer.name: {
            "keras": layer.keras_name,
            "takes": layer.takes,
            "positional": layer.positional,
            "kerasDefaults": layer.keras_defaults,
            "kerasArguments": layer.keras_arguments,
            "gates": getattr(layer, "gates", 0),
            "averages": layer.averages,
            "rules": layer.rules,
            "onImages": layer.image_layer.name if issubclass(layer, architecture.StepsLayer) else None,
            "fields": [
                {"name": field.name, "required": True}
                if field.default is MISSING
                else {"name": field.name, "required": False, "default": field.default}
                for field in fields(layer)
            ],
        }
        for layer in architecture.LAYERS
    }


def dataset(data: Dataset) -> dict[str, Any]:
    """What a dataset is, without its numbers."""
    return {
        "task": data.task,
        "inputShape": data.input_shape,
        "outputs": data.outputs,
        "perStep": data.per_step,
        "classNames": data.class_names,
        "source": data.source,
        "seed": data.seed,
        "counts": {name: len(split) for name, split in data.present.items()},
        "content": data.content_hash,
        "training": settings(Training.default(data)),
    }


def settings(training: Training) -> dict[str, Any]:
    """A training's settings."""
    return {field.name: getattr(training, field.name) for field in fields(Training)}


def exercise() -> dict[str, Any]:
    """The university's exercise: its parts, questions and networks, from its document."""
    document = read()
    return {
        "title": document.title,
        "parts": [
            {"key": part.key, "title": part.title, "subject": part.subject, "questions": part.questions}
            for part in document.parts.values()
        ],
        "questions": {
            question.key: {
                "number": question.number,
                "title": question.words.title,
                "asks": asked(question),
                "networks": question.networks,
            }
            for question in document.questions.values()
        },
        "networks": {
            network.key: {
                "name": network.name,
                "dataset": network.dataset,
                "architecture": network.architecture,
                "settings": told(network.settings),
            }
            for network in document.networks.values()
        },
    }


def asked(question: Question) -> str:
    """What a question asks: its section alone, for which nothing has to be measured."""
    values = {call.name: call.arguments["value"] for call in question.measurements if not call.function}
    section = (
        question.words.file.read_text(encoding="utf-8").partition("## Question\n")[2].partition("\n## ")[0]
    )
    return question.words.sections["Question"].environment.from_string(section).render(values).strip()


def told(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Changed settings; "none" is how a document says None."""
    return {name: None if value == "none" else value for name, value in changes.items()}


def truth(data: dict[str, Dataset]) -> dict[str, Any]:
    """All that the page knows by itself."""
    return {
        "version": netlet.__version__,
        "layers": layers(),
        "names": {name: layer.name for name, layer in reading.NETLET_NAMES.items()},
        "kerasNames": {name: layer.name for name, layer in reading.KERAS_NAMES.items()},
        "absent": ABSENT,
        "outOfScope": reading._OUT_OF_SCOPE,
        "notSaidHere": binding._NOT_SAID_HERE,
        "examples": binding._EXAMPLES,
        "excerpt": reading._EXCERPT,
        "rules": {
            name: {"expected": rule.expected, "words": rule.words} for name, rule in arguments.RULES.items()
        },
        "largestSize": arguments.LARGEST_SIZE,
        "largestShare": arguments.LARGEST_SHARE,
        "longestWord": arguments.LONGEST_WORD,
        "activations": arguments.ACTIVATIONS,
        "initializers": arguments.INITIALIZERS,
        "taskActivations": fit.TASK_ACTIVATIONS,
        "mostLayers": fit.MOST_LAYERS,
        "mostParameters": fit.MOST_PARAMETERS,
        "mostOutputs": fit.MOST_OUTPUTS,
        "metrics": metrics.METRICS,
        "higherIsBetter": [
            m for names in metrics.METRICS.values() for m in names if metrics.higher_is_better(m)
        ],
        "worst": {
            m: metrics.worst(m)
            for names in metrics.METRICS.values()
            for m in names
            if math.isfinite(metrics.worst(m))
        },
        "resultsVersion": results.VERSION,
        "training": settings(Training()),
        "settings": {
            field.name: {"help": row.help, "choices": row.rule.choices, "only": row.only}
            for field in fields(Training)
            if (row := field.metadata["setting"])
        },
        "datasets": {name: dataset(found) for name, found in data.items()},
        "exercise": exercise(),
    }


def packed(data: Dataset) -> bytes:
    """Images and labels, split after split: pixels as bytes, or as bits where all are black or white."""
    parts = []
    for split in data.present.values():
        pixels = np.rint(split.x * 255).astype(np.uint8).ravel()
        if not np.array_equal((pixels / np.float32(255)).astype(np.float32), split.x.ravel()):
            raise SystemExit(f"{data.name} has pixels that are no bytes")
        labels = metrics.labels(split.y).astype(np.uint8)
        parts.append((np.packbits(pixels // 255) if is_black_and_white(data) else pixels, labels))
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return deflate.compress(b"".join(array.tobytes() for part in parts for array in part)) + deflate.flush()


def is_black_and_white(data: Dataset) -> bool:
    """Whether every pixel is 0 or 1."""
    return all(bool(np.isin(split.x, (0, 1)).all()) for split in data.present.values())


def main(folder: Path) -> None:
    """Write all files."""
    folder.mkdir(parents=True, exist_ok=True)
    data = {name: datasets.make(name) for name in (*IMAGES, *SEQUENCES)}
    known = truth(data)
    for name in IMAGES:
        known["datasets"][name]["bits"] = is_black_and_white(data[name])
        (folder / f"{name}.bin").write_bytes(packed(data[name]))
    (folder / "truth.json").write_text(
        json.dumps(known, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
