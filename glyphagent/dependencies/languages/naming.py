"""What languages share whose files know each other by full names alone: C#, PHP, Ruby, Kotlin.

A file declares full names and mentions others, seen from the namespace that it stands in. Which
files declare a name is looked up in one table of the set; how a short name becomes a full one is
each language's own business. No receiver's type is followed: what stands here is exact for types
and top-level names, and silent about the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import NamedTuple

from tree_sitter import Node

from glyphagent.dependencies.binding import source_symbol
from glyphagent.dependencies.edges import Confidence, Edge
from glyphagent.dependencies.facts import (
    Chain,
    Declaration,
    FileFacts,
    ImportFact,
    Interface,
    Scope,
    Use,
)
from glyphagent.dependencies.names import tables
from glyphagent.dependencies.syntax import Parsed
from glyphagent.dependencies.world import World

TYPES = frozenset(("class", "interface", "enum", "type", "namespace"))
# Namespaces of these languages are told beside the names, not in them.
_PACKAGED = frozenset(("java", "kotlin"))
_LONGEST_CHAIN = 12


def word(node: Node | None) -> str:
    """Text of a small node."""
    return node.text.decode("utf-8", "replace") if node is not None and node.text else ""


def first(node: Node, index: int = 0) -> Node | None:
    """Named child of a node, the first one unless told; None where there are fewer."""
    return node.named_child(index) if index < node.named_child_count else None


class Gatherer:
    """Gathers the records of one file in a walk that keeps its own stack.

    Attributes:
        scope: Index of the scope that the walk is in.
    """

    def __init__(self, path: str, text: str, language: str) -> None:
        """Parse a text."""
        self.parsed = Parsed(path, text, language)
        self._language = language
        self._plain = self.parsed.data.isascii()
        self._stack: list[Node | Callable[[], object]] = []
        self.scopes = [Scope(-1, "module")]
        self.scope = 0
        self.declarations: list[Declaration] = []
        self.imports: list[ImportFact] = []
        self.uses: list[Use] = []

    def visit(self, node: Node) -> None:
        """Take a node in, and push what is to be walked of it."""
        raise NotImplementedError

    def run(self) -> None:
        """Walk through the file."""
        stack = self._stack
        stack.append(self.parsed.root)
        while stack:
            item = stack.pop()
            if isinstance(item, Node):
                self.visit(item)
            else:
                item()

    def push(self, nodes: Iterable[Node | None]) -> None:
        """Walk through nodes next, in their order."""
        self._stack.extend(node for node in reversed(list(nodes)) if node is not None)

    def after(self, action: Callable[[], object]) -> None:
        """Do something when what is pushed from here on has been walked."""
        self._stack.append(action)

    @property
    def symbol(self) -> str:
        """Full name of the declaration that the walk is in."""
        return self.scopes[self.scope].symbol

    def inside(self, symbol: str, kind: str, nodes: Iterable[Node | None]) -> None:
        """Walk through nodes next, in a scope of their own."""
        self._stack.append(partial(setattr, self, "scope", self.scope))
        self.scopes.append(Scope(self.scope, kind, symbol))
        self.scope = len(self.scopes) - 1
        self.push(nodes)

    def qualify(self, name: str) -> str:
        """Full name of a name that is declared here."""
        return f"{self.symbol}.{name}" if self.symbol else name

    def declare(
        self,
        name: Node,
        kind: str,
        whole: Node,
        *,
        qualified: str = "",
        bases: Iterable[Chain] = (),
    ) -> str:
        """Record a declaration and give its full name."""
        full = qualified or self.qualify(word(name))
        parent, _, last = full.rpartition(".")
        self.declarations.append(
            Declaration(
                last,
                full,
                kind,
                parent,
                tuple(bases),
                line=name.start_point[0] + 1,
                column=self.column(name),
                line_end=whole.end_point[0] + 1,
            )
        )
        return full

    def mention(self, chain: Chain, node: Node, kind: str = "reference") -> None:
        """Record that a name is used."""
        if chain and len(chain) <= _LONGEST_CHAIN:
            row = node.start_point[0] + 1
            self.uses.append(Use(self.scope, chain, kind, row, self.column(node)))

    def column(self, node: Node) -> int:
        """Column of a node, from 1, in characters."""
        column = node.start_point[1]
        if self._plain or not column:
            return column + 1
        return len(self.parsed.slice(node.start_byte - column, node.start_byte)) + 1

    def facts(self, package: str = "", extra: tuple[object, ...] = ()) -> FileFacts:
        """All that was gathered."""
        interface = Interface(
            self.parsed.path,
            self._language,
            package,
            tuple(self.imports),
            tuple(self.declarations),
            extra=extra,
        )
        error = self.parsed.root.has_error
        return FileFacts(interface, tuple(self.scopes), (), tuple(self.uses), error)


class Place(NamedTuple):
    """Where a full name is declared: path and qualified name inside the file."""

    path: str
    name: str


def places(world: World, languages: tuple[str, ...]) -> Mapping[str, tuple[Place, ...]]:
    """Where every type and top-level name of some languages is declared, by full name."""
    make = partial(_places, world, languages)
    return world.memo("naming.places", languages, make, {}, steady=True)


def _places(world: World, languages: tuple[str, ...]) -> Mapping[str, tuple[Place, ...]]:
    found: dict[str, list[Place]] = {}
    for path in world.files():
        interface = world.interface(path)
        if interface is None or interface.language not in languages:
            continue
        packaged = interface.language in _PACKAGED
        prefix = f"{interface.package}." if packaged and interface.package else ""
        types = {each.qualified_name for each in interface.declarations if each.kind in TYPES}
        for each in interface.declarations:
            if each.kind in TYPES or each.parent not in types:
                full = prefix + each.qualified_name
                full = full.lower() if interface.language == "php" else full
                found.setdefault(full, []).append(Place(path, each.qualified_name))
    return {name: tuple(sorted(set(each))) for name, each in found.items()}


class Reached(NamedTuple):
    """A declaration that a chain's first names lead to, and how many of them."""

    place: Place
    length: int
    confidence: Confidence = "exact"


def symbol_edges(
    facts: FileFacts, world: World, resolve: Callable[[Chain, str], Iterable[Reached]]
) -> tuple[Edge, ...]:
    """Edges for all names that lead into other files, members of types included, sorted."""
    known: dict[tuple[Chain, str], tuple[Reached, ...]] = {}
    found: set[Edge] = set()
    for use in facts.uses:
        symbol = facts.scopes[use.scope].symbol
        key = (use.chain, symbol)
        if key not in known:
            known[key] = tuple(resolve(use.chain, symbol))
        for place, length, confidence in known[key]:
            if place.path == facts.path:
                continue
            target, kind = place.name, "reference"
            if length < len(use.chain):
                member = f"{place.name}.{use.chain[length]}"
                if member in tables(world, place.path).symbols:
                    target = member
            if length >= len(use.chain) - (target != place.name):
                kind = use.kind
            name = target.rpartition(".")[2]
            found.add(
                Edge(
                    *(facts.path, place.path, use.line, use.column, kind, name, confidence),
                    source_symbol(facts, use),
                    target,
                )
            )
    return tuple(sorted(found))


def file_edges(symbols: Iterable[Edge]) -> Iterator[Edge]:
    """File edges that uses prove: the first use of each name of each file."""
    seen: set[tuple[str, str]] = set()
    for edge in sorted(symbols, key=lambda each: (each.line, each.column, each.target)):
        key = (edge.target, edge.name)
        if key not in seen:
            seen.add(key)
            yield Edge(
                edge.source,
                edge.target,
                edge.line,
                edge.column,
                "import",
                edge.name,
                edge.confidence,
                condition=edge.condition,
            )


def outward(symbol: str) -> Iterator[str]:
    """A full name and those around it, the innermost first; the empty one last."""
    while symbol:
        yield symbol
        symbol = symbol.rpartition(".")[0]
    yield ""


def longest(
    table: Mapping[str, tuple[Place, ...]], prefix: str, chain: Chain
) -> tuple[tuple[Place, ...], int]:
    """Places of the longest full name that a chain spells behind a prefix, and its length."""
    for length in range(len(chain), 0, -1):
        name = ".".join(chain[:length])
        found = table.get(f"{prefix}.{name}" if prefix else name)
        if found:
            return found, length
    return (), 0
