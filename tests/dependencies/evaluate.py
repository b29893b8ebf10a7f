"""Score the dependency graph on several projects, and write the figures down.

    python -m tests.dependencies.evaluate OUTPUT.json --seen NAME FOLDER TRUTH [...] \\
        --unseen NAME FOLDER TRUTH [...]

`--seen` are projects that were looked at while the analyser was written, `--unseen` those that
were scored when it stood. Truths are what `score.py` reads; where they come from is in `truth_*`
and `trace_*` beside this file, and in each truth's `method`, which is copied into the figures.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.dependencies.score import analyse, load, score_calls, score_files


def figures(name: str, folder: Path, truth_file: Path, *, seen: bool) -> dict[str, Any]:
    """The figures of one project."""
    truth, graph = load(truth_file), analyse(folder)
    found: dict[str, Any] = {
        "project": name,
        "used_while_developing": seen,
        "truth": truth["method"],
        "files": len(truth["files"]),
    }
    if "edges" in truth:
        score = score_files(truth, graph)
        found["file_edges"] = score.figures()
        found["file_edges"]["wrong_ones"] = [list(each) for each in score.wrong[:20]]
        found["file_edges"]["missed_ones"] = [list(each) for each in score.missed[:20]]
    if truth.get("calls"):
        found["calls"] = score_calls(truth, graph).figures()
        if any("named" in call for call in truth["calls"]):
            found["calls_computed_too"] = score_calls(truth, graph, computed=True).figures()
    return found


def main() -> int:
    """Score, print and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("output", type=Path)
    for name in ("--seen", "--unseen"):
        parser.add_argument(
            name, nargs=3, action="append", default=[], metavar=("NAME", "FOLDER", "TRUTH")
        )
    given = parser.parse_args()
    rows = [
        figures(name, Path(folder), Path(truth), seen=seen)
        for seen, each in ((True, given.seen), (False, given.unseen))
        for name, folder, truth in each
    ]
    for row in rows:
        told = [row["project"], "seen" if row["used_while_developing"] else "unseen"]
        for part in ("file_edges", "calls", "calls_computed_too"):
            if part in row:
                got = row[part]
                told.append(f"{part} P {got['precision']} R {got['recall']} lines {got['lines']}")
        print("; ".join(told))
    result = {
        "date": date.today().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "python": platform.python_version(),
        "glyphagent": version("glyphagent"),
        "projects": rows,
    }
    given.output.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
