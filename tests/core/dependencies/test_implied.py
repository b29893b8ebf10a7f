from __future__ import annotations

from glyphagent.dependencies.analyzer import DependencyAnalyzer
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.dependencies.impact import find_impact
from glyphagent.dependencies.rules import find_broken, forbidden

from .drawn_graphs import road

TEXTS = {
    "pk/__init__.py": "from other import start\n",
    "pk/sub/__init__.py": "",
    "pk/sub/m.py": "def f(): return 1\n",
    "other.py": "def start(): return 1\n",
    "names/part/__init__.py": "",
    "names/part/m.py": "",
    "use.py": "import json\nfrom pk.sub.m import f\n",
    "tests/conftest.py": "import helper\n",
    "tests/helper.py": "",
    "helper.py": "",
    "tests/deep/conftest.py": "",
    "tests/deep/test_deep.py": "def test_it(): pass\n",
    "tests/test_a.py": "def test_it(fx): pass\n",
    "tests/test_m.py": "from pk.sub.m import f\n",
    "tests/test_names.py": "import names.part.m\n",
}


def read(texts: dict[str, str]) -> DependencyGraph:
    return DependencyAnalyzer(texts, workers=0).graph


def reached(graph: DependencyGraph, path: str) -> dict[str, str]:
    return {each.path: road(each.road) for each in find_impact(graph, {path: None}).affected}


def test_an_import_runs_every_package_above_the_module() -> None:
    graph = read(TEXTS)
    for package in ("pk/__init__.py", "pk/sub/__init__.py"):
        assert reached(graph, package)["use.py"] == f"use.py > {package}"
    found = find_impact(graph, {"pk/__init__.py": None})
    (step,) = next(each.road for each in found.affected if each.path == "use.py")
    assert (step.line, step.kind, step.confidence) == (2, "package", "exact")
    assert "tests/test_m.py" in found.tests
    # What a package imports is reached through it, and no edge of the graph says so.
    assert reached(graph, "other.py")["use.py"] == "use.py > pk/__init__.py > other.py"
    assert "pk/__init__.py" not in graph.imported["use.py"]


def test_a_module_needs_the_packages_around_itself() -> None:
    assert reached(read(TEXTS), "pk/__init__.py")["pk/sub/m.py"] == "pk/sub/m.py > pk/__init__.py"


def test_a_folder_without_init_ends_the_packages_unless_the_name_leads_over_it() -> None:
    texts = {
        "top/__init__.py": "",
        "top/lib/mid/m.py": "",
        "top/lib/mid/__init__.py": "",
        "a.py": "import top.lib.mid.m\n",
        "top/lib/b.py": "import mid.m\n",
    }
    graph = read(texts)
    assert set(reached(graph, "top/__init__.py")) == {"a.py"}
    assert {"a.py", "top/lib/b.py"} <= set(reached(graph, "top/lib/mid/__init__.py"))


def test_a_conftest_reaches_every_test_in_and_below_its_folder() -> None:
    graph = read(TEXTS)
    all_tests = (
        *("tests/deep/conftest.py", "tests/deep/test_deep.py"),
        *("tests/test_a.py", "tests/test_m.py", "tests/test_names.py"),
    )
    changed = find_impact(graph, {"tests/conftest.py": None})
    assert changed.tests == tuple(sorted((*all_tests, "tests/conftest.py")))
    assert {step.kind for each in changed.affected for step in each.road[:1]} == {"conftest"}
    (helper,) = graph.imported["tests/conftest.py"]
    assert set(find_impact(graph, {helper: None}).tests) >= set(all_tests)
    below = find_impact(graph, {"tests/deep/conftest.py": None}).tests
    assert below == ("tests/deep/conftest.py", "tests/deep/test_deep.py")


def test_a_rule_through_others_sees_what_packages_import() -> None:
    (broken,) = find_broken(read(TEXTS), [forbidden("use.py => other.py")])
    assert road(broken.road) == "use.py > pk/__init__.py > other.py"
    assert not find_broken(read(TEXTS), [forbidden("use.py -> other.py")])
