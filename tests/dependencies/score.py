"""Score a dependency graph against a truth that a compiler, or a run, gave.

    python -m tests.dependencies.score FOLDER TRUTH.json [--show N] [--json]

A truth is JSON: `language`; `method` (how it was made, and by which version of what); `files`
(only edges between these count); `edges`, if known, of `source`, `target`, `lines` (every line
that proves it) and `required` (false for edges that are true but need not be found); `calls`, if
known, of `source`, `target`, `line` and `name` (of what is called); `ran`, for a truth from a
run, the lines of each file that ran, and `suspended`, functions that it cannot judge; `compiled`,
the runs of lines of each file that the compiler kept: what a build leaves out is not judged;
`unjudged`, calls (`source`, `line`, `name`) on values whose type the checker does not know. A truth
may end in `.gz`.

Precision is over distinct pairs of files, for calls over distinct (source, target, name); line
evidence is the share of the right pairs that have a line of the truth.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from glyphagent.dependencies.analyzer import DependencyAnalyzer
from glyphagent.dependencies.edges import Edge
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.sources import Source


@dataclass(frozen=True)
class Score:
    """How a prediction fits a truth.

    Attributes:
        hits: Predicted and true.
        wrong: Predicted and not true, sorted.
        missed: True and required, and not predicted, sorted.
        lines_right: Hits with a line of the truth.
        lines_told: Hits with any line.
    """

    hits: int
    wrong: tuple[Any, ...]
    missed: tuple[Any, ...]
    lines_right: int
    lines_told: int

    @property
    def precision(self) -> float:
        """Share of the predictions that are right; 1 for no prediction."""
        return self.hits / max(1, self.hits + len(self.wrong)) if self.hits or self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Share of the truth that was predicted; 1 for an empty truth."""
        return self.hits / max(1, self.hits + len(self.missed)) if self.hits or self.missed else 1.0

    @property
    def lines(self) -> float:
        """Share of the hits whose line is right."""
        return self.lines_right / max(1, self.lines_told)

    def figures(self) -> dict[str, float | int]:
        """The figures as plain data, to four decimals."""
        return {
            "precision": round(self.precision, 4),
            "recall": round(self.recall, 4),
            "lines": round(self.lines, 4),
            "hits": self.hits,
            "wrong": len(self.wrong),
            "missed": len(self.missed),
        }


def load(path: Path) -> dict[str, Any]:
    """Give a truth from its file."""
    data = path.read_bytes()
    truth: dict[str, Any] = json.loads(gzip.decompress(data) if path.suffix == ".gz" else data)
    return truth


def score_files(truth: Mapping[str, Any], graph: DependencyGraph) -> Score:
    """Score file edges."""
    files = set(truth["files"])
    lines = {(e["source"], e["target"]): set(e["lines"]) for e in truth["edges"]}
    neutral = {
        (e["source"], e["target"])
        for e in truth["edges"]
        if not e.get("required", e.get("req", True))
    }
    found: dict[Hashable, set[int]] = defaultdict(set)
    for edge in graph.edges:
        pair = (edge.source, edge.target)
        inside = edge.source in files and edge.target in files and edge.source != edge.target
        if inside and (pair in lines or not _is_left_out(truth, edge)):
            found[pair].add(edge.line)
    return _score(found, lines, neutral)


def score_calls(
    truth: Mapping[str, Any],
    graph: DependencyGraph,
    *,
    computed: bool = False,
    strict: bool = False,
) -> Score:
    """Score calls into other files, by source, target and the called name.

    Args:
        truth: The truth.
        graph: The prediction.
        computed: Whether calls count whose expression does not name what is called; a truth
            from a run marks the others with `named`.
        strict: Whether a call counts as wrong on whose receiver the checker knows no type.
    """
    files = set(truth["files"])
    lines: dict[Hashable, set[int]] = defaultdict(set)
    unnamed: set[Hashable] = set()
    for call in truth["calls"]:
        place = (call["source"], call["target"], call["name"])
        if not computed and not call.get("named", True):
            unnamed.add(place)
            continue
        lines[call["source"], call["target"], call["name"]].add(call["line"])
    ran = truth.get("ran")
    unknown = {(e["source"], e["line"], e["name"]) for e in truth.get("unjudged", ())}
    suspended = {(path, name) for path, name in truth.get("suspended", ())}
    found: dict[Hashable, set[int]] = defaultdict(set)
    for edge in graph.symbol_edges:
        if edge.kind == "call" and edge.source in files and edge.target in files:
            called = (edge.source, edge.target, edge.target_symbol.rpartition(".")[2])
            # A trace judges what ran, and classes whose making runs code of the set.
            unjudged = ran is not None and (
                edge.line not in ran.get(edge.source, ())
                or _silent(graph, edge)
                or (called[1], called[2]) in suspended
            )
            if not strict and (edge.source, edge.line, edge.name) in unknown:
                unjudged = True
            if called not in lines and (unjudged or _is_left_out(truth, edge)):
                continue
            if called not in unnamed - set(lines):
                found[called].add(edge.line)
    return _score(found, lines, set())


def _is_left_out(truth: Mapping[str, Any], edge: Edge) -> bool:
    """Whether a build condition kept the compiler from seeing the edge's line."""
    compiled = truth.get("compiled")
    if compiled is None:
        return False
    return not any(first <= edge.line <= last for first, last in compiled.get(edge.source, ()))


def _silent(graph: DependencyGraph, edge: Edge) -> bool:
    """Whether an edge leads to a class without a constructor of its own, or to a variable."""
    declared = {each.qualified_name: each for each in graph.declarations(edge.target)}
    each = declared.get(edge.target_symbol)
    if each is not None and each.kind in ("variable", "constant"):
        return True
    if each is None or each.kind not in ("class", "interface", "enum"):
        return False
    return not any(f"{edge.target_symbol}.{name}" in declared for name in ("__init__", "__new__"))


def _score(
    found: Mapping[Hashable, set[int]],
    lines: Mapping[Any, set[int]],
    neutral: Iterable[Hashable],
) -> Score:
    required = set(lines) - set(neutral)
    hits = set(found) & required
    return Score(
        len(hits),
        tuple(sorted(set(found) - set(lines), key=str)),
        tuple(sorted(required - set(found), key=str)),
        sum(bool(found[each] & lines[each]) for each in hits),
        len(hits),
    )


def analyse(root: Path, *, workers: int = 0) -> DependencyGraph:
    """Give the graph of all files of a folder."""
    found = Source.open(root).read()
    texts = {document.path: document.text for document in found.documents}
    skipped = [(each.path, each.reason) for each in found.skipped]
    analyzer = DependencyAnalyzer(
        texts, skipped=skipped, root_name=root.resolve().name, workers=workers
    )
    return analyzer.graph


def main() -> int:
    """Score one folder against one truth."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("truth", type=Path)
    parser.add_argument("--show", type=int, default=0, help="wrong and missed edges to print")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    truth, graph = load(given.truth), analyse(given.folder)
    scores = {}
    if "edges" in truth:
        scores["files"] = score_files(truth, graph)
    if "calls" in truth:
        scores["calls"] = score_calls(truth, graph)
        if any("named" in call for call in truth["calls"]):
            scores["calls, computed ones too"] = score_calls(truth, graph, computed=True)
    if given.json:
        print(json.dumps({name: asdict(score) for name, score in scores.items()}))
        return 0
    for name, score in scores.items():
        print(name, " ".join(f"{key}={value}" for key, value in score.figures().items()))
        for title, every in (("wrong", score.wrong), ("missed", score.missed)):
            for each in every[: given.show]:
                print("  ", title, *each)
    return 0


if __name__ == "__main__":
    sys.exit(main())
