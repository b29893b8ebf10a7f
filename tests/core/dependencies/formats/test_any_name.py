"""Every format with names that nobody thought of."""

from __future__ import annotations

import html.parser
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glyphagent.dependencies.edges import Edge, Linked
from glyphagent.dependencies.facts import FileFacts, Interface
from glyphagent.dependencies.formats import FORMATS, written
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.dependencies.report import Report
from glyphagent.dependencies.rules import find_broken, forbidden

from ..drawn_graphs import drawn

networkx = pytest.importorskip("networkx")

# What stands in a source set: no lone surrogates, no NUL, no empty part.
parts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1, max_size=12
)
signs = st.text(st.sampled_from("\"'`<>&;#%\\{}[]()|-\n\t \u2028"), min_size=1, max_size=8)
paths = st.lists(
    st.lists(parts | signs, min_size=1, max_size=3).map("/".join),
    min_size=2,
    max_size=6,
    unique=True,
)


def ring(names: list[str], *, backwards: bool = False) -> Report:
    """Each file imports the next one and calls it; the files may have been read backwards."""
    linked = {
        name: Linked(
            (Edge(name, following, 1, 1, "import", following),),
            (Edge(name, following, 2, 1, "call", name, "exact", name, following),),
        )
        for name, following in zip(names, [*names[1:], names[0]], strict=True)
    }
    read = names[::-1] if backwards else names
    facts = {name: FileFacts(Interface(name, "python")) for name in read}
    return Report(DependencyGraph(facts, {name: linked[name] for name in read}), names[0])


@given(paths)
def test_every_format_can_be_encoded_and_does_not_hang_on_order(names: list[str]) -> None:
    for name in FORMATS:
        text = written(ring(names), name)
        assert text.endswith("\n")
        assert text.encode("utf-8")
        assert written(ring(names, backwards=True), name) == text


@given(paths)
def test_json_and_graphml_keep_all_files(names: list[str]) -> None:
    report = ring(names)
    told = json.loads(written(report, "json"))
    assert [node["id"] for node in told["nodes"]] == sorted(names)
    assert len(networkx.parse_graphml(written(report, "graphml")).edges) == len(names)


@given(paths)
def test_the_page_has_the_same_elements_whatever_the_names(names: list[str]) -> None:
    class Elements(html.parser.HTMLParser):
        count = 0

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.count += 1

    counts = set()
    for some in (names, ["a", "b"]):
        page = written(ring(some), "html")
        parser = Elements()
        parser.feed(page[: page.index("<script>")])  # our own scripts are the same in all
        counts.add(parser.count)
    assert len(counts) == 1


def test_formats_with_rules_tell_one_that_a_package_breaks() -> None:
    # The package that an import runs is no edge of the graph, and evidence all the same.
    graph = drawn(
        "app.py -> pkg/sub/deep.py\npkg/__init__.py -> pkg/base.py\npkg/sub/__init__.py ->"
    )
    broken = find_broken(graph, [forbidden("app.py => pkg/base.py")])
    assert [edge.kind for edge in broken[0].road] == ["package", "import"]
    for name in FORMATS:
        told = written(Report(graph, broken=broken), name)
        # The other formats draw the graph, and have no place for rules.
        if name in ("json", "sarif", "html"):
            assert told != written(Report(graph), name)
            assert "app.py => pkg/base.py" in told.replace("\\u003e", ">")
