"""Thousands of files in four languages: the analysis ends, and nothing is dropped in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from glyphagent.dependencies.analyzer import DependencyAnalyzer
from glyphagent.dependencies.cycles import components
from glyphagent.sources import Source
from tests.dependencies.crowd import write_crowd


@pytest.mark.slow
def test_nothing_of_a_large_repository_is_dropped_in_silence(tmp_path: Path) -> None:
    made = write_crowd(tmp_path, 5000)
    assert len(made) >= 5000
    found = Source.open(tmp_path).read()
    texts = {document.path: document.text for document in found.documents}
    skipped = [(each.path, each.reason) for each in found.skipped]
    graph = DependencyAnalyzer(texts, skipped=skipped, workers=1).graph

    listed = {path.rstrip("/") for path, _ in graph.skipped}
    for path, why in made.items():
        above = any(str(parent) in listed for parent in Path(path).parents)
        assert path in graph.importers or path in listed or above or why == "manifest", path
    assert all(reason for _, reason in graph.skipped)
    assert {path for path, why in made.items() if why == "broken" and path.endswith("9.py")} <= set(
        graph.errors
    )

    members = {path: group for group in components(graph.imported) for path in group}
    for prefix in ("py/m", "web/s", "go/p", "src/r"):
        ring = [path for path in graph.nodes if path.startswith(prefix) and made[path] == "code"]
        assert len(ring) > 1000
        assert set(ring) <= set(members[ring[0]])
    pairs = {(edge.source, edge.target) for edge in graph.edges}
    assert {("py/Case.py", "py/case.py"), ("py/case.py", "py/Case.py")} <= pairs
    assert {("web/Name.js", "web/name.js"), ("web/name.js", "web/Name.js")} <= pairs
