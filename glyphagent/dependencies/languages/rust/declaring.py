"""What items of all kinds share: their declaration, their condition, their type parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tree_sitter import Node

from glyphagent.dependencies.facts import Chain, Declaration
from glyphagent.dependencies.languages.rust.attributes import Attributes, joined
from glyphagent.dependencies.languages.rust.frames import Frame
from glyphagent.dependencies.languages.rust.written_types import bound_chain

if TYPE_CHECKING:
    from glyphagent.dependencies.languages.rust.collecting import Walk

# What is known of a type parameter of which nothing is known.
_NOTHING = ""


def both(outer: str, inner: str) -> str:
    """A condition that holds where two hold."""
    return joined([outer, inner])


def conditioned(frame: Frame, found: Attributes) -> str:
    """Condition of an item at a place."""
    return both(frame.condition, found.condition) if found.condition else frame.condition


def declare(
    walk: Walk,
    name_node: Node | None,
    node: Node,
    frame: Frame,
    kind: str,
    *,
    bases: tuple[Chain, ...] = (),
    type_: Chain = (),
    value: Chain = (),
    static: bool = False,
    exported: bool | None = None,
) -> str:
    """Record a declaration and give its qualified name."""
    name = walk.text(name_node).removeprefix("r#")
    if not name or name_node is None:
        return frame.owner
    qualified = f"{frame.owner}.{name}" if frame.owner else name
    if kind == "macro":
        qualified += "!"
    if exported is None:
        exported = frame.holder == "trait" or is_public(node)
    line, column = walk.records.place(name_node)
    end = node.end_point[0] + (1 if node.end_point[1] or node.end_point[0] == 0 else 0)
    walk.records.declarations.append(
        Declaration(
            name,
            qualified,
            kind,
            frame.owner,
            bases=bases,
            type=type_,
            value=value,
            static=static,
            exported=exported,
            line=line,
            column=column,
            line_end=max(line, end),
        )
    )
    return qualified


def is_public(node: Node) -> bool:
    """Whether an item begins with `pub`, of any reach."""
    return any(child.type == "visibility_modifier" for child in node.named_children[:2])


def know_parameters(walk: Walk, node: Node, frame: Frame) -> tuple[str, ...]:
    """Make type parameters known, as the first trait that they must have; give their names."""
    known: dict[str, str] = {}
    parameters = node.child_by_field_name("type_parameters")
    bounds: list[tuple[str, list[Node]]] = []
    for each in parameters.named_children if parameters is not None else ():
        name = walk.text(each.child_by_field_name("name"))
        if each.type == "type_parameter":
            known[name] = _NOTHING
            bound = each.child_by_field_name("bounds")
            bounds.append((name, bound.named_children if bound is not None else []))
    for clause in (each for each in node.named_children if each.type == "where_clause"):
        for each in clause.named_children:
            left, bound = each.child_by_field_name("left"), each.child_by_field_name("bounds")
            if left is not None and bound is not None and left.type == "type_identifier":
                bounds.append((walk.text(left), bound.named_children))
    for name, nodes in bounds:
        if name in known and not known[name]:
            chain = bound_chain(nodes, frame, walk.own_names)
            if chain:
                known[name] = _known_head(chain)
    if known:
        frame.know(known)
    return tuple(known)


def _known_head(chain: Chain) -> str:
    """What `Frame.names` says of something that stands for a type's chain."""
    first = chain[0]
    return first if first[0] == "@" else first.partition("|")[2].partition("|")[0]


def last_part(node: Node) -> Node:
    """The name at the end of a path or type."""
    for _ in range(8):
        inner = node.child_by_field_name("name") or node.child_by_field_name("type")
        if inner is None:
            return node
        node = inner
    return node
