"""Functions, and what holds methods: traits and implementations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tree_sitter import Node

from glyphagent.dependencies.facts import SELF, Chain, own
from glyphagent.dependencies.languages.rust.attributes import NONE, Attributes
from glyphagent.dependencies.languages.rust.bodies import bind_pattern
from glyphagent.dependencies.languages.rust.declaring import (
    conditioned,
    declare,
    know_parameters,
    last_part,
)
from glyphagent.dependencies.languages.rust.frames import Frame
from glyphagent.dependencies.languages.rust.paths import written_path
from glyphagent.dependencies.languages.rust.written_types import type_chain

if TYPE_CHECKING:
    from glyphagent.dependencies.languages.rust.collecting import Walk

# Signatures have fewer nodes than this, or are machine-made.
_MOST_NODES = 400


def function(walk: Walk, node: Node, frame: Frame, found: Attributes = NONE) -> None:
    """Record a function or method: its result, its receiver, its parameters, its body."""
    inner = frame.copy()
    inner.condition = conditioned(frame, found)
    inner.variables, inner.globs = None, frame.globs if frame.holder == "function" else ()
    know_parameters(walk, node, inner)
    member = frame.holder in ("impl", "trait")
    written = node.child_by_field_name("return_type")
    result = type_chain(written, inner, walk.own_names)
    if frame.holder == "trait" and result == (frame.self_type,):
        result = SELF
    parameters = node.child_by_field_name("parameters")
    given = parameters.named_children if parameters is not None else []
    receiver = next((each for each in given if each.type == "self_parameter"), None)
    qualified = declare(
        *(walk, node.child_by_field_name("name"), node, frame),
        "method" if member else "function",
        type_=result,
        static=member and receiver is None and not _takes_self(walk, given),
    )
    closures = _closure_parameters(walk, node, inner)
    if closures:
        walk.records.extra["closure", qualified, closures] = None
    inner.scope = walk.records.scope(frame.scope, "function", qualified)
    inner.owner, inner.holder = qualified, "function"
    if receiver is not None:
        own_type = inner.type_head(frame.self_type) if frame.self_type[:1] != "@" else ()
        self_chain = own_type or ((frame.self_type,) if frame.self_type else ())
        walk.records.bind(inner, "self", self_chain, ())
    for each in given:
        if each.type == "parameter":
            kind = each.child_by_field_name("type")
            chain = type_chain(kind, inner, walk.own_names)
            bind_pattern(walk, each.child_by_field_name("pattern"), inner, chain, ())
            walk.push(kind, inner)
    walk.push(node.child_by_field_name("body"), inner)
    walk.push(written, inner)
    walk.push(node.child_by_field_name("type_parameters"), inner)
    walk.push_all([each for each in node.named_children if each.type == "where_clause"], inner)


def _closure_parameters(walk: Walk, node: Node, frame: Frame) -> tuple[Chain, ...]:
    """Types of what a function gives to a closure that it takes: its first `Fn(...)` bound."""
    waiting = [
        each
        for each in (
            node.child_by_field_name("type_parameters"),
            node.child_by_field_name("parameters"),
            *(clause for clause in node.named_children if clause.type == "where_clause"),
        )
        if each is not None
    ]
    waiting.reverse()
    for _ in range(_MOST_NODES):
        if not waiting:
            break
        each = waiting.pop()
        if each.type == "function_type" and each.child_by_field_name("trait") is not None:
            given = each.child_by_field_name("parameters")
            kinds = given.named_children if given is not None else []
            return tuple(type_chain(kind, frame, walk.own_names) for kind in kinds)
        waiting.extend(reversed(each.named_children))
    return ()


def _takes_self(walk: Walk, given: list[Node]) -> bool:
    return bool(given) and walk.text(given[0].child_by_field_name("pattern")) == "self"


def trait(walk: Walk, node: Node, frame: Frame, found: Attributes = NONE) -> None:
    """Record a trait, what it stands on, and its methods."""
    inner = frame.copy()
    inner.condition = conditioned(frame, found)
    know_parameters(walk, node, inner)
    bounds = node.child_by_field_name("bounds")
    bases = []
    for each in bounds.named_children if bounds is not None else ():
        path = written_path(each) if each.type != "lifetime" else ""
        chain = inner.type_head(path) if path else ()
        if chain:
            bases.append(chain)
            walk.records.use(inner, chain, "inherit", walk.records.place(each))
    name = node.child_by_field_name("name")
    qualified = declare(walk, name, node, frame, "interface", bases=tuple(bases))
    inner.owner, inner.holder, inner.self_type = qualified, "trait", own(qualified)
    body = node.child_by_field_name("body")
    walk.walk_items(body.named_children if body is not None else [], inner)


def implementation(walk: Walk, node: Node, frame: Frame, found: Attributes = NONE) -> None:
    """Record what an implementation gives to which type, and for which trait."""
    inner = frame.copy()
    inner.condition = conditioned(frame, found)
    know_parameters(walk, node, inner)
    written, trait = node.child_by_field_name("type"), node.child_by_field_name("trait")
    path = written_path(written)
    type_head = inner.type_head(path) if path else ()
    generic = inner.names is not None and path in inner.names and inner.names[path][:1] != "@"
    trait_head = inner.type_head(written_path(trait)) if trait is not None else ()
    inner.self_type = path
    if type_head and type_head[0][0] == "@":
        owner = ".".join((type_head[0][1:], *type_head[1:]))
        inner.self_type = type_head[0]
    else:
        name = path.rpartition("::")[2] or written_path(trait).rpartition("::")[2] or "impl"
        owner = f"{frame.owner}.{name}" if frame.owner else name
        if generic:
            inner.self_type = path
    if trait is not None and trait_head:
        heir = inner.copy()
        if not generic and "::" not in path:
            heir.scope = walk.records.scope(inner.scope, "class", owner)
        walk.records.use(heir, trait_head, "inherit", walk.records.place(last_part(trait)))
    if trait_head and not generic and "::" not in path:
        walk.records.bases.setdefault(owner, []).append(trait_head)
    _note_bounds(walk, written, inner, owner)
    first = "" if generic or not type_head else type_head[0]
    walk.records.extra["impl", owner, first, trait_head[0] if trait_head else ""] = None
    inner.owner, inner.holder = owner, "impl"
    body = node.child_by_field_name("body")
    walk.walk_items(body.named_children if body is not None else [], inner)
    walk.push(written, inner)
    arguments = trait.child_by_field_name("type_arguments") if trait is not None else None
    walk.push(arguments, inner)
    walk.push(node.child_by_field_name("type_parameters"), inner)
    walk.push_all([each for each in node.named_children if each.type == "where_clause"], inner)


def _note_bounds(walk: Walk, written: Node | None, frame: Frame, owner: str) -> None:
    """Note what an implementation says of the parameters of its type."""
    arguments = written.child_by_field_name("type_arguments") if written is not None else None
    kinds = (
        [each for each in arguments.named_children if each.type != "lifetime"] if arguments else []
    )
    for index, each in enumerate(kinds):
        if each.type == "type_identifier" and frame.known(walk.text(each)):
            bound = frame.type_head(walk.text(each))
            walk.records.bounds.setdefault((owner, index), bound)
