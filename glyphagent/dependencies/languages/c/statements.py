"""What the statements and expressions of C and C++ bind and use."""

from __future__ import annotations

from dataclasses import replace

from tree_sitter import Node

from glyphagent.dependencies.facts import ITEM, ITEMS
from glyphagent.dependencies.languages.c.expressions import (
    declared_name,
    qualified,
    type_chain,
    word,
)
from glyphagent.dependencies.languages.c.walk import Around, Walk

_BLOCKS = (
    *("compound_statement", "for_statement", "if_statement", "while_statement", "catch_clause"),
    *("lambda_expression",),
)
_SILENT = (
    *("comment", "string_literal", "char_literal", "number_literal", "preproc_include"),
    *("preproc_def", "preproc_function_def", "preproc_call", "goto_statement", "access_specifier"),
    *("primitive_type", "raw_string_literal", "field_designator", "preproc_defined"),
    *("statement_identifier", "namespace_identifier", "attribute_declaration", "preproc_arg"),
)
_CONDITIONS = ("preproc_if", "preproc_ifdef", "preproc_elif", "preproc_elifdef", "preproc_else")


class Statements(Walk):
    """Handlers of statements, expressions and types."""

    def __init__(self, path: str, text: str, uses: bool) -> None:
        """Parse a text; `walk` does the work."""
        super().__init__(path, text, uses)
        self._handlers |= dict.fromkeys(_BLOCKS, self._on_block)
        self._handlers |= dict.fromkeys(_SILENT, self._on_nothing)
        self._handlers |= dict.fromkeys(_CONDITIONS, self._on_condition)
        self._handlers |= {
            "for_range_loop": self._on_range,
            "parameter_declaration": self._on_parameter,
            "optional_parameter_declaration": self._on_parameter,
            "call_expression": self._on_call,
            "field_expression": self._on_field_use,
            "qualified_identifier": self._on_name,
            "identifier": self._on_name,
            "type_identifier": self._on_name,
            "template_type": self._on_template,
            "template_function": self._on_template,
            "new_expression": self._on_new,
            "field_identifier": self._on_nothing,
            "field_initializer": self._on_initializer,
            "labeled_statement": self._on_label,
        }

    def _on_nothing(self, node: Node, around: Around) -> None:
        """Nothing in here names anything."""

    def _on_condition(self, node: Node, around: Around) -> None:
        beside = (node.child_by_field_name("condition"), node.child_by_field_name("name"))
        self._push([each for each in node.named_children if each not in beside], around)

    def _on_label(self, node: Node, around: Around) -> None:
        self._push(node.named_children[1:], around)

    def _block(self, around: Around) -> Around:
        symbol = self._scopes[around.scope].symbol
        return replace(around, scope=self._scope(around, "function", symbol), local=True)

    def _on_block(self, node: Node, around: Around) -> None:
        self._push(node.named_children, self._block(around))

    def _on_range(self, node: Node, around: Around) -> None:
        inner = self._block(around)
        name, _, _ = declared_name(node.child_by_field_name("declarator"))
        type_node, right = node.child_by_field_name("type"), node.child_by_field_name("right")
        if name is not None:
            declared = type_chain(type_node, around.generics)
            iterated = self._value(right, around)
            value = (*iterated, ITEM) if iterated and not declared else ()
            self._bind(inner, word(name), declared, value)
        beside = (node.child_by_field_name("declarator"),)
        self._push([each for each in node.named_children if each not in beside], inner)

    def _on_parameter(self, node: Node, around: Around) -> None:
        declarator = node.child_by_field_name("declarator")
        type_node = node.child_by_field_name("type")
        name, _, array = declared_name(declarator)
        if name is not None and around.local:
            declared = type_chain(type_node, around.generics)
            self._bind(around, word(name), (*declared, ITEMS) if declared and array else declared)
        self._push([type_node, node.child_by_field_name("default_value")], around)
        self._inside_declarator(declarator, around)

    def _inside_declarator(self, node: Node | None, around: Around) -> None:
        """Types and sizes inside a declarator: parameters of function pointers, array bounds."""
        for _ in range(40):
            if node is None:
                return
            for child in node.named_children:
                if child.type == "parameter_list":
                    self._push(child.named_children, replace(around, local=False))
            self._push([node.child_by_field_name("size")], around)
            node = node.child_by_field_name("declarator")

    def _on_call(self, node: Node, around: Around) -> None:
        function = node.child_by_field_name("function")
        arguments = node.child_by_field_name("arguments")
        if function is not None:
            kind = function.type
            spot = function
            if kind == "field_expression":
                spot = function.child_by_field_name("field") or function
            chain = self._value(function, around)
            if kind in ("identifier", "qualified_identifier", "template_function"):
                spot = _last(function)
                if len(chain) != 1 or not self._is_local(chain[0], around.scope):
                    self._use(around, chain, "call", spot)
                self._templates(function, around)
            elif kind == "field_expression":
                self._use(around, chain, "call", spot)
                self._receiver(function.child_by_field_name("argument"), around)
            else:
                self._push([function], around)
        self._push([arguments], around)

    def _receiver(self, node: Node | None, around: Around) -> None:
        """Take what stands before a dot: its calls are uses, its bare names are in the chain."""
        while node is not None and node.type in (
            *("field_expression", "parenthesized_expression", "pointer_expression"),
        ):
            field = "argument" if node.type != "parenthesized_expression" else ""
            node = node.child_by_field_name(field) if field else node.named_child(0)
        if node is not None and node.type not in ("identifier", "this"):
            self._push([node], around)

    def _on_field_use(self, node: Node, around: Around) -> None:
        chain = self._value(node, around)
        field = node.child_by_field_name("field")
        if field is not None:
            self._use(around, chain, "reference", field)
        self._receiver(node.child_by_field_name("argument"), around)

    def _on_name(self, node: Node, around: Around) -> None:
        names = qualified(node)
        if names and (len(names) > 1 or not self._is_local(names[0], around.scope)):
            self._use(around, names, "reference", _last(node))
        if node.type == "qualified_identifier":
            self._templates(node, around)

    def _on_template(self, node: Node, around: Around) -> None:
        self._use(around, qualified(node), "reference", _last(node))
        self._templates(node, around)

    def _templates(self, node: Node, around: Around) -> None:
        """Types among the template arguments of a name."""
        todo = [node]
        while todo:
            each = todo.pop()
            arguments = each.child_by_field_name("arguments")
            if arguments is not None and arguments.type == "template_argument_list":
                self._push(arguments.named_children, around)
            if each.type == "qualified_identifier":
                for name in ("scope", "name"):
                    inner = each.child_by_field_name(name)
                    if inner is not None:
                        todo.append(inner)

    def _on_new(self, node: Node, around: Around) -> None:
        type_node = node.child_by_field_name("type")
        if type_node is not None:
            self._use(around, qualified(type_node), "call", _last(type_node))
            self._templates(type_node, around)
        self._push([each for each in node.named_children if each != type_node], around)

    def _on_initializer(self, node: Node, around: Around) -> None:
        first = node.named_child(0)
        if first is not None:
            self._use(around, qualified(first), "call", _last(first))
            self._templates(first, around)
        self._push(node.named_children[1:], around)


def _last(node: Node) -> Node:
    """The last name of a qualified one: where its evidence stands."""
    while node.type in ("qualified_identifier", "template_function", "template_type"):
        inner = node.child_by_field_name("name")
        if inner is None:
            break
        node = inner
    return node
