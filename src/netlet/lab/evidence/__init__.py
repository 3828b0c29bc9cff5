"""What an exercise may measure: functions that a document names; they give numbers and names, no sentences.

A function's arguments say what a document has to give: ``Runs`` the name of a network, ``Mapping[str, Runs]``
a list of such names (or a mapping from labels to them), ``Dataset`` that of a dataset. What it gives is
plain: numbers, texts, dataclasses, lists and mappings of them.
"""

from netlet.lab.evidence import classes, contest, errors, features, kernels, learning, nodes, shapes
from netlet.lab.evidence.known import EVIDENCE

__all__ = ["EVIDENCE", "classes", "contest", "errors", "features", "kernels", "learning", "nodes", "shapes"]
