"""The command `glyphagent`: a small door, so that Ctrl-C is heard while the rest is imported."""

from __future__ import annotations

import sys
from collections.abc import Sequence

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give back its exit code, which `command_line` explains."""
    try:
        from .command_line import run

        return run(arguments)
    except BaseException as error:
        if not _is_interrupt(error):
            raise
        return INTERRUPTED


def _is_interrupt(error: BaseException) -> bool:
    """Whether it is Ctrl-C, also as Python wraps what ends the making of a class."""
    found: BaseException | None = error
    while found is not None and not isinstance(found, KeyboardInterrupt):
        found = found.__cause__
    return found is not None


if __name__ == "__main__":
    sys.exit(main())
