"""What one Python text defines and imports, whether it parses or not."""

from __future__ import annotations

import ast
import pickle
import textwrap
import time
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glyphagent.dependencies import Definition, FileSymbols, extract

# A project that these rules were not written for, large and of many hands.
SPEC = find_spec("langchain_core")
assert SPEC is not None
assert SPEC.origin is not None
PROJECT = Path(SPEC.origin).parent


def read(text: str) -> FileSymbols:
    return extract("m.py", textwrap.dedent(text).lstrip("\n"))


def only(symbols: FileSymbols, name: str) -> Definition:
    found = [each for each in symbols.definitions if each.qualified_name == name]
    assert len(found) == 1, found
    return found[0]


def test_a_function_keeps_its_header_as_written() -> None:
    symbols = read(
        '''
        @cache
        @app.route("/")
        async def load(
            path: str,
            *, limit: int = 3,  # of edges
        ) -> dict[str, int]:
            """Load a graph.

                Indented.
            Plain.
            """
            return {}
        '''
    )
    load = only(symbols, "load")
    assert load.kind == "function"
    assert load.signature == (
        "async def load(\n    path: str,\n    *, limit: int = 3,  # of edges\n) -> dict[str, int]"
    )
    assert (load.header.line_start, load.header.line_end) == (3, 6)
    assert (load.location.line_start, load.location.line_end) == (3, 12)
    assert load.docstring == "Load a graph.\n\n    Indented.\nPlain."
    assert str(load.docstring_location) == "m.py:7-11"
    assert load.decorators == ("cache", 'app.route("/")')


def test_classes_hold_methods_attributes_and_bases() -> None:
    symbols = read(
        """
        class Graph(Base, Generic[T], metaclass=Meta):
            limit: int = 3
            name: str

            def __init__(self, path):
                self.path = path
                self.path = None
                self.a, self.b = 1, 2
                local = 4

            class Edge:
                def cost(self): return 1
        """
    )
    assert only(symbols, "Graph").bases == ("Base", "Generic[T]")
    assert only(symbols, "Graph.limit").value == "3"
    assert only(symbols, "Graph.name").value == ""
    assert only(symbols, "Graph.__init__").kind == "method"
    assert only(symbols, "Graph.path").value == "path"
    assert only(symbols, "Graph.b").value == "2"
    assert only(symbols, "Graph.Edge.cost").parent == "Graph.Edge"
    assert "local" not in {each.name for each in symbols.definitions}


def test_constants_keep_their_right_hand_side() -> None:
    symbols = read(
        '''
        """About the module."""
        LIMIT = 3
        A, (B, *C) = 1, rest
        names = [
            "x",  # first
            "y",
        ]
        x = y = {}
        #: How long to wait,
        #: in seconds.
        WAIT: float = 1.5
        DEPTH = 2
        """Of the tree."""
        names += ["z"]
        type Pair[T] = tuple[T, T]
        if LIMIT:
            late = 1
        '''
    )
    assert symbols.docstring == "About the module."
    assert only(symbols, "LIMIT").value == "3"
    assert only(symbols, "A").value == "1"
    assert only(symbols, "B").value == "rest"
    assert only(symbols, "y").value == "{}"
    assert only(symbols, "WAIT").docstring == "How long to wait,\nin seconds."
    assert only(symbols, "DEPTH").docstring == "Of the tree."
    assert only(symbols, "Pair").kind == "type"
    assert only(symbols, "late").value == "1"
    first, second = [each for each in symbols.definitions if each.name == "names"]
    assert first.value == '[\n    "x",  # first\n    "y",\n]'
    assert (first.location.line_start, first.location.line_end) == (4, 7)
    assert second.signature == 'names += ["z"]'


def test_imports_are_kept_as_written() -> None:
    symbols = read(
        """
        from __future__ import annotations
        import os.path as osp, sys
        from . import (
            a as b,
            c,
        )
        from ..x.y import *
        def late():
            import json
            importlib.import_module("plugins.one")
        """
    )
    shown = [(e.line, e.location.line_end, e.module, e.names, e.kind) for e in symbols.imports]
    assert shown == [
        (1, 1, "__future__", ("annotations",), "from"),
        (2, 2, "os.path", (), "import"),
        (2, 2, "sys", (), "import"),
        (3, 6, ".", ("a", "c"), "from"),
        (7, 7, "..x.y", ("*",), "from"),
        (9, 9, "json", (), "import"),
        (10, 10, "plugins.one", (), "dynamic"),
    ]
    assert symbols.imports[1].aliases == (("os.path", "osp"),)
    assert symbols.imports[3].aliases == (("a", "b"),)


def test_a_misread_character_hides_one_statement_at_most() -> None:
    good = textwrap.dedent(
        '''\
        def one(a):
            """First."""
            return a


        class Two:
            def go(self):
                pass
        '''
    )
    broken = good.replace("def one(a):", "def one(a;:") + "\n\ndef three(x, y): return x\n"
    symbols = extract("m.py", broken)
    assert symbols.has_errors
    assert {"one", "Two", "go", "three"} <= {each.name for each in symbols.definitions}
    assert only(symbols, "Two").line == 6


def test_headers_inside_strings_are_no_definitions() -> None:
    symbols = read('''
        TEXT = """
        def fake(a):
        class Fake:
        """
        def real(: pass
        ''')
    assert {each.name for each in symbols.definitions} == {"TEXT", "real"}


def test_line_ends_of_either_kind_give_the_same_places() -> None:
    text = "import os\n\ndef f(a,\n      b):\n    '''Doc.'''\n\nX = 1\n"
    plain, carried = extract("m.py", text), extract("m.py", text.replace("\n", "\r\n"))
    assert [e.header for e in plain.definitions] == [e.header for e in carried.definitions]
    assert [e.location for e in plain.imports] == [e.location for e in carried.imports]


def _expected(text: str) -> tuple[set[tuple[str, int, int]], set[tuple[str, int]]]:
    """Functions and classes (name, header line, last line) and documented lines, by `ast`."""
    found: set[tuple[str, int, int]] = set()
    documented: set[tuple[str, int]] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            assert node.end_lineno is not None
            found.add((node.name, node.lineno, node.end_lineno))
            if ast.get_docstring(node):
                documented.add((node.name, node.body[0].lineno))
    return found, documented


@pytest.mark.parametrize("file", sorted(PROJECT.glob("runnables/*.py")), ids=lambda file: file.name)
def test_agrees_with_the_parser_of_python(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    symbols = extract(file.name, text)
    written = [e for e in symbols.definitions if e.kind in ("function", "method", "class")]
    functions, documented = _expected(text)
    assert {(e.name, e.line, e.location.line_end) for e in written} == functions
    assert {
        (e.name, e.docstring_location.line_start) for e in written if e.docstring_location
    } == documented


def test_a_large_project_is_read_within_seconds() -> None:
    texts = {str(file): file.read_text(encoding="utf-8") for file in sorted(PROJECT.rglob("*.py"))}
    start = time.process_time()
    for path, text in texts.items():
        extract(path, text)
    per_megabyte = (time.process_time() - start) / (sum(map(len, texts.values())) / 1e6)
    assert per_megabyte < 3


@pytest.mark.parametrize(
    "text",
    [
        "(" * 20_000 + "a" + ")" * 20_000 + " = 1\n",
        "a = " * 5_000 + "1\n",
        "def f(" * 5_000,
        "".join(" " * depth + "class A:\n" for depth in range(300)),
    ],
    ids=["brackets", "chain", "open", "classes"],
)
def test_hostile_nesting_ends(text: str) -> None:
    assert extract("m.py", text).language == "python"


@given(st.text(alphabet=st.sampled_from("defclass x():=,\n\t \"'#@*.[]ä\ud800\r"), max_size=200))
def test_any_text_gives_plain_data_with_lines_in_range(text: str) -> None:
    symbols = extract("m.py", text)
    assert pickle.loads(pickle.dumps(symbols)) == symbols
    lines = text.count("\n") + 1
    for each in symbols.definitions:
        assert 1 <= each.header.line_start <= each.header.line_end <= lines
        assert each.header.line_start <= each.location.line_end <= lines
