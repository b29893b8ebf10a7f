"""Tests that every language of one small table has: what its files give, edited and broken too.

A test module imports them and says by a fixture `table` what they are held against.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from glyphagent.dependencies.analyzer import DependencyAnalyzer
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.dependencies.languages import Language


@dataclass(frozen=True)
class Table:
    """A language's files, and all that they give.

    Attributes:
        language: The language.
        main: The file whose unresolved names and declarations are told.
        user: The file whose symbol edges are told.
        files: Texts by path.
        edges: File edges as source, target, line and confidence.
        symbols: Symbol edges out of `user`: target, line, kind and qualified name.
        unresolved: Line, name and reason.
        declared: Kinds by qualified name, some of them.
        deep: Texts that nest deeply.
    """

    language: Language
    main: str
    user: str
    files: Mapping[str, str]
    edges: set[tuple[str, str, int, str]]
    symbols: set[tuple[str, int, str, str]]
    unresolved: set[tuple[int, str, str]]
    declared: Mapping[str, str]
    deep: Sequence[str]


def graph_of(files: Mapping[str, str]) -> DependencyGraph:
    return DependencyAnalyzer(files, workers=0).graph


def test_file_edges_are_those_of_the_table(table: Table) -> None:
    graph = graph_of(table.files)
    assert {(e.source, e.target, e.line, e.confidence) for e in graph.edges} == table.edges
    assert graph.skipped == ()


def test_symbol_edges_are_those_of_the_table(table: Table) -> None:
    found = graph_of(table.files).symbol_edges_from(table.user)
    assert {(e.target, e.line, e.kind, e.target_symbol) for e in found} == table.symbols


def test_what_leads_nowhere_says_why(table: Table) -> None:
    found = graph_of(table.files).unresolved_in(table.main)
    assert {(each.line, each.name, each.reason) for each in found} == table.unresolved


def test_what_is_declared_is_in_the_graph(table: Table) -> None:
    found = graph_of(table.files).declarations(table.main)
    names = {each.qualified_name: each.kind for each in found}
    assert names.items() >= table.declared.items()


def test_an_update_equals_a_fresh_analysis(table: Table) -> None:
    for path, text in sorted(table.files.items()):
        analyzer = DependencyAnalyzer(table.files, workers=0)
        rest = {each: other for each, other in table.files.items() if each != path}
        for change, state in (({path: None}, rest), ({path: text}, table.files)):
            analyzer.update(change)
            fresh = graph_of(state)
            assert analyzer.graph.edges == fresh.edges, path
            assert analyzer.graph.symbol_edges == fresh.symbol_edges, path
            assert analyzer.graph.unresolved == fresh.unresolved, path


def test_file_edges_need_no_symbols(table: Table) -> None:
    plain = DependencyAnalyzer(table.files, workers=0, symbols=False).graph
    assert plain.edges == graph_of(table.files).edges
    assert plain.symbol_edges == ()


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_broken_text_never_stops_the_analysis(table: Table, data: st.DataObject) -> None:
    text = table.files[table.main]
    start = data.draw(st.integers(0, len(text)))
    stop = data.draw(st.integers(start, len(text)))
    junk = data.draw(st.sampled_from(["", "{", "}}", "(", "\x00", '"', "é", ".", "class", "<"]))
    broken = text[:start] + junk + text[stop:]
    assert table.language.collect(table.main, broken).path == table.main
    assert graph_of({**table.files, table.main: broken}).skipped == ()


def test_deep_nesting_is_read(table: Table) -> None:
    for text in table.deep:
        assert table.language.collect(table.main, text).path == table.main
