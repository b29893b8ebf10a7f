"""What one Python file says by itself: imports, declarations, bindings and uses.

One walk over the syntax tree with a stack of its own, since hostile files nest deeper than
Python's. Without uses only statements are visited, which is all that imports need.
"""

from __future__ import annotations

from collections.abc import Callable

from tree_sitter import Node

from glyphagent.dependencies.facts import (
    CALL,
    ITEM,
    Binding,
    Chain,
    FileFacts,
    Interface,
    Use,
    own,
)
from glyphagent.dependencies.languages.python.expressions import chain, word
from glyphagent.dependencies.languages.python.imports import LOADERS
from glyphagent.dependencies.languages.python.records import Inside, Records

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
_SKIPPED = frozenset({"comment", "integer", "float", "none", "true", "false", "ellipsis"})
# Words without which a file has no table of lazily imported names.
_LAZY_TABLES = ("def __getattr__", "LazyModule", "lazy_import", "lazy_loader")
# A lone name of these is the file's own, however often it is declared.
_NEAR = frozenset({"function", "class", "method"})
Visit = tuple[Node, Inside]
_PROPERTIES = ("property", "cached_property", "functools.cached_property", "abc.abstractproperty")


class Collector(Records):
    """A walk over one file."""

    def __init__(self, path: str, text: str, *, uses: bool) -> None:
        """Parse a text."""
        super().__init__(path, text, uses=uses)
        self.all_nodes = uses or any(each in text for each in LOADERS)
        self.has_lazy_table = any(each in text for each in _LAZY_TABLES)

    def facts(self) -> FileFacts:
        """Walk, and give what was found."""
        stack: list[Visit] = [(self.root, Inside(0, "", "", "", False, "", {}))]
        handlers = self.handlers()
        skipped, every = _SKIPPED, self.all_nodes
        blocks = _BLOCKS | ({"expression_statement"} if self.has_lazy_table else set())
        while stack:
            node, inside = stack.pop()
            kind = node.type
            handler = handlers.get(kind)
            if handler is not None:
                more = handler(node, inside)
                more.reverse()
                stack += more
            elif kind not in skipped and (every or kind in blocks):
                stack += [(child, inside) for child in reversed(node.named_children)]
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
            self.far_uses(interface),
            self.uses_wanted,
            self.root.has_error,
        )

    def far_uses(self, interface: Interface) -> tuple[Use, ...]:
        """Uses that may lead out of the file: not of a lone name that nothing brings in."""
        near = {each.name for each in interface.declarations if each.kind in _NEAR}
        far = {binding.name for binding in self.bindings}
        far.update(each.name for each in interface.declarations if each.name not in near)
        for fact in interface.imports:
            far.update(local for _, local in fact.names)
            far.add(fact.alias)
        if "*" in far:
            return tuple(self.uses)
        return tuple(use for use in self.uses if len(use.chain) > 1 or use.chain[0] in far)

    def handlers(self) -> dict[str, Callable[[Node, Inside], list[Visit]]]:
        """What is done at each kind of node; all other nodes are just walked through."""
        found: dict[str, Callable[[Node, Inside], list[Visit]]] = {
            "import_statement": self.on_import,
            "import_from_statement": self.on_import,
            "class_definition": self.enter_class,
            "function_definition": self.enter_function,
            "if_statement": self.condition,
        }
        if self.has_lazy_table or self.all_nodes:
            found["assignment"] = self.assign
        if self.all_nodes:
            found["call"] = self.call
        if self.uses_wanted:
            found |= {
                "identifier": self.on_name,
                "string": self.on_string,
                "lambda": self.enter_lambda,
                "attribute": self.on_attribute,
                "keyword_argument": self.on_keyword,
                "for_statement": self.iterate,
                "for_in_clause": self.iterate,
                "as_pattern": self.on_as,
                "named_expression": self.on_walrus,
                "return_statement": self.on_return,
                "decorator": self.on_decorator,
            }
        return found

    def on_import(self, node: Node, inside: Inside) -> list[Visit]:
        """Take an import statement."""
        condition = inside.condition or ("lazy" if inside.function else "")
        self.statements.statement(node, inside.scope, condition)
        return []

    def on_name(self, node: Node, inside: Inside) -> list[Visit]:
        """Take a name that stands alone."""
        if node.id not in self.taken:
            self.use(node, node, inside, "reference")
        return []

    def on_string(self, node: Node, inside: Inside) -> list[Visit]:
        """Visit what a string interpolates."""
        if node.named_child_count <= 2:
            return []
        return [(child, inside) for child in node.named_children if child.type == "interpolation"]

    def on_attribute(self, node: Node, inside: Inside) -> list[Visit]:
        """Take a chain that is not called."""
        if node.id not in self.taken:
            self.use(node, node.child_by_field_name("attribute"), inside, "reference")
        target = node.child_by_field_name("object")
        if target is None or target.type == "identifier":
            return []
        if target.type == "attribute":
            self.taken.add(target.id)
        return [(target, inside)]

    def on_keyword(self, node: Node, inside: Inside) -> list[Visit]:
        """Visit the value that a keyword is given."""
        return self.fields(node, inside, "value")

    def iterate(self, node: Node, inside: Inside) -> list[Visit]:
        """Bind what a loop iterates over."""
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        iterated = chain(right)
        self.bind_each(left, (*iterated, ITEM) if iterated else (), inside)
        return [(child, inside) for child in node.named_children]

    def on_as(self, node: Node, inside: Inside) -> list[Visit]:
        """Bind what `with` or `except` gives; managers are taken to give themselves."""
        value = node.named_children[0] if node.named_child_count else None
        alias = node.child_by_field_name("alias")
        caught = node.parent is not None and node.parent.type.startswith("except")
        target = alias.named_children[0] if alias and alias.named_child_count else alias
        found = chain(value)
        self.bind_each(target, (*found, CALL) if caught and found else found, inside)
        return [(child, inside) for child in node.named_children]

    def on_walrus(self, node: Node, inside: Inside) -> list[Visit]:
        """Bind a name inside an expression."""
        value = node.child_by_field_name("value")
        self.bind_each(node.child_by_field_name("name"), chain(value), inside)
        return [] if value is None else [(value, inside)]

    def on_return(self, node: Node, inside: Inside) -> list[Visit]:
        """Take what a function returns."""
        self.returned(node, inside)
        return [(child, inside) for child in node.named_children]

    def on_decorator(self, node: Node, inside: Inside) -> list[Visit]:
        """Take a decorator, which is called whether parentheses stand there or not."""
        for child in node.named_children:
            if child.type in ("identifier", "attribute"):
                self.taken.add(child.id)
                last = child.child_by_field_name("attribute") or child
                self.use(child, last, inside, "call")
        return [(child, inside) for child in node.named_children]

    def enter_lambda(self, node: Node, inside: Inside) -> list[Visit]:
        """Enter a function without a name."""
        scope = self.scope(inside, "function", inside.symbol)
        place = (scope, inside.symbol, inside.holder, inside.receiver)
        new = Inside(*place, True, inside.condition, {})
        parameters = node.child_by_field_name("parameters")
        found = [] if parameters is None else self.parameters(parameters, new, inside, "")
        return found + self.fields(node, new, "body")

    def fields(self, node: Node, inside: Inside, *names: str) -> list[Visit]:
        """Nodes in some fields of a node."""
        children = [node.child_by_field_name(name) for name in names]
        return [(child, inside) for child in children if child is not None]

    def enter_class(self, node: Node, inside: Inside) -> list[Visit]:
        """Take a class, and give its arguments and body."""
        name = node.child_by_field_name("name")
        if name is None:
            return []
        self.taken.add(name.id)
        more: list[Visit] = []
        bases = []
        arguments = node.child_by_field_name("superclasses")
        for argument in arguments.named_children if arguments is not None else ():
            if argument.type in ("keyword_argument", "comment", "list_splat", "dictionary_splat"):
                more.append((argument, inside))
                continue
            base = argument
            if base.type == "subscript":
                # `Repository[Item]`: inherited from is what stands before the bracket.
                more += self.fields(base, inside, "subscript")
                base = base.child_by_field_name("value") or base
            found = chain(base)
            if found and found[-1] not in (CALL, ITEM):
                bases.append(found)
                if self.uses_wanted:
                    last = base.child_by_field_name("attribute") or base
                    self.use(base, last, inside, "inherit")
            else:
                bases.extend([found] if found else [])
                more.append((base, inside))
        symbol = self.declare(name, "class", inside, bases=tuple(bases), end=node)
        body = node.child_by_field_name("body")
        if body is not None:
            scope = self.scope(inside, "class", symbol)
            new = Inside(scope, symbol, symbol, "", False, inside.condition, {})
            more.append((body, new))
        return more

    def enter_function(self, node: Node, inside: Inside) -> list[Visit]:
        """Take a function or method, and give its parameters, result and body."""
        name = node.child_by_field_name("name")
        if name is None:
            return []
        body = node.child_by_field_name("body")
        if not self.all_nodes and self.data.find(b"import", node.start_byte, node.end_byte) < 0:
            self.declare(name, "function", inside, end=node)
            return []
        self.taken.add(name.id)
        more: list[Visit] = []
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
            more += self.parameters(
                parameters, new, inside, receiver, own_class="classmethod" in decorators
            )
        if result is not None and self.uses_wanted:
            more.append((result, inside))
        if body is not None:
            more.append((body, new))
        return more

    def parameters(
        self,
        node: Node,
        new: Inside,
        outside: Inside,
        receiver: str,
        *,
        own_class: bool = False,
    ) -> list[Visit]:
        """Bind parameters, and give their annotations and defaults, which stand outside."""
        more: list[Visit] = []
        if not self.uses_wanted:
            return more
        for position, each in enumerate(node.named_children):
            name = each if each.type == "identifier" else each.child_by_field_name("name")
            if name is None and each.type == "typed_parameter" and each.named_child_count:
                name = each.named_children[0]
            if name is None:
                more.append((each, outside))
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
                more.append((given, outside))
            more += self.fields(each, outside, "value")
        return more

    def condition(self, node: Node, inside: Inside) -> list[Visit]:
        """Visit an `if`; what stands under TYPE_CHECKING never runs."""
        test = node.child_by_field_name("condition")
        if test is None or word(test) not in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            return [(child, inside) for child in node.named_children]
        body, guarded = node.child_by_field_name("consequence"), inside.guarded("typing")
        return [(child, guarded if child == body else inside) for child in node.named_children]

    def assign(self, node: Node, inside: Inside) -> list[Visit]:
        """Declare or bind the left side of an assignment."""
        more = [(child, inside) for child in node.named_children] if self.all_nodes else []
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None:
            return more
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
        return more

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
