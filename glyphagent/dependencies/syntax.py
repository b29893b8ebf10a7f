"""Parsed text and the scopes in it: what every tree-sitter language file shares.

A grammar never refuses: text that it cannot explain becomes ERROR nodes, around which the rest of
the tree still stands. Some grammars can hang on hostile text, therefore callers that read
untrusted repositories run extraction in a worker with a deadline.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module

from tree_sitter import Language, Node, Parser, Query, QueryCursor

from glyphagent.document import Location

# Grammar wheels, by our language name: module, and the function in it that gives the grammar.
GRAMMARS = {
    "python": ("tree_sitter_python", "language"),
    "javascript": ("tree_sitter_javascript", "language"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "tsx": ("tree_sitter_typescript", "language_tsx"),
    "go": ("tree_sitter_go", "language"),
    "rust": ("tree_sitter_rust", "language"),
    "java": ("tree_sitter_java", "language"),
    "c": ("tree_sitter_c", "language"),
    "cpp": ("tree_sitter_cpp", "language"),
    "csharp": ("tree_sitter_c_sharp", "language"),
    "ruby": ("tree_sitter_ruby", "language"),
    "php": ("tree_sitter_php", "language_php"),
    "kotlin": ("tree_sitter_kotlin", "language"),
}


@cache
def grammar(language: str) -> Language:
    """Give the grammar of a language that has a wheel."""
    module, factory = GRAMMARS[language]
    make: Callable[[], object] = getattr(import_module(module), factory)
    return Language(make())


@cache
def query(language: str, pattern: str) -> Query:
    """Give a compiled query, kept for the next file of the same language."""
    return Query(grammar(language), pattern)


class Parsed:
    """A file's text with its syntax tree, read in the units of documents.

    Attributes:
        path: Path of the file.
        data: The text in UTF-8, to which the tree's byte offsets point.
        root: Root node of the tree.
    """

    def __init__(self, path: str, text: str, language: str) -> None:
        """Parse a text with the grammar of a language."""
        self.path = path
        self.language = language
        self.data = text.encode("utf-8", "surrogatepass")
        self.root = Parser(grammar(language)).parse(self.data).root_node

    def captures(self, pattern: str) -> list[tuple[str, Node]]:
        """Nodes that a query captures, as (capture name, node), outermost and first ones first."""
        found = QueryCursor(query(self.language, pattern)).captures(self.root)
        pairs = [(name, node) for name, nodes in found.items() for node in nodes]
        pairs.sort(key=lambda pair: (pair[1].start_byte, -pair[1].end_byte))
        return pairs

    def slice(self, start_byte: int, end_byte: int) -> str:
        """Text between two byte offsets, as written."""
        return self.data[start_byte:end_byte].decode("utf-8", "surrogatepass")

    def text(self, node: Node | None) -> str:
        """Text of a node as written, or nothing for no node."""
        return "" if node is None else self.slice(node.start_byte, node.end_byte)

    def header(self, start_byte: int, end_byte: int) -> str:
        """Text of a header between two offsets, blanks at its end removed."""
        return self.slice(start_byte, end_byte).rstrip()

    def header_lines(self, node: Node, start_byte: int, end_byte: int) -> Location:
        """Lines of a header inside a node, blanks at its end apart; counted from the node."""
        first = node.start_point[0] + 1 - self.data.count(b"\n", start_byte, node.start_byte)
        run = self.data[start_byte:end_byte].rstrip()
        return Location(self.path, first, first + run.count(b"\n"))

    def node_lines(self, node: Node) -> Location:
        """Lines of a node; a node that ends at a line's very start ends on the line before."""
        first, (last, column) = node.start_point[0], node.end_point
        if column == 0 and last > first:
            last -= 1
        return Location(self.path, first + 1, last + 1)


@dataclass(slots=True)
class Scope:
    """A definition whose inside is being walked; an anonymous function has no name."""

    qualified_name: str
    kind: str
    end_byte: int
    anonymous: bool = False
    names: set[str] = field(default_factory=set)


class Scopes:
    """The chain of definitions around a place, while nodes come in the order of the file."""

    def __init__(self) -> None:
        """Begin at the top of a file."""
        self._stack: list[Scope] = []
        self.top = Scope("", "module", 1 << 62)

    def around(self, node: Node) -> Scope:
        """Innermost scope around a node; scopes that ended before it are left behind."""
        while self._stack and self._stack[-1].end_byte <= node.start_byte:
            self._stack.pop()
        return self._stack[-1] if self._stack else self.top

    def holder(self, kind: str) -> Scope | None:
        """Innermost scope of a kind around the last node that was asked about."""
        return next((s for s in reversed(self._stack) if s.kind == kind), None)

    def enter(self, scope: Scope) -> None:
        """Walk inside a scope from here on."""
        self._stack.append(scope)


def qualify(parent: str, name: str) -> str:
    """Dotted name of a name inside its parent."""
    return f"{parent}.{name}" if parent else name


def clean(text: str) -> str:
    """Remove a docstring's common indentation and the blank lines around it."""
    return inspect.cleandoc(text.replace("\r\n", "\n")).strip()
