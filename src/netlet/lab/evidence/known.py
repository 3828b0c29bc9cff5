"""The measurements that documents may name."""

from netlet.lab.registry import Registry

EVIDENCE = Registry("measurement")
