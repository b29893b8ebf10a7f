"""Exports and CommonJS: how names reach other files."""

from __future__ import annotations

import re

from tree_sitter import Node

from glyphagent.dependencies.facts import Chain, own
from glyphagent.dependencies.languages.scripts.annotations import type_chain
from glyphagent.dependencies.languages.scripts.classes import enter_class
from glyphagent.dependencies.languages.scripts.collector import Collector
from glyphagent.dependencies.languages.scripts.definitions import (
    enter_function,
    named,
    returned,
)
from glyphagent.dependencies.languages.scripts.docs import doc_of
from glyphagent.dependencies.languages.scripts.expressions import FUNCTIONS, chain_of, in_context
from glyphagent.dependencies.languages.scripts.modules import reexport
from glyphagent.dependencies.languages.scripts.values import CLASSES, beyond, members_of_object

# The whole of a CommonJS module, or of a TypeScript one that says `export =`.
WHOLE = "export="
_EXPORT = re.compile(r"(?:module\.)?exports\.([\w$]+)\Z")
_WHOLE = re.compile(r"module\.exports\Z")
_PROTOTYPE = re.compile(r"([\w$]+)\.prototype\Z")
_NAME = re.compile(r"[A-Za-z_$][\w$]*\Z")
_CREATED = re.compile(r"(?:Object\.create\(\s*)?([\w$.]+)\.prototype\b")


def export_statement(c: Collector, node: Node, scope: int) -> None:
    """Enter an `export` in any of its forms."""
    source = node.child_by_field_name("source")
    if source is not None:
        reexport(c, node, source)
        return
    for child in node.named_children:
        if child.type == "decorator":
            c.push(child, scope)
    declaration = node.child_by_field_name("declaration")
    words = {child.type for child in node.children}
    if declaration is not None:
        name = named(c, declaration.child_by_field_name("name"))
        if "default" in words:
            c.exports.append(("default", name or "default"))
        else:
            _mark(c, declaration)
        c.push(declaration, scope)
        return
    value = node.child_by_field_name("value")
    if value is not None:
        _export_value(c, value, node, scope, "default")
        return
    for child in node.named_children:
        if child.type == "export_clause":
            for each in child.named_children:
                if each.type == "export_specifier":
                    inner = named(c, each.child_by_field_name("name"))
                    outer = named(c, each.child_by_field_name("alias")) or inner
                    c.exports.append((outer, inner))
                    mark = each.child_by_field_name("name")
                    if mark is not None and inner:
                        c.use(scope, (inner,), "reference", mark)
        elif child.type not in ("decorator", "comment") and "namespace" not in words:
            _export_value(c, child, node, scope, WHOLE if "=" in words else "default")


def _mark(c: Collector, declaration: Node) -> None:
    """Note that a declaration, or the one inside `declare`, is exported."""
    c.exported.add(declaration.id)
    if declaration.type == "ambient_declaration":
        for child in declaration.named_children:
            c.exported.add(child.id)


def _export_value(c: Collector, value: Node, whole: Node, scope: int, name: str) -> None:
    """Enter an expression that is exported under a name, or as the whole module."""
    shown = "default" if name in ("default", WHOLE) else name
    while value.type in ("parenthesized_expression", "as_expression", "satisfies_expression"):
        for child in value.named_children[1:]:
            c.push(child, scope)
        if not value.named_children:
            return
        if value.type != "parenthesized_expression" and len(value.named_children) > 1:
            in_context(c, value.named_children[0], scope, type_chain(c, value.named_children[1]))
        value = value.named_children[0]
    if value.type == "assignment_expression":
        assignment(c, value, scope)
        value = _assigned_last(value)
        if value.type in (*FUNCTIONS, *CLASSES, "object"):
            return
    if value.type in FUNCTIONS or value.type in ("function_declaration", *CLASSES):
        own_name = value.child_by_field_name("name")
        local = named(c, own_name)
        target = local if local and name in ("default", WHOLE) else shown
        c.exports.append((name, target))
        mark = own_name or value
        if value.type in CLASSES:
            c.exported.add(value.id)
            _declare_class(c, value, whole, scope, target, mark)
        else:
            symbol = c.declare(target, "function", "", mark, whole, typed=returned(c, value))
            enter_function(c, value, scope, symbol=symbol)
        return
    if value.type == "object":
        doc = doc_of(c, whole)
        said = doc.typed if doc is not None else ()
        in_context(c, value, scope, said)
        symbol = c.declare(shown, "variable", "", value, whole, typed=said, exported=name != WHOLE)
        c.exports.append((name, shown))
        members_of_object(c, value, scope, symbol)
        return
    chain = chain_of(c, value, scope)
    if len(chain) == 1:
        c.exports.append((name, chain[0]))
    else:
        c.declare(shown, "variable", "", value, whole, value=chain, exported=name != WHOLE)
        c.exports.append((name, shown))


def _declare_class(
    c: Collector, value: Node, whole: Node, scope: int, name: str, mark: Node
) -> None:
    if mark is not value:
        enter_class(c, value, scope, name_node=mark, whole=whole)
        return
    enter_class(c, value, scope, name_node=None, whole=whole, name=name)


def assignment_statement(c: Collector, node: Node, scope: int) -> None:
    """Enter an assignment; other expression statements go on to the walk."""
    for child in node.named_children:
        if child.type == "assignment_expression":
            assignment(c, child, scope)
        else:
            c.push(child, scope)


def assignment(c: Collector, node: Node, scope: int) -> None:
    """Enter an assignment: CommonJS exports, prototypes, properties of functions and objects."""
    targets: list[Node] = []
    value: Node | None = node
    while value is not None and value.type == "assignment_expression":
        left = value.child_by_field_name("left")
        if left is not None:
            targets.append(left)
        value = value.child_by_field_name("right")
    top = c.containers[scope] == ""
    for target in targets:
        if target.type == "member_expression" and target.named_children:
            held = target.named_children[0]
            if held.type != "identifier" or held.text not in (b"module", b"exports"):
                chain_of(c, target, scope)
        elif target.type != "identifier":
            c.push(target, scope)
    if value is None:
        return
    lazily = not top and c.scopes[c.homes[scope]].parent > 0
    texts = [c.text(target) for target in targets]
    exported = [(text, _EXPORT.match(text)) for text in texts]
    whole = any(_WHOLE.match(text) for text in texts)
    if lazily or not (whole or any(match for _, match in exported)):
        _assign_member(c, node, targets, texts, value, scope, top=top)
        return
    local = next((text for text in texts if _NAME.match(text) and text != "exports"), None)
    names = [match.group(1) for _, match in exported if match]
    if local is not None:
        # `app = module.exports = {}` gives both names one thing, which has the local name.
        for name in names:
            c.exports.append((name, local))
        if whole:
            c.exports.append((WHOLE, local))
        _assign_member(c, node, targets, texts, value, scope, top=top)
        return
    if whole:
        _export_value(c, value, node, scope, WHOLE)
        for name in names:
            c.exports.append((name, dict(c.exports).get(WHOLE, "default")))
        return
    first = names[0]
    target = next(each for each, (_, match) in zip(targets, exported, strict=True) if match)
    _export_member(c, value, node, target, scope, first)
    for name in names[1:]:
        c.exports.append((name, dict(c.exports).get(first, first)))


def _export_member(
    c: Collector, value: Node, whole: Node, target: Node, scope: int, name: str
) -> None:
    """Enter `exports.name = value`."""
    mark = target.child_by_field_name("property") or target
    held = dict(c.exports).get(WHOLE)
    if held is not None and value.type not in ("unary_expression", "undefined"):
        # What the whole module is has it as a member, too.
        c.declare(name, "field", held, mark, whole, value=(beyond(f"export:{name}"),))
    if value.type in FUNCTIONS:
        symbol = c.declare(name, "function", "", mark, whole, typed=returned(c, value))
        enter_function(c, value, scope, symbol=symbol)
        c.exports.append((name, name))
        return
    if value.type in CLASSES:
        enter_class(c, value, scope, name_node=mark, whole=whole)
        c.exports.append((name, name))
        return
    if value.type == "object":
        symbol = c.declare(name, "variable", "", mark, whole)
        members_of_object(c, value, scope, symbol)
        c.exports.append((name, name))
        return
    chain = chain_of(c, value, scope)
    if value.type in ("unary_expression", "undefined"):
        # `exports.a = exports.b = void 0` only announces names.
        return
    if len(chain) == 1:
        c.exports.append((name, chain[0]))
        return
    c.declare(name, "variable", "", mark, whole, value=chain)
    c.exports.append((name, name))


def _assign_member(
    c: Collector,
    whole: Node,
    targets: list[Node],
    texts: list[str],
    value: Node,
    scope: int,
    *,
    top: bool,
) -> None:
    """Enter what an assignment gives to a property: of a prototype, a function, an object."""
    target = targets[0] if targets else None
    held = target.child_by_field_name("object") if target is not None else None
    if target is not None and held is not None and target.type == "member_expression":
        if held.type == "this":
            _field(c, whole, target, value, scope)
            return
        local = c.objects.get((c.homes[scope], c.text(held)))
        if local is not None and not top:
            _member(c, whole, target, value, scope, local)
            return
    if target is None or not top or target.type != "member_expression":
        prototype = _prototype(texts, top=top)
        if prototype is not None and value.type == "object":
            c.prototypes.add(prototype)
            members_of_object(c, value, scope, prototype)
        elif target is not None and target.type == "identifier" and len(targets) > 1 and top:
            _settle(c, target, whole, value, scope)
        else:
            chain_of(c, value, scope)
        return
    holder = target.child_by_field_name("object")
    key = target.child_by_field_name("property")
    name, owner = c.text(key), c.text(holder)
    if name in ("prototype", "__proto__"):
        _inherit(c, owner.removesuffix(".prototype"), value, scope)
        return
    found = _PROTOTYPE.match(owner)
    parent = found.group(1) if found else owner
    if found:
        c.prototypes.add(parent)
    if key is None or not _NAME.match(parent) or parent in ("this", "window", "globalThis"):
        chain_of(c, value, scope)
        return
    if value.type in FUNCTIONS:
        symbol = c.declare(name, "method", parent, key, whole, typed=returned(c, value))
        c.this[value.id] = ((own(parent),), ()) if found else ((), (own(parent),))
        enter_function(c, value, scope, symbol=symbol)
    elif value.type == "object":
        symbol = c.declare(name, "field", parent, key, whole)
        members_of_object(c, value, scope, symbol)
    else:
        chain = chain_of(c, value, scope)
        c.declare(name, "field", parent, key, whole, value=chain)


def _field(c: Collector, whole: Node, target: Node, value: Node, scope: int) -> None:
    """Enter `this.name = value` as a field, or method, of what `this` is."""
    owner = c.this_at(scope)
    key = target.child_by_field_name("property")
    if len(owner) != 1 or owner[0][:1] != "@" or key is None:
        chain_of(c, value, scope)
        return
    parent = owner[0][1:]
    if value.type in FUNCTIONS:
        _member(c, whole, target, value, scope, parent)
        return
    doc = doc_of(c, whole)
    c.fields.append(
        (parent, key, whole, scope, doc.typed if doc is not None else (), chain_of(c, value, scope))
    )


def _member(c: Collector, whole: Node, target: Node, value: Node, scope: int, parent: str) -> None:
    """Declare what a property is given."""
    key = target.child_by_field_name("property") or target
    name = c.text(key)
    if value.type in FUNCTIONS:
        symbol = c.declare(name, "method", parent, key, whole, typed=returned(c, value))
        c.this[value.id] = ((own(parent),), ())
        enter_function(c, value, scope, symbol=symbol)
        return
    chain = chain_of(c, value, scope)
    if not chain or chain[0] != name:
        c.declare(name, "field", parent, key, whole, value=chain)


def _prototype(texts: list[str], *, top: bool) -> str | None:
    """Name of the function whose prototype is assigned to as a whole."""
    for text in texts:
        found = _PROTOTYPE.match(text)
        if found and top:
            return found.group(1)
    return None


def _settle(c: Collector, target: Node, whole: Node, value: Node, scope: int) -> None:
    """Enter `name = exports = module.exports = value` for a name that exists already."""
    name = c.text(target)
    if value.type == "object":
        members_of_object(c, value, scope, name)
    elif value.type in FUNCTIONS:
        symbol = c.declare(name, "function", "", target, whole, typed=returned(c, value))
        enter_function(c, value, scope, symbol=symbol)
    else:
        c.declare(name, "variable", "", target, whole, value=chain_of(c, value, scope))


def _inherit(c: Collector, name: str, value: Node, scope: int) -> None:
    """Enter `A.prototype = Object.create(B.prototype)` and its kin, or an object of methods."""
    if value.type == "object" and _NAME.match(name):
        c.prototypes.add(name)
        members_of_object(c, value, scope, name)
        return
    found = _CREATED.match(c.text(value)[:200])
    chain: Chain = tuple(found.group(1).split(".")) if found else ()
    if not chain and value.type == "new_expression":
        chain = type_chain(c, value.child_by_field_name("constructor"))
    if chain and _NAME.match(name):
        c.inherited.setdefault(name, []).append(chain)
    c.push(value, scope)


def _assigned_last(node: Node) -> Node:
    while node.type == "assignment_expression":
        right = node.child_by_field_name("right")
        if right is None:
            return node
        node = right
    return node
