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
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
