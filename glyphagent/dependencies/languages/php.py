"""PHP: what `use`, names and `include` lead to, with Composer's autoloading as its files have it.

A name's full form is decided inside its file, by the namespace and the `use` statements. Which
file declares it is looked up among all; Composer's maps decide between several, and whether the
answer is exact.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from functools import partial

from tree_sitter import Node

from glyphagent.dependencies.edges import Confidence, Edge, Linked, Reason, Unresolved
from glyphagent.dependencies.facts import Chain, FileFacts, ImportFact
from glyphagent.dependencies.languages.composer import autoload, is_autoloaded
from glyphagent.dependencies.languages.naming import (
    Gatherer,
    Reached,
    file_edges,
    first,
    places,
    symbol_edges,
    word,
)
from glyphagent.dependencies.world import World

_TYPES = {
    "class_declaration": "class",
    "interface_declaration": "interface",
    "trait_declaration": "interface",
    "enum_declaration": "enum",
}
_INCLUDES = frozenset(
    (
        "require_expression",
        "require_once_expression",
        "include_expression",
        "include_once_expression",
    )
)
_OWN_NAMES = frozenset(("self", "static", "parent", "true", "false", "null"))
_NAMES = frozenset(("name", "qualified_name", "relative_name"))


class _PhpGatherer(Gatherer):
    """Records of a PHP file."""

    def __init__(self, path: str, text: str) -> None:
        super().__init__(path, text, "php")
        self._namespace = ""
        # By kind: class, function, const.
        self._aliases: dict[str, dict[str, str]] = {"class": {}, "function": {}, "const": {}}

    def visit(self, node: Node) -> None:
        kind = node.type
        children = node.named_children
        if kind == "namespace_definition":
            self._namespace = word(node.child_by_field_name("name")).replace("\\", ".")
            for names in self._aliases.values():
                names.clear()
            self.push(children[1:] if node.child_by_field_name("name") is not None else children)
        elif kind == "namespace_use_declaration":
            self._use(node)
        elif kind in _TYPES:
            self._type(node)
        elif kind in ("function_definition", "method_declaration"):
            name = node.child_by_field_name("name")
            rest = [each for each in children if each != name]
            if name is not None:
                method = kind == "method_declaration"
                full = self.declare(name, "method" if method else "function", node,
                                    qualified=self._full(word(name)))  # fmt: skip
                self.inside(full, "function", rest)
        elif kind == "const_element":
            name = first(node)
            if name is not None:
                qualified = self._full(word(name))
                self.declare(name, "constant", node, qualified=qualified)
            self.push(children[1:])
        elif kind in _INCLUDES:
            self._include(node)
        elif kind in _NAMES:
            self._mention(node, "const", "reference")
        elif kind == "variable_name":
            return
        else:
            self._named(node, kind, children)

    def _named(self, node: Node, kind: str, children: list[Node]) -> None:
        """Nodes in which names stand for classes or functions."""
        if kind in ("named_type", "attribute", "class_constant_access_expression"):
            member = children[1:2] if kind == "class_constant_access_expression" else []
            self._class(children[0] if children else None, member, "reference")
            self.push(children[1 + len(member) :])
        elif kind in ("base_clause", "class_interface_clause", "use_declaration"):
            for each in children:
                self._class(each, [], "inherit")
        elif kind == "object_creation_expression":
            self._class(children[0] if children else None, [], "call")
            self.push(children[1:])
        elif kind in ("scoped_call_expression", "scoped_property_access_expression"):
            scope, name = node.child_by_field_name("scope"), node.child_by_field_name("name")
            call = kind == "scoped_call_expression"
            member = [name] if name is not None and name.type == "name" else []
            self._class(scope, member, "call" if call else "reference")
            self.push(each for each in children if each not in (scope, name))
        elif kind == "function_call_expression":
            function = node.child_by_field_name("function")
            if function is not None and function.type in _NAMES:
                self._mention(function, "function", "call")
                self.push(each for each in children if each != function)
            else:
                self.push(children)
        elif kind == "binary_expression" and any(e.type == "instanceof" for e in node.children):
            self.push(children[:1])
            self._class(children[-1] if len(children) > 1 else None, [], "reference")
        elif kind in ("member_access_expression", "member_call_expression", "argument"):
            name = node.child_by_field_name("name")
            self.push(each for each in children if each != name or each.type not in _NAMES)
        elif kind in ("enum_case", "goto_statement", "named_label_statement"):
            name = node.child_by_field_name("name")
            if kind == "enum_case" and name is not None:
                self.declare(name, "constant", node)
            self.push(each for each in children if each.type != "name")
        else:
            self.push(children)

    def _full(self, name: str) -> str:
        inside = self.symbol or self._namespace
        return f"{inside}.{name}" if inside else name

    def _type(self, node: Node) -> None:
        name = node.child_by_field_name("name")
        rest = [each for each in node.named_children if each != name]
        if name is None:
            self.push(rest)
            return
        qualified = f"{self._namespace}.{word(name)}".lstrip(".")
        full = self.declare(name, _TYPES[node.type], node, qualified=qualified)
        self.inside(full, "class", rest)

    def _class(self, node: Node | None, member: list[Node], kind: str) -> None:
        if node is None or node.type not in _NAMES:
            self.push([node])
            return
        self._mention(node, "class", kind, member)

    def _mention(self, node: Node, what: str, kind: str, member: list[Node] | None = None) -> None:
        text = word(node)
        if not text or text.lower() in _OWN_NAMES or text.startswith("__"):
            return
        full = self._resolved(text, what)
        self.mention((f"{what}:{full}", *(word(each) for each in member or ())), node, kind)

    def _resolved(self, text: str, what: str) -> str:
        """Full names that a name may stand for, the first one first, joined by a bar."""
        if text.startswith("\\"):
            return text[1:].replace("\\", ".")
        head, _, rest = text.replace("\\", ".").partition(".")
        if head == "namespace" and rest:
            return f"{self._namespace}.{rest}".lstrip(".")
        names = self._aliases["class" if rest else what]
        alias = names.get(head if what == "const" and not rest else head.lower())
        if alias is not None:
            return f"{alias}.{rest}" if rest else alias
        own = f"{self._namespace}.{head}" if self._namespace else head
        if rest or what == "class":
            return f"{own}.{rest}" if rest else own
        return own if own == head else f"{own}|{head}"

    def _use(self, node: Node) -> None:
        """`use` statements bind names; each is an import of its own."""
        outer = next((e.type for e in node.children if e.type in ("function", "const")), "class")
        prefix_node = next((e for e in node.named_children if e.type == "namespace_name"), None)
        prefix = word(prefix_node).strip("\\")
        pending = list(reversed(node.named_children))
        while pending:
            each = pending.pop()
            if each.type == "namespace_use_group":
                pending.extend(reversed(each.named_children))
            if each.type != "namespace_use_clause":
                continue
            what = next((e.type for e in each.children if e.type in ("function", "const")), outer)
            alias = each.child_by_field_name("alias")
            target = first(each)
            name = word(target).strip("\\")
            full = (f"{prefix}\\{name}" if prefix else name).replace("\\", ".")
            bound = word(alias) if alias is not None else full.rpartition(".")[2]
            self._aliases[what][bound if what == "const" else bound.lower()] = full
            if target is not None:
                row, column = target.start_point[0] + 1, self.column(target)
                self.imports.append(ImportFact(full, what, alias=bound, line=row, column=column))

    def _include(self, node: Node) -> None:
        argument = first(node)
        while argument is not None and argument.type == "parenthesized_expression":
            argument = first(argument)
        path = _literal(argument)
        kind = "include" if path is not None and path[:1] in ("/", ".") else "include path"
        place = argument or node
        self.imports.append(
            ImportFact(
                path if path is not None else word(place)[:120],
                kind,
                names=((word(place), ""),),
                computed=path is None,
                line=place.start_point[0] + 1,
                column=self.column(place),
            )
        )
        if path is None:
            self.push([argument])


def _literal(node: Node | None) -> str | None:
    """Path that an include names: `/x` behind the file's own folder, else as written."""
    if node is None:
        return None
    if node.type in ("string", "encapsed_string"):
        parts = node.named_children
        if any(each.type not in ("string_content", "escape_sequence") for each in parts):
            return None
        return "".join(word(each) for each in parts)
    if node.type == "binary_expression" and any(each.type == "." for each in node.children):
        left = _folder(node.child_by_field_name("left"))
        right = _literal(node.child_by_field_name("right"))
        return f"{left}{right}" if left is not None and right is not None else None
    return None


def _folder(node: Node | None) -> str | None:
    """How far above the file's own folder an expression stands: `/.`, `/./..`."""
    climbs = 0
    while node is not None and node.type == "function_call_expression" and climbs < 20:
        if word(node.child_by_field_name("function")).lower() != "dirname":
            return None
        arguments = node.child_by_field_name("arguments")
        inner = first(arguments) if arguments is not None else None
        if inner is None or arguments is None or arguments.named_child_count > 2:
            return None
        levels = first(arguments, 1)
        number = word(levels)
        climbs += int(number) if number.isdigit() and len(number) < 2 else 1
        node = first(inner)
    text = word(node)
    if text == "__FILE__" and climbs:
        climbs -= 1
    elif text != "__DIR__":
        return None
    return "/." + "/.." * climbs


def _declaring(world: World, included: frozenset[str], chain: Chain) -> Iterator[Reached]:
    """Files that declare what a chain's head names, in its full form."""
    what, _, names = chain[0].partition(":")
    table = places(world, ("php",))
    for name in names.split("|"):
        full = name.lower()
        found = [p for p in table.get(full, ()) if what != "const" or p.name == name]
        loaded = [place for place in found if is_autoloaded(world, full, place.path)]
        sure = loaded or [place for place in found if place.path in included]
        if sure:
            yield from (Reached(place, 1) for place in sure[:1])
            return
        if found:
            yield from (Reached(place, 1, "inferred") for place in found[:3])
            return


def _is_namespace(world: World, name: str) -> bool:
    """Whether a `use` names a namespace of the set, to shorten names by."""
    make = partial(_namespaces, world)
    none: frozenset[str] = frozenset()
    return name.lower() in world.memo("php.namespaces", "", make, none, steady=True)


def _namespaces(world: World) -> frozenset[str]:
    return frozenset(name.rpartition(".")[0] for name in places(world, ("php",))) - {""}


def _includes(facts: FileFacts, world: World, unresolved: set[Unresolved]) -> Iterator[Edge]:
    """Edges of `include` and `require`."""
    folder = posixpath.dirname(facts.path)
    for fact in facts.interface.imports:
        if not fact.kind.startswith("include"):
            continue
        written = fact.names[0][0].strip("'\"") if fact.names else fact.specifier
        at = (facts.path, fact.line, fact.column, written)
        if fact.computed:
            unresolved.add(Unresolved(*at, "dynamic"))
            continue
        fixed = fact.kind == "include"
        bases = [folder] if fixed else [folder, "", *_upward(folder)]
        for base in bases:
            path = posixpath.normpath(posixpath.join(base, fact.specifier.lstrip("/")))
            if world.exists(path) and path != facts.path:
                sure: Confidence = "exact" if fixed else "inferred"
                yield Edge(facts.path, path, *at[1:3], "include", written, sure)
                break
        else:
            unresolved.add(Unresolved(*at, "missing" if fixed else "external"))


def _upward(folder: str) -> Iterator[str]:
    while folder:
        folder = posixpath.dirname(folder)
        yield folder


class Php:
    """The PHP language."""

    name = "php"

    def collect(self, path: str, text: str, *, uses: bool = True) -> FileFacts:
        """Give what a file's text says by itself; uses prove file edges, so they always are."""
        gatherer = _PhpGatherer(path, text)
        gatherer.run()
        return gatherer.facts(extra=() if uses else ("files only",))

    def link(self, facts: FileFacts, world: World) -> Linked:
        """Give what a file proves about others."""
        edges: set[Edge] = set()
        unresolved: set[Unresolved] = set()
        edges.update(_includes(facts, world, unresolved))
        find = partial(_declaring, world, frozenset(edge.target for edge in edges))
        symbols = symbol_edges(facts, world, lambda chain, symbol: find(chain))
        for fact in facts.interface.imports:
            if fact.kind.startswith("include"):
                continue
            at = (facts.path, fact.line, fact.column, fact.specifier.replace(".", "\\"))
            found = list(find((f"{fact.kind}:{fact.specifier}",)))
            for place, _, sure in found:
                if place.path != facts.path:
                    edges.add(Edge(at[0], place.path, *at[1:3], "import", at[3], sure))
            if not found and not _is_namespace(world, fact.specifier):
                full = fact.specifier.lower()
                own = any(full.startswith(e.prefix) for e in autoload(world) if e.prefix)
                reason: Reason = "missing" if own else "external"
                unresolved.add(Unresolved(*at, reason))
        known = {edge.target for edge in edges}
        edges.update(edge for edge in file_edges(symbols) if edge.target not in known)
        wanted = symbols if "files only" not in facts.interface.extra else ()
        return Linked(tuple(sorted(edges)), wanted, tuple(sorted(unresolved)))


LANGUAGE = Php()
