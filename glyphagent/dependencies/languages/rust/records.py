"""The facts of one file while they are gathered."""

from __future__ import annotations

from dataclasses import replace
from sys import intern

from tree_sitter import Node

from glyphagent.dependencies.facts import (
    Binding,
    Chain,
    Declaration,
    FileFacts,
    ImportFact,
    Interface,
    Scope,
    Use,
)
from glyphagent.dependencies.languages.rust.frames import OPEN, Frame

# A chain longer than this is machine-made; nothing is looked up on it.
_LONGEST_CHAIN = 40
Place = tuple[int, int]


class Records:
    """Scopes, declarations, imports, bindings and uses of one file."""

    def __init__(self, path: str, data: bytes, *, uses: bool) -> None:
        """Begin with nothing.

        Args:
            path: Path of the file.
            data: Its text in UTF-8.
            uses: Whether every use is wanted; else only paths, which can lead to files.
        """
        self.path = path
        self.data = data
        self.wants_uses = uses
        self.scopes: list[Scope] = [Scope(-1, "module")]
        self.bindings: list[Binding] = []
        self.uses: dict[Use, None] = {}
        self.declarations: list[Declaration] = []
        self.imports: list[ImportFact] = []
        self.extra: dict[object, None] = {}
        self.bases: dict[str, list[Chain]] = {}
        self.parameters: dict[str, tuple[str, ...]] = {}
        self.bounds: dict[tuple[str, int], Chain] = {}
        self._called: dict[tuple[int, str], int] = {}
        self._lines: list[bytes] | None = None if data.isascii() else data.split(b"\n")

    def place(self, node: Node) -> Place:
        """Line and column of a node's first character, both from 1, in characters."""
        row, column = node.start_point
        if self._lines is not None and row < len(self._lines):
            column = len(self._lines[row][:column].decode("utf-8", "surrogatepass"))
        return row + 1, column + 1

    def scope(self, parent: int, kind: str, symbol: str) -> int:
        """Open a scope and give its index."""
        self.scopes.append(Scope(parent, kind, symbol))
        return len(self.scopes) - 1

    def bind(self, frame: Frame, name: str, type_: Chain, value: Chain) -> None:
        """Record a local variable and make it known in a frame."""
        key = (frame.scope, name)
        times = self._called[key] = self._called.get(key, 0) + 1
        called = name if times == 1 else f"{name}'{times}"
        frame.bind(name, called)
        if self.wants_uses:
            self.bindings.append(Binding(frame.scope, called, type_, value))

    def bind_again(self, frame: Frame, called: str, type_: Chain, value: Chain) -> None:
        """Record a further value of a variable that is bound already: `A(x) | B(x)`."""
        if self.wants_uses and (type_ or value):
            self.bindings.append(Binding(frame.scope, called, type_, value))

    def use(self, frame: Frame, chain: Chain, kind: str, place: Place) -> None:
        """Record a use, if such are wanted."""
        if len(chain) > _LONGEST_CHAIN or (not self.wants_uses and "::" not in chain[0]):
            return
        if f"|{OPEN}" in chain[0]:
            return
        self.uses[Use(frame.scope, tuple(map(intern, chain)), kind, *place)] = None

    def _bounded(self, chain: Chain) -> Chain:
        """A type that begins at an open parameter, by what implementations say of it."""
        owner, _, name = chain[0].partition(f"|{OPEN}")[2].rpartition(".")
        known = self.parameters.get(owner, ())
        bound = self.bounds.get((owner, known.index(name))) if name in known else None
        return (*bound, *chain[1:]) if bound else ()

    def facts(self, has_errors: bool) -> FileFacts:
        """All that was gathered, in the order of the file."""
        declarations = sorted(self.declarations, key=lambda each: (each.line, each.column))
        for index, each in enumerate(declarations):
            if each.type and f"|{OPEN}" in each.type[0]:
                each = declarations[index] = replace(each, type=self._bounded(each.type))
            added = self.bases.get(each.qualified_name)
            if added and each.kind in ("class", "enum", "interface"):
                bases = tuple(dict.fromkeys((*each.bases, *added)))
                declarations[index] = replace(each, bases=bases)
        self.imports.sort(key=lambda each: (each.line, each.column))
        interface = Interface(
            self.path,
            "rust",
            imports=tuple(self.imports),
            declarations=tuple(declarations),
            extra=tuple(self.extra),
        )
        uses = tuple(sorted(self.uses, key=lambda each: (each.line, each.column)))
        scopes, bindings = tuple(self.scopes), tuple(self.bindings)
        return FileFacts(
            interface,
            scopes=scopes,
            bindings=bindings,
            uses=uses,
            uses_collected=self.wants_uses,
            has_errors=has_errors,
        )
