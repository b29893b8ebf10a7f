"""Declarations of a Go file: functions, types with their members, variables and constants."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from tree_sitter import Node

from glyphagent.dependencies.facts import Chain, Declaration, own
from glyphagent.dependencies.languages.go.chains import (
    Types,
    first,
    last_name,
    result,
    result_types,
    word,
)
from glyphagent.dependencies.languages.go.records import Records
from glyphagent.dependencies.languages.go.walking import Walk
from glyphagent.dependencies.syntax import Parsed

# Types without a name inside types without a name, deeper than anybody writes them.
_DEEPEST = 12
_SHAPES = {"struct_type": "class", "interface_type": "interface"}


class _Type(NamedTuple):
    """A type to be declared."""

    qualified: str
    parent: str
    kind: Node | None
    evidence: Node
    whole: Node
    exported: bool | None = None


class Declarer(Records):
    """Declarations of one file, and the uses inside them."""

    def __init__(self, parsed: Parsed, imported: set[str]) -> None:
        """Take a parsed file and the names that its imports may have."""
        super().__init__(parsed)
        self.imported = imported
        self._anonymous: dict[int, str] = {}
        self._local_types: set[str] = set()
        self._deep = 0

    def top(self, node: Node) -> None:
        """Take a declaration in that stands at the top of the file."""
        if node.type in ("function_declaration", "method_declaration"):
            self._function(node)
            return
        pending = list(reversed(node.named_children))
        repeated: Node | None = None
        while pending:
            spec = pending.pop()
            if spec.type in ("type_spec", "type_alias"):
                self._type_spec(spec)
            elif spec.type == "var_spec":
                self._values(spec, "variable", spec)
            elif spec.type == "const_spec":
                # A constant without a value has the type and value of the one before.
                if spec.child_by_field_name("value") is not None:
                    repeated = spec
                self._values(spec, "constant", repeated or spec)
            else:
                pending.extend(reversed(spec.named_children))

    def local_type(self, name: str, kind: Node | None, evidence: Node, walk: Walk) -> str:
        """Head of the chains of a type that a function declares for itself."""
        parent = self.scopes[walk.scope].symbol
        qualified = f"{parent}.{name}" if parent else name
        if qualified in self._local_types or not parent:
            qualified = f"{qualified}'{self.number()}"
        self._local_types.add(qualified)
        types = Types({**walk.types.names, name: (own(qualified),)}, walk.types.anonymous)
        self._type(_Type(qualified, parent, kind, evidence, evidence, exported=False), types)
        return own(qualified)

    def anonymous(self, node: Node, scope: int, types: Types) -> Chain:
        """Chain of a struct or interface type without a name."""
        known = self._anonymous.get(node.start_byte)
        if known is None:
            if self._deep > _DEEPEST:
                return ()
            parent = self.scopes[scope].symbol
            known = f"{parent}.struct'{self.number()}" if parent else f"struct'{self.number()}"
            self._anonymous[node.start_byte] = known
            self._deep += 1
            self._type(_Type(known, parent, node, node, node, exported=False), types)
            self._deep -= 1
        return (own(known),)

    def _function(self, node: Node) -> None:
        name = node.child_by_field_name("name")
        if name is None or not word(name):
            return
        receiver = node.child_by_field_name("receiver")
        parent, names = _receiver(receiver)
        qualified = f"{parent}.{word(name)}" if parent else word(name)
        walk = Walk(self, self.scope(qualified, "function"), names)
        parameters = node.child_by_field_name("type_parameters")
        _constrain(parameters, walk)
        given = node.child_by_field_name("result")
        kind = "method" if receiver is not None else "function"
        place = len(self.declarations)
        results = walk.types.results(given)
        declared = self.declaration(name, qualified, kind, node, parent=parent, results=results)
        self.declarations.insert(place, declared)
        walk.run(parameters)
        walk.parameters(receiver)
        walk.parameters(node.child_by_field_name("parameters"))
        if given is not None and given.type == "parameter_list":
            walk.parameters(given)
            given = None
        body = node.child_by_field_name("body")
        walk.run(given, *(body.named_children if body is not None else ()))

    def _type_spec(self, spec: Node) -> None:
        name, kind = spec.child_by_field_name("name"), spec.child_by_field_name("type")
        if name is None or not word(name):
            return
        walk = Walk(self, self.scope(word(name), "class"), {})
        parameters = spec.child_by_field_name("type_parameters")
        _constrain(parameters, walk)
        self._type(_Type(word(name), "", kind, name, spec), walk.types)
        walk.run(parameters, kind)

    def _type(self, declared: _Type, types: Types) -> None:
        """Declare a type with its fields and methods, and those of structs inside it."""
        pending = deque([declared])
        while pending:
            each = pending.popleft()
            if each.qualified.count(".") > _DEEPEST:
                continue
            kind = each.kind
            shape = _SHAPES.get(kind.type, "type") if kind is not None else "type"
            bases: list[Chain] = []
            members: list[Declaration] = []
            if kind is not None and shape == "class":
                fields = first(kind)
                for field in fields.named_children if fields is not None else ():
                    self._field(field, each.qualified, types, bases, members, pending)
            elif kind is not None and shape == "interface":
                for element in kind.named_children:
                    self._element(element, each.qualified, types, bases, members)
            stands_for = types.chain(kind) if shape == "type" else ()
            self.declarations.append(
                self.declaration(
                    each.evidence,
                    each.qualified,
                    shape,
                    each.whole,
                    parent=each.parent,
                    bases=tuple(bases),
                    results=(stands_for,) if stands_for else (),
                    # An alias has its type's own members, a new type made of it has not.
                    value=stands_for if each.whole.type == "type_alias" else (),
                    exported=each.exported,
                )
            )
            self.declarations.extend(members)

    def _field(
        self,
        field: Node,
        qualified: str,
        types: Types,
        bases: list[Chain],
        members: list[Declaration],
        pending: deque[_Type],
    ) -> None:
        """Fields that one line of a struct declares; an embedded type is a base as well."""
        if field.type != "field_declaration":
            return
        kind = field.child_by_field_name("type")
        names = field.children_by_field_name("name")
        inner = kind
        while inner is not None and inner.type in ("pointer_type", "parenthesized_type"):
            inner = first(inner)
        if names and inner is not None and inner.type in _SHAPES:
            for name in names:
                path = f"{qualified}.{word(name)}"
                pending.append(_Type(path, qualified, inner, name, field))
            return
        chain = types.chain(kind)
        embedded = last_name(kind) if not names else None
        if embedded is not None and chain:
            bases.append(chain)
        for name in names or ([embedded] if embedded is not None else []):
            path = f"{qualified}.{word(name)}"
            results = (chain,) if chain else ()
            members.append(
                self.declaration(name, path, "field", field, parent=qualified, results=results)
            )

    def _element(
        self,
        element: Node,
        qualified: str,
        types: Types,
        bases: list[Chain],
        members: list[Declaration],
    ) -> None:
        """A method of an interface, or an interface that it embeds."""
        name = element.child_by_field_name("name")
        if element.type == "method_elem" and name is not None:
            results = types.results(element.child_by_field_name("result"))
            path = f"{qualified}.{word(name)}"
            members.append(
                self.declaration(name, path, "method", element, parent=qualified, results=results)
            )
        elif element.type == "type_elem" and element.named_child_count == 1:
            chain = types.chain(element)
            if chain:
                bases.append(chain)

    def _values(self, spec: Node, kind: str, given: Node) -> None:
        """Variables or constants of one line, with the type and values of a line."""
        names = [each for each in spec.children_by_field_name("name") if each.type == "identifier"]
        symbol = word(names[0]) if len(names) == 1 else ""
        scope = self.scope(symbol, "function") if symbol not in ("", "_") else 0
        walk = Walk(self, scope, {})
        kind_node = given.child_by_field_name("type")
        declared = walk.types.chain(kind_node)
        values = given.child_by_field_name("value")
        right = values.named_children if values is not None else []
        for at, name in enumerate(names):
            if word(name) == "_":
                continue
            stated: Chain = declared
            value: Chain = ()
            if not declared and len(right) == len(names):
                stated, value = walk.value(right[at])
            elif not declared and len(right) == 1:
                _, value = walk.value(right[0])
                value = (*value, result(at)) if at and value else value
            results = (stated,) if stated else ()
            self.declarations.append(
                self.declaration(name, word(name), kind, spec, results=results, value=value)
            )
        if given == spec:
            walk.run(kind_node, *right)


def _receiver(receiver: Node | None) -> tuple[str, dict[str, Chain]]:
    """Name of a method's type, and its type parameters, of which nothing is known there."""
    names: dict[str, Chain] = {}
    kinds = result_types(receiver) if receiver is not None else []
    at: Node | None = kinds[0] if kinds else None
    while at is not None and at.type in ("pointer_type", "parenthesized_type"):
        at = first(at)
    if at is not None and at.type == "generic_type":
        arguments = at.child_by_field_name("type_arguments")
        for each in arguments.named_children if arguments is not None else ():
            names[word(each)] = ()
        at = at.child_by_field_name("type")
    return word(at), names


def _constrain(parameters: Node | None, walk: Walk) -> None:
    """Let a type parameter stand for its constraint, where that is one type."""
    for each in parameters.named_children if parameters is not None else ():
        constraint = walk.types.chain(each.child_by_field_name("type"))
        known = constraint if constraint not in (("any",), ("comparable",)) else ()
        names = {word(name): known for name in each.children_by_field_name("name")}
        walk.types.names = {**walk.types.names, **names}
