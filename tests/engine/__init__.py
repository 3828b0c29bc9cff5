"""Tests of the engine, through the module `netlet._engine`."""
