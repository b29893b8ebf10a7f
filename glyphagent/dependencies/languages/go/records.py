"""The records of one Go file while it is read: numbers, places, and what is worth keeping."""

from __future__ import annotations

from sys import intern

from tree_sitter import Node

from glyphagent.dependencies.facts import Binding, Chain, Declaration, Scope, Use
from glyphagent.dependencies.languages.go.chains import UNIVERSE
from glyphagent.dependencies.syntax import Parsed


class Records:
    """Gathers the records of one file.

    Attributes:
        scopes: Scope 0 is the file's own.
        bindings: Parameters and local variables whose type or value the text tells.
        uses: In the order of the walk.
        declarations: Types are followed by their members.
    """

    def __init__(self, parsed: Parsed) -> None:
        """Take a parsed file."""
        self._parsed = parsed
        self._plain = parsed.data.isascii()
        self._numbers = 0
        self._known: set[str] = set()
        self.scopes: list[Scope] = [Scope(-1, "module")]
        self.bindings: list[Binding] = []
        self.uses: list[Use] = []
        self.declarations: list[Declaration] = []

    def number(self) -> int:
        """A number that this file has not given yet."""
        self._numbers += 1
        return self._numbers

    def bind(self, scope: int, name: str, kind: Chain, value: Chain) -> None:
        """Record what is known of a local name."""
        self._known.add(name)
        self.bindings.append(Binding(scope, name, kind, value))

    def is_known(self, name: str) -> bool:
        """Whether anything is known of a local name."""
        return name in self._known

    def use(self, scope: int, chain: Chain, kind: str, node: Node) -> None:
        """Record a use, unless Go itself declares what is used."""
        if len(chain) > 1 or chain[0] not in UNIVERSE:
            row = node.start_point[0] + 1
            self.uses.append(Use(scope, chain, kind, row, self.column(node)))

    def scope(self, symbol: str, kind: str) -> int:
        """Open a scope at the top of the file."""
        self.scopes.append(Scope(0, kind, symbol))
        return len(self.scopes) - 1

    def column(self, node: Node) -> int:
        """Column of a node, from 1, in characters."""
        column = node.start_point[1]
        if self._plain or not column:
            return column + 1
        return len(self._parsed.slice(node.start_byte - column, node.start_byte)) + 1

    def declaration(
        self,
        evidence: Node,
        qualified: str,
        kind: str,
        whole: Node,
        *,
        parent: str = "",
        bases: tuple[Chain, ...] = (),
        results: tuple[Chain, ...] = (),
        value: Chain = (),
        exported: bool | None = None,
    ) -> Declaration:
        """A declaration whose name stands at a node."""
        name = qualified[len(parent) + 1 :] if parent else qualified
        name = name.partition("'")[0]
        return Declaration(
            intern(name),
            intern(qualified),
            kind,
            intern(parent),
            bases,
            results[0] if results else (),
            value,
            False,
            name[:1].isupper() if exported is None else exported,
            results=results if len(results) > 1 else (),
            line=evidence.start_point[0] + 1,
            column=self.column(evidence),
            line_end=whole.end_point[0] + 1,
        )
