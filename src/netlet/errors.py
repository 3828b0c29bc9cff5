"""The errors netlet raises: one line each, with the name, the value, the rule and the next step."""


class NetletError(Exception):
    """Base of all of netlet's own errors; the command line prints its message and exits with code 2."""


class ArchitectureError(NetletError):
    """An architecture that cannot be read, or that does not fit its input or its task."""


class DataError(NetletError):
    """Data that is missing, malformed or of the wrong shape; the message names the file and the row."""


class TrainingError(NetletError):
    """Training settings that make no sense, or a training that cannot be carried out."""


class FileError(NetletError):
    """A file of netlet's own that cannot be read or written."""
