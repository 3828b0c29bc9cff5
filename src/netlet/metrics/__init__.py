"""How good predictions are: accuracy, sensitivity, loss, ROC, confusion, and their spread over seeds.

Targets and predictions are arrays in the form a `netlet.datasets.Split` and a network's ``predict`` give
them: binary ``(n,)`` targets of 0 or 1 and probabilities of class 1; categorical ``(n, classes)`` or, with a
class at every step, ``(n, steps, classes)``, one-hot targets and probabilities; regression ``(n, outputs)``
or ``(n, steps, outputs)``.

Two things that are no number are told apart. A metric that is *undefined* (the sensitivity of a class that
has no example) is None. A metric of a run that *diverged* (predictions that are not finite) is NaN, and
`summarise` counts it as the worst value there is.

Everything is computed here with numpy: scikit-learn, which tests compare with, takes seconds to import.
"""

from netlet.metrics.checks import counted
from netlet.metrics.classification import (
    BinaryStatistics,
    accuracy,
    balanced_accuracy,
    binary_statistics,
    class_counts,
    confusion_matrix,
    f1,
    labels,
    majority_share,
    mcc,
    normalised,
    sensitivities,
)
from netlet.metrics.evaluation import METRICS, evaluate, higher_is_better, worst
from netlet.metrics.loss import log_loss, losses
from netlet.metrics.ranking import RocCurve, auc, roc
from netlet.metrics.regression import mae, mse, normalised_error, output_variances, r2
from netlet.metrics.spread import (
    Band,
    Distribution,
    HistoryBands,
    history_bands,
    quantile,
    summarise,
)
from netlet.metrics.wording import as_text, json_number

__all__ = [
    "METRICS",
    "Band",
    "BinaryStatistics",
    "Distribution",
    "HistoryBands",
    "RocCurve",
    "accuracy",
    "as_text",
    "auc",
    "balanced_accuracy",
    "binary_statistics",
    "class_counts",
    "confusion_matrix",
    "counted",
    "evaluate",
    "f1",
    "higher_is_better",
    "history_bands",
    "json_number",
    "labels",
    "log_loss",
    "losses",
    "mae",
    "majority_share",
    "mcc",
    "mse",
    "normalised",
    "normalised_error",
    "output_variances",
    "quantile",
    "r2",
    "roc",
    "sensitivities",
    "summarise",
    "worst",
]
