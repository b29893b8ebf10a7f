"""Ruby in the dependency graph: the load path, autoload, constants loaded by name."""

from __future__ import annotations

import pytest

from glyphagent.dependencies.languages.ruby import LANGUAGE

from .tables import (  # noqa: F401  # tests that this file's table is held against
    Table,
    test_an_update_equals_a_fresh_analysis,
    test_broken_text_never_stops_the_analysis,
    test_deep_nesting_is_read,
    test_file_edges_are_those_of_the_table,
    test_file_edges_need_no_symbols,
    test_symbol_edges_are_those_of_the_table,
    test_what_is_declared_is_in_the_graph,
    test_what_leads_nowhere_says_why,
)

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


@pytest.fixture(scope="module")
def table() -> Table:
    return Table(LANGUAGE, MAIN, USER, FILES, EDGES, SYMBOLS, UNRESOLVED, DECLARED, DEEP)
