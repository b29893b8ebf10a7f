from __future__ import annotations

import pytest

from glyphagent.dependencies.analyzer import DependencyAnalyzer
from glyphagent.dependencies.rules import (
    find_broken,
    find_unchecked,
    fits,
    forbidden,
    layered,
    unmatched,
)
from glyphagent.errors import SourceError

from .drawn_graphs import drawn, road

GRAPH = """
ui/view.py -> service/pay.py db/raw.py
service/pay.py -> db/store.py
db/store.py -> ui/colours.py
"""


def test_a_forbidden_edge_is_told_with_its_evidence() -> None:
    (broken,) = find_broken(drawn(GRAPH), [forbidden("ui/** -> db/**")])
    (edge,) = broken.road
    assert (edge.source, edge.target, edge.line) == ("ui/view.py", "db/raw.py", 2)


def test_a_way_through_others_counts_where_it_is_asked_for() -> None:
    found = find_broken(drawn(GRAPH), [forbidden("ui/** => db/**")])
    assert [road(broken.road) for broken in found] == [
        "ui/view.py > db/raw.py",
        "ui/view.py > service/pay.py > db/store.py",
    ]


def test_layers_may_use_what_is_below_them() -> None:
    rules = layered("ui > service > db")
    (broken,) = find_broken(drawn(GRAPH), rules)
    assert (broken.rule.text, road(broken.road)) == ("ui > db", "db/store.py > ui/colours.py")


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("ui", "ui/a.py"),
        ("ui", "src/ui/deep/a.py"),
        ("ui", "src/ui.py"),
        ("ui/", "ui/a.py"),
        ("src/ui", "src/ui/a.py"),
        ("./src/ui", "src/ui/a.py"),
        ("**/*.gen.ts", "a/b.gen.ts"),
        ("**/*.gen.ts", "b.gen.ts"),
        ("src/*/a.py", "src/ui/a.py"),
        ("a?.py", "ab.py"),
        ("ui|web", "web/x.py"),
        ("?x?.py", "[x].py"),
    ],
)
def test_patterns_that_fit(pattern: str, path: str) -> None:
    assert fits(pattern, path)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [("ui", "gui/a.py"), ("src/*.py", "src/ui/a.py"), ("ui/**", "src/ui/a.py"), ("a?.py", "a/.py")],
)
def test_patterns_that_do_not_fit(pattern: str, path: str) -> None:
    assert not fits(pattern, path)


def test_patterns_without_files_are_told_by_each_part() -> None:
    graph = drawn(GRAPH, skipped=[("lib/big.py", "binary")])
    rules = [forbidden("uii -> db"), forbidden("ui|zz => db|lib"), *layered("ui > dbb")]
    assert unmatched(graph, rules) == (
        *(("uii", "uii -> db"), ("zz", "ui|zz => db|lib"), ("dbb", "ui > dbb")),
    )


@pytest.mark.parametrize("pattern", ["[ab].py", "{a,b}/**", "a|", "|a"])
def test_patterns_with_other_signs_are_refused(pattern: str) -> None:
    with pytest.raises(SourceError, match="pattern"):
        forbidden(f"{pattern} -> db")
    with pytest.raises(SourceError, match="pattern"):
        layered(f"db > {pattern}")


def test_what_a_rule_covers_and_nobody_saw_is_told() -> None:
    texts = {
        "ui/a.ts": "import(name)\nimport '../db/big'\nimport '../mid/m'\n",
        "ui/odd.py": "def (:\nimport os\n",
        "mid/m.ts": "require(other)\n",
        "db/x.ts": "import(name)\n",
        "ui/clear.ts": "export const a = 1\n",
    }
    skipped = [("db/big.ts", "too large"), ("ui/big.ts", "binary"), ("ui/a.png", "binary")]
    graph = DependencyAnalyzer(texts, skipped=skipped, workers=0).graph
    found = find_unchecked(graph, [forbidden("ui -> db")])
    assert [(each.path, each.reason) for each in found] == [
        ("ui/a.ts", "import name in line 1 is computed"),
        ("ui/a.ts", "import ../db/big in line 2 leads to a file not read"),
        ("ui/big.ts", "binary"),
        ("ui/odd.py", "not wholly understood"),
    ]
    through = find_unchecked(graph, [forbidden("ui => db")])
    assert "mid/m.ts" in {each.path for each in through}
    assert "db/x.ts" not in {each.path for each in through}


@pytest.mark.parametrize("text", ["", "a", "a -> ", "-> b", "a -> b -> c", "a > b"])
def test_what_is_no_rule_is_refused(text: str) -> None:
    with pytest.raises(SourceError, match="write 'A -> B'"):
        forbidden(text)


@pytest.mark.parametrize("text", ["", "a", "a>", ">a", "a>>b"])
def test_what_are_no_layers_is_refused(text: str) -> None:
    with pytest.raises(SourceError, match="name two or more"):
        layered(text)
