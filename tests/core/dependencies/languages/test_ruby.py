"""Ruby in the dependency graph: the load path, autoload, constants loaded by name."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glyphagent.dependencies.analyzer import DependencyAnalyzer
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.dependencies.languages.ruby import LANGUAGE

MAIN = "lib/acme.rb"
FILES = {
    "acme.gemspec": 'Gem::Specification.new { |s| s.require_paths = ["lib", "ext"] }',
    "lib/acme.rb": """require 'json'
require "acme/version"
require_relative "acme/cart"
autoload :Foo, 'acme/foo'
module Acme
  autoload :Bar, "acme/bar"
  def self.go
    require "acme/lazy"
    load 'script.rb'
    require "x/#{y}"
    require File.expand_path('../acme/c', __FILE__)
    require File.join(__dir__, 'acme', 'd')
    require "#{__dir__}/acme/e"
    require_relative 'gone'
  end
end
""",
    "lib/acme/version.rb": 'module Acme; VERSION = "1"; end',
    "lib/acme/cart.rb": """module Acme
 class Cart < Base::Thing
  include Other
  def total(x) = Tax.of(x)
  def self.make; ::Acme::Item.new; end
 end
end
""",
    "lib/acme/tax.rb": """module Acme
 class Tax
  def self.of(x) = x
 end
 module Other; end
end
""",
    "lib/acme/item.rb": "class Acme::Item; end",
    "lib/acme/foo.rb": "",
    "lib/acme/bar.rb": "",
    "lib/acme/lazy.rb": "",
    "lib/acme/c.rb": "",
    "lib/acme/d.rb": "",
    "lib/acme/e.rb": "",
    "script.rb": "",
    "ext/native.rb": "",
    "test/helper.rb": """require "acme"
require "native"
""",
    "test/unit/a_test.rb": """require "helper"
require "minitest/autorun"
""",
    "web/config/application.rb": "",
    "web/app/models/user.rb": """class User < ApplicationRecord
  include Named
  has_many :x
 def f; Admin::HTMLPage.new; end
end
""",
    "web/app/models/application_record.rb": "class ApplicationRecord; end",
    "web/app/models/concerns/named.rb": "module Named; end",
    "web/app/controllers/admin/html_page.rb": """module Admin
 class HTMLPage; end
end
""",
    "web/app/controllers/admin/other.rb": """module Admin
 class Other; end
end
""",
}
EDGES = {
    ("lib/acme.rb", "lib/acme/bar.rb", 6, "exact"),
    ("lib/acme.rb", "lib/acme/c.rb", 11, "exact"),
    ("lib/acme.rb", "lib/acme/cart.rb", 3, "exact"),
    ("lib/acme.rb", "lib/acme/d.rb", 12, "exact"),
    ("lib/acme.rb", "lib/acme/e.rb", 13, "exact"),
    ("lib/acme.rb", "lib/acme/foo.rb", 4, "exact"),
    ("lib/acme.rb", "lib/acme/lazy.rb", 8, "exact"),
    ("lib/acme.rb", "lib/acme/version.rb", 2, "exact"),
    ("lib/acme.rb", "script.rb", 9, "inferred"),
    ("test/helper.rb", "ext/native.rb", 2, "exact"),
    ("test/helper.rb", "lib/acme.rb", 1, "exact"),
    ("test/unit/a_test.rb", "test/helper.rb", 1, "exact"),
    ("web/app/models/user.rb", "web/app/controllers/admin/html_page.rb", 4, "inferred"),
    ("web/app/models/user.rb", "web/app/models/application_record.rb", 1, "inferred"),
    ("web/app/models/user.rb", "web/app/models/concerns/named.rb", 2, "inferred"),
}
USER = "lib/acme/cart.rb"
SYMBOLS = {
    ("lib/acme/item.rb", 5, "call", "Acme.Item"),
    ("lib/acme/tax.rb", 3, "inherit", "Acme.Other"),
    ("lib/acme/tax.rb", 4, "call", "Acme.Tax.of"),
}
UNRESOLVED = {
    (1, "json", "external"),
    (10, "x/#{y}", "dynamic"),
    (14, "gone", "missing"),
}
DECLARED = {"Acme": "namespace", "Acme.go": "method"}
DEEP = [
    "x = " + "(" * 3000 + "1",
    "x = A" + ".b" * 3000,
    "module A\n" * 800,
]


def graph_of(files: dict[str, str]) -> DependencyGraph:
    return DependencyAnalyzer(files, workers=0).graph


def edges(graph: DependencyGraph) -> set[tuple[str, str, int, str]]:
    """File edges as source, target, line and confidence."""
    return {(e.source, e.target, e.line, e.confidence) for e in graph.edges}


def symbols(graph: DependencyGraph) -> set[tuple[str, int, str, str]]:
    """Symbol edges out of one file: target, line, kind and qualified name."""
    found = graph.symbol_edges_from(USER)
    return {(e.target, e.line, e.kind, e.target_symbol) for e in found}


def test_file_edges_are_those_of_the_table() -> None:
    graph = graph_of(FILES)
    assert edges(graph) == EDGES
    assert graph.skipped == ()


def test_symbol_edges_are_those_of_the_table() -> None:
    assert symbols(graph_of(FILES)) == SYMBOLS


def test_what_leads_nowhere_says_why() -> None:
    found = {(each.line, each.name, each.reason) for each in graph_of(FILES).unresolved_in(MAIN)}
    assert found == UNRESOLVED


def test_what_is_declared_is_in_the_graph() -> None:
    names = {each.qualified_name: each.kind for each in graph_of(FILES).declarations(MAIN)}
    assert names.items() >= DECLARED.items()


@pytest.mark.parametrize("path", sorted(FILES))
def test_an_update_equals_a_fresh_analysis(path: str) -> None:
    analyzer = DependencyAnalyzer(FILES, workers=0)
    rest = {each: text for each, text in FILES.items() if each != path}
    for change, state in (({path: None}, rest), ({path: FILES[path]}, FILES)):
        analyzer.update(change)
        fresh = graph_of(state)
        assert analyzer.graph.edges == fresh.edges
        assert analyzer.graph.symbol_edges == fresh.symbol_edges
        assert analyzer.graph.unresolved == fresh.unresolved


def test_file_edges_need_no_symbols() -> None:
    plain = DependencyAnalyzer(FILES, workers=0, symbols=False).graph
    assert plain.edges == graph_of(FILES).edges
    assert plain.symbol_edges == ()


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_broken_text_never_stops_the_analysis(data: st.DataObject) -> None:
    text = FILES[MAIN]
    start = data.draw(st.integers(0, len(text)))
    stop = data.draw(st.integers(start, len(text)))
    junk = data.draw(st.sampled_from(["", "{", "}}", "(", "\x00", '"', "é", ".", "class", "<"]))
    broken = text[:start] + junk + text[stop:]
    assert LANGUAGE.collect(MAIN, broken).path == MAIN
    assert graph_of({**FILES, MAIN: broken}).skipped == ()


def test_deep_nesting_is_read() -> None:
    for text in DEEP:
        assert LANGUAGE.collect(MAIN, text).path == MAIN
