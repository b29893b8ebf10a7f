"""Kotlin at the level of imports and top-level names, Java files of the same set included.

An import names a declaration, which lies in whatever file declares it; files of one package see
each other without one. Extensions are found by their imports alone: what they are called on has
a type that is not followed here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from tree_sitter import Node

from glyphagent.dependencies.edges import Confidence, Edge, Linked, Reason, Unresolved
from glyphagent.dependencies.facts import Chain, FileFacts, ImportFact
from glyphagent.dependencies.languages.naming import (
    Gatherer,
    Place,
    Reached,
    file_edges,
    first,
    longest,
    outward,
    places,
    symbol_edges,
    word,
)
from glyphagent.dependencies.world import World

_LANGUAGES = ("java", "kotlin")
_Table = Mapping[str, tuple[Place, ...]]


class _KotlinGatherer(Gatherer):
    """Records of a Kotlin file."""

    package = ""

    def __init__(self, path: str, text: str) -> None:
        super().__init__(path, text, "kotlin")
        self._locals: set[str] = set()

    def visit(self, node: Node) -> None:
        kind = node.type
        if kind == "package_header":
            self.package = ".".join(_names(first(node)))
        elif kind == "import":
            self._import(node)
        elif kind in ("class_declaration", "object_declaration", "companion_object"):
            self._type(node)
        elif kind in ("function_declaration", "type_alias", "enum_entry"):
            name = node.child_by_field_name("name") or node.child_by_field_name("type")
            name = name or first(node)
            words = {"type_alias": "type", "enum_entry": "constant"}
            if name is not None:
                inside = self.scopes[self.scope].kind
                plain = "method" if inside == "class" else "function"
                rest = [each for each in node.named_children if each != name]
                if inside == "function":
                    self._locals.add(word(name))
                    self.push(rest)
                else:
                    full = self.declare(name, words.get(kind, plain), node)
                    self.inside(full, "function", rest)
        elif kind == "property_declaration":
            self._property(node)
        elif kind in ("variable_declaration", "parameter", "class_parameter", "catch_block"):
            name = next((each for each in node.named_children if each.type == "identifier"), None)
            self._locals.add(word(name))
            self.push(each for each in node.named_children if each != name)
        elif kind in ("type_parameter", "label", "import_alias"):
            self.push(each for each in node.named_children if each.type != "identifier")
        elif kind == "value_argument" and any(each.type == "=" for each in node.children):
            self.push(node.named_children[1:])
        elif kind in ("user_type", "navigation_expression", "identifier"):
            self._mention(node)
        else:
            self.push(node.named_children)

    def facts_of(self, *, uses: bool) -> FileFacts:
        """Give all records; a short name that is also a variable's is the variable."""
        self.uses = [
            use
            for use in self.uses
            if use.chain[0] not in self._locals or (use.kind == "call" and len(use.chain) == 1)
        ]
        return self.facts(self.package, extra=() if uses else ("files only",))

    def _type(self, node: Node) -> None:
        name = node.child_by_field_name("name")
        words = {each.type for each in node.children}
        kind = "interface" if "interface" in words else "class"
        rest = [each for each in node.named_children if each != name]
        if name is None:  # a companion object, whose members are its class's
            self.push(rest)
            return
        self.inside(self.declare(name, kind, node), "class", rest)

    def _property(self, node: Node) -> None:
        inside = self.scopes[self.scope].kind
        for each in node.named_children:
            name = first(each) if each.type == "variable_declaration" else None
            if name is not None and name.type == "identifier" and inside != "function":
                self.declare(name, "field" if inside == "class" else "variable", node)
                self.push(each.named_children[1:])
            else:
                self.push([each])

    def _mention(self, node: Node) -> None:
        chain, others = _names(node), []
        at: Node | None = node
        while at is not None and at.type == "navigation_expression":
            at = first(at)
        if at is not None and at.type not in ("identifier", "user_type"):
            others.append(at)
        elif at is not None and at.type == "user_type":
            others += [each for each in at.named_children if each.type != "identifier"]
        if chain:
            parent = node.parent
            called = parent is not None and parent.type in (
                "call_expression",
                "constructor_invocation",
            )
            inherits = called and parent is not None and parent.type == "constructor_invocation"
            self.mention(chain, node, "inherit" if inherits else "call" if called else "reference")
        self.push(others)

    def _import(self, node: Node) -> None:
        target = first(node)
        names = _names(target)
        if target is None or not names:
            return
        star = any(each.type == "*" for each in node.children)
        alias = node.named_children[-1] if node.named_child_count > 1 else None
        bound = word(alias) if alias is not None else names[-1]
        self.imports.append(
            ImportFact(
                ".".join(names),
                "import",
                (("*", "*"),) if star else (),
                "" if star else bound,
                line=target.start_point[0] + 1,
                column=self.column(target),
            )
        )


def _names(node: Node | None) -> Chain:
    """Names of a dotted expression or type, empty where it does not begin with a name."""
    tail: list[str] = []
    while node is not None and node.type == "navigation_expression":
        last = node.named_children[-1]
        tail.append(word(last) if last.type == "identifier" else "")
        node = first(node)
    if node is None:
        return ()
    if node.type == "identifier":
        head = [word(node)]
    elif node.type in ("user_type", "qualified_identifier"):
        head = [word(each) for each in node.named_children if each.type == "identifier"]
    else:
        return ()
    names = [*head, *reversed(tail)]
    return tuple(names[: names.index("")] if "" in names else names)


class Kotlin:
    """The Kotlin language."""

    name = "kotlin"

    def collect(self, path: str, text: str, *, uses: bool = True) -> FileFacts:
        """Give what a file's text says by itself; uses prove file edges, so they always are."""
        gatherer = _KotlinGatherer(path, text)
        gatherer.run()
        return gatherer.facts_of(uses=uses)

    def link(self, facts: FileFacts, world: World) -> Linked:
        """Give what a file proves about others."""
        table = places(world, _LANGUAGES)
        symbols = symbol_edges(facts, world, partial(_resolve, facts, table))
        edges: set[Edge] = set()
        unresolved = []
        packages = _packages(world)
        for fact in facts.interface.imports:
            parts = tuple(fact.specifier.split("."))
            found, length = longest(table, "", parts)
            if found:
                sure: Confidence = "exact" if length >= len(parts) - 1 else "inferred"
                for place in found:
                    if place.path != facts.path:
                        at = (facts.path, place.path, fact.line, fact.column)
                        edges.add(Edge(*at, "import", fact.specifier, sure))
            elif not (fact.names and fact.specifier in packages):
                reason: Reason = "missing" if ".".join(parts[:-1]) in packages else "external"
                at_ = (facts.path, fact.line, fact.column, fact.specifier)
                unresolved.append(Unresolved(*at_, reason))
        imported = {edge.target for edge in edges}
        edges.update(edge for edge in file_edges(symbols) if edge.target not in imported)
        wanted = symbols if "files only" not in facts.interface.extra else ()
        return Linked(tuple(sorted(edges)), wanted, tuple(sorted(unresolved)))


def _resolve(facts: FileFacts, table: _Table, chain: Chain, symbol: str) -> Iterator[Reached]:
    """Declarations that a chain leads to from inside a declaration of a file."""
    package = facts.interface.package
    for fact in facts.interface.imports:
        if fact.alias == chain[0]:
            full = (*fact.specifier.split("."), *chain[1:])
            found, length = longest(table, "", full)
            yield from _reached(found, max(1, length - (len(full) - len(chain))))
            return
    for inner in outward(symbol):
        prefix = ".".join(part for part in (package, inner) if part)
        found, length = longest(table, prefix, chain)
        if found:
            yield from _reached(found, length)
            return
    for fact in facts.interface.imports:
        if fact.names:
            found, length = longest(table, fact.specifier, chain)
            if found:
                yield from _reached(found, length)
                return
    found, length = longest(table, "", chain)
    if length > 1:
        yield from _reached(found, length)


def _reached(found: tuple[Place, ...], length: int) -> Iterator[Reached]:
    sure: Confidence = "exact" if len({place.path for place in found}) == 1 else "inferred"
    return (Reached(place, length, sure) for place in found)


def _packages(world: World) -> frozenset[str]:
    """All packages of the set."""
    return world.memo(
        "kotlin.packages", "", partial(_all_packages, world), frozenset(), steady=True
    )


def _all_packages(world: World) -> frozenset[str]:
    found: set[str] = set()
    for path in world.files():
        interface = world.interface(path)
        if interface is not None and interface.language in _LANGUAGES:
            found.add(interface.package)
    return frozenset(found)


LANGUAGE = Kotlin()
