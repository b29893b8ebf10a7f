"""Score Go on real projects against go/types, and keep the figures.

    python -m tests.dependencies.evaluate_go SRC OUT.json --seen A B --unseen C D [--gopath DIR]

SRC holds the projects by their import paths (a Debian golang package unpacked: usr/share/gocode/src
below it). `--seen` names projects that were looked at while the analyser was written, `--unseen`
those that were not. Needs a Go toolchain; see `truth_go.py`.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.dependencies.score import analyse, score_calls, score_files
from tests.dependencies.truth_go import truth


def evaluate(root: Path, gopath: Path | None) -> dict[str, Any]:
    """Figures of one project."""
    true = truth(root, gopath=gopath)
    started = time.process_time()
    graph = analyse(root)
    seconds = time.process_time() - started
    files, calls = score_files(true, graph), score_calls(true, graph)
    return {
        "truth": true["method"],
        "files": len(true["files"]),
        "file_edges": files.figures(),
        "calls": calls.figures(),
        "cpu_s": round(seconds, 2),
        "wrong": [list(each) for each in (*files.wrong, *calls.wrong)][:20],
        "missed": [list(each) for each in (*files.missed, *calls.missed)][:20],
    }


def main() -> None:
    """Write the figures as JSON and print them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("src", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seen", nargs="*", default=[])
    parser.add_argument("--unseen", nargs="*", default=[])
    parser.add_argument("--gopath", type=Path)
    given = parser.parse_args()
    projects = {}
    for kind in ("seen", "unseen"):
        for name in getattr(given, kind):
            figures = evaluate(given.src / name, given.gopath)
            projects[name] = {"used_while_developing": kind == "seen", **figures}
            print(name, kind, figures["file_edges"], figures["calls"], figures["cpu_s"])
    found = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "python": platform.python_version(),
        "tree_sitter_go": version("tree-sitter-go"),
        "projects": projects,
    }
    given.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
