"""`netlet lab`."""
def lab() -> None:
    """Lab."""
