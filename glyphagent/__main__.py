"""Run the command as a module: `python -P -m glyphagent`.

The command line belongs to a subpackage that the core does not name, so it is looked up as
the installed console script. With `-P` nothing is imported from the current folder, which may
be a repository that is only to be read.
"""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, distribution


def main() -> int | None:
    """Run the console script `glyphagent` and give back its exit code."""
    try:
        installed = distribution("glyphagent").entry_points
    except PackageNotFoundError:
        sys.exit("glyphagent is not installed here: `make dev`, or `pip install glyphagent`")
    (script,) = installed.select(group="console_scripts", name="glyphagent")
    run = script.load()
    code: int | None = run()
    return code


if __name__ == "__main__":
    sys.exit(main())
