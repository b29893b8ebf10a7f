"""Items of a Rust file: modules, imports, types, functions, implementations, macros."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tree_sitter import Node

from glyphagent.dependencies.facts import SELF, Chain, Declaration, ImportFact, own
from glyphagent.dependencies.languages.rust.attributes import NONE, Attributes, attributes, joined
from glyphagent.dependencies.languages.rust.bodies import bind_pattern, expression_chain
from glyphagent.dependencies.languages.rust.frames import Frame
from glyphagent.dependencies.languages.rust.paths import TYPE, first_child, last_name, written_path
from glyphagent.dependencies.languages.rust.written_types import bound_chain, type_chain

if TYPE_CHECKING:
    from glyphagent.dependencies.languages.rust.collecting import Walk

_COMMENTS = frozenset({"line_comment", "block_comment"})
_TYPES = {"struct_item": "class", "union_item": "class", "enum_item": "enum"}
# Names that a type parameter has where nothing is known of it.
_NOTHING = ""
# Signatures have fewer nodes than this, or are machine-made.
_MOST_NODES = 400


def both(outer: str, inner: str) -> str:
    """A condition that holds where two hold."""
    return joined([outer, inner])


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
        elif node.type not in ("inner_attribute_item", "empty_statement"):
            others.append(node)
        elif b"include_str" in walk.data[node.start_byte : node.end_byte]:
            others.append(node)
        waiting = []
    walk.push_all(others, frame)


def conditioned(frame: Frame, found: Attributes) -> str:
    """Condition of an item at a place."""
    return both(frame.condition, found.condition) if found.condition else frame.condition


def _declare(
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
        exported = frame.holder == "trait" or _is_public(node)
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


def _is_public(node: Node) -> bool:
    return any(child.type == "visibility_modifier" for child in node.named_children[:2])


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
        kind = "pub mod" if _is_public(node) else "mod"
        paths = found.paths
        walk.records.imports.append(
            ImportFact(name, kind, paths, name, frame.scope, condition, line=line, column=column)
        )
        return
    if found.paths:
        walk.records.extra["path", frame.module, name, found.paths[0][0]] = None
    qualified = _declare(walk, name_node, node, frame, "namespace")
    scope = walk.records.scope(frame.scope, "module", qualified)
    walk.records.extra["module", scope, qualified] = None
    inner = Frame(scope, qualified, qualified, condition=condition, macro=frame.macro)
    walk_items(walk, body.named_children, inner)


def _use(walk: Walk, node: Node, frame: Frame, found: Attributes = NONE) -> None:
    argument = node.child_by_field_name("argument")
    if argument is None:
        return
    kind = "reexport" if _is_public(node) else "use"
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
            waiting.extend((child, grown) for child in reversed(below.named_children if below else []))
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
            if path.endswith("::self") or path == "self" and prefix:
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


def _extern_crate(walk: Walk, node: Node, frame: Frame, found: Attributes = NONE) -> None:
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


def _type(walk: Walk, node: Node, frame: Frame, found: Attributes = NONE) -> None:
    inner = frame.copy()
    _know_parameters(walk, node, inner)
    name = node.child_by_field_name("name")
    qualified = _declare(walk, name, node, frame, _TYPES[node.type])
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
    qualified = _declare(walk, name, node, frame, "class", bases=bases, static=True, exported=True)
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
            _declare(walk, node.child_by_field_name("name"), node, frame, "field", type_=chain)
            walk.push(written, frame)


def _know_parameters(walk: Walk, node: Node, frame: Frame) -> None:
    """Make type parameters known, as the first trait that they must have."""
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


def _known_head(chain: Chain) -> str:
    """What `Frame.names` says of something that stands for a type's chain."""
    first = chain[0]
    return first if first[0] == "@" else first.partition("|")[2].partition("|")[0]


def _alias(walk: Walk, node: Node, frame: Frame, found: Attributes = NONE) -> None:
    inner = frame.copy()
    _know_parameters(walk, node, inner)
    written = node.child_by_field_name("type")
    chain = type_chain(written, inner, walk.own_names)
    if chain and written is not None and written.type == "generic_type":
        last = written_path(written).rpartition("::")[2]
        # An alias such as `type Result<T> = ...` is taken off where it is used.
        chain = chain if last_name(chain[0]) == last else chain
    _declare(walk, node.child_by_field_name("name"), node, frame, "type", type_=chain)
    walk.push(written, inner)


def _constant(walk: Walk, node: Node, frame: Frame, found: Attributes = NONE) -> None:
    written, value = node.child_by_field_name("type"), node.child_by_field_name("value")
    chain = type_chain(written, frame, walk.own_names)
    kind = "constant" if node.type == "const_item" else "variable"
    name = node.child_by_field_name("name")
    held = () if chain or value is None else expression_chain(walk, value, frame)
    _declare(walk, name, node, frame, kind, type_=chain, value=held, static=True)
    walk.push(value, frame)
    walk.push(written, frame)


def _function(walk: Walk, node: Node, frame: Frame, found: Attributes = NONE) -> None:
    inner = frame.copy()
    inner.condition = conditioned(frame, found)
    inner.variables, inner.globs = None, frame.globs if frame.holder == "function" else ()
    _know_parameters(walk, node, inner)
    member = frame.holder in ("impl", "trait")
    written = node.child_by_field_name("return_type")
    result = type_chain(written, inner, walk.own_names)
    if frame.holder == "trait" and result == (frame.self_type,):
        result = SELF
    parameters = node.child_by_field_name("parameters")
    given = parameters.named_children if parameters is not None else []
    receiver = next((each for each in given if each.type == "self_parameter"), None)
    qualified = _declare(
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


def _trait(walk: Walk, node: Node, frame: Frame, found: Attributes = NONE) -> None:
    inner = frame.copy()
    inner.condition = conditioned(frame, found)
    _know_parameters(walk, node, inner)
    bounds = node.child_by_field_name("bounds")
    bases = []
    for each in bounds.named_children if bounds is not None else ():
        path = written_path(each) if each.type != "lifetime" else ""
        chain = inner.type_head(path) if path else ()
        if chain:
            bases.append(chain)
            walk.records.use(inner, chain, "inherit", walk.records.place(each))
    name = node.child_by_field_name("name")
    qualified = _declare(walk, name, node, frame, "interface", bases=tuple(bases))
    inner.owner, inner.holder, inner.self_type = qualified, "trait", own(qualified)
    body = node.child_by_field_name("body")
    walk_items(walk, body.named_children if body is not None else [], inner)


def _implementation(walk: Walk, node: Node, frame: Frame, found: Attributes = NONE) -> None:
    inner = frame.copy()
    inner.condition = conditioned(frame, found)
    _know_parameters(walk, node, inner)
    written, trait = node.child_by_field_name("type"), node.child_by_field_name("trait")
    path = written_path(written)
    type_head = inner.type_head(path) if path else ()
    generic = inner.names is not None and path in inner.names and inner.names[path][:1] != "@"
    trait_head = inner.type_head(written_path(trait)) if trait is not None else ()
    if trait is not None and trait_head:
        walk.records.use(inner, trait_head, "inherit", walk.records.place(_last(trait)))
    inner.self_type = path
    if type_head and type_head[0][0] == "@":
        owner = ".".join((type_head[0][1:], *type_head[1:]))
        inner.self_type = type_head[0]
    else:
        name = path.rpartition("::")[2] or written_path(trait).rpartition("::")[2] or "impl"
        owner = f"{frame.owner}.{name}" if frame.owner else name
        if generic:
            inner.self_type = path
    if trait_head and not generic and "::" not in path:
        walk.records.bases.setdefault(owner, []).append(trait_head)
    first = "" if generic or not type_head else type_head[0]
    walk.records.extra["impl", owner, first, trait_head[0] if trait_head else ""] = None
    inner.owner, inner.holder = owner, "impl"
    body = node.child_by_field_name("body")
    walk_items(walk, body.named_children if body is not None else [], inner)
    walk.push(written, inner)
    arguments = trait.child_by_field_name("type_arguments") if trait is not None else None
    walk.push(arguments, inner)
    walk.push(node.child_by_field_name("type_parameters"), inner)
    walk.push_all([each for each in node.named_children if each.type == "where_clause"], inner)


def _last(node: Node) -> Node:
    """The name at the end of a path or type."""
    for _ in range(8):
        inner = node.child_by_field_name("name") or node.child_by_field_name("type")
        if inner is None:
            return node
        node = inner
    return node


def _macro_definition(walk: Walk, node: Node, frame: Frame, found: Attributes = NONE) -> None:
    name = node.child_by_field_name("name")
    _declare(walk, name, node, frame, "macro", exported=found.macro_export)
    inner = frame.copy()
    inner.condition = conditioned(frame, found)
    walk.macro_rules(node, inner)


def _foreign(walk: Walk, node: Node, frame: Frame, found: Attributes = NONE) -> None:
    body = node.child_by_field_name("body")
    walk_items(walk, body.named_children if body is not None else [], frame)


_ITEMS: dict[str, Callable[[Walk, Node, Frame, Attributes], None]] = {
    "mod_item": _module,
    "use_declaration": _use,
    "extern_crate_declaration": _extern_crate,
    "struct_item": _type,
    "union_item": _type,
    "enum_item": _type,
    "type_item": _alias,
    "associated_type": _alias,
    "const_item": _constant,
    "static_item": _constant,
    "function_item": _function,
    "function_signature_item": _function,
    "trait_item": _trait,
    "impl_item": _implementation,
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
        walk.records.use(frame, chain, "reference", walk.records.place(_last(node)))


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
