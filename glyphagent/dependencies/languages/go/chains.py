"""Go types and expressions as chains of names.

What a chain leads to is decided later, with the whole package at hand; here only the text is
read. No function recurses: machine-written sources nest deeper than Python's stack.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tree_sitter import Node

from glyphagent.dependencies.facts import CALL, ITEMS, UNKNOWN, Chain

# Chains longer than this are left unknown, so that a generated call of ten thousand links costs
# no quadratic time.
LONGEST_CHAIN = 48
# At the end of a type: a function that gives what stands before it; a call undoes it.
FUNCTION = "()*"
# At the end of a type: a channel of what stands before it; receiving undoes it.
CHANNEL = "<-*"
# Receiving from a channel.
RECEIVE = "<-"
# Before a literal's key, which is a field of a struct or a name of the package for a map.
KEY = "="
# What ranging over something gives first and second.
RANGE_KEY = "#key"
RANGE_VALUE = "#value"

# What Go declares itself, without members that matter; a package that declares one of these names
# anew is rare, and looking each of them up is not free.
UNIVERSE = frozenset(
    (
        *("bool", "byte", "complex64", "complex128", "error", "float32", "float64", "int"),
        *("int8", "int16", "int32", "int64", "rune", "string", "uint", "uint8", "uint16", "uint32"),
        *("uint64", "uintptr", "append", "cap", "len", "make", "new", "panic", "recover"),
    )
)
# All that Go declares itself, in any of its versions.
BUILTIN = UNIVERSE | frozenset(
    (
        *("any", "comparable", "nil", "true", "false", "iota", "close", "copy", "delete", "print"),
        *("println", "complex", "real", "imag", "min", "max", "clear"),
    )
)

_WRAPPERS = frozenset(("pointer_type", "parenthesized_type", "type_constraint", "type_elem"))


def word(node: Node | None) -> str:
    """Text of a small node."""
    if node is None or node.text is None:
        return ""
    return node.text.decode("utf-8", "replace")


def first(node: Node, index: int = 0) -> Node | None:
    """Named child of a node, the first one unless told; None where there are fewer."""
    return node.named_child(index) if index < node.named_child_count else None


def result(index: int) -> str:
    """Link that takes one of several results, after the call that gives them."""
    return f"#{index}"


def map_of(key: Chain) -> str:
    """Link at the end of a type: a map from a key to what stands before it.

    The key travels in the link, where it is a plain type; items are taken as from any collection.
    """
    return f"{ITEMS}{' '.join(key)}" if key else ITEMS


class Types:
    """Reads types where some names are type parameters or types of a function's own.

    Attributes:
        names: What a name stands for here, before the package is asked; empty chain for unknown.
        anonymous: Gives the chain of a struct or interface type that has no name.
    """

    def __init__(self, names: Mapping[str, Chain], anonymous: Callable[[Node], Chain]) -> None:
        """Take what decides names before the package does."""
        self.names = names
        self.anonymous = anonymous

    def chain(self, node: Node | None) -> Chain:
        """Chain of a type; pointers are taken off, generic arguments too; empty if unknown."""
        links: list[str] = []
        while node is not None and len(links) < LONGEST_CHAIN:
            kind = node.type
            if kind in ("type_identifier", "identifier"):
                return _with(self.named(word(node)), links)
            if kind in ("qualified_type", "selector_expression"):
                package = node.child_by_field_name("package")
                package = package or node.child_by_field_name("operand")
                name = node.child_by_field_name("name") or node.child_by_field_name("field")
                return (word(package), word(name), *reversed(links)) if name else ()
            if kind in _WRAPPERS:
                if node.named_child_count != 1:
                    return ()
                node = first(node)
            elif kind == "generic_type":
                node = node.child_by_field_name("type")
            elif kind in ("slice_type", "array_type", "implicit_length_array_type"):
                links.append(ITEMS)
                node = node.child_by_field_name("element")
            elif kind == "map_type":
                key = self._plain(node.child_by_field_name("key"))
                links.append(map_of(key))
                node = node.child_by_field_name("value")
            elif kind == "channel_type":
                links.append(CHANNEL)
                node = node.child_by_field_name("value")
            elif kind == "function_type":
                links.append(FUNCTION)
                found = node.child_by_field_name("result")
                if found is not None and found.type == "parameter_list":
                    found = next(iter(result_types(found)), None)
                node = found
            elif kind in ("struct_type", "interface_type"):
                return _with(self.anonymous(node), links)
            elif kind == "unary_expression":  # `*T` where an expression could stand
                node = node.child_by_field_name("operand")
            elif kind == "parenthesized_expression":
                node = first(node)
            else:
                break
        return _with((), links)

    def named(self, name: str) -> Chain:
        """Chain of a type's bare name."""
        found = self.names.get(name)
        if found is not None:
            return found
        return () if name in UNIVERSE else (name,)

    def results(self, node: Node | None) -> tuple[Chain, ...]:
        """Chains of what a function with this `result` gives."""
        if node is None:
            return ()
        if node.type != "parameter_list":
            return (self.chain(node),)
        return tuple(self.chain(each) for each in result_types(node))

    def _plain(self, node: Node | None) -> Chain:
        """Chain of a map's key where it is a name, maybe of another package, or a pointer."""
        while node is not None and node.type in _WRAPPERS and node.named_child_count == 1:
            node = first(node)
        if node is None:
            return ()
        if node.type == "type_identifier":
            return self.named(word(node))
        if node.type == "qualified_type":
            return tuple(word(each) for each in node.named_children)
        return ()


def _with(head: Chain, links: list[str]) -> Chain:
    """A type's chain; of a map from a known type to an unknown one the key is worth keeping."""
    if not head and any(len(link) > len(ITEMS) and link.startswith(ITEMS) for link in links):
        head = (UNKNOWN,)
    return (*head, *reversed(links)) if head else ()


def result_types(parameters: Node) -> list[Node]:
    """Type of every result or parameter of a list, one for each name."""
    found: list[Node] = []
    for each in parameters.named_children:
        kind = each.child_by_field_name("type")
        if kind is not None:
            found += [kind] * max(1, len(each.children_by_field_name("name")))
    return found


def is_name(link: str) -> bool:
    """Whether a link of a chain is a name, rather than what is done with what stands before."""
    return link[:1] not in "[(<#?="


def instance_of(kind: Chain) -> Chain:
    """Chain of an expression that has a type; unknown where the type has no name of its own."""
    return (*kind, CALL) if kind and is_name(kind[-1]) else ()


def last_name(node: Node | None) -> Node | None:
    """Name at the end of a type, as evidence and as the field that an embedded type is."""
    while node is not None:
        if node.type in ("pointer_type", "parenthesized_type"):
            node = first(node)
        elif node.type == "generic_type":
            node = node.child_by_field_name("type")
        elif node.type == "qualified_type":
            return node.child_by_field_name("name")
        else:
            return node if node.type == "type_identifier" else None
    return None
