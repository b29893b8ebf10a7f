"""Classes, interfaces, type aliases and enums with their members."""

from __future__ import annotations

from tree_sitter import Node

from glyphagent.dependencies.facts import Chain, Scope, own
from glyphagent.dependencies.languages.scripts.annotations import (
    called_type,
    parts_of_type,
    type_chain,
)
from glyphagent.dependencies.languages.scripts.collector import Collector
from glyphagent.dependencies.languages.scripts.definitions import (
    callback_types,
    enter_function,
    named,
    parameters_of,
    place_name,
    returned,
    type_parameters,
)
from glyphagent.dependencies.languages.scripts.docs import doc_of
from glyphagent.dependencies.languages.scripts.expressions import FUNCTIONS, WHOLE_TYPE, chain_of
from glyphagent.dependencies.syntax import qualify

_HERITAGE = ("class_heritage", "extends_type_clause", "extends_clause")
# Nodes of a heritage clause that are looked at; longer ones are machine-made.
_MOST_ARGUMENTS = 100


def class_statement(c: Collector, node: Node, scope: int) -> None:
    """Declare a class and enter it."""
    enter_class(c, node, scope, name_node=node.child_by_field_name("name"), whole=node)


def enter_class(
    c: Collector,
    node: Node,
    scope: int,
    *,
    name_node: Node | None,
    whole: Node,
    name: str = "",
) -> None:
    """Declare a class under a name, its members, and leave their insides to the walk."""
    bases = heritage(c, node, scope)
    for child in node.named_children:
        if child.type == "decorator":
            c.push(child, scope)
    symbol = None
    if name_node is not None:
        symbol = place_name(c, name_node, whole, scope, "class", bases=bases)
    elif name:
        symbol = c.declare(name, "class", "", node, whole, bases=bases)
    inner = c.open(scope, symbol, block=True)
    if symbol is not None:
        _type_arguments(c, node, symbol)
        c.scopes[inner] = Scope(scope, "class", symbol)
    if bases:
        c.supers[inner] = bases[0]
    type_parameters(c, node, inner)
    instance: Chain = (own(symbol),) if symbol is not None else bases[0] if bases else ()
    body = node.child_by_field_name("body")
    for member in body.named_children if body is not None else []:
        class_member(c, member, inner, symbol, instance)


def heritage(c: Collector, node: Node, scope: int) -> tuple[Chain, ...]:
    """Chains of what a class or interface extends and implements, with their uses."""
    found: list[Chain] = []
    for child in node.named_children:
        if child.type == "class_heritage":
            clauses = child.named_children
            # Plain JavaScript has the expression itself here.
            plain = [each for each in clauses if not each.type.endswith("_clause")]
            for each in plain:
                _inherited(c, each, scope, found)
            for clause in clauses:
                for each in clause.named_children if clause not in plain else []:
                    _inherited(c, each, scope, found)
        elif child.type in ("extends_type_clause", "extends_clause"):
            for each in child.named_children:
                _inherited(c, each, scope, found)
    return tuple(found)


def _inherited(c: Collector, node: Node, scope: int, found: list[Chain]) -> None:
    if node.type in ("type_arguments", "comment"):
        c.push(node, scope)
        return
    if node.type in ("call_expression", "parenthesized_expression"):
        # A mixin is called; what it is given is what most of its members come from.
        c.push(node, scope)
        arguments = node.child_by_field_name("arguments")
        for each in arguments.named_children if arguments is not None else []:
            if each.type in ("identifier", "member_expression"):
                found.append(type_chain(c, each))
                break
        return
    chain = type_chain(c, node)
    if chain:
        found.append(chain)
        mark = node.child_by_field_name("name") or node.child_by_field_name("property") or node
        if node.type == "generic_type" and mark.type == "nested_type_identifier":
            mark = mark.child_by_field_name("name") or mark
        c.use(scope, chain, "inherit", mark)
    if node.type == "generic_type":
        for child in node.named_children:
            if child.type == "type_arguments":
                c.push(child, scope)


def _type_arguments(c: Collector, node: Node, symbol: str) -> None:
    """Note the types that the bases of a class or interface are given."""
    found: list[Chain] = []
    pending = [each for each in node.named_children if each.type in _HERITAGE]
    inside = False
    for _ in range(_MOST_ARGUMENTS):
        if not pending:
            break
        each = pending.pop()
        inside = inside or each.type == "type_arguments"
        if inside and each.type in ("type_identifier", "nested_type_identifier"):
            found.append(type_chain(c, each))
        else:
            pending.extend(each.named_children)
    if found:
        c.type_arguments[symbol] = tuple(sorted(set(found)))


def class_member(c: Collector, node: Node, scope: int, parent: str | None, instance: Chain) -> None:
    """Declare a member of a class or interface."""
    kind = node.type
    key = node.child_by_field_name("name") or node.child_by_field_name("property")
    for child in node.named_children:
        if child.type == "decorator":
            c.push(child, scope)
    if kind in ("class_static_block", "static_block"):
        body = node.child_by_field_name("body") or node
        inner = c.open(scope)
        c.bind(inner, "this", (), instance)
        c.push_children(body, inner)
        return
    if kind == "decorator":
        # In a class's body it stands before the member that it belongs to.
        c.push(node, scope)
        return
    if kind == "comment":
        return
    if key is None:
        if kind == "call_signature" and parent is not None:
            _given(c, node, parent)
        c.push_children(node, scope)
        return
    name = named(c, key)
    words = {child.type for child in node.children}
    static = "static" in words
    this: tuple[Chain, Chain] = ((), instance) if static else (instance, ())
    if key.type == "computed_property_name":
        c.push(key, scope)
        name = ""
    if kind in ("method_definition", "method_signature", "abstract_method_signature"):
        accessor = "get" in words or "set" in words
        typed = returned(c, node)
        symbol = None
        if parent is not None and name and not ("set" in words and not typed):
            member = "field" if accessor else "method"
            symbol = c.declare(name, member, parent, key, node, typed=typed, static=static)
        c.this[node.id] = this
        if kind == "method_signature" and symbol is not None:
            _given(c, node, symbol)
        if name == "constructor":
            _parameter_fields(c, node, parent)
        enter_function(c, node, scope, symbol=symbol or (qualify(parent, name) if parent else None))
        return
    if kind in ("public_field_definition", "field_definition", "property_signature"):
        _field(c, node, scope, parent, key, name, this, static=static)
        return
    c.push_children(node, scope)


def _field(
    c: Collector,
    node: Node,
    scope: int,
    parent: str | None,
    key: Node,
    name: str,
    this: tuple[Chain, Chain],
    *,
    static: bool,
) -> None:
    annotation = node.child_by_field_name("type")
    value = node.child_by_field_name("value")
    c.push(annotation, scope)
    reachable = parent is not None and bool(name)
    if value is not None and value.type in FUNCTIONS and annotation is None:
        symbol = None
        if parent is not None and name:
            symbol = c.declare(
                name, "method", parent, key, node, typed=returned(c, value), static=static
            )
        inner = c.open(scope, symbol)
        c.bind(inner, "this", *this)
        enter_function(c, value, inner, symbol=symbol)
        return
    callable_type, given = called_type(c, annotation)
    inner = c.open(scope, qualify(parent, name) if parent and name else None)
    c.bind(inner, "this", *this)
    chain = chain_of(c, value, inner)
    if reachable and parent is not None:
        kind = "method" if callable_type else "field"
        declared = given if callable_type else type_chain(c, annotation)
        if callable_type:
            types, _ = callback_types(c, annotation)
            _keep(c, qualify(parent, name), types)
        elif annotation is None:
            doc = doc_of(c, node)
            declared = doc.typed if doc is not None else ()
        if chain[:1] == ("this",) and parent:
            chain = (own(parent), *chain[1:])
        c.declare(
            name, kind, parent, key, node, typed=declared, static=static,
            value=() if callable_type else chain,
        )  # fmt: skip


def _given(c: Collector, node: Node, symbol: str) -> None:
    """Note what a signature's parameters are, for those who write functions by it."""
    given = parameters_of(node)
    _keep(c, symbol, tuple(type_chain(c, each.child_by_field_name("type")) for each in given))


def _keep(c: Collector, symbol: str, types: tuple[Chain, ...]) -> None:
    if any(types):
        c.callbacks.setdefault((symbol, WHOLE_TYPE), (types, ()))


def _parameter_fields(c: Collector, node: Node, parent: str | None) -> None:
    """Declare the fields that a constructor's parameters with a modifier are."""
    parameters = node.child_by_field_name("parameters")
    for each in parameters.named_children if parameters is not None else []:
        if parent is None or not any(
            child.type in ("accessibility_modifier", "readonly", "override_modifier")
            for child in each.children
        ):
            continue
        pattern = each.child_by_field_name("pattern")
        if pattern is not None and pattern.type == "identifier":
            annotation = each.child_by_field_name("type")
            c.declare(
                c.text(pattern), "field", parent, pattern, each, typed=type_chain(c, annotation)
            )


def interface(c: Collector, node: Node, scope: int) -> None:
    """Declare an interface with its members."""
    bases = heritage(c, node, scope)
    name_node = node.child_by_field_name("name")
    symbol = None
    if name_node is not None:
        symbol = place_name(c, name_node, node, scope, "interface", bases=bases)
    inner = c.open(scope, symbol, block=True)
    if symbol is not None:
        _type_arguments(c, node, symbol)
    type_parameters(c, node, inner)
    body = node.child_by_field_name("body")
    for member in body.named_children if body is not None else []:
        class_member(c, member, inner, symbol, (own(symbol),) if symbol else ())


def alias(c: Collector, node: Node, scope: int) -> None:
    """Declare a type alias; one of an object type, or of several, is looked up like a type."""
    name_node = node.child_by_field_name("name")
    value = node.child_by_field_name("value")
    if name_node is None:
        return
    parts = parts_of_type(c, value)
    shaped = [value] if value is not None and value.type == "object_type" else []
    if value is not None and value.type == "intersection_type":
        shaped = [each for each in value.named_children if each.type == "object_type"]
    types, _ = callback_types(c, value) if value is not None else ((), ())
    if types and c.containers[scope] is not None:
        c.callbacks[qualify(c.containers[scope] or "", named(c, name_node)), WHOLE_TYPE] = (
            types,
            (),
        )
    if shaped or len(parts) > 1:
        symbol = place_name(c, name_node, node, scope, "interface", bases=parts)
    else:
        symbol = place_name(c, name_node, node, scope, "type", typed=parts[0] if parts else ())
    inner = c.open(scope, symbol, block=True)
    type_parameters(c, node, inner)
    for each in shaped:
        for member in each.named_children:
            class_member(c, member, inner, symbol, (own(symbol),) if symbol else ())
    if value is not None and value not in shaped:
        if value.type == "intersection_type":
            for child in value.named_children:
                if child not in shaped:
                    c.push(child, inner)
        else:
            c.push(value, inner)


def enumeration(c: Collector, node: Node, scope: int) -> None:
    """Declare an enum with its members."""
    name_node = node.child_by_field_name("name")
    if name_node is None:
        return
    symbol = place_name(c, name_node, node, scope, "enum")
    body = node.child_by_field_name("body")
    for each in body.named_children if body is not None else []:
        key = each.child_by_field_name("name") or each
        if each.type == "enum_assignment":
            chain_of(c, each.child_by_field_name("value"), scope)
        if symbol is not None and each.type != "comment":
            c.declare(named(c, key), "constant", symbol, key, each)
