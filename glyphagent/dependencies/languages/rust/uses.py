"""`use` and `extern crate` declarations, cut into one import for every name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tree_sitter import Node

from glyphagent.dependencies.facts import ImportFact
from glyphagent.dependencies.languages.rust.attributes import NONE, Attributes
from glyphagent.dependencies.languages.rust.declaring import conditioned, is_public
from glyphagent.dependencies.languages.rust.frames import Frame
from glyphagent.dependencies.languages.rust.paths import first_child, written_path

if TYPE_CHECKING:
    from glyphagent.dependencies.languages.rust.collecting import Walk

_COMMENTS = frozenset({"line_comment", "block_comment"})


def use_declaration(walk: Walk, node: Node, frame: Frame, found: Attributes = NONE) -> None:
    """Record every leaf of a `use`; inside of functions its names are known from there on."""
    argument = node.child_by_field_name("argument")
    if argument is None:
        return
    kind = "reexport" if is_public(node) else "use"
    condition = conditioned(frame, found)
    local = frame.holder == "function"
    waiting: list[tuple[Node, str]] = [(argument, "")]
    while waiting:
        each, prefix = waiting.pop()
        alias = None
        if each.type == "use_as_clause":
            alias = walk.text(each.child_by_field_name("alias")).removeprefix("r#")
            inner = each.child_by_field_name("path")
            if inner is None:
                continue
            each = inner
        if each.type == "scoped_use_list":
            path = written_path(each.child_by_field_name("path"))
            below = each.child_by_field_name("list")
            grown = _joined_path(prefix, path)
            # A path may begin in the list: `use ::{a, b}`.
            if each.child_by_field_name("path") is None:
                grown = prefix + "::" if prefix else ""
            waiting.extend(
                (child, grown) for child in reversed(below.named_children if below else [])
            )
        elif each.type == "use_list":
            waiting.extend((child, prefix) for child in reversed(each.named_children))
        elif each.type == "use_wildcard":
            path = written_path(first_child(each))
            path = _joined_path(prefix, path)
            place = walk.records.place(each)
            _imported(walk, frame, kind, path, "*", "::*", condition, place)
            if local and path:
                frame.globs = (path, *frame.globs)
        elif each.type not in _COMMENTS:
            path = written_path(each)
            if not path:
                continue
            place = walk.records.place(each.child_by_field_name("name") or each)
            path = _joined_path(prefix, path)
            if path.endswith("::self") or (path == "self" and prefix):
                path = path.removesuffix("::self")
                name = alias or path.rpartition("::")[2]
                _imported(walk, frame, kind, path, "", name, condition, place)
            else:
                before, _, last = path.rpartition("::")
                name = alias or last
                _imported(walk, frame, kind, before, last, name, condition, place)
            if local and name != "_":
                frame.know({name: path})


def _joined_path(prefix: str, path: str) -> str:
    return f"{prefix}::{path}" if prefix and path else prefix or path


def _imported(
    walk: Walk,
    frame: Frame,
    kind: str,
    module: str,
    name: str,
    alias: str,
    condition: str,
    place: tuple[int, int],
) -> None:
    """Record one leaf of a `use`: a name out of a module, or the module itself for no name."""
    names = ((name, alias),) if name else ()
    own_alias = "" if name else alias
    walk.records.imports.append(
        ImportFact(module, kind, names, own_alias, frame.scope, condition, False, *place)
    )


def extern_crate_declaration(
    walk: Walk, node: Node, frame: Frame, found: Attributes = NONE
) -> None:
    """Record an `extern crate`."""
    name_node = node.child_by_field_name("name")
    if name_node is None:
        return
    name = walk.text(name_node).removeprefix("r#")
    alias = walk.text(node.child_by_field_name("alias")) or name
    condition = conditioned(frame, found)
    line, column = walk.records.place(name_node)
    walk.records.imports.append(
        ImportFact(name, "extern", (), alias, frame.scope, condition, line=line, column=column)
    )
    if found.macro_use:
        walk.records.extra["macro_use", frame.module, alias] = None
