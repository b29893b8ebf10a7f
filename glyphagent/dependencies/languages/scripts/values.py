"""Variables by what they hold: functions, classes, object literals with members, other values."""

from __future__ import annotations

from tree_sitter import Node

from glyphagent.dependencies.facts import Chain, own
from glyphagent.dependencies.languages.scripts.annotations import called_type, type_chain
from glyphagent.dependencies.languages.scripts.classes import enter_class
from glyphagent.dependencies.languages.scripts.collector import Collector
from glyphagent.dependencies.languages.scripts.definitions import (
    PATTERN_NAMES,
    bind_pattern,
    callback_types,
    enter_function,
    named,
    place_name,
    returned,
)
from glyphagent.dependencies.languages.scripts.docs import doc_of
from glyphagent.dependencies.languages.scripts.expressions import (
    FUNCTIONS,
    WHOLE_TYPE,
    chain_of,
    in_context,
    member_context,
)

CLASSES = ("class", "class_declaration", "abstract_class_declaration")
_DEPTH = 60


def beyond(name: str) -> str:
    """Head of a chain that begins at a file's own top, whatever is declared in between."""
    return f"top({name})"


def variables(c: Collector, node: Node, scope: int) -> None:
    """Declare the names of a `const`, `let` or `var` statement."""
    home = c.homes[scope] if node.type == "variable_declaration" else scope
    constant = any(child.type == "const" for child in node.children)
    for each in node.named_children:
        if each.type != "variable_declarator":
            c.push(each, scope)
            continue
        target = each.child_by_field_name("name")
        if target is None:
            continue
        if node.id in c.exported:
            c.exported.add(each.id)
        declare_value(
            c,
            target,
            each,
            home,
            scope,
            annotation=each.child_by_field_name("type"),
            value=each.child_by_field_name("value"),
            kind="constant" if constant and c.text(target).isupper() else "variable",
        )


def declare_value(
    c: Collector,
    target: Node,
    whole: Node,
    home: int,
    scope: int,
    *,
    annotation: Node | None,
    value: Node | None,
    kind: str,
) -> None:
    """Declare a variable by what is assigned to it: a function, a class, an object, a value."""
    c.push(annotation, scope)
    if target.type not in PATTERN_NAMES:
        if whole.id in c.exported:
            _export_pattern(c, target)
        chain = chain_of(c, value, scope)
        bind_pattern(c, target, home, typed=type_chain(c, annotation), value=chain)
        return
    while value is not None and value.type == "parenthesized_expression" and value.named_children:
        value = value.named_children[0]
    if value is not None and value.type in FUNCTIONS:
        _function_value(c, target, whole, home, scope, annotation=annotation, value=value)
        return
    if value is not None and value.type in CLASSES:
        enter_class(c, value, scope, name_node=target, whole=whole)
        return
    callable_type, given = called_type(c, annotation)
    if callable_type:
        symbol = place_name(c, target, whole, home, "function", typed=given)
        if value is not None and symbol is not None:
            c.symbols[value.id] = symbol
        chain_of(c, value, scope)
        return
    inner = value
    while inner is not None and inner.type in (
        "as_expression",
        "satisfies_expression",
        "parenthesized_expression",
    ):
        for child in inner.named_children[1:]:
            c.push(child, scope)
        if inner.type != "parenthesized_expression" and len(inner.named_children) > 1:
            in_context(c, inner.named_children[0], scope, type_chain(c, inner.named_children[1]))
        inner = inner.named_children[0] if inner.named_children else None
    said = type_chain(c, annotation)
    if annotation is None:
        doc = doc_of(c, whole)
        said = doc.typed if doc is not None else ()
    if inner is not None and inner.type == "object":
        in_context(c, inner, scope, said)
        symbol = place_name(c, target, whole, home, kind, typed=said)
        if symbol is None and not said:
            symbol = local_object(c, target, inner, home)
        members_of_object(c, inner, scope, symbol)
        return
    chain = chain_of(c, value, scope)
    place_name(c, target, whole, home, kind, typed=said, value=chain)


def _function_value(
    c: Collector,
    target: Node,
    whole: Node,
    home: int,
    scope: int,
    *,
    annotation: Node | None,
    value: Node,
) -> None:
    """Declare a name that holds a function; an annotation says what its parameters are."""
    callable_type, given = called_type(c, annotation)
    said = returned(c, value) or given
    kind = "function" if annotation is None or callable_type else "variable"
    typed = said if kind == "function" else type_chain(c, annotation)
    symbol = place_name(c, target, whole, home, kind, typed=typed)
    types, via = callback_types(c, annotation)
    if annotation is None:
        doc = doc_of(c, whole)
        via = doc.typed if doc is not None else ()
    if via:
        c.callees[value.id] = (via, WHOLE_TYPE)
    enter_function(c, value, scope, symbol=symbol, types=types)


def _export_pattern(c: Collector, pattern: Node) -> None:
    pending = [pattern]
    while pending:
        node = pending.pop()
        if node.type in PATTERN_NAMES:
            c.exported.add(node.id)
        pending.extend(node.named_children)


def local_object(c: Collector, target: Node, value: Node, home: int) -> str | None:
    """Declare an object with functions that a declared function keeps under a local name.

    Factories return such objects, and other files call their members.
    """
    around = c.result_of.get(c.homes[home])
    if around is None or not any(
        child.type == "method_definition"
        or (child.type == "pair" and _is_named(child.child_by_field_name("value")))
        or child.type == "shorthand_property_identifier"
        for child in value.named_children
    ):
        return None
    name = c.text(target)
    symbol = c.declare(name, "variable", around, target, value)
    c.bind(home, name, value=(own(symbol),))
    c.objects[home, name] = symbol
    return symbol


def returned_object(c: Collector, node: Node, scope: int, function: str) -> None:
    """Declare an object that a function returns, so that others may call its members."""
    # No name of the source can be this word.
    symbol = c.declare("return", "variable", function, node, node)
    members_of_object(c, node, scope, symbol)
    c.results.setdefault(c.homes[scope], []).append((scope, (own(symbol),)))


def _is_named(value: Node | None) -> bool:
    return value is not None and value.type in (*FUNCTIONS, "identifier", "member_expression")


def _held_member(
    c: Collector, parent: str, key: Node, whole: Node, scope: int, chain: Chain
) -> None:
    """Declare a member that holds something; in a function that may be a local name's value."""
    if chain and c.containers[scope] is None:
        c.fields.append((parent, key, whole, scope, (), chain))
    else:
        c.declare(named(c, key), "field", parent, key, whole, value=chain)


def members_of_object(
    c: Collector, node: Node, scope: int, parent: str | None, depth: int = 0
) -> None:
    """Declare what an object literal holds, under the name that it was given."""
    if parent is None or depth > _DEPTH:
        c.push(node, scope)
        return
    given = c.contexts.pop(node.id, ())
    siblings = {c.text(child.child_by_field_name("key") or child) for child in node.named_children}

    def outer(chain: Chain) -> Chain:
        # The engine would take a sibling for it.
        if chain and chain[0] in siblings and c.containers[scope] == "":
            return (beyond(chain[0]), *chain[1:])
        return chain

    for child in node.named_children:
        key = child.child_by_field_name("key") or child.child_by_field_name("name")
        name = named(c, key)
        if key is not None and key.type != "computed_property_name":
            member_context(c, child.child_by_field_name("value") or child, given, name)
        if child.type == "method_definition" and name and key is not None:
            accessor = any(each.type == "get" for each in child.children)
            kind = "field" if accessor else "method"
            symbol = c.declare(name, kind, parent, key, child, typed=returned(c, child))
            c.this[child.id] = ((), (own(parent),))
            enter_function(c, child, scope, symbol=symbol)
        elif child.type == "pair" and key is not None and key.type != "computed_property_name":
            value = child.child_by_field_name("value")
            if value is not None and value.type in FUNCTIONS:
                symbol = c.declare(name, "method", parent, key, child, typed=returned(c, value))
                c.this[value.id] = ((), (own(parent),))
                enter_function(c, value, scope, symbol=symbol)
            elif value is not None and value.type == "object":
                symbol = c.declare(name, "field", parent, key, child)
                members_of_object(c, value, scope, symbol, depth + 1)
            else:
                _held_member(c, parent, key, child, scope, outer(chain_of(c, value, scope)))
        elif child.type == "shorthand_property_identifier":
            _held_member(c, parent, child, child, scope, outer(chain_of(c, child, scope)))
        elif child.type == "spread_element" and child.named_children:
            chain = chain_of(c, child.named_children[0], scope)
            if chain:
                c.spreads.append((parent, chain))
        else:
            c.push(child, scope)
