"""Namespaces, ambient declarations and aliases of TypeScript."""

from __future__ import annotations

from tree_sitter import Node

from glyphagent.dependencies.languages.scripts.annotations import type_chain
from glyphagent.dependencies.languages.scripts.collector import Collector
from glyphagent.dependencies.languages.scripts.modules import literal, record
from glyphagent.dependencies.syntax import qualify


def namespace(c: Collector, node: Node, scope: int) -> None:
    """Declare a namespace and what is in it; enter an augmented module's name as an import."""
    name_node = node.child_by_field_name("name")
    body = node.child_by_field_name("body")
    specifier = literal(c, name_node)
    if name_node is None or specifier is not None:
        if specifier and name_node is not None:
            record(c, name_node, specifier, "augment", condition="typing")
        c.push_children(body, c.open(scope))
        return
    container = c.containers[scope]
    exported = node.id in c.exported
    inner = scope
    for name in c.text(name_node).split("."):
        if container is not None:
            c.declare(name, "namespace", container, name_node, node, exported=exported)
            container = qualify(container, name)
        else:
            c.bind(inner, name)
        inner = c.open(inner, container)
        c.containers[inner] = container
    c.push_children(body, inner)


def ambient(c: Collector, node: Node, scope: int) -> None:
    """Enter what stands behind `declare`; `declare global` is a scope of its own."""
    for child in node.named_children:
        if child.type == "statement_block":
            c.push_children(child, c.open(scope))
        else:
            c.push(child, scope)


def import_alias(c: Collector, node: Node, scope: int) -> None:
    """Declare `import A = B.C`."""
    children = node.named_children
    if len(children) < 2:
        return
    chain = type_chain(c, children[-1])
    c.use(scope, chain, "reference", children[-1])
    container = c.containers[scope]
    if container is None:
        c.bind(scope, c.text(children[0]), value=chain)
        return
    exported = any(child.type == "export" for child in node.children) or node.id in c.exported
    c.declare(
        c.text(children[0]), "variable", container, children[0], node, value=chain,
        exported=exported,
    )  # fmt: skip
