"""``python -m benchmarks.speed_table``: writes the races of `RESULTS` into the documents, as a table.

It stands between the markers ``<!-- speed: table -->`` and ``<!-- speed: end -->`` of README.md and
docs/speed.md, so that neither can say anything else than the file; a document without them is left alone.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "amd-epyc-family-25-model-17.json"
"""The run that the documents quote."""
DOCUMENTS = (ROOT / "README.md", ROOT / "docs" / "speed.md")
BEGIN, END = "<!-- speed: table -->", "<!-- speed: end -->"
TASKS = {
    "cnn185": "185 weights, 28 x 28, 2,000 images",
    "cnn1237": "1,237 weights, 64 x 64, 500 images",
    "cnn46379": "46,379 weights, 64 x 64, 500 images",
    "gru-relu": "GRU of 25 nodes (relu), 500 sequences of 100 steps",
    "gru-tanh": "the same with tanh",
}
PEERS = {
    "jax": "JAX, one program",
    "torch": "PyTorch",
    "torch-compile": "PyTorch, compiled",
    "keras-jax": "Keras, JAX",
    "keras-tensorflow": "Keras, TensorFlow",
}


def table(results: dict[str, Any]) -> str:
    """Times of netlet, and those of every peer's faster number of threads with the median ratio."""
    machine, rows = results["machine"], results["rows"]
    clock = "by the clock, netlet on one thread, the others on one or two"
    if machine.get("busy"):
        clock = "processor time of one thread each, because others used the machine"
    lines = [
        f"{machine['processor']}, {machine['date']}: {clock}",
        f"(load average {machine['load_average']}).",
        f"Medians of {machine['rounds']} paired rounds, compiling left out; in brackets how many times",
        "netlet's time, and what the whole process takes with imports and compiling.",
        "",
        f"| training | netlet | {' | '.join(PEERS.values())} |",
        "|---" * (2 + len(PEERS)) + "|",
    ]
    for task, words in TASKS.items():
        found = {
            row["peer"]: row
            for row in rows
            if row["benchmark"] == task and row.get("peer") and (row["peer"] == "netlet" or row.get("best"))
        }
        if "netlet" not in found:
            continue
        ours = found["netlet"]
        cells = [
            f"{words}, {ours['epochs']} epochs",
            f"{ours['value']:.2g} s (process {ours['whole']:.2g} s)",
        ]
        for peer in PEERS:
            row = found.get(peer)
            cells.append(
                f"{row['value']:.2g} s ({row['ratio']:.3g} times; process {row['whole']:.3g} s)"
                if row
                else ""
            )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def written(document: str, results: dict[str, Any]) -> str:
    """The document with the table between its markers."""
    between = re.compile(f"{BEGIN}.*?{END}", re.DOTALL)
    return between.sub(lambda _: f"{BEGIN}\n{table(results)}\n{END}", document)


def main() -> None:
    """Write into the documents."""
    results = json.loads(RESULTS.read_text())
    for document in DOCUMENTS:
        document.write_text(written(document.read_text(), results))


if __name__ == "__main__":
    main()
