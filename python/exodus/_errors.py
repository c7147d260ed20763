"""What can go wrong."""


class Error(Exception):
    """What failed: a file could not be read or written, memory could not be had, a folder does not hold what it should."""


class InputError(Error, ValueError):
    """What was asked for cannot be, such as an invalid scenario.

    The message has a line for each problem: where it is, what was found there, and what is allowed.
    """
