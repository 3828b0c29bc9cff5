"""Results carried along inside a page: the block that holds them, and a digest of the page around it.

The digest tells words that were changed in an editor from what netlet wrote. It is no signature: who knows
how it is made can make it again, so numbers are checked by training, not by it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

MIME = "application/vnd.netlet.results+json"
"""What results are called among the outputs of a notebook's cells; in metadata they are netlet.results."""
_BLOCK = re.compile(
    r'<script type="application/json" id="netlet-results" data-around="([0-9a-f]{64})">([^<]*)</script>\n'
)


def sealed(page: str, results: Mapping[str, Any]) -> str:
    """A page's HTML with results as a block of data, which nothing runs, at the end of its body."""
    text = json.dumps(results, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for each in "<>&":
        text = text.replace(each, f"\\u{ord(each):04x}")
    block = (
        f'<script type="application/json" id="netlet-results" data-around="{_digest(page)}">{text}</script>\n'
    )
    before, end, after = page.rpartition("</body>")
    return f"{before}{block}{end}{after}"


def opened(page: str) -> tuple[str, bool] | None:
    """The results in a page, as JSON text, and whether the page around them is as it was; None without."""
    found = list(_BLOCK.finditer(page))
    if len(found) != 1:
        return None
    around = page[: found[0].start()] + page[found[0].end() :]
    return found[0][2], _digest(around) == found[0][1]


def _digest(page: str) -> str:
    return sha256("".join(page.split()).encode()).hexdigest()
