"""Which handler reads which node: the one place where the parts of the collection meet."""

from __future__ import annotations

from tree_sitter import Node

from glyphagent.dependencies.facts import ITEM
from glyphagent.dependencies.languages.scripts.classes import (
    alias,
    class_statement,
    enumeration,
    interface,
)
from glyphagent.dependencies.languages.scripts.collector import Collector, Handler
from glyphagent.dependencies.languages.scripts.definitions import (
    anonymous,
    bind_pattern,
    function,
    result,
)
from glyphagent.dependencies.languages.scripts.expressions import (
    chain_of,
    decorator,
    element,
    expression,
    object_literal,
    type_name,
)
from glyphagent.dependencies.languages.scripts.modules import import_statement
from glyphagent.dependencies.languages.scripts.namespaces import ambient, import_alias, namespace
from glyphagent.dependencies.languages.scripts.statements import (
    assignment,
    assignment_statement,
    export_statement,
)
from glyphagent.dependencies.languages.scripts.values import variables

_BINDING = ("lexical_declaration", "class_declaration", "function_declaration")


def block(c: Collector, node: Node, scope: int) -> None:
    """Open a scope for a block that declares names of its own."""
    if any(child.type in _BINDING for child in node.named_children):
        scope = c.open(scope, block=True)
    c.push_children(node, scope)


def loop(c: Collector, node: Node, scope: int) -> None:
    """Open a scope for a loop over something, whose variable is an item of it."""
    inner = c.open(scope, block=True)
    left = node.child_by_field_name("left")
    right = node.child_by_field_name("right")
    declared = node.child_by_field_name("kind")
    chain = chain_of(c, right, scope)
    over_items = any(child.type == "of" for child in node.children)
    if left is not None:
        if declared is not None:
            bind_pattern(c, left, inner, value=(*chain, ITEM) if chain and over_items else ())
        else:
            c.push(left, inner)
    c.push(node.child_by_field_name("body"), inner)


def counted(c: Collector, node: Node, scope: int) -> None:
    """Open a scope for a counting loop."""
    c.push_children(node, c.open(scope, block=True))


def caught(c: Collector, node: Node, scope: int) -> None:
    """Open a scope for a `catch`, with what it catches."""
    inner = c.open(scope, block=True)
    parameter = node.child_by_field_name("parameter")
    if parameter is not None:
        bind_pattern(c, parameter, inner)
    c.push(node.child_by_field_name("body"), inner)


def skip(c: Collector, node: Node, scope: int) -> None:
    """Leave a node out."""


HANDLERS: dict[str, Handler] = {
    "import_statement": import_statement,
    "export_statement": export_statement,
    "function_declaration": function,
    "generator_function_declaration": function,
    "function_signature": function,
    "function_expression": anonymous,
    "generator_function": anonymous,
    "method_definition": anonymous,
    "arrow_function": anonymous,
    "function_type": anonymous,
    "class_declaration": class_statement,
    "abstract_class_declaration": class_statement,
    "class": class_statement,
    "interface_declaration": interface,
    "type_alias_declaration": alias,
    "enum_declaration": enumeration,
    "internal_module": namespace,
    "module": namespace,
    "ambient_declaration": ambient,
    "import_alias": import_alias,
    "lexical_declaration": variables,
    "variable_declaration": variables,
    "expression_statement": assignment_statement,
    "assignment_expression": assignment,
    "return_statement": result,
    "statement_block": block,
    "for_in_statement": loop,
    "for_statement": counted,
    "switch_body": block,
    "catch_clause": caught,
    "object": object_literal,
    "decorator": decorator,
    "jsx_opening_element": element,
    "jsx_self_closing_element": element,
    "jsx_closing_element": skip,
    "type_identifier": type_name,
    "nested_type_identifier": type_name,
    "comment": skip,
    "string": skip,
    "number": skip,
    "regex": skip,
    "predefined_type": skip,
    "property_identifier": skip,
    "type_parameters": skip,
    **dict.fromkeys(
        (
            "identifier",
            "member_expression",
            "nested_identifier",
            "call_expression",
            "new_expression",
            "subscript_expression",
            "await_expression",
            "non_null_expression",
            "as_expression",
            "satisfies_expression",
            "type_assertion",
            "instantiation_expression",
            "shorthand_property_identifier",
        ),
        expression,
    ),
}
