"""Hostile files, folders and options, each made from a number alone."""

from benchmarks.hostile.maker import Case, Maker

__all__ = ["Case", "Maker"]
