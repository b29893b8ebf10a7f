"""What the statements and expressions of a Java file bind and use."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from glyphagent.dependencies.facts import CALL, ITEM, Chain, own
from glyphagent.dependencies.languages.java.expressions import (
    creation_parts,
    dotted,
    type_chain,
    value_chain,
    word,
)
from glyphagent.dependencies.languages.java.walk import Around, Walk

_BLOCKS = (
    *("block", "constructor_body", "for_statement", "try_with_resources_statement"),
    *("catch_clause", "switch_rule", "switch_block_statement_group", "if_statement"),
    *("static_initializer", "while_statement"),
)
_SILENT = (
    *("line_comment", "block_comment", "break_statement", "continue_statement"),
    *("string_literal", "exports_module_directive", "opens_module_directive"),
)
_TYPE_KINDS = frozenset(
    ("type_identifier", "scoped_type_identifier", "generic_type", "annotated_type", "array_type")
)


class Bodies(Walk):
    """Handlers of statements, expressions and types."""

    def __init__(self, path: str, text: str, uses: bool) -> None:
        """Parse a text; `facts` does the work."""
        super().__init__(path, text, uses)
        self._handlers |= dict.fromkeys(_BLOCKS, self._on_block)
        self._handlers |= dict.fromkeys(_SILENT, self._on_nothing)
        self._handlers |= {
            "local_variable_declaration": self._on_variables,
            "enhanced_for_statement": self._on_loop,
            "resource": self._on_parameter,
            "formal_parameter": self._on_parameter,
            "spread_parameter": self._on_variables,
            "catch_formal_parameter": self._on_caught,
            "lambda_expression": self._on_lambda,
            "instanceof_expression": self._on_test,
            "type_pattern": self._on_pattern,
            "record_pattern_component": self._on_pattern,
            "record_pattern": self._on_record_pattern,
            "labeled_statement": self._on_label,
            "element_value_pair": self._on_pair,
            "annotation": self._on_annotation,
            "marker_annotation": self._on_annotation,
            "type_identifier": self._on_type,
            "scoped_type_identifier": self._on_type,
            "generic_type": self._on_type,
            "identifier": self._on_name,
            "method_invocation": self._on_call,
            "explicit_constructor_invocation": self._on_constructor_call,
            "object_creation_expression": self._on_creation,
            "method_reference": self._on_method_reference,
            "field_access": self._on_access,
        }

        # Parent class of each class that names one, for calls of `super(...)`.
        self._parent_of: dict[str, Chain] = {}

    def _value(self, node: Node | None, around: Around) -> Chain:
        return value_chain(node, around.generics, around.holder)

    def _on_nothing(self, node: Node, around: Around) -> None:
        """Nothing in here names anything."""

    def _on_block(self, node: Node, around: Around) -> None:
        symbol = self._scopes[around.scope].symbol
        inner = Around(self._scope(around, "function", symbol), around.holder, around.generics)
        self._push(node.named_children, inner)

    def _on_variables(self, node: Node, around: Around) -> None:
        """Bind local variables; a variable parameter is a collection."""
        type_node = node.child_by_field_name("type")
        spread = node.type == "spread_parameter"
        if type_node is None and spread:
            type_node = next((e for e in node.named_children if e.type in _TYPE_KINDS), None)
        declared = type_chain(type_node, around.generics)
        for each in node.named_children:
            if each.type != "variable_declarator":
                self._push([each], around)
                continue
            value = each.child_by_field_name("value")
            arrays = _dimensions(each) + spread
            self._bind(
                around,
                word(each.child_by_field_name("name")),
                (*declared, *("[]*",) * arrays) if declared else (),
                () if declared else self._value(value, around),
            )
            # What it binds is not in force in what stands before it, but is in its own value.
            if value is not None:
                self._push([value], around)

    def _on_parameter(self, node: Node, around: Around) -> None:
        name = node.child_by_field_name("name")
        type_node = node.child_by_field_name("type")
        value = node.child_by_field_name("value")
        if name is not None and name.type == "identifier":
            declared = type_chain(type_node, around.generics)
            if declared and _dimensions(node):
                declared = (*declared, "[]*")
            self._bind(around, word(name), declared, () if declared else self._value(value, around))
        self._push([each for each in node.named_children if each != name], around)

    def _on_loop(self, node: Node, around: Around) -> None:
        symbol = self._scopes[around.scope].symbol
        inner = Around(self._scope(around, "function", symbol), around.holder, around.generics)
        name = node.child_by_field_name("name")
        declared = type_chain(node.child_by_field_name("type"), around.generics)
        iterated = self._value(node.child_by_field_name("value"), around)
        item = (*iterated, ITEM) if iterated and not declared else ()
        self._bind(inner, word(name), declared, item)
        self._push([each for each in node.named_children if each != name], inner)

    def _on_caught(self, node: Node, around: Around) -> None:
        name = node.child_by_field_name("name")
        types = next((each for each in node.named_children if each.type == "catch_type"), None)
        first = types.named_child(0) if types is not None else None
        self._bind(around, word(name), type_chain(first, around.generics))
        self._push([each for each in node.named_children if each != name], around)

    def _on_lambda(self, node: Node, around: Around) -> None:
        symbol = self._scopes[around.scope].symbol
        inner = Around(self._scope(around, "function", symbol), around.holder, around.generics)
        given = node.child_by_field_name("parameters")
        names = [] if given is None else [given]
        if given is not None and given.type == "inferred_parameters":
            names = given.named_children
        if given is not None and given.type in ("inferred_parameters", "identifier"):
            # What a collection, stream or optional hands to the function: one of its items.
            receiver = _receiver(node)
            chain = self._value(receiver, around) if receiver is not None else ()
            item = (*chain, ITEM) if chain and len(names) == 1 else ()
            for each in names:
                self._bind(inner, word(each), (), item)
            self._push([each for each in node.named_children if each != given], inner)
        else:
            self._push(node.named_children, inner)

    def _on_test(self, node: Node, around: Around) -> None:
        """Bind the pattern of `x instanceof T name`, in force after the test too."""
        name = node.child_by_field_name("name")
        right = node.child_by_field_name("right")
        if name is not None:
            self._bind(around, word(name), type_chain(right, around.generics))
        self._push([each for each in node.named_children if each != name], around)

    def _on_pattern(self, node: Node, around: Around) -> None:
        children = node.named_children
        if len(children) > 1 and children[-1].type == "identifier":
            self._bind(around, word(children[-1]), type_chain(children[-2], around.generics))
            children = children[:-1]
        self._push(children, around)

    def _on_record_pattern(self, node: Node, around: Around) -> None:
        for index, child in enumerate(node.named_children):
            if index == 0 and child.type in ("identifier", "scoped_identifier"):
                self._use(around, dotted(child), "reference", _last(child))
            else:
                self._push([child], around)

    def _on_label(self, node: Node, around: Around) -> None:
        self._push(node.named_children[1:], around)

    def _on_pair(self, node: Node, around: Around) -> None:
        value = node.child_by_field_name("value")
        self._push([value] if value is not None else [], around)

    def _on_annotation(self, node: Node, around: Around) -> None:
        name = node.child_by_field_name("name")
        if name is not None:
            self._use(around, dotted(name), "reference", _last(name))
        self._push([each for each in node.named_children if each != name], around)

    def _on_type(self, node: Node, around: Around) -> None:
        if node.type != "type_identifier" or word(node) != "var":
            self._named_type(node, "reference", around)

    def _named_type(self, node: Node, kind: str, around: Around) -> None:
        """Take a type's name as a use of a kind, and its arguments as references."""
        if node.type == "annotated_type" and node.named_children:
            self._push(node.named_children[:-1], around)
            node = node.named_children[-1]
        names = dotted(node)
        if names and not (len(names) == 1 and names[0] in around.generics):
            self._use(around, names, kind, _last(node))
        self._push(list(_beside_name(node)), around)

    def _on_name(self, node: Node, around: Around) -> None:
        name = word(node)
        if name and not self._is_local(name, around.scope):
            self._use(around, (name,), "reference", node)

    def _on_call(self, node: Node, around: Around) -> None:
        name = node.child_by_field_name("name")
        receiver = node.child_by_field_name("object")
        chain = self._value(node, around)[:-1]
        if len(chain) == 1 and self._is_local(chain[0], around.scope):
            # A variable of that name does not hide the method: `int size = size();`
            chain = (own(around.holder), CALL, chain[0]) if around.holder else ()
        if name is not None:
            self._use(around, chain, "call", name)
        if receiver is not None:
            self._receiver(receiver, around)
        beside = (name, receiver)
        self._push([each for each in node.named_children if each not in beside], around)

    def _receiver(self, node: Node, around: Around) -> None:
        """Take what stands before a dot: its inner calls are uses, its names are in the chain."""
        if node.type == "identifier":
            if not self._wanted and not self._is_local(word(node), around.scope):
                self._use(around, (word(node),), "reference", node)
        elif node.type == "field_access":
            if self._wanted and self._value(node, around):
                inner = node.child_by_field_name("object")
                while inner is not None and inner.type == "field_access":
                    inner = inner.child_by_field_name("object")
                if inner is not None and inner.type not in ("identifier", "this", "super"):
                    self._push([inner], around)
            else:
                self._push([node], around)
        else:
            self._push([node], around)

    def _on_access(self, node: Node, around: Around) -> None:
        field = node.child_by_field_name("field")
        chain = self._value(node, around)
        if field is not None and field.type != "this":
            self._use(around, chain, "reference", field)
        elif field is not None:
            names = node.child_by_field_name("object")
            if names is not None:
                self._push([names], around)
            return
        receiver = node.child_by_field_name("object")
        if receiver is not None:
            self._receiver(receiver, around)

    def _on_constructor_call(self, node: Node, around: Around) -> None:
        which = node.child_by_field_name("constructor")
        if which is not None and which.type == "super":
            self._use(around, self._parent_of.get(around.holder, ()), "call", which)
        self._push([each for each in node.named_children if each != which], around)

    def _on_creation(self, node: Node, around: Around) -> None:
        outer, made = creation_parts(node)
        body = next((each for each in node.named_children if each.type == "class_body"), None)
        if made is not None:
            if outer is not None:
                chain = self._value(outer, around)
                if chain:
                    self._use(around, (*chain, *dotted(made)), "call", _last(made))
                self._push(list(_beside_name(made)), around)
            elif body is None:
                self._named_type(made, "call", around)
        inner = around
        if body is not None:
            # Anonymous classes are numbered through the file, as the compiler does per class.
            self._anonymous += 1
            base = type_chain(made, around.generics) if made is not None else ()
            bases = (tuple(part for part in base if part != "[]*"),) if base else ()
            called = f"${self._anonymous}"
            declared = self._declare(
                made or node, "class", around, body, bases=bases, called=called
            )
            symbol = declared.qualified_name
            scope = self._scope(around, "class", symbol)
            inner = Around(scope, symbol, around.generics)
            if made is not None and outer is None:
                self._named_type(made, "inherit", inner)
        for each in node.named_children:
            if each == body:
                self._push(each.named_children, inner)
            elif each != made:
                self._push([each], around)

    def _on_method_reference(self, node: Node, around: Around) -> None:
        children = [each for each in node.named_children if each.type != "type_arguments"]
        if not children:
            return
        receiver, name = children[0], children[-1]
        is_type = receiver.type in _TYPE_KINDS
        if is_type:
            chain: Chain = dotted(receiver)
        else:
            chain = self._value(receiver, around)
        if len(children) > 1 and name.type == "identifier":
            if chain:
                self._use(around, (*chain, word(name)), "reference", name)
            if is_type:
                self._push(list(_beside_name(receiver)), around)
            else:
                self._receiver(receiver, around)
        elif receiver.type == "identifier":
            self._use(around, chain, "reference", receiver)
        else:
            self._push([receiver], around)


def _receiver(function: Node) -> Node | None:
    """What a function's only argument place belongs to: `r` in `r.each(function)`."""
    arguments = function.parent
    call = arguments.parent if arguments is not None else None
    if arguments is None or call is None or arguments.type != "argument_list":
        return None
    return call.child_by_field_name("object") if call.type == "method_invocation" else None


def _dimensions(node: Node) -> int:
    found = node.child_by_field_name("dimensions")
    return 0 if found is None else sum(1 for each in found.children if each.type == "[")


def _last(node: Node) -> Node:
    """The last name of a type or scoped identifier: where its evidence stands."""
    while node.type in ("generic_type", "annotated_type"):
        inner = node.named_child(0 if node.type == "generic_type" else node.named_child_count - 1)
        if inner is None:
            return node
        node = inner
    if node.type in ("scoped_type_identifier", "scoped_identifier") and node.named_children:
        return node.named_children[-1]
    return node


def _beside_name(node: Node) -> Iterator[Node]:
    """Type arguments and annotations inside a type's name."""
    todo = [node]
    while todo:
        each = todo.pop()
        for child in each.named_children:
            if child.type in ("type_arguments", "annotation", "marker_annotation"):
                yield child
            elif child.type in ("generic_type", "scoped_type_identifier", "array_type"):
                todo.append(child)
