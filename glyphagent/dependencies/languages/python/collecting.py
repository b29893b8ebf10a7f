"""What one Python file says by itself: imports, declarations, bindings and uses.

One walk over the syntax tree with a stack of its own, since hostile files nest deeper than
Python's. Without uses only statements are visited, which is all that imports need.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from glyphagent.dependencies.facts import (
    CALL,
    ITEM,
    Binding,
    Chain,
    FileFacts,
    Interface,
    own,
)
from glyphagent.dependencies.languages.python.expressions import chain, word
from glyphagent.dependencies.languages.python.records import Inside, Records

_CALLED = re.compile(r"\b(?:import_module|__import__)\s*\(")
_LAZY_TABLE = re.compile(r"^def __getattr__\b|\b_?LazyModule\b|\blazy_import|\battach\(", re.M)
# Statements that hold statements: all that is visited for imports alone.
_BLOCKS = frozenset(
    {
        *("module", "block", "if_statement", "elif_clause", "else_clause", "try_statement"),
        *("except_clause", "except_group_clause", "finally_clause", "with_statement"),
        *("for_statement", "while_statement", "match_statement", "case_clause", "ERROR"),
        *("decorated_definition", "class_definition", "function_definition"),
        *("import_statement", "import_from_statement"),
    }
)
_PROPERTIES = ("property", "cached_property", "functools.cached_property", "abc.abstractproperty")


class Collector(Records):
    """A walk over one file."""

    def __init__(self, path: str, text: str, *, uses: bool) -> None:
        """Parse a text."""
        super().__init__(path, text, uses=uses)
        self.all_nodes = uses or _CALLED.search(text) is not None
        self.has_lazy_table = _LAZY_TABLE.search(text) is not None

    def facts(self) -> FileFacts:
        """Walk, and give what was found."""
        top = Inside(0, "", "", "", False, "", {})
        stack: list[tuple[Node, Inside]] = [(self.root, top)]
        while stack:
            node, inside = stack.pop()
            stack.extend(reversed(list(self.visit(node, inside))))
        self.settle()
        interface = Interface(
            self.path,
            "python",
            imports=tuple(self.statements.found),
            declarations=tuple(self.declarations.values()),
        )
        return FileFacts(
            interface,
            tuple(self.scopes),
            tuple(self.bindings),
            tuple(self.uses),
            self.uses_wanted,
            self.root.has_error,
        )

    def visit(self, node: Node, inside: Inside) -> Iterator[tuple[Node, Inside]]:
        """Take what a node says, and give the nodes to visit inside it, in order."""
        kind = node.type
        if kind == "identifier":
            if self.uses_wanted and node.id not in self.taken:
                self.use(node, node, inside, "reference")
            return
        if kind in ("string", "comment", "integer", "float"):
            if kind == "string" and self.uses_wanted and node.named_child_count > 2:
                yield from ((c, inside) for c in node.named_children if c.type == "interpolation")
            return
        if kind == "import_statement" or kind == "import_from_statement":
            condition = inside.condition or ("lazy" if inside.function else "")
            self.statements.statement(node, inside.scope, condition)
            return
        if not self.all_nodes and kind not in _BLOCKS:
            if self.has_lazy_table and kind == "expression_statement" and not inside.function:
                self.statements.lazy_table(node, inside.scope)
            return
        if kind == "class_definition":
            yield from self.enter_class(node, inside)
        elif kind == "function_definition":
            yield from self.enter_function(node, inside)
        elif kind == "lambda":
            scope = self.scope(inside, "function", inside.symbol)
            parameters = node.child_by_field_name("parameters")
            new = Inside(
                scope, inside.symbol, inside.holder, inside.receiver, True, inside.condition, {}
            )
            if parameters is not None:
                yield from self.parameters(parameters, new, inside, "")
            yield from self.fields(node, new, "body")
        elif kind == "decorated_definition":
            for child in node.named_children:
                yield child, inside
        elif kind == "if_statement":
            yield from self.condition(node, inside)
        elif kind == "assignment":
            self.assign(node, inside)
            yield from ((child, inside) for child in node.named_children)
        elif kind == "call":
            if self.uses_wanted:
                self.call(node, inside)
            else:
                self.dynamic(node, inside)
            yield from ((child, inside) for child in node.named_children)
        elif kind == "attribute":
            if self.uses_wanted and node.id not in self.taken:
                self.use(node, node.child_by_field_name("attribute"), inside, "reference")
            target = node.child_by_field_name("object")
            if target is not None and target.type != "identifier":
                if target.type == "attribute":
                    self.taken.add(target.id)
                yield target, inside
        elif kind == "keyword_argument":
            yield from self.fields(node, inside, "value")
        elif kind in ("for_statement", "for_in_clause"):
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            iterated = chain(right)
            self.bind_each(left, (*iterated, ITEM) if iterated else (), inside)
            yield from ((child, inside) for child in node.named_children)
        elif kind == "as_pattern":
            value = node.named_children[0] if node.named_child_count else None
            alias = node.child_by_field_name("alias")
            caught = node.parent is not None and node.parent.type.startswith("except")
            target = alias.named_children[0] if alias and alias.named_child_count else alias
            found = chain(value)
            self.bind_each(target, (*found, CALL) if caught and found else found, inside)
            yield from ((child, inside) for child in node.named_children)
        elif kind == "named_expression":
            self.bind_each(
                node.child_by_field_name("name"), chain(node.child_by_field_name("value")), inside
            )
            yield from ((child, inside) for child in node.named_children)
        elif kind == "return_statement":
            self.returned(node, inside)
            yield from ((child, inside) for child in node.named_children)
        else:
            yield from ((child, inside) for child in node.named_children)

    def fields(self, node: Node, inside: Inside, *names: str) -> Iterator[tuple[Node, Inside]]:
        """Nodes in some fields of a node."""
        for name in names:
            child = node.child_by_field_name(name)
            if child is not None:
                yield child, inside

    def enter_class(self, node: Node, inside: Inside) -> Iterator[tuple[Node, Inside]]:
        """Take a class, and give its arguments and body."""
        name = node.child_by_field_name("name")
        if name is None:
            return
        self.taken.add(name.id)
        bases = []
        arguments = node.child_by_field_name("superclasses")
        for argument in arguments.named_children if arguments is not None else ():
            if argument.type in ("keyword_argument", "comment", "list_splat", "dictionary_splat"):
                yield argument, inside
                continue
            base = argument
            if base.type == "subscript":
                # `Repository[Item]`: inherited from is what stands before the bracket.
                yield from self.fields(base, inside, "subscript")
                base = base.child_by_field_name("value") or base
            found = chain(base)
            if found and found[-1] not in (CALL, ITEM):
                bases.append(found)
                if self.uses_wanted:
                    last = base.child_by_field_name("attribute") or base
                    self.use(base, last, inside, "inherit")
            else:
                bases.extend([found] if found else [])
                yield base, inside
        symbol = self.declare(name, "class", inside, bases=tuple(bases), end=node)
        body = node.child_by_field_name("body")
        if body is not None:
            scope = self.scope(inside, "class", symbol)
            yield body, Inside(scope, symbol, symbol, "", False, inside.condition, {})

    def enter_function(self, node: Node, inside: Inside) -> Iterator[tuple[Node, Inside]]:
        """Take a function or method, and give its parameters, result and body."""
        name = node.child_by_field_name("name")
        if name is None:
            return
        self.taken.add(name.id)
        method = bool(inside.holder) and not inside.function
        decorators = _decorators(node)
        kind = "method" if method else "function"
        if any(each in _PROPERTIES or each.endswith("property") for each in decorators):
            kind = "field"
        result = node.child_by_field_name("return_type")
        type_, value = self.annotated(result)
        static = "staticmethod" in decorators or "classmethod" in decorators
        symbol = self.declare(name, kind, inside, type_=type_, value=value, static=static, end=node)
        scope = self.scope(inside, "function", symbol)
        new = Inside(scope, symbol, inside.holder, "", True, inside.condition, {})
        parameters = node.child_by_field_name("parameters")
        if parameters is not None:
            receiver = inside.holder if method and "staticmethod" not in decorators else ""
            yield from self.parameters(
                parameters, new, inside, receiver, own_class="classmethod" in decorators
            )
        if result is not None and self.uses_wanted:
            yield result, inside
        body = node.child_by_field_name("body")
        if body is not None:
            yield body, new

    def parameters(
        self,
        node: Node,
        new: Inside,
        outside: Inside,
        receiver: str,
        *,
        own_class: bool = False,
    ) -> Iterator[tuple[Node, Inside]]:
        """Bind parameters, and give their annotations and defaults, which stand outside."""
        if not self.uses_wanted:
            return
        for position, each in enumerate(node.named_children):
            name = each if each.type == "identifier" else each.child_by_field_name("name")
            if name is None and each.type == "typed_parameter" and each.named_child_count:
                name = each.named_children[0]
            if name is None:
                yield each, outside
                continue
            spread = "splat" in name.type
            if spread or each.type.endswith("splat_pattern"):
                name = (name if spread else each).named_children[0] if name.named_children else name
            self.taken.add(name.id)
            given = each.child_by_field_name("type")
            type_, value = self.annotated(given)
            if spread and type_:
                type_ = (*type_, "[]*")
            text = word(name)
            if position == 0 and receiver and given is None:
                new.receiver = text
                if own_class:
                    value = (own(receiver),)
                else:
                    type_ = (own(receiver),)
            new.params[text] = (type_, value)
            self.bind(Binding(new.scope, text, type_, value))
            if given is not None:
                yield given, outside
            yield from self.fields(each, outside, "value")

    def condition(self, node: Node, inside: Inside) -> Iterator[tuple[Node, Inside]]:
        """Visit an `if`; what stands under TYPE_CHECKING never runs."""
        test = node.child_by_field_name("condition")
        typing = test is not None and word(test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")
        for child in node.named_children:
            guarded = typing and child == node.child_by_field_name("consequence")
            yield child, inside.guarded("typing") if guarded else inside

    def assign(self, node: Node, inside: Inside) -> None:
        """Declare or bind the left side of an assignment."""
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None:
            return
        while right is not None and right.type == "assignment":
            right = right.child_by_field_name("right")
        if self.has_lazy_table and not inside.function:
            self.statements.lazy_table(node, inside.scope)
        type_, value = self.annotated(node.child_by_field_name("type"))
        if not type_ and not value:
            value = chain(right)
        if left.type == "identifier":
            self.name(left, type_, value, inside)
        elif left.type == "attribute":
            self.field(left, type_, value, inside)
        elif left.type in ("pattern_list", "tuple_pattern", "list_pattern"):
            values = right.named_children if right is not None else []
            even = right is not None and right.type in ("expression_list", "tuple", "list")
            for number, each in enumerate(left.named_children):
                part = values[number] if even and number < len(values) else None
                if each.type == "identifier":
                    self.name(each, (), chain(part), inside)
                elif each.type == "attribute":
                    self.field(each, (), chain(part), inside)

    def bind_each(self, target: Node | None, value: Chain, inside: Inside) -> None:
        """Bind the names of a target; the parts of a tuple are unknown."""
        if target is None:
            return
        if target.type == "identifier":
            self.name(target, (), value, inside)
        elif target.type in ("pattern_list", "tuple_pattern", "list_pattern"):
            for each in target.named_children:
                if each.type == "identifier":
                    self.name(each, (), (), inside)


def _decorators(node: Node) -> tuple[str, ...]:
    """Decorators of a definition as written, without the at sign."""
    parent = node.parent
    if parent is None or parent.type != "decorated_definition":
        return ()
    return tuple(word(c)[1:].strip() for c in parent.named_children if c.type == "decorator")
