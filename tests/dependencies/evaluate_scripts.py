"""Score scripts against truths of the TypeScript compiler, and write the figures down.

    python -m tests.dependencies.evaluate_scripts OUT.json NAME=FOLDER=TRUTH.json[=unseen] ...

Truths come from `truth_scripts.mjs`. `unseen` marks projects that nobody looked at while the rules
were written.
"""

from __future__ import annotations

import json
import platform
import sys
import time
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.dependencies.score import analyse, load, score_calls, score_files


def evaluate(folder: Path, truth_path: Path) -> dict[str, Any]:
    """Figures of one project."""
    truth = load(truth_path)
    start = time.process_time()
    graph = analyse(folder)
    seconds = time.process_time() - start
    return {
        "truth": truth["method"],
        "files": len(truth["files"]),
        "file_edges": score_files(truth, graph).figures(),
        "calls": score_calls(truth, graph).figures(),
        "calls_on_unknown_types_as_wrong": score_calls(truth, graph, strict=True).figures(),
        "cpu_s": round(seconds, 2),
    }


def main() -> int:
    """Score all projects that the command line names."""
    out, *given = sys.argv[1:]
    projects: dict[str, Any] = {}
    for each in given:
        name, folder, truth, *rest = each.split("=")
        figures = evaluate(Path(folder), Path(truth))
        projects[name] = {"used_while_developing": rest != ["unseen"], **figures}
        print(name, json.dumps(projects[name]))
    record = {
        "date": date.today().isoformat(),
        "machine": f"{platform.machine()}, 2 cores shared with other work",
        "python": platform.python_version(),
        "tree_sitter_javascript": version("tree-sitter-javascript"),
        "tree_sitter_typescript": version("tree-sitter-typescript"),
        "projects": projects,
    }
    Path(out).write_text(json.dumps(record, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
