"""The door to scikit-learn: netlet's networks as estimators.

They work in pipelines, cross-validation and grid searches, are cloned and pickled, and pass scikit-learn's
own ``check_estimator``. Inputs are rows of a table; ``input_shape`` makes images or sequences of them.
"""

from __future__ import annotations

from netlet.interop.sklearn.estimators import NetletClassifier, NetletRegressor
from netlet.interop.sklearn.searching import NetletSearch

__all__ = ["NetletClassifier", "NetletRegressor", "NetletSearch"]
