from __future__ import annotations

from glyphagent.dependencies.difference import compare

from .drawn_graphs import drawn, road


def test_edges_and_cycles_that_came_and_went() -> None:
    old = drawn("a -> b\nb -> a\nc -> gone\ntests/test_c -> c")
    new = drawn("a -> b\nc -> d\nd -> e\ne -> c\ntests/test_c -> c")
    texts = dict.fromkeys(["a", "b", "c", "gone", "tests/test_c"], "x\n")
    now = {**dict.fromkeys(["a", "c", "d", "tests/test_c"], "x\n"), "b": "y\n", "e": "e\n"}
    found = compare(old, new, texts, now)
    assert [(e.source, e.target) for e in found.edges_added] == [("c", "d"), ("d", "e"), ("e", "c")]
    assert [(e.source, e.target) for e in found.edges_removed] == [("b", "a"), ("c", "gone")]
    assert [road(c.example) for c in found.cycles_added] == ["c > d > e > c"]
    assert [c.files for c in found.cycles_removed] == [("a", "b")]
    # `gone` has the text of `d`, so it moved there; who used it before is known from before.
    assert ("d", "moved", "gone") in [(c.path, c.status, c.old_path) for c in found.changes]
    assert "c" in [each.path for each in found.lost.affected]
    assert found.tests == ("tests/test_c",)
