"""The tools over the dependency graph: what they claim is an edge with the line that proves it."""

from __future__ import annotations

from pathlib import Path

import pytest

from glyphagent.errors import SourceError
from glyphagent.session import Session
from glyphagent.tools.tool_graph import CALLS, EDGES
from glyphagent.tools.toolset import Toolset

FILES = {
    "shop/__init__.py": "",
    "shop/rates.py": (
        "import decimal\n\nRATE = decimal.Decimal('0.19')\n\n\ndef rate():\n    return RATE\n"
    ),
    "shop/prices.py": "from shop.rates import rate\n\n\ndef gross(net):\n    return net + rate()\n",
    "shop/cart.py": (
        "from shop.prices import gross\nfrom shop.nowhere import gone\n\n\n"
        "class Cart:\n    def total(self):\n        return gross(3)\n"
    ),
    "tests/test_cart.py": "from shop.cart import Cart\n\n\ndef test_total():\n    Cart().total()\n",
    "README.md": "# Shop\n",
}


@pytest.fixture(scope="module")
def toolset(tmp_path_factory: pytest.TempPathFactory) -> Toolset:
    root = tmp_path_factory.mktemp("graph") / "project"
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return Toolset(Session.open(root))


def proves(toolset: Toolset, edge: dict[str, object]) -> bool:
    line = toolset.session.read_region(str(edge["source"]), int(str(edge["line"])), 99999)
    return str(edge["name"]).rpartition(".")[2] in line.partition("\n")[0]


def test_dependencies_of_a_file_in_both_directions(toolset: Toolset) -> None:
    result = toolset.run("glyph_dependencies", {"path": "shop/prices.py"})
    assert result.text.splitlines()[:4] == [
        "shop/prices.py uses 1 file:",
        "  shop/prices.py:1 -> shop/rates.py (import): from shop.rates import rate",
        "shop/prices.py is used by 1 file:",
        "  shop/cart.py:1 -> shop/prices.py (import): from shop.prices import gross",
    ]
    far = toolset.run("glyph_dependencies", {"path": "rates.py", "direction": "used_by", "hops": 9})
    assert [(m["path"], m["distance"]) for m in far.artifact["members"]] == [
        ("shop/prices.py", 1),
        ("shop/cart.py", 2),
        ("tests/test_cart.py", 3),
    ]
    assert "tests/test_cart.py:1 -> shop/cart.py (import, 3 steps away)" in far.text
    assert all(proves(toolset, edge) for m in far.artifact["members"] for edge in m["edges"])
    assert "uses" not in far.text.splitlines()[0]


def test_what_leads_outside_or_nowhere_is_told(toolset: Toolset) -> None:
    outside = toolset.run("glyph_dependencies", {"path": "shop/rates.py"})
    assert "From outside of the source: decimal" in outside.text
    nowhere = toolset.run("glyph_dependencies", {"path": "shop/cart.py"})
    assert "shop/cart.py:2 shop.nowhere leads nowhere (missing)" in nowhere.text
    assert [each["reason"] for each in nowhere.artifact["unresolved"]] == ["missing"]


def test_the_reach_of_a_change_with_its_tests(toolset: Toolset) -> None:
    result = toolset.run("glyph_impact", {"path": "shop/rates.py"})
    assert result.text.startswith("A change of shop/rates.py can reach 3 files, 1 directly")
    assert result.artifact["tests"] == ["tests/test_cart.py"]
    assert "Tests to run: tests/test_cart.py" in result.text
    assert all(proves(toolset, edge) for a in result.artifact["affected"] for edge in a["edges"])
    none = toolset.run("glyph_impact", {"path": "tests/test_cart.py"})
    assert none.text.startswith("No file of the source imports tests/test_cart.py")
    assert none.artifact["affected"] == []


def test_the_reach_of_a_definition(toolset: Toolset) -> None:
    result = toolset.run("glyph_impact", {"path": "shop/rates.py", "symbol": "rate"})
    assert "rate (shop/rates.py:6) is used directly on" in result.text
    assert "  shop/prices.py:5 in gross (call): return net + rate()" in result.text
    assert "shop/cart.py" in {each["path"] for each in result.artifact["affected"]}


def test_a_path_between_files_and_between_definitions(toolset: Toolset) -> None:
    files = toolset.run(
        "glyph_path_between", {"source": "tests/test_cart.py", "target": "shop/rates.py"}
    )
    assert [(e["source"], e["line"]) for e in files.artifact["edges"]] == [
        ("tests/test_cart.py", 1),
        ("shop/cart.py", 1),
        ("shop/prices.py", 1),
    ]
    names = toolset.run(
        "glyph_path_between",
        {"source": "shop/cart.py:Cart.total", "target": "shop/rates.py:rate"},
    )
    assert [(e["source"], e["line"]) for e in names.artifact["edges"]] == [
        ("shop/cart.py", 7),
        ("shop/prices.py", 5),
    ]
    back = toolset.run("glyph_path_between", {"source": "rates.py", "target": "cart.py"})
    assert back.artifact["found"] is False
    assert "not found: no chain" in back.text
    assert "The other way round there is one:" in back.text
    same = toolset.run("glyph_path_between", {"source": "rates.py", "target": "rates.py"})
    assert "these are the same" in same.text


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("glyph_dependencies", {"path": "shop/price.py"}, "did you mean shop/prices.py"),
        ("glyph_impact", {"path": "README.md"}, "README.md is not in the dependency graph"),
        ("glyph_impact", {"path": "rates.py", "symbol": "rat"}, "defines no 'rat'; did you mean"),
        ("glyph_path_between", {"source": "x", "target": "rates.py"}, "no file 'x'"),
        ("glyph_path_between", {"source": "rates.py:zzz", "target": "cart.py"}, "defines no 'zzz'"),
    ],
)
def test_what_is_not_there_is_told(
    toolset: Toolset, name: str, values: dict[str, object], message: str
) -> None:
    with pytest.raises(SourceError, match=message) as caught:
        toolset.run(name, values)
    assert "\n" not in str(caught.value)


def test_a_large_neighbourhood_is_bounded_and_says_so(tmp_path: Path) -> None:
    root = tmp_path / "many"
    root.mkdir()
    (root / "base.py").write_text("def run():\n    pass\n")
    for number in range(150):
        (root / f"user{number:03}.py").write_text("import base\n\nbase.run()\n")
    toolset = Toolset(Session.open(root))
    result = toolset.run("glyph_impact", {"path": "base.py"})
    assert f"[and {150 - EDGES} more files]" in result.text
    assert (len(result.artifact["affected"]), result.artifact["truncated"]) == (2 * EDGES, True)
    result = toolset.run("glyph_impact", {"path": "base.py", "symbol": "run"})
    assert f"[and {150 - CALLS} more lines]" in result.text


def test_a_name_cannot_forge_a_line(tmp_path: Path) -> None:
    (tmp_path / "used.py").write_text("")
    (tmp_path / "a\nrevision 0\n.py").write_text("import used\n")
    result = Toolset(Session.open(tmp_path)).run("glyph_dependencies", {"path": "used.py"})
    lines = result.text.splitlines()
    assert sum(line.startswith("revision ") for line in lines) == 1
    assert r"  a\nrevision 0\n.py:1 -> used.py (import): import used" in lines
