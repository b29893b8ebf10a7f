"""C# at the level of types: namespaces, usings, and the types that a file names.

A `using` names a namespace, which is no file: edges go from the place that names a type to the
files that declare it (all of them for partial types). Usings with `global` count for the project
that their file belongs to.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from functools import partial

from tree_sitter import Node

from glyphagent.dependencies.edges import Edge, Linked, Unresolved
from glyphagent.dependencies.facts import Chain, FileFacts, ImportFact
from glyphagent.dependencies.languages.naming import (
    Gatherer,
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

_KINDS = {
    "class_declaration": "class",
    "record_declaration": "class",
    "record_struct_declaration": "class",
    "struct_declaration": "class",
    "interface_declaration": "interface",
    "enum_declaration": "enum",
    "delegate_declaration": "type",
}
_MEMBERS = {
    "method_declaration": "method",
    "constructor_declaration": "method",
    "property_declaration": "field",
    "enum_member_declaration": "constant",
}
_NAMED = frozenset(("member_access_expression", "qualified_name", "alias_qualified_name"))
# Children that are names of something declared, or labels.
_DECLARING = frozenset(
    (
        *("variable_declarator", "parameter", "type_parameter", "declaration_pattern"),
        *("foreach_statement", "catch_declaration", "local_function_statement", "argument"),
        *("event_declaration", "indexer_declaration", "labeled_statement", "name_colon"),
        *("from_clause", "declaration_expression", "tuple_element", "extern_alias_directive"),
    )
)


class _CSharpGatherer(Gatherer):
    """Records of a C# file."""

    def visit(self, node: Node) -> None:
        kind = node.type
        if kind == "using_directive":
            self._using(node)
        elif kind in ("namespace_declaration", "file_scoped_namespace_declaration"):
            name = ".".join(_dotted(node.child_by_field_name("name")))
            body = node.child_by_field_name("body")
            if body is not None:
                self.inside(self.qualify(name), "namespace", body.named_children)
            else:  # the rest of the file, or what the grammar put inside
                self.scopes.append(type(self.scopes[0])(0, "namespace", name))
                self.scope = len(self.scopes) - 1
                self.push(node.named_children[1:])
        elif kind in _KINDS:
            name_node = node.child_by_field_name("name")
            if name_node is not None:
                full = self.declare(name_node, _KINDS[kind], node)
                rest = [each for each in node.named_children if each != name_node]
                self.inside(full, "class", rest)
        elif kind in _MEMBERS:
            name_node = node.child_by_field_name("name")
            if name_node is not None:
                self.declare(name_node, _MEMBERS[kind], node)
            self.push(each for each in node.named_children if each != name_node)
        elif kind == "field_declaration":
            for each in node.named_children:
                for declarator in each.named_children:
                    field = declarator.child_by_field_name("name")
                    if declarator.type == "variable_declarator" and field is not None:
                        self.declare(field, "field", node)
            self.push(node.named_children)
        elif kind == "identifier":
            self._name((word(node),), node)
        elif kind in _NAMED:
            chain = _dotted(node)
            if chain:
                self._name(chain, node)
            self.push(_beside(node))
        elif kind in _DECLARING:
            name_node = node.child_by_field_name("name")
            self.push(each for each in node.named_children if each != name_node)
        else:
            self.push(node.named_children)

    def _name(self, chain: Chain, node: Node) -> None:
        # Types and namespaces are written with a capital; locals and fields seldom are.
        if chain[0][:1].isupper() or len(chain) > 1:
            parent = node.parent
            called = parent is not None and parent.type in (
                "invocation_expression",
                "object_creation_expression",
            )
            self.mention(chain, node, "call" if called else "reference")

    def _using(self, node: Node) -> None:
        words = {each.type for each in node.children}
        alias = word(node.child_by_field_name("name")) if "=" in words else ""
        target = node.named_children[-1] if node.named_children else None
        chain = _dotted(target)
        if target is None or not chain:
            return
        kind = "static" if "static" in words else "import"
        self.imports.append(
            ImportFact(
                ".".join(chain),
                f"global {kind}" if "global" in words else kind,
                alias=alias,
                line=target.start_point[0] + 1,
                column=self.column(target),
            )
        )
        for each in target.named_children if target.type == "generic_name" else ():
            self.push([each])


def _dotted(node: Node | None) -> Chain:
    """Names of a dotted expression or type; generic arguments left out; empty for another."""
    names: list[str] = []
    while node is not None:
        if node.type == "identifier":
            names.append(word(node))
            return tuple(reversed(names))
        if node.type == "generic_name":
            node = first(node)
        elif node.type in _NAMED:
            last = node.child_by_field_name("name")
            if last is not None and last.type == "generic_name":
                last = first(last)
            names.append(word(last))
            if node.type == "alias_qualified_name":  # `global::A`
                return tuple(reversed(names))
            node = node.child_by_field_name("qualifier") or node.child_by_field_name("expression")
        else:
            return ()
    return ()


def _beside(node: Node) -> list[Node]:
    """What is to be walked of a dotted name: generic arguments, and what it begins with."""
    found: list[Node] = []
    at: Node | None = node
    while at is not None and at.type in _NAMED:
        last = at.child_by_field_name("name")
        if last is not None and last.type == "generic_name":
            found += last.named_children[1:]
        at = at.child_by_field_name("qualifier") or at.child_by_field_name("expression")
    if at is not None and at.type == "generic_name":
        found += at.named_children[1:]
    elif at is not None and at.type != "identifier":
        found.append(at)
    return found


class CSharp:
    """The C# language."""

    name = "csharp"

    def collect(self, path: str, text: str, *, uses: bool = True) -> FileFacts:
        """Give what a file's text says by itself; uses prove file edges, so they always are."""
        gatherer = _CSharpGatherer(path, text, "csharp")
        gatherer.run()
        return gatherer.facts(extra=() if uses else ("files only",))

    def link(self, facts: FileFacts, world: World) -> Linked:
        """Give what a file proves about others."""
        table = places(world, ("csharp",))
        own = [(fact, "") for fact in facts.interface.imports]
        usings = [*own, *((fact, "global") for fact in _global_usings(world, facts.path))]
        spaces = [f.specifier for f, _ in usings if f.kind.endswith("import") and not f.alias]
        statics = [f.specifier for f, _ in usings if f.kind.endswith("static")]
        aliases = {f.alias: tuple(f.specifier.split(".")) for f, _ in usings if f.alias}

        def resolve(chain: Chain, symbol: str) -> Iterator[Reached]:
            if chain[0] in aliases:
                chain_here = (*aliases[chain[0]], *chain[1:])
                found, length = longest(table, "", chain_here)
                length -= len(chain_here) - len(chain)
            else:
                found, length = (), 0
                for prefix in outward(symbol):
                    found, length = longest(table, prefix, chain)
                    if found:
                        break
                for prefix in [] if found else [*spaces, *statics]:
                    found, length = longest(table, prefix, chain)
                    if found:
                        break
            yield from (Reached(place, max(1, length)) for place in found)

        symbols = symbol_edges(facts, world, resolve)
        edges = set(file_edges(symbols))
        unresolved = []
        namespaces = _namespaces(world)
        for fact in facts.interface.imports:
            declared = table.get(fact.specifier, ())
            for place in declared:
                if place.path != facts.path:
                    at = (facts.path, place.path, fact.line, fact.column)
                    edges.add(Edge(*at, "import", fact.specifier))
            if not declared and fact.specifier not in namespaces:
                place_of = (facts.path, fact.line, fact.column, fact.specifier)
                unresolved.append(Unresolved(*place_of, "external"))
        wanted = symbols if "files only" not in facts.interface.extra else ()
        return Linked(tuple(sorted(edges)), wanted, tuple(sorted(unresolved)))


def _namespaces(world: World) -> frozenset[str]:
    """All namespaces that declare something."""
    return world.memo(
        "csharp.namespaces", "", partial(_all_namespaces, world), frozenset(), steady=True
    )


def _all_namespaces(world: World) -> frozenset[str]:
    found: set[str] = set()
    for name in places(world, ("csharp",)):
        found.update(outward(name.rpartition(".")[0]))
    return frozenset(found)


def _global_usings(world: World, path: str) -> tuple[ImportFact, ...]:
    project = _project_of(world, posixpath.dirname(path))
    make = partial(_globals_in, world, project)
    return world.memo("csharp.global", project, make, (), steady=True)


def _globals_in(world: World, project: str) -> tuple[ImportFact, ...]:
    found: list[ImportFact] = []
    for path in world.files():
        if path.endswith(".cs") and _project_of(world, posixpath.dirname(path)) == project:
            interface = world.interface(path)
            for fact in interface.imports if interface is not None else ():
                if fact.kind.startswith("global "):
                    found.append(fact)
    return tuple(found)


def _project_of(world: World, folder: str) -> str:
    """Nearest folder above that holds a project file; the root for none."""
    while folder:
        if any(entry.endswith(".csproj") for entry in world.entries(folder)):
            return folder
        folder = posixpath.dirname(folder)
    return ""


LANGUAGE = CSharp()
