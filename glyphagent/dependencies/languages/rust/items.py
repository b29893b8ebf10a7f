"""Items of a Rust file: modules, imports, types, functions, implementations, macros."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tree_sitter import Node

from glyphagent.dependencies.facts import Declaration, ImportFact, own
from glyphagent.dependencies.languages.rust.attributes import NONE, Attributes, attributes
from glyphagent.dependencies.languages.rust.bodies import expression_chain
from glyphagent.dependencies.languages.rust.declaring import (
    conditioned,
    declare,
    is_public,
    know_parameters,
    last_part,
)
from glyphagent.dependencies.languages.rust.frames import OPEN, Frame
from glyphagent.dependencies.languages.rust.functions import function, implementation, trait
from glyphagent.dependencies.languages.rust.paths import TYPE, written_path
from glyphagent.dependencies.languages.rust.uses import (
    extern_crate_declaration,
    use_declaration,
)
from glyphagent.dependencies.languages.rust.written_types import type_chain

if TYPE_CHECKING:
    from glyphagent.dependencies.languages.rust.collecting import Walk

_COMMENTS = frozenset({"line_comment", "block_comment"})
_SILENT = frozenset({"inner_attribute_item", "empty_statement"})
_TYPES = {"struct_item": "class", "union_item": "class", "enum_item": "enum"}


def walk_items(walk: Walk, nodes: list[Node], frame: Frame) -> None:
    """Walk a list of items with their attributes; statements among them are walked as such."""
    waiting: list[str] = []
    others: list[Node] = []
    for node in nodes:
        if node.type == "attribute_item":
            text = walk.text(node)
            waiting.append(text)
            if "include_str" in text:
                walk.push(node, frame)
            continue
        if node.type in _COMMENTS:
            continue
        handler = _ITEMS.get(node.type)
        if handler is not None:
            handler(walk, node, frame, attributes(waiting))
        elif node.type not in _SILENT or b"include" in walk.data[node.start_byte : node.end_byte]:
            others.append(node)
        waiting = []
    walk.push_all(others, frame)


def _module(walk: Walk, node: Node, frame: Frame, found: Attributes = NONE) -> None:
    name_node = node.child_by_field_name("name")
    if name_node is None:
        return
    name = walk.text(name_node).removeprefix("r#")
    body = node.child_by_field_name("body")
    condition = conditioned(frame, found)
    if found.macro_use:
        walk.records.extra["macro_use", frame.module, name] = None
    if body is None:
        line, column = walk.records.place(name_node)
        kind = "pub mod" if is_public(node) else "mod"
        paths = found.paths
        walk.records.imports.append(
            ImportFact(name, kind, paths, name, frame.scope, condition, line=line, column=column)
        )
        return
    if found.paths:
        walk.records.extra["path", frame.module, name, found.paths[0][0]] = None
    qualified = declare(walk, name_node, node, frame, "namespace")
    scope = walk.records.scope(frame.scope, "module", qualified)
    walk.records.extra["module", scope, qualified] = None
    inner = Frame(scope, qualified, qualified, condition=condition, macro=frame.macro)
    walk_items(walk, body.named_children, inner)


def _type(walk: Walk, node: Node, frame: Frame, found: Attributes = NONE) -> None:
    inner = frame.copy()
    parameters = know_parameters(walk, node, inner)
    name = node.child_by_field_name("name")
    qualified = declare(walk, name, node, frame, _TYPES[node.type])
    # What a parameter must have is often said by the implementations alone.
    walk.records.parameters[qualified] = parameters
    inner.know({each: f"{OPEN}{qualified}.{each}" for each in parameters if not inner.known(each)})
    inner.owner, inner.holder = qualified, "type"
    inner.self_type = own(qualified)
    body = node.child_by_field_name("body")
    walk.push(node.child_by_field_name("type_parameters"), inner)
    walk.push_all([each for each in node.named_children if each.type == "where_clause"], inner)
    if body is None:
        return
    if body.type == "enum_variant_list":
        for variant in body.named_children:
            if variant.type == "enum_variant":
                _variant(walk, variant, inner)
    else:
        _fields(walk, body, inner)


def _variant(walk: Walk, node: Node, frame: Frame) -> None:
    name = node.child_by_field_name("name")
    bases = ((frame.self_type,),)
    qualified = declare(walk, name, node, frame, "class", bases=bases, static=True, exported=True)
    inner = frame.copy()
    inner.owner = qualified
    body = node.child_by_field_name("body")
    if body is not None:
        _fields(walk, body, inner)
    walk.push(node.child_by_field_name("value"), frame)


def _fields(walk: Walk, body: Node, frame: Frame) -> None:
    """Declare named fields, or numbered ones."""
    if body.type == "ordered_field_declaration_list":
        for number, node in enumerate(body.children_by_field_name("type")):
            chain = type_chain(node, frame, walk.own_names)
            line, column = walk.records.place(node)
            qualified = f"{frame.owner}.{number}"
            walk.records.declarations.append(
                Declaration(
                    str(number),
                    qualified,
                    "field",
                    frame.owner,
                    type=chain,
                    line=line,
                    column=column,
                    line_end=node.end_point[0] + 1,
                )
            )
            walk.push(node, frame)
        return
    for node in body.named_children:
        if node.type == "field_declaration":
            written = node.child_by_field_name("type")
            chain = type_chain(written, frame, walk.own_names)
            declare(walk, node.child_by_field_name("name"), node, frame, "field", type_=chain)
            walk.push(written, frame)


def _alias(walk: Walk, node: Node, frame: Frame, found: Attributes = NONE) -> None:
    inner = frame.copy()
    know_parameters(walk, node, inner)
    written = node.child_by_field_name("type")
    chain = type_chain(written, inner, walk.own_names)
    declare(walk, node.child_by_field_name("name"), node, frame, "type", type_=chain)
    walk.push(written, inner)


def _constant(walk: Walk, node: Node, frame: Frame, found: Attributes = NONE) -> None:
    written, value = node.child_by_field_name("type"), node.child_by_field_name("value")
    chain = type_chain(written, frame, walk.own_names)
    kind = "constant" if node.type == "const_item" else "variable"
    name = node.child_by_field_name("name")
    held = () if chain or value is None else expression_chain(walk, value, frame)
    declare(walk, name, node, frame, kind, type_=chain, value=held, static=True)
    walk.push(value, frame)
    walk.push(written, frame)


def _macro_definition(walk: Walk, node: Node, frame: Frame, found: Attributes = NONE) -> None:
    name = node.child_by_field_name("name")
    declare(walk, name, node, frame, "macro", exported=found.macro_export)
    inner = frame.copy()
    inner.condition = conditioned(frame, found)
    walk.macro_rules(node, inner)


def _foreign(walk: Walk, node: Node, frame: Frame, found: Attributes = NONE) -> None:
    body = node.child_by_field_name("body")
    walk_items(walk, body.named_children if body is not None else [], frame)


_ITEMS: dict[str, Callable[[Walk, Node, Frame, Attributes], None]] = {
    "mod_item": _module,
    "use_declaration": use_declaration,
    "extern_crate_declaration": extern_crate_declaration,
    "struct_item": _type,
    "union_item": _type,
    "enum_item": _type,
    "type_item": _alias,
    "associated_type": _alias,
    "const_item": _constant,
    "static_item": _constant,
    "function_item": function,
    "function_signature_item": function,
    "trait_item": trait,
    "impl_item": implementation,
    "macro_definition": _macro_definition,
    "foreign_mod_item": _foreign,
}
_NAMED_ITEMS = frozenset(_ITEMS) - {
    *("use_declaration", "extern_crate_declaration", "impl_item", "macro_definition"),
    *("foreign_mod_item", "mod_item"),
}


def _use_of_type(walk: Walk, node: Node, frame: Frame) -> None:
    path = written_path(node)
    chain = frame.head(path, TYPE) if path else ()
    if chain and ("|" in chain[0] or len(chain) > 1):
        walk.records.use(frame, chain, "reference", walk.records.place(last_part(node)))


def _attribute(walk: Walk, node: Node, frame: Frame) -> None:
    """Only `#[doc = include_str!("...")]` leads anywhere."""
    walk.push_all(_macro_calls(node), frame)


def _macro_calls(node: Node) -> list[Node]:
    found, waiting = [], [node]
    while waiting:
        each = waiting.pop()
        if each.type == "macro_invocation":
            found.append(each)
        else:
            waiting.extend(each.named_children)
    return found


def _any_item(walk: Walk, node: Node, frame: Frame) -> None:
    """An item among statements or in text that does not parse, its attributes unknown."""
    _ITEMS[node.type](walk, node, frame, NONE)


def _ignored(walk: Walk, node: Node, frame: Frame) -> None:
    """Nothing in here names anything."""


def _block(walk: Walk, node: Node, frame: Frame) -> None:
    """A block: its items are known in all of it, its variables from where they are bound."""
    inner = frame.copy()
    statements = node.named_children
    known = {}
    for each in statements:
        if each.type in _NAMED_ITEMS:
            name = walk.text(each.child_by_field_name("name")).removeprefix("r#")
            known[name] = own(f"{frame.owner}.{name}" if frame.owner else name)
    if known:
        inner.know(known)
    walk_items(walk, statements, inner)


HANDLERS: dict[str, Callable[[Walk, Node, Frame], None]] = {
    **dict.fromkeys(_ITEMS, _any_item),
    "block": _block,
    "type_identifier": _use_of_type,
    "scoped_type_identifier": _use_of_type,
    "attribute_item": _attribute,
    "inner_attribute_item": _attribute,
    "lifetime": _ignored,
    "label": _ignored,
    "visibility_modifier": _ignored,
    "line_comment": _ignored,
    "block_comment": _ignored,
    "string_literal": _ignored,
}
