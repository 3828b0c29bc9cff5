"""Imports what a check needs, for the process that checking processes are copied from."""

import scipy.stats
import sklearn.metrics  # noqa: F401

import netlet.lab.desk.check  # noqa: F401

assert scipy.stats.t
