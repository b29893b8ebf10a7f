"""Types as chains: what an annotation says that a value's members are looked up on."""

from __future__ import annotations

from tree_sitter import Node

from glyphagent.dependencies.facts import CALL, ITEMS, Chain
from glyphagent.dependencies.languages.scripts.collector import Collector
from glyphagent.dependencies.languages.scripts.modules import imported_module

# Generic types whose members are, for us, those of their first argument.
TRANSPARENT = frozenset(
    {
        "Promise",
        "PromiseLike",
        "Awaited",
        "Readonly",
        "Partial",
        "Required",
        "NonNullable",
        "Omit",
        "Pick",
        "Ref",
        "ShallowRef",
        "ComputedRef",
        "UnwrapRef",
        "MaybeRef",
        "Draft",
        "WritableDraft",
        "InstanceType",
        "Extract",
        "Exclude",
    }
)
COLLECTIONS = frozenset(
    {
        "Array",
        "ReadonlyArray",
        "Set",
        "ReadonlySet",
        "Iterable",
        "AsyncIterable",
        "Iterator",
        "AsyncIterator",
        "Generator",
        "AsyncGenerator",
        "IterableIterator",
        "AsyncIterableIterator",
        "ArrayLike",
    }
)
_WRAPPERS = ("type_annotation", "parenthesized_type", "readonly_type", "optional_type", "rest_type")
_FUNCTIONS = ("function_type", "constructor_type")
_DEPTH = 30


def type_chain(c: Collector, node: Node | None, depth: int = 0) -> Chain:
    """Chain of a type, empty where it has no name to look members up on."""
    while node is not None and node.type in _WRAPPERS:
        node = node.named_children[0] if node.named_children else None
    if node is None or depth > _DEPTH:
        return ()
    kind = node.type
    if kind in ("type_identifier", "identifier"):
        return (c.text(node),)
    if kind in ("nested_type_identifier", "nested_identifier", "member_expression"):
        return _nested(c, node)
    if kind == "generic_type":
        return _generic(c, node, depth)
    if kind == "array_type":
        element = type_chain(c, node.named_children[0] if node.named_children else None, depth + 1)
        return (*element, ITEMS) if element else ()
    if kind in ("union_type", "intersection_type"):
        for child in node.named_children:
            found = type_chain(c, child, depth + 1)
            if found:
                return found
        return ()
    if kind == "type_query" and node.named_children:
        inner = node.named_children[0]
        if inner.type == "call_expression":
            module = imported_module(c, inner)
            return (module,) if module else ()
        return type_chain(c, inner, depth + 1)
    return ()


def called_type(c: Collector, node: Node | None) -> tuple[bool, Chain]:
    """Whether a type is a function's, and the chain of what that gives."""
    while node is not None and node.type in _WRAPPERS:
        node = node.named_children[0] if node.named_children else None
    if node is None or node.type not in _FUNCTIONS:
        return False, ()
    return True, type_chain(
        c, node.child_by_field_name("return_type") or node.child_by_field_name("type")
    )


def parts_of_type(c: Collector, node: Node | None) -> tuple[Chain, ...]:
    """Chains that an alias's members come from: those of a union or intersection, or its own."""
    while node is not None and node.type in _WRAPPERS:
        node = node.named_children[0] if node.named_children else None
    if node is None:
        return ()
    if node.type not in ("union_type", "intersection_type"):
        own = type_chain(c, node)
        return (own,) if own else ()
    found: list[Chain] = []
    pending = [node]
    while pending:
        each = pending.pop()
        if each.type in ("union_type", "intersection_type", "parenthesized_type"):
            pending.extend(reversed(each.named_children))
        else:
            own = type_chain(c, each)
            if own:
                found.append(own)
    return tuple(found)


def _nested(c: Collector, node: Node) -> Chain:
    names: list[str] = []
    current: Node | None = node
    while current is not None:
        if current.type in ("nested_type_identifier", "nested_identifier", "member_expression"):
            names.append(
                c.text(
                    current.child_by_field_name("name") or current.child_by_field_name("property")
                )
            )
            current = current.child_by_field_name("module") or current.child_by_field_name("object")
        elif current.type == "call_expression":
            module = imported_module(c, current)
            return (module, *reversed(names)) if module else ()
        else:
            names.append(c.text(current))
            break
    return tuple(reversed(names))


def _generic(c: Collector, node: Node, depth: int) -> Chain:
    named = node.child_by_field_name("name")
    name = c.text(named)
    arguments = next((each for each in node.named_children if each.type == "type_arguments"), None)
    first = arguments.named_children[0] if arguments and arguments.named_children else None
    if name == "ReturnType" and first is not None:
        inner = type_chain(c, first, depth + 1)
        return (*inner, CALL) if inner else ()
    if name in TRANSPARENT:
        return type_chain(c, first, depth + 1)
    if name in COLLECTIONS:
        element = type_chain(c, first, depth + 1)
        return (*element, ITEMS) if element else ()
    return type_chain(c, named, depth + 1)
