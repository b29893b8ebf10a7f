from __future__ import annotations

import pytest
from hypothesis import given

from glyphagent.dependencies.analyzer import DependencyAnalyzer
from glyphagent.dependencies.facts import Declaration
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.dependencies.impact import find_impact, is_test

from .drawn_graphs import class_, drawn, function, graphs, road

networkx = pytest.importorskip("networkx")

DECLARED = {
    "core": [
        class_("Pool", 1, 20),
        function("get", 3, 9, "Pool"),
        function("put", 11, 20, "Pool"),
        function("free", 25, 30),
    ],
    "api": [function("handle", 1, 5), function("idle", 7, 9)],
    "web": [function("serve", 1, 4)],
    "cli": [function("main", 1, 4)],
}
SHOP = """
api -> core
web -> api
cli -> core
tests/test_web -> web
lonely ->
api.handle ~> core.Pool.get
web.serve ~> api.handle
cli.main ~> core.free
"""


def test_files_in_reach_with_the_shortest_road() -> None:
    impact = find_impact(drawn(SHOP), {"core": None, "no such file": None})
    assert impact.changed == ("core",)
    roads = {each.path: road(each.road) for each in impact.affected}
    assert roads == {
        "api": "api > core",
        "cli": "cli > core",
        "web": "web > api > core",
        "tests/test_web": "tests/test_web > web > api > core",
    }
    assert impact.tests == ("tests/test_web",)


def test_symbols_narrow_it_down_and_files_stay_certain() -> None:
    impact = find_impact(drawn(SHOP, declared=DECLARED), {"core": ((5, 6),)})
    assert impact.symbols == (("core", "Pool.get"),)
    assert impact.outside == ()
    by_symbols = {each.path: each for each in impact.affected if each.by_symbols}
    assert set(by_symbols) == {"api", "web"}
    assert by_symbols["web"].symbols == ("serve",)
    assert [e.target_symbol for e in by_symbols["web"].symbol_road] == ["handle", "Pool.get"]
    assert {each.path for each in impact.affected} >= {"cli", "tests/test_web"}


def test_a_line_outside_of_every_definition_is_told() -> None:
    impact = find_impact(drawn(SHOP, declared=DECLARED), {"core": ((22, 26),)})
    assert impact.outside == ("core",)
    assert ("core", "free") in impact.symbols


def test_a_type_that_inherits_hands_the_change_to_its_members() -> None:
    declared = {
        "base": [class_("Base", 1, 9)],
        "sub": [class_("Sub", 1, 9), function("run", 3, 5, "Sub")],
        "user": [function("go", 1, 3)],
    }
    files = "sub -> base\nuser -> sub\nuser.go ~> sub.Sub.run"
    alone = find_impact(drawn(files, declared=declared), {"base": ((1, 1),)})
    assert not [each for each in alone.affected if each.by_symbols]
    heir = drawn(f"{files}\nsub.Sub <| base.Base", declared=declared)
    impact = find_impact(heir, {"base": ((1, 1),)})
    assert [(e.path, e.symbols) for e in impact.affected] == [
        ("sub", ("Sub", "Sub.run")),
        ("user", ("go",)),
    ]


def test_a_value_at_the_top_hands_the_change_to_its_name() -> None:
    limit = Declaration("LIMIT", "LIMIT", "variable", line=1, column=1, line_end=1)
    declared = {
        "core": [function("load", 1, 5)],
        "settings": [limit],
        "web": [function("serve", 1, 3)],
    }
    graph = drawn("settings ~> core.load\nweb.serve ~> settings.LIMIT", declared=declared)
    impact = find_impact(graph, {"core": ((2, 2),)})
    assert [(e.path, e.symbols) for e in impact.affected] == [
        ("settings", ("", "LIMIT")),
        ("web", ("serve",)),
    ]


def test_an_override_reaches_those_who_call_the_base() -> None:
    texts = {
        "base.py": (
            "class Root:\n    def __init__(self): pass\n    def step(self): pass\n"
            "class Base(Root):\n    def run(self):\n        return self.step()\n"
            "    def other(self): pass\n"
        ),
        "sub.py": (
            "from base import Base\nclass Sub(Base):\n    def __init__(self): self.a = 1\n"
            "    def step(self):\n        return 1\n"
        ),
        "drive.py": "from base import Base\ndef drive(b: Base):\n    return b.run()\n",
        "apart.py": "from base import Base\ndef apart(b: Base):\n    return b.other()\n",
        "tests/test_d.py": "import drive\ndef test_d():\n    drive.drive(1)\n",
    }
    graph = DependencyAnalyzer(texts, workers=0).graph
    impact = find_impact(graph, {"sub.py": ((5, 5),)})
    assert impact.symbols == (("sub.py", "Sub.step"),)
    reached = {each.path: each for each in impact.affected}
    assert "apart.py" not in reached
    assert reached["drive.py"].symbols == ("drive",)
    assert impact.tests == ("tests/test_d.py",)
    (step,) = (e for e in reached["drive.py"].symbol_road if e.kind == "override")
    assert (step.source, step.source_symbol, step.line) == ("base.py", "Root.step", 3)
    assert (step.target, step.target_symbol, step.confidence) == ("sub.py", "Sub.step", "inferred")
    # Who makes an instance names its type: a constructor is not reached through the base's.
    assert find_impact(graph, {"sub.py": ((3, 3),)}).affected == ()


def test_symbol_edges_without_an_import_count_too() -> None:
    declared = {"one": [function("f", 1, 2)], "two": [function("g", 1, 2)]}
    impact = find_impact(drawn("two.g ~> one.f", declared=declared), {"one": ((1, 1),)})
    (affected,) = impact.affected
    assert (affected.path, affected.distance, len(affected.symbol_road)) == ("two", 0, 1)


@given(graphs())
def test_reach_by_files_is_the_reverse_closure(graph: DependencyGraph) -> None:
    other = networkx.DiGraph(graph.imported)
    for path in graph.nodes:
        expected = networkx.ancestors(other, path) - {path}
        assert {each.path for each in find_impact(graph, {path: None}).affected} == expected


@pytest.mark.parametrize(
    "path",
    [
        *("tests/app.py", "a/test_b.py", "a/b_test.go", "src/x.test.ts", "src/x.spec.tsx"),
        *("src/PoolTest.java", "src/PoolTests.cs", "a/__tests__/b.js", "a/conftest.py"),
        *("spec/models/user_spec.rb", "TestPool.java"),
    ],
)
def test_tests_are_known_by_name(path: str) -> None:
    assert is_test(path)


@pytest.mark.parametrize("path", ["contest.py", "latest.js", "src/Attest.java", "protest/a.py"])
def test_other_names_are_no_tests(path: str) -> None:
    assert not is_test(path)
