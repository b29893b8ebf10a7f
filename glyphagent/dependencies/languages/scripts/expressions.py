"""Expressions as chains of names, with the uses that they make.

`a.b().c` is read from its end to its head in a loop, so that a builder's thousand calls in a row
cost no stack. What stands inside (arguments, computed keys) is left to the walk.
"""

from __future__ import annotations

from tree_sitter import Node

from glyphagent.dependencies.facts import CALL, ITEM, Chain, above
from glyphagent.dependencies.languages.scripts.annotations import type_chain
from glyphagent.dependencies.languages.scripts.collector import Collector
from glyphagent.dependencies.languages.scripts.modules import loading_call, loading_constructor

FUNCTIONS = ("arrow_function", "function_expression", "generator_function", "function")
# Callbacks that are given the value itself, and those that are given its items.
_TAKES_IT = frozenset({"then", "tap", "pipe"})
_TAKES_ITEMS = frozenset(
    {
        "map",
        "forEach",
        "filter",
        "find",
        "findLast",
        "some",
        "every",
        "flatMap",
        "findIndex",
        "sort",
        "findLastIndex",
    }
)
# Stands for the number of a parameter where a type itself says what its functions are given.
WHOLE_TYPE = -1
_TRANSPARENT = frozenset({"await_expression", "parenthesized_expression", "non_null_expression"})
# Longer chains are machine-made, and nobody follows them.
_LONGEST = 60
_MEMBERS = ("member_expression", "nested_identifier", "nested_type_identifier")
_LEFTMOST = ("member_expression", "call_expression", "subscript_expression")
_MOST_ABOVE = 10
_CASTS = ("as_expression", "satisfies_expression", "type_assertion")


def chain_of(c: Collector, node: Node | None, scope: int) -> Chain:
    """Chain of an expression, its uses entered; empty for one that has no names to follow."""
    parts: list[str] = []
    marks: list[Node] = []
    calls: list[tuple[int, Node]] = []
    current = node
    base: Chain = ()
    while current is not None:
        kind = current.type
        if kind in ("identifier", "type_identifier", "shorthand_property_identifier"):
            base = (c.text(current),)
            marks.append(current)
            break
        if kind in _MEMBERS:
            named = current.child_by_field_name("property") or current.child_by_field_name("name")
            if named is None:
                break
            parts.append(c.text(named))
            marks.append(named)
            current = current.child_by_field_name("object") or current.child_by_field_name("module")
        elif kind == "call_expression":
            loaded = loading_call(c, current, scope)
            function = current.child_by_field_name("function")
            for child in current.named_children:
                if child != function:
                    c.push(child, scope)
            if loaded is not None:
                base = (loaded,)
                marks.append(current)
                break
            if function is None or function.type == "import":
                break
            parts.append(CALL)
            marks.append(function)
            calls.append((len(parts), current))
            current = function
        elif kind == "new_expression":
            loading_constructor(c, current, scope)
            constructor = current.child_by_field_name("constructor")
            for child in current.named_children:
                if child != constructor:
                    c.push(child, scope)
            parts.append(CALL)
            marks.append(current)
            calls.append((len(parts), current))
            current = constructor
        elif kind in _TRANSPARENT:
            said = _said_before(c, current) if c.casts else ()
            if said:
                base = _held(c, current, scope, said)
                marks.append(current)
                break
            current = _first(current)
        elif kind in _CASTS:
            base = _cast(c, current, scope)
            marks.append(current)
            break
        elif kind == "subscript_expression":
            index = current.child_by_field_name("index")
            if index is not None and index.type == "string":
                parts.append(c.text(index)[1:-1])
            else:
                c.push(index, scope)
                parts.append(ITEM)
            marks.append(index or current)
            current = current.child_by_field_name("object")
        elif kind == "this":
            base = ("this",)
            marks.append(current)
            break
        elif kind == "super":
            base = _super(c, scope, called=bool(parts) and parts[-1] == CALL)
            marks.append(current)
            break
        elif kind == "instantiation_expression":
            for child in current.named_children[1:]:
                c.push(child, scope)
            current = _first(current)
        else:
            current = _through(c, current, scope)
            if current is None:
                break
    if not base:
        return ()
    full = (*base, *reversed(parts))
    _enter_uses(c, full, base, list(reversed(marks)), scope)
    for number, call in calls if len(full) <= _LONGEST else ():
        _enter_callback(c, full[: len(full) - number], call)
    return full


def _enter_uses(c: Collector, full: Chain, base: Chain, marks: list[Node], scope: int) -> None:
    """Enter a use for every call in a chain, and one for what comes after the last call."""
    if not c.with_uses:
        return
    last = 0
    mark = marks[0]
    offset = len(base) - 1
    for index in range(len(base), min(len(full), _LONGEST)):
        part = full[index]
        if part == CALL:
            c.use(scope, full[:index], "call", mark)
            last = index + 1
        elif part != ITEM:
            mark = marks[index - offset]
    if last < len(full) <= _LONGEST:
        c.use(scope, full, "reference", mark)


def _enter_callback(c: Collector, callee: Chain, call: Node) -> None:
    """Note what the parameters of a call's callbacks may hold."""
    arguments = call.child_by_field_name("arguments")
    for number, each in enumerate(arguments.named_children if arguments is not None else []):
        if each.type == "object":
            c.contexts[each.id] = (*callee, f"({number}:)")
        if each.type not in FUNCTIONS:
            continue
        c.callees[each.id] = (callee, number)
        if number == 0 and len(callee) > 1 and callee[-1] in _TAKES_IT:
            c.values[each.id] = callee[:-1]
        elif number == 0 and len(callee) > 1 and callee[-1] in _TAKES_ITEMS:
            c.values[each.id] = (*callee[:-1], ITEM)


def _through(c: Collector, node: Node, scope: int) -> Node | None:
    """The part of an expression that gives its value, the rest left to the walk."""
    kind = node.type
    if kind == "binary_expression":
        operator = node.child_by_field_name("operator")
        if operator is not None and operator.type in ("||", "??", "&&"):
            kept = "right" if operator.type == "&&" else "left"
            other = "left" if kept == "right" else "right"
            c.push(node.child_by_field_name(other), scope)
            return node.child_by_field_name(kept)
    elif kind == "ternary_expression":
        c.push(node.child_by_field_name("condition"), scope)
        c.push(node.child_by_field_name("alternative"), scope)
        return node.child_by_field_name("consequence")
    elif kind == "sequence_expression" and node.named_children:
        for child in node.named_children[:-1]:
            c.push(child, scope)
        return node.named_children[-1]
    elif kind == "call_expression" or kind in FUNCTIONS:
        c.push(node, scope)
        return None
    c.push(node, scope)
    return None


def _cast(c: Collector, node: Node, scope: int) -> Chain:
    """Chain of an expression that is said to be of a type; `as const` says nothing."""
    children = node.named_children
    if node.type == "type_assertion":
        children = list(reversed(children))
    if not children:
        return ()
    said = children[-1] if len(children) > 1 else None
    c.push(said, scope)
    if said is not None and said.type == "type_arguments":
        said = _first(said)
    kind = type_chain(c, said) if node.type != "satisfies_expression" else ()
    if not kind:
        return (
            chain_of(c, children[0], scope)
            if _shallow(children[0])
            else _left(c, children[0], scope)
        )
    if node.type == "as_expression":
        in_context(c, children[0], scope, kind)
    c.push(children[0], scope)
    name = f"as({node.start_byte})"
    c.bind(scope, name, typed=kind)
    return (name,)


def _said_before(c: Collector, node: Node) -> Chain:
    """Type that a comment right before a bracketed expression gives it."""
    before, above = node.prev_sibling, node.parent
    # The comment may stand before all of `(x).run()`.
    for _ in range(_MOST_ABOVE):
        if before is not None or above is None or above.type not in _LEFTMOST:
            break
        before, above = above.prev_sibling, above.parent
    if before is None or before.type != "comment":
        return ()
    return c.casts.get(before.end_byte, ())


def _held(c: Collector, node: Node, scope: int, kind: Chain) -> Chain:
    """Chain of an expression that a comment gives a type."""
    inner = _first(node)
    if inner is not None:
        in_context(c, inner, scope, kind)
        c.push(inner, scope)
    name = f"as({node.start_byte})"
    c.bind(scope, name, typed=kind)
    return (name,)


def in_context(c: Collector, node: Node | None, scope: int, kind: Chain) -> None:
    """Note the type that an object literal is said to have: its functions are given by that."""
    if kind and node is not None and node.type == "object":
        name = f"of({node.start_byte})"
        c.bind(scope, name, typed=kind)
        c.contexts[node.id] = (name,)


def member_context(c: Collector, value: Node, given: Chain, name: str) -> None:
    """Note what a member of an object literal of a known type is given."""
    if given and name and value.type in (*FUNCTIONS, "method_definition"):
        c.callees.setdefault(value.id, ((*given, name), WHOLE_TYPE))
    elif given and name and value.type == "object":
        c.contexts.setdefault(value.id, (*given, name))


def _left(c: Collector, node: Node, scope: int) -> Chain:
    c.push(node, scope)
    return ()


def _shallow(node: Node) -> bool:
    """Whether casts are not stacked deeper than a person would write them."""
    for _ in range(20):
        if node.type not in _CASTS and node.type not in _TRANSPARENT:
            return True
        inner = _first(node)
        if inner is None:
            return True
        node = inner
    return False


def _super(c: Collector, scope: int, *, called: bool) -> Chain:
    """What `super` stands for: the base class where it is called, else what the bases have."""
    bases = c.super_of(scope)
    if called or not bases:
        return bases
    at = scope
    while at >= 0:
        if c.scopes[at].kind == "class":
            return (above(c.scopes[at].symbol),)
        at = c.scopes[at].parent
    return bases


def _first(node: Node) -> Node | None:
    children = node.named_children
    return next((each for each in children if each.type != "comment"), None)


def expression(c: Collector, node: Node, scope: int) -> None:
    """Enter the uses of an expression whose value nobody names."""
    chain_of(c, node, scope)


def type_name(c: Collector, node: Node, scope: int) -> None:
    """Enter the use of a type's name."""
    chain = type_chain(c, node)
    if node.type == "nested_type_identifier" and any(
        child.type == "member_expression" or child.type == "call_expression"
        for child in node.named_children
    ):
        c.push_children(node, scope)
    elif chain:
        named = node.child_by_field_name("name") or node
        c.use(scope, chain, "reference", named)


def element(c: Collector, node: Node, scope: int) -> None:
    """Enter the component that a JSX tag names; tags in lower case are the platform's."""
    named = node.child_by_field_name("name")
    for child in node.named_children:
        if child != named:
            c.push(child, scope)
    if named is None:
        return
    text = c.text(named)
    if named.type in ("identifier", *_MEMBERS) and (not text[:1].islower() or "." in text):
        chain = tuple(text.split("."))
        mark = named.child_by_field_name("property") or named
        c.use(scope, chain, "call", mark)


def decorator(c: Collector, node: Node, scope: int) -> None:
    """Enter a decorator, which is called, with or without arguments of its own."""
    inner = _first(node)
    if inner is not None and inner.type in ("identifier", "member_expression"):
        before = len(c.uses)
        chain = chain_of(c, inner, scope)
        del c.uses[before:]
        if chain:
            c.use(scope, chain, "call", inner.child_by_field_name("property") or inner)
    else:
        c.push_children(node, scope)


def object_literal(c: Collector, node: Node, scope: int) -> None:
    """Leave the keys of an object literal out; its values are expressions."""
    given = c.contexts.pop(node.id, ())
    for child in node.named_children:
        key = child.child_by_field_name("key") or child.child_by_field_name("name")
        name = c.text(key).strip("'\"")
        if child.type == "pair":
            value = child.child_by_field_name("value")
            if key is not None and key.type == "computed_property_name":
                c.push(key, scope)
            elif value is not None:
                member_context(c, value, given, name)
            c.push(value, scope)
        else:
            member_context(c, child, given, name)
            c.push(child, scope)
