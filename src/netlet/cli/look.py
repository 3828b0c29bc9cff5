"""`netlet look`."""
def look() -> None:
    """Look."""
