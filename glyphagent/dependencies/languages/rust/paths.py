"""Paths as Rust writes them, carried through chains of names as one part each.

`a::b::C` looks names up by other rules than `x.y.z` does, so a path stays whole: its head in a
chain says whether a value, a type or a macro is wanted, in which inline module of the file it was
written, and which names were brought in by `use x::*` inside the function around it.
"""

from __future__ import annotations

from typing import NamedTuple

from tree_sitter import Node

VALUE, TYPE, MACRO = "v", "t", "m"
_PLAIN = frozenset({"identifier", "type_identifier", "self", "super", "crate", "metavariable"})
_NESTED = frozenset({"scoped_identifier", "scoped_type_identifier"})
_INNER = {
    "generic_type": "type",
    "generic_type_with_turbofish": "type",
    "generic_function": "function",
}


class Head(NamedTuple):
    """A path as it stands at the head of a chain.

    Attributes:
        wanted: What it must name: `VALUE`, `TYPE` or `MACRO`.
        module: Inline module that it stands in, dotted, empty at the file's top.
        path: The path, its parts joined by `::`.
        globs: Paths of `use path::*` in the functions around it, innermost first.
    """

    wanted: str
    module: str
    path: str
    globs: tuple[str, ...] = ()

    def encoded(self) -> str:
        """The head as one part of a chain."""
        return f"{self.wanted}{self.module}|" + "|".join((self.path, *self.globs))


def decoded(part: str) -> Head | None:
    """The head that a part of a chain is, None for a plain name."""
    first, bar, rest = part.partition("|")
    if not bar or not first:
        return None
    path, *globs = rest.split("|")
    return Head(first[0], first[1:], path, tuple(globs))


def last_name(part: str) -> str:
    """Name that a part of a chain ends in."""
    head = decoded(part)
    return part if head is None else head.path.rpartition("::")[2]


def written_path(node: Node | None) -> str:
    """The path that a node writes, generic arguments left out; empty if it is something else.

    `<T as Trait>::f` is `T::f` where T is a path, else `Trait::f`.
    """
    parts: list[str] = []
    while node is not None:
        kind = node.type
        if kind in _PLAIN:
            parts.append(_text(node))
            break
        if kind in _NESTED:
            parts.append(_text(node.child_by_field_name("name")))
            inner = node.child_by_field_name("path")
            if inner is None:
                parts.append("")
            node = inner
        elif kind in _INNER:
            node = node.child_by_field_name(_INNER[kind])
        elif kind == "bracketed_type":
            node = first_child(node)
        elif kind == "qualified_type":
            own = node.child_by_field_name("type")
            plain = own is not None and own.type in (_PLAIN | _NESTED | _INNER.keys())
            node = own if plain else node.child_by_field_name("alias")
        elif kind == "reference_type":
            node = node.child_by_field_name("type")
        else:
            return ""
    parts.reverse()
    return "::".join(parts)


def first_child(node: Node) -> Node | None:
    """First named child of a node, if it has any."""
    return node.named_child(0) if node.named_child_count else None


def _text(node: Node | None) -> str:
    data = node.text if node is not None else None
    return "" if data is None else data.decode("utf-8", "replace").removeprefix("r#").strip("$")
