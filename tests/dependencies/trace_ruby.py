"""Ground truth of Ruby's loading from a run: `trace_ruby.py ROOT OUT.json [-I FOLDER]... FILE...`.

Runs the given files of a project in an own interpreter each, with `trace_ruby.rb` before them, and
keeps what its own files load of it; a file that is loaded because a constant is named counts as
used by the file that names it. A run proves what happened, not what could: recall is over what was
loaded, precision over the edges without a condition (`lazy` ones wait for something to happen).
Runs the project's code: for evaluation alone.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from glyphagent.dependencies.analyzer import DependencyAnalyzer

TRACER = Path(__file__).parent / "trace_ruby.rb"


def trace(root: Path, files: list[str], include: list[str]) -> dict[str, Any]:
    """Files that ran, and the edges that loaded them."""
    root = root.resolve()
    lines: dict[tuple[str, str], set[int]] = defaultdict(set)
    ran: set[str] = set()
    failed = 0
    version = subprocess.run(["ruby", "--version"], check=True, capture_output=True, text=True)
    for file in files:
        with tempfile.TemporaryDirectory() as scratch:
            out = Path(scratch) / "trace"
            paths = [part for each in include for part in ("-I", str(root / each))]
            command = ["ruby", "-r", str(TRACER), *paths, str(root / file)]
            environment = os.environ | {"TRACE_OUT": str(out)}
            try:
                subprocess.run(
                    command, cwd=root, env=environment, capture_output=True, timeout=10, check=True
                )
            except subprocess.SubprocessError:  # a server that goes on, a library that is missing
                failed += 1
            ran.add(file)
            for row in out.read_text("utf-8").splitlines() if out.exists() else ():
                source, line, target = row.split("\t")
                if _is_inside(root, source) and _is_inside(root, target):
                    pair = os.path.relpath(source, root), os.path.relpath(target, root)
                    lines[pair].add(int(line))
                    ran.update(pair)
    edges = [
        {"source": source, "target": target, "lines": sorted(at), "required": True}
        for (source, target), at in sorted(lines.items())
        if source != target
    ]
    return {
        "language": "ruby",
        "method": f"run of {len(files)} files, {failed} of them failed; {version.stdout.strip()}",
        "files": sorted(ran),
        "edges": edges,
    }


def _is_inside(root: Path, path: str) -> bool:
    return Path(path).is_absolute() and Path(path).is_relative_to(root)


def score(root: Path, truth: dict[str, Any]) -> dict[str, float]:
    """Precision of unconditional edges, recall of all."""
    texts = {
        path.relative_to(root).as_posix(): path.read_text("utf-8", "replace")
        for path in root.rglob("*")
        if path.is_file() and path.suffix in (".rb", ".gemspec", "")
    }
    files = set(truth["files"])
    true = {(each["source"], each["target"]) for each in truth["edges"]}
    found: dict[tuple[str, str], bool] = defaultdict(bool)
    for edge in DependencyAnalyzer(texts, workers=0).graph.edges:
        if edge.source in files and edge.target in files:
            found[edge.source, edge.target] |= not edge.condition and edge.confidence == "exact"
    always = {pair for pair, unconditional in found.items() if unconditional}
    for title, pairs in (("wrong", always - true), ("missed", true - set(found))):
        for pair in sorted(pairs):
            print("  ", title, *pair)
    return {
        "precision": len(always & true) / max(1, len(always)),
        "recall": len(true & set(found)) / max(1, len(true)),
        "unconditional": len(always),
        "true": len(true),
    }


def main() -> None:
    """Write the truth of a folder as JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("root", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("files", nargs="+")
    parser.add_argument("-I", dest="include", action="append", default=[])
    given = parser.parse_args()
    found = trace(given.root, given.files, given.include)
    given.out.write_text(json.dumps(found, indent=0) + "\n", encoding="utf-8")
    print(found["method"], {key: len(value) for key, value in found.items()})
    print(score(given.root, found))


if __name__ == "__main__":
    main()
