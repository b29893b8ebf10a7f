"""What a walk over a Python file has found so far, and how each finding is written down."""

from __future__ import annotations

import re
from dataclasses import replace
from sys import intern

from tree_sitter import Node, Parser

from glyphagent.dependencies.facts import (
    CALL,
    ITEMS,
    SELF,
    UNKNOWN,
    Binding,
    Chain,
    Declaration,
    Scope,
    Use,
    above,
)
from glyphagent.dependencies.languages.python.expressions import annotation, chain, word
from glyphagent.dependencies.languages.python.imports import ImportStatements
from glyphagent.dependencies.syntax import grammar

_CONSTANT = re.compile(r"_*[A-Z][A-Z0-9_]*\Z")
# How many local names a returned chain is followed through.
_MOST_STEPS = 4


class Inside:
    """Where the walk is: a scope, the class whose methods it is in, and what guards it."""

    __slots__ = ("condition", "function", "holder", "params", "receiver", "scope", "symbol")

    def __init__(
        self,
        scope: int,
        symbol: str,
        holder: str,
        receiver: str,
        function: bool,
        condition: str,
        params: dict[str, tuple[Chain, Chain]],
    ) -> None:
        """Take a place."""
        self.scope = scope
        self.symbol = symbol
        self.holder = holder
        self.receiver = receiver
        self.function = function
        self.condition = condition
        self.params = params

    def guarded(self, condition: str) -> Inside:
        """The same place under a condition."""
        return Inside(
            *(self.scope, self.symbol, self.holder, self.receiver, self.function),
            self.condition or condition,
            self.params,
        )


class Records:
    """Imports, declarations, bindings and uses of one file."""

    def __init__(self, path: str, text: str, *, uses: bool) -> None:
        """Parse a text."""
        self.data = text.encode("utf-8", "replace")
        self.path = path
        self.parser = Parser(grammar("python"))
        self.root = self.parser.parse(self.data).root_node
        self.uses_wanted = uses
        self.ascii = text.isascii()
        self.statements = ImportStatements(self.column)
        self.scopes: list[Scope] = [Scope(-1, "module")]
        self.declarations: dict[tuple[str, str], Declaration] = {}
        self.bindings: dict[Binding, None] = {}
        self.uses: list[Use] = []
        self.taken: set[int] = set()
        self.returns: dict[str, list[tuple[Chain, int]]] = {}

    def column(self, node: Node) -> int:
        """Column of a node's first character, from 1."""
        at = node.start_point[1]
        if self.ascii:
            return at + 1
        start = node.start_byte
        return len(self.data[start - at : start].decode("utf-8", "replace")) + 1

    def scope(self, inside: Inside, kind: str, symbol: str) -> int:
        """Index of a new scope."""
        if not self.uses_wanted:
            return 0
        self.scopes.append(Scope(inside.scope, kind, symbol))
        return len(self.scopes) - 1

    def declare(
        self,
        node: Node,
        kind: str,
        inside: Inside,
        *,
        type_: Chain = (),
        value: Chain = (),
        bases: tuple[Chain, ...] = (),
        static: bool = False,
        symbol: str = "",
        parent: str | None = None,
        end: Node | None = None,
    ) -> str:
        """Declare a name and give its qualified name; what is said of it twice adds up."""
        name = intern(word(node))
        parent = inside.symbol if parent is None else parent
        symbol = intern(symbol or (f"{parent}.{name}" if parent else name))
        group = "field" if kind in ("field", "variable", "constant") else "named"
        known = self.declarations.get((symbol, group))
        if known is not None and group == "field":
            type_, value = known.type or type_, known.value or value
        last = (end or node).end_point[0] + 1
        if known is None or kind != "field" or known.kind == "field":
            first = known if known is not None and group == "field" else None
            self.declarations[symbol, group] = Declaration(
                name,
                symbol,
                kind,
                parent,
                bases,
                type_,
                value,
                static,
                line=first.line if first else node.start_point[0] + 1,
                column=first.column if first else self.column(node),
                line_end=first.line_end if first else last,
            )
        return symbol

    def bind(self, binding: Binding) -> None:
        """Take note of a local name."""
        if self.uses_wanted:
            self.bindings[binding] = None

    def use(self, node: Node, last: Node | None, inside: Inside, kind: str) -> None:
        """Take note of a chain that an expression is, and of its last name's place."""
        found = self.received(node, inside)
        if not found or last is None:
            return
        names = tuple(intern(part) for part in found)
        self.uses.append(Use(inside.scope, names, kind, last.start_point[0] + 1, self.column(last)))

    def received(self, node: Node, inside: Inside) -> Chain:
        """The chain of an expression, with `super()` told by the class around it."""
        found = chain(node)
        if found[:2] == ("super", CALL) and inside.holder and len(found) > 2:
            return (above(inside.holder), *found[2:])
        return found

    def call(self, node: Node, inside: Inside) -> list[tuple[Node, Inside]]:
        """Take note of a call and of the module that it may import."""
        more = [(child, inside) for child in node.named_children]
        function = node.child_by_field_name("function")
        if function is None:
            return more
        self.dynamic(node, inside)
        if not self.uses_wanted:
            return more
        if function.type == "identifier":
            self.taken.add(function.id)
            self.use(function, function, inside, "call")
        elif function.type == "attribute":
            self.taken.add(function.id)
            self.use(function, function.child_by_field_name("attribute"), inside, "call")
        return more

    def dynamic(self, node: Node, inside: Inside) -> None:
        """Take note of `import_module("name")`."""
        condition = inside.condition or ("lazy" if inside.function else "")
        self.statements.dynamic(node, inside.scope, condition)

    def annotated(self, node: Node | None) -> tuple[Chain, Chain]:
        """Type and value that an annotation gives."""
        if node is None or not self.uses_wanted:
            return (), ()
        return annotation(node, self.quoted)

    def quoted(self, text: str) -> Node | None:
        """The expression in a quoted annotation."""
        root = self.parser.parse(text.strip().encode("utf-8", "replace")).root_node
        if root.has_error or root.named_child_count != 1:
            return None
        statement = root.named_children[0]
        if statement.type != "expression_statement" or statement.named_child_count != 1:
            return None
        return statement.named_children[0]

    def name(self, node: Node, type_: Chain, value: Chain, inside: Inside) -> None:
        """Declare a name at the top or in a class, or bind it in a function."""
        self.taken.add(node.id)
        if inside.function:
            self.bind(Binding(inside.scope, intern(word(node)), type_, value))
            return
        kind = "constant" if _CONSTANT.match(word(node)) else "variable"
        kind = "field" if inside.holder else kind
        self.declare(node, kind, inside, type_=type_, value=value)

    def field(self, node: Node, type_: Chain, value: Chain, inside: Inside) -> None:
        """Declare what a method sets on its own object."""
        target, name = node.child_by_field_name("object"), node.child_by_field_name("attribute")
        if target is None or name is None or not inside.receiver:
            return
        if target.type != "identifier" or word(target) != inside.receiver:
            return
        if not type_ and value:
            type_, value = self.outside(value, inside)
        self.declare(name, "field", inside, type_=type_, value=value, parent=inside.holder)

    def outside(self, value: Chain, inside: Inside) -> tuple[Chain, Chain]:
        """Type and value of a chain as told from outside of its function, or nothing."""
        local = {b.name: b for b in self.bindings if b.scope == inside.scope}
        for _ in range(_MOST_STEPS):
            known = local.get(value[0]) if value else None
            if known is None:
                break
            if len(value) == 1 and (known.type or not known.value):
                return known.type, known.value
            if known.type:
                plain = ITEMS not in known.type and known.type != SELF
                return (), (*known.type, CALL, *value[1:]) if plain else ()
            value = (*known.value, *value[1:]) if known.value else ()
        return (), value if value[:1] != (UNKNOWN,) else ()

    def returned(self, node: Node, inside: Inside) -> None:
        """Take note of what a function returns, as told from outside."""
        if not self.uses_wanted or not inside.function:
            return
        value = node.named_children[0] if node.named_child_count else None
        if value is None or value.type == "none":
            return
        found = self.received(value, inside)
        type_, told = self.outside(found, inside) if found else ((), ())
        if type_ and not told and ITEMS not in type_:
            told = SELF if type_ == SELF else (*type_, CALL)
        self.returns.setdefault(inside.symbol, []).append((told, inside.scope))

    def settle(self) -> None:
        """Give functions without an annotation what all of their returns agree on."""
        for symbol, returned in self.returns.items():
            known = self.declarations.get((symbol, "named"))
            chains = {told for told, _ in returned}
            if known is None or known.type or known.value or len(chains) != 1:
                continue
            (value,) = chains
            if value:
                self.declarations[symbol, "named"] = replace(known, value=value)
