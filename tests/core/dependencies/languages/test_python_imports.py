"""Where Python's imports lead."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glyphagent.dependencies.analyzer import DependencyAnalyzer
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.dependencies.languages.python import LANGUAGE

PACKAGE = {
    "app/__init__.py": "",
    "app/models.py": "class User: ...\n",
    "app/views.py": "",
    "app/api/__init__.py": "from .routes import handler\n",
    "app/api/routes.py": "def handler(): ...\n",
    "app/plugins/one.py": "def run(): ...\n",
}


def graph(texts: dict[str, str], root_name: str = "") -> DependencyGraph:
    texts = {path: textwrap.dedent(text) for path, text in texts.items()}
    return DependencyAnalyzer(texts, workers=0, root_name=root_name).graph


def leads(text: str, path: str = "app/views.py", **more: str) -> set[tuple[str, int]]:
    """Targets and lines of a file's import edges, the file standing in the package above."""
    found = graph(PACKAGE | more | {path: text})
    assert not found.errors or "!" in text
    return {(edge.target, edge.line) for edge in found.edges_from(path)}


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        ("import app.models", {("app/models.py", 1)}),
        ("import os, app.models as m", {("app/models.py", 1)}),
        ("from app import models", {("app/models.py", 1)}),
        ("from app.models import User", {("app/models.py", 1)}),
        ("from . import models, missing", {("app/models.py", 1), ("app/__init__.py", 1)}),
        ("from .models import *", {("app/models.py", 1)}),
        ("from .api import handler", {("app/api/__init__.py", 1)}),
        ("from .api import (\n    routes,\n)", {("app/api/routes.py", 1)}),
        ("from .api import (\n    handler,\n    routes\n)", {
            ("app/api/__init__.py", 1),
            ("app/api/routes.py", 1),
        }),
        ("from app.plugins import one", {("app/plugins/one.py", 1)}),
        ("import app.plugins.one", {("app/plugins/one.py", 1)}),
        ("def f():\n    from . import models", {("app/models.py", 2)}),
        ("if True:\n    try:\n        from . import models\n    except ImportError: pass", {
            ("app/models.py", 3)
        }),
        ("import app . models", {("app/models.py", 1)}),
        ("from \\\n    .models import User", {("app/models.py", 1)}),
    ],
)  # fmt: skip
def test_an_import_leads_to_the_file_that_it_names(text: str, targets: set[object]) -> None:
    assert leads(text) == targets


def test_relative_imports_climb() -> None:
    assert leads("from ..models import User", "app/api/deep.py") == {("app/models.py", 1)}
    assert leads("from ... import x", "app/api/deep.py") == set()
    assert leads("from .... import x", "app/api/deep.py") == set()


def test_what_only_a_type_checker_or_a_call_imports_says_so() -> None:
    text = """\
    from typing import TYPE_CHECKING
    if TYPE_CHECKING:
        from .models import User
    else:
        from .api import routes
    def f():
        import app.plugins.one
    """
    found = graph(PACKAGE | {"app/views.py": text})
    assert {(e.target, e.condition) for e in found.edges_from("app/views.py")} == {
        ("app/models.py", "typing"),
        ("app/api/routes.py", ""),
        ("app/plugins/one.py", "lazy"),
    }


def test_dynamic_imports_with_a_literal_are_edges_and_others_are_listed() -> None:
    text = """\
    import importlib
    from importlib import import_module
    a = importlib.import_module("app.models")
    b = import_module(".plugins.one", package="app")
    c = __import__("app.api")
    d = import_module(name)
    e = import_module(f"app.{name}")
    """
    found = graph(PACKAGE | {"app/views.py": text})
    assert [(e.kind, e.target, e.line) for e in found.edges_from("app/views.py")] == [
        ("dynamic", "app/api/__init__.py", 5),
        ("dynamic", "app/models.py", 3),
        ("dynamic", "app/plugins/one.py", 4),
    ]
    dynamic = [u for u in found.unresolved if u.reason == "dynamic"]
    assert [(u.line, u.name) for u in dynamic] == [(6, "name"), (7, 'f"app.{name}"')]


@pytest.mark.parametrize("symbols", [True, False])
def test_loaders_under_other_names(symbols: bool) -> None:
    text = """\
    import importlib, runpy
    from importlib import import_module as im
    from runpy import run_module
    a = im("app.models")
    b = importlib.import_module(package="app", name=".plugins.one")
    runpy.run_module("app.api.routes", run_name="__main__")
    run_module(mod_name="app.api")
    other.run_module("app.views")
    importlib.import_module(*names)
    """
    texts = PACKAGE | {"app/views.py": textwrap.dedent(text)}
    found = DependencyAnalyzer(texts, workers=0, symbols=symbols).graph
    assert [(e.kind, e.target, e.line) for e in found.edges_from("app/views.py")] == [
        ("dynamic", "app/api/__init__.py", 7),
        ("dynamic", "app/api/routes.py", 6),
        ("dynamic", "app/models.py", 4),
        ("dynamic", "app/plugins/one.py", 5),
    ]


@pytest.mark.parametrize("symbols", [True, False])
def test_a_table_of_lazy_imports_is_followed(symbols: bool) -> None:
    text = """\
    _names = {"User": ".models", "handler": ("app.api.routes", "handler"), "x": "not a module"}
    _structure = {"plugins.one": ["run"]}
    def __getattr__(name):
        return load(_names[name])
    """
    texts = PACKAGE | {"app/__init__.py": textwrap.dedent(text)}
    found = DependencyAnalyzer(texts, workers=0, symbols=symbols).graph
    assert {(e.target, e.kind, e.confidence) for e in found.edges_from("app/__init__.py")} == {
        ("app/models.py", "dynamic", "inferred"),
        ("app/api/routes.py", "dynamic", "inferred"),
    }


def test_source_folders_and_scripts_find_their_neighbours() -> None:
    found = graph(
        {
            "src/pkg/__init__.py": "",
            "src/pkg/core.py": "",
            "tests/test_core.py": "from pkg.core import x\nimport helper\n",
            "tests/helper.py": "",
            "bin/run.py": "import pkg.core\nimport other\n",
            "bin/other.py": "",
        }
    )
    assert {(e.source, e.target) for e in found.edges} == {
        ("tests/test_core.py", "src/pkg/core.py"),
        ("tests/test_core.py", "tests/helper.py"),
        ("bin/run.py", "src/pkg/core.py"),
        ("bin/run.py", "bin/other.py"),
    }


def test_a_set_that_is_itself_a_package_is_found_by_its_name() -> None:
    texts = {
        "__init__.py": "from mine.core import run\n",
        "core.py": "import json\nfrom mine.deep.inner import x\ndef run(): ...\n",
        "deep/__init__.py": "",
        "deep/inner.py": "x = 1\n",
    }
    for name in ("mine", "unpacked-1.0"):
        found = graph(texts, root_name=name)
        assert {(e.source, e.target) for e in found.edges} == {
            ("__init__.py", "core.py"),
            ("core.py", "deep/inner.py"),
        }


def test_why_an_import_leads_nowhere() -> None:
    texts = PACKAGE | {
        "app/views.py": "import os\nimport numpy as np\nfrom .gone import x\nimport app.lost\n"
        "from .huge import table\nfrom __future__ import annotations\n",
    }
    analyzer = DependencyAnalyzer(texts, workers=0, skipped=[("app/huge.py", "too large")])
    assert [(u.line, u.name, u.reason) for u in analyzer.graph.unresolved] == [
        (1, "os", "external"),
        (2, "numpy", "external"),
        (3, ".gone", "missing"),
        (4, "app.lost", "missing"),
        (5, ".huge", "skipped"),
    ]


def test_broken_text_keeps_the_imports_that_still_stand() -> None:
    text = "from .models import User\ndef broken(:\n  !!\nfrom .api import routes\nclass\n"
    assert {target for target, _ in leads(text)} == {"app/models.py", "app/api/routes.py"}


def test_columns_count_characters() -> None:
    found = graph(PACKAGE | {"app/views.py": "'é𝄞'; import app.models\n"})
    (edge,) = found.edges_from("app/views.py")
    assert (edge.line, edge.column) == (1, 14)


SOURCES = "\n".join(PACKAGE.values()) + (
    "import a.b as c\nfrom . import (x, y as z)\nclass A(B[C], metaclass=M):\n"
    "    def f(self, a: 'T' = 1, *b: int, **c) -> list[T]:\n        self.x = a\n"
    "        with open(a) as g, h() as (i, j): return super().f(g)\n"
    "@d.e\nasync def k(): [l async for l in m.n() if (o := l)]\nlambda *p, q=1: q\n"
)


@given(st.text("importfrom classdef:()[]{}=.,*@\n\t\\'\"#é\x00 ", max_size=200))
def test_no_text_stops_the_collector(text: str) -> None:
    facts = LANGUAGE.collect("a.py", text)
    assert facts.path == "a.py"


@settings(max_examples=60)
@given(st.integers(0, len(SOURCES)), st.integers(0, 40), st.booleans())
def test_mutilated_sources_still_link(start: int, cut: int, uses: bool) -> None:
    text = SOURCES[:start] + SOURCES[start + cut :]
    found = DependencyAnalyzer(PACKAGE | {"app/views.py": text}, workers=0, symbols=uses).graph
    assert found.edges_from("app/api/__init__.py")


def test_deep_nesting_does_not_stop_the_collector() -> None:
    for text in (
        "(" * 5000,
        "x = " + "a." * 5000 + "b",
        "[" * 3000 + "]" * 3000,
        "not " * 5000 + "x",
    ):
        assert LANGUAGE.collect("a.py", text).path == "a.py"
