"""Python expressions and annotations as chains of names."""

from __future__ import annotations

from collections.abc import Callable

from tree_sitter import Node

from glyphagent.dependencies.facts import CALL, ITEM, ITEMS, SELF, UNKNOWN, Chain

# Annotations whose last argument is what members are looked up on.
_TRANSPARENT = {
    "Annotated": 0, "Awaitable": 0, "ClassVar": 0, "Coroutine": -1, "Final": 0, "NotRequired": 0,
    "Optional": 0, "ReadOnly": 0, "Required": 0, "TypeGuard": -1, "Union": 0, "Unpack": 0,
    "ContextManager": 0, "AbstractContextManager": 0, "AsyncContextManager": 0,
    "AbstractAsyncContextManager": 0, "cached_property": 0,
}  # fmt: skip
# Annotations that hold many of one of their arguments.
_MANY = {
    "list": 0, "List": 0, "set": 0, "Set": 0, "frozenset": 0, "FrozenSet": 0, "tuple": 0,
    "Tuple": 0, "Sequence": 0, "MutableSequence": 0, "Iterable": 0, "Iterator": 0,
    "Collection": 0, "Generator": 0, "AsyncIterable": 0, "AsyncIterator": 0,
    "AsyncGenerator": 0, "AbstractSet": 0, "deque": 0, "Deque": 0, "dict": -1, "Dict": -1,
    "Mapping": -1, "MutableMapping": -1, "defaultdict": -1, "DefaultDict": -1, "OrderedDict": -1,
}  # fmt: skip
_DEEPEST = 40


def word(node: Node) -> str:
    """Text of a node."""
    data = node.text
    return data.decode("utf-8", "replace") if data is not None else ""


def chain(node: Node | None) -> Chain:
    """The chain that an expression is; empty where it is none, or begins with none."""
    parts: list[str] = []
    while node is not None:
        kind = node.type
        if kind == "identifier":
            parts.append(word(node))
            parts.reverse()
            return tuple(parts)
        if kind == "attribute":
            name = node.child_by_field_name("attribute")
            if name is None:
                return ()
            parts.append(word(name))
            node = node.child_by_field_name("object")
        elif kind == "call":
            parts.append(CALL)
            node = node.child_by_field_name("function")
        elif kind == "subscript":
            parts.append(ITEM)
            node = node.child_by_field_name("value")
        elif kind in ("await", "parenthesized_expression"):
            node = node.named_children[0] if node.named_child_count else None
        elif kind == "conditional_expression" and node.named_child_count:
            node = node.named_children[0]
        elif kind == "boolean_operator":
            # `given or Default()`: the right side tells the type more often than the left.
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            node = right if right is not None and right.type == "call" else left
        elif parts:
            parts.append(UNKNOWN)
            parts.reverse()
            return tuple(parts)
        else:
            return ()
    return ()


def annotation(
    node: Node | None, parse: Callable[[str], Node | None], depth: int = 0
) -> tuple[Chain, Chain]:
    """Type and value that an annotation gives: `type[Client]` is the value `Client` itself.

    Args:
        node: The annotation.
        parse: Gives the expression that a quoted annotation holds.
        depth: How many annotations stand around it.
    """
    nothing: tuple[Chain, Chain] = ((), ())
    if node is None or depth > _DEEPEST:
        return nothing
    kind = node.type
    if kind == "type" and node.named_child_count:
        return annotation(node.named_children[0], parse, depth + 1)
    if kind in ("identifier", "attribute"):
        found = chain(node)
        if found[-1:] == ("Self",):
            return SELF, ()
        return (found, ()) if UNKNOWN not in found else nothing
    if kind == "string":
        text = "".join(word(c) for c in node.named_children if c.type == "string_content")
        return annotation(parse(text), parse, depth + 1)
    if kind == "binary_operator":
        # `None | Client`, `Client | None`, `str | Client`: the first that is a name of its own.
        sides = (node.child_by_field_name("left"), node.child_by_field_name("right"))
        found_sides = [annotation(side, parse, depth + 1) for side in sides]
        plain = [each for each in found_sides if each != nothing and not _builtin(each[0])]
        return plain[0] if plain else nothing
    if kind == "generic_type" and node.named_child_count >= 2:
        head, arguments = word(node.named_children[0]), node.named_children[1].named_children
    elif kind == "subscript":
        value = node.child_by_field_name("value")
        head = word(value) if value is not None else ""
        arguments = node.children_by_field_name("subscript")
    else:
        return nothing
    name = head.rpartition(".")[2]
    if not arguments:
        return nothing
    if name in ("type", "Type"):
        return (), annotation(arguments[0], parse, depth + 1)[0]
    if name in ("Union", "Optional"):
        found_arguments = [annotation(each, parse, depth + 1) for each in arguments]
        plain = [each for each in found_arguments if each != nothing and not _builtin(each[0])]
        return plain[0] if plain else nothing
    if name in _TRANSPARENT:
        return annotation(arguments[_TRANSPARENT[name]], parse, depth + 1)
    if name in _MANY:
        inner, _ = annotation(arguments[_MANY[name]], parse, depth + 1)
        return ((*inner, ITEMS), ()) if inner else nothing
    return tuple(head.split(".")), ()


def _builtin(found: Chain) -> bool:
    return found in (("None",), ("str",), ("bytes",), ("int",), ("float",), ("bool",))
