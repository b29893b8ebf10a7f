"""Functions and parameters: names, results, and the scopes inside."""

from __future__ import annotations

from tree_sitter import Node

from glyphagent.dependencies.facts import ITEM, SELF, Chain
from glyphagent.dependencies.languages.scripts.annotations import type_chain
from glyphagent.dependencies.languages.scripts.collector import Collector
from glyphagent.dependencies.languages.scripts.docs import Doc, doc_of
from glyphagent.dependencies.languages.scripts.expressions import chain_of

PATTERN_NAMES = ("identifier", "shorthand_property_identifier_pattern")
_DEPTH = 60


def named(c: Collector, node: Node | None) -> str:
    """A declared name as its users write it, quotes taken off."""
    return c.text(node).strip("'\"") if node is not None else ""


def function(c: Collector, node: Node, scope: int) -> None:
    """Declare a function statement or signature, and enter it."""
    name_node = node.child_by_field_name("name")
    name = c.text(name_node)
    symbol = None
    if name_node is not None and name:
        symbol = place_name(c, name_node, node, scope, "function", typed=returned(c, node))
    enter_function(c, node, scope, symbol=symbol)


def anonymous(c: Collector, node: Node, scope: int) -> None:
    """Enter a function expression."""
    enter_function(c, node, scope, symbol=c.symbols.pop(node.id, None))


def returned(c: Collector, node: Node) -> Chain:
    """Chain of what a function says that it returns."""
    said = node.child_by_field_name("return_type")
    if said is None:
        doc = doc_of(c, node)
        return doc.result if doc is not None else ()
    inner = said.named_children
    if inner and inner[0].type == "this_type":
        return SELF
    return type_chain(c, said)


def place_name(
    c: Collector,
    name_node: Node,
    whole: Node,
    scope: int,
    kind: str,
    *,
    typed: Chain = (),
    value: Chain = (),
    bases: tuple[Chain, ...] = (),
    local_type: Chain | None = None,
) -> str | None:
    """Enter a name as a declaration where others can reach it, else as a local binding.

    Returns:
        Its qualified name, None for a local one.
    """
    name = named(c, name_node)
    container = c.containers[scope]
    if container is None:
        # A local function or class shadows, but nobody outside can follow it.
        keep = kind in ("variable", "constant")
        c.bind(scope, name, typed if keep else (), value if keep else ())
        return None
    exported = whole.id in c.exported or name_node.id in c.exported
    return c.declare(
        name, kind, container, name_node, whole, bases=bases, typed=typed, value=value,
        exported=exported,
    )  # fmt: skip


def enter_function(
    c: Collector,
    node: Node,
    scope: int,
    *,
    symbol: str | None,
    types: tuple[Chain, ...] = (),
) -> None:
    """Open a function's scope, bind its parameters and leave its inside to the walk.

    Args:
        c: The collection.
        node: The function, of any form.
        scope: The scope around it.
        symbol: Its qualified name, None for a local or anonymous one.
        types: Types that its parameters have where they say none themselves.
    """
    if not c.with_uses:
        return
    inner = c.open(scope, symbol)
    if symbol is not None:
        c.result_of[inner] = symbol
    if node.type != "arrow_function":
        held = c.this.pop(node.id, None)
        if held is not None:
            c.bind(inner, "this", *held)
        elif node.type != "method_definition":
            c.bind(inner, "this")
    type_parameters(c, node, inner)
    callee, place = c.callees.pop(node.id, ((), 0))
    given = c.values.pop(node.id, ())
    number = 0
    doc = doc_of(c, node)
    for child in parameters_of(node):
        told = _documented(c, doc, child, number) if doc is not None else ()
        if told:
            types = (*types[:number], *[()] * (number - len(types)), told, *types[number + 1 :])
        handed = (*callee, handed_over(place, number)) if callee else ()
        _parameter(c, child, inner, handed or given, symbol, number)
        if number < len(types) and types[number]:
            pattern = child.child_by_field_name("pattern") or child
            pattern = pattern.child_by_field_name("left") or pattern
            if pattern.type in PATTERN_NAMES and child.child_by_field_name("type") is None:
                c.bind(inner, c.text(pattern), types[number])
        pattern = child.child_by_field_name("pattern") or child
        if handed and given and pattern.type in (*PATTERN_NAMES, "object_pattern"):
            bind_pattern(c, pattern, inner, value=given)
        given = ()
        number += child.type != "this" and not _is_this(child)
    c.push(node.child_by_field_name("return_type"), inner)
    body = node.child_by_field_name("body")
    if body is None:
        return
    if body.type == "statement_block":
        c.push_children(body, inner)
    else:
        if symbol is not None and body.type == "parenthesized_expression" and body.named_children:
            body = body.named_children[0]
        if symbol is not None and body.type == "object":
            c.returned.append((body, inner, symbol))
            return
        chain = chain_of(c, body, inner)
        c.results.setdefault(inner, []).append((inner, chain))


def result(c: Collector, node: Node, scope: int) -> None:
    """Note what a `return` gives back."""
    child = next((each for each in node.named_children if each.type != "comment"), None)
    while child is not None and child.type == "parenthesized_expression" and child.named_children:
        child = child.named_children[0]
    symbol = c.result_of.get(c.homes[scope])
    if child is not None and child.type == "object" and symbol is not None:
        c.returned.append((child, scope, symbol))
        return
    chain = chain_of(c, child, scope)
    if child is not None:
        c.results.setdefault(c.homes[scope], []).append((scope, chain))


def _documented(c: Collector, doc: Doc, node: Node, number: int) -> Chain:
    """Type that a comment gives a parameter: by its name, or its place if it is a pattern."""
    pattern = node.child_by_field_name("pattern") or node.child_by_field_name("left") or node
    if pattern.type in PATTERN_NAMES:
        return dict(doc.parameters).get(c.text(pattern), ())
    return doc.parameters[number][1] if number < len(doc.parameters) else ()


def parameters_of(node: Node) -> list[Node]:
    """Parameters of a function, an arrow's lone name included."""
    lone = node.child_by_field_name("parameter")
    if lone is not None:
        return [lone]
    parameters = node.child_by_field_name("parameters")
    if parameters is None:
        return []
    return [each for each in parameters.named_children if each.type != "comment"]


def handed_over(place: int, number: int) -> str:
    """Part of a chain that leads from a function to what it hands to one of its callbacks."""
    return f"({place}:{number})"


def callback_types(c: Collector, annotation: Node | None) -> tuple[tuple[Chain, ...], Chain]:
    """Types of what a callback of an annotated type is given, or the type that says them."""
    pending = [annotation] if annotation is not None else []
    for _ in range(_DEPTH):
        if not pending:
            break
        node = pending.pop()
        if node.type in ("type_annotation", "parenthesized_type", "union_type", "optional_type"):
            pending.extend(reversed(node.named_children))
        elif node.type in ("function_type", "constructor_type"):
            given = [each for each in parameters_of(node) if not _is_this(each)]
            return tuple(type_chain(c, each.child_by_field_name("type")) for each in given), ()
        elif node.type in ("type_identifier", "generic_type", "nested_type_identifier"):
            return (), type_chain(c, node)
    return (), ()


def _is_this(node: Node) -> bool:
    pattern = node.child_by_field_name("pattern")
    return pattern is not None and pattern.type == "this"


def _parameter(
    c: Collector, node: Node, scope: int, value: Chain, symbol: str | None, number: int
) -> None:
    pattern = node.child_by_field_name("pattern") or node
    annotation = node.child_by_field_name("type")
    kind = type_chain(c, annotation)
    default = node.child_by_field_name("value")
    if node.type == "assignment_pattern":
        pattern = node.child_by_field_name("left") or node
        default = node.child_by_field_name("right")
    for child in node.named_children:
        if child.type == "decorator":
            c.push(child, scope)
    c.push(annotation, scope)
    if symbol is not None and annotation is not None:
        handed = callback_types(c, annotation)
        if any(handed):
            c.callbacks.setdefault((symbol, number), handed)
    if pattern.type == "rest_pattern" and pattern.named_children:
        pattern = pattern.named_children[0]
    if pattern.type == "this":
        c.bind(scope, "this", typed=kind)
        return
    if pattern.type == "object_pattern" and annotation is not None:
        _bind_members(c, pattern, annotation, scope)
    chosen = chain_of(c, default, scope) if default is not None else ()
    bind_pattern(c, pattern, scope, typed=kind, value=value or chosen)


def _bind_members(c: Collector, pattern: Node, annotation: Node, scope: int) -> None:
    """Bind what an object pattern takes out of an object whose type is written out beside it."""
    said = annotation.named_children[0] if annotation.named_children else None
    if said is None or said.type != "object_type":
        return
    types = {
        c.text(each.child_by_field_name("name")): type_chain(c, each.child_by_field_name("type"))
        for each in said.named_children
        if each.type == "property_signature"
    }
    for child in pattern.named_children:
        taken = child.child_by_field_name("left") or child
        if taken.type == "shorthand_property_identifier_pattern" and types.get(c.text(taken)):
            c.bind(scope, c.text(taken), types[c.text(taken)])


def bind_pattern(
    c: Collector, node: Node, scope: int, *, typed: Chain = (), value: Chain = (), depth: int = 0
) -> None:
    """Bind the names of a parameter or destructuring pattern."""
    if depth > _DEPTH:
        return
    if node.type in PATTERN_NAMES:
        place_name(c, node, node, scope, "variable", typed=typed, value=value)
        return
    if typed and node.type in ("object_pattern", "array_pattern"):
        held = f"of({node.start_byte})"
        c.bind(scope, held, typed=typed)
        value = (held,)
    for child in node.named_children:
        kind = child.type
        if kind == "shorthand_property_identifier_pattern":
            taken = (*value, c.text(child)) if value else ()
            place_name(c, child, child, scope, "variable", value=taken)
        elif kind == "pair_pattern":
            key = child.child_by_field_name("key")
            inner = child.child_by_field_name("value")
            known = key is not None and key.type == "property_identifier"
            taken = (*value, c.text(key)) if value and known else ()
            if inner is not None:
                bind_pattern(c, inner, scope, value=taken, depth=depth + 1)
        elif kind in ("object_assignment_pattern", "assignment_pattern"):
            left = child.child_by_field_name("left")
            c.push(child.child_by_field_name("right"), scope)
            if left is not None and left.type == "shorthand_property_identifier_pattern":
                taken = (*value, c.text(left)) if value else ()
                place_name(c, left, left, scope, "variable", value=taken)
            elif left is not None:
                bind_pattern(c, left, scope, value=_item(node, value), depth=depth + 1)
        elif kind == "rest_pattern" and child.named_children:
            bind_pattern(c, child.named_children[0], scope, depth=depth + 1)
        else:
            bind_pattern(c, child, scope, value=_item(node, value), depth=depth + 1)


def _item(pattern: Node, value: Chain) -> Chain:
    return (*value, ITEM) if value and pattern.type == "array_pattern" else ()


def type_parameters(c: Collector, node: Node, scope: int) -> None:
    """Bind the type parameters of a declaration to what they extend."""
    parameters = node.child_by_field_name("type_parameters")
    for each in parameters.named_children if parameters is not None else []:
        name = each.child_by_field_name("name")
        constraint = each.child_by_field_name("constraint")
        bound = constraint.named_children[0] if constraint and constraint.named_children else None
        if name is not None:
            c.bind(scope, c.text(name), typed=type_chain(c, bound))
        c.push(constraint, scope)
        c.push(each.child_by_field_name("value"), scope)
