"""The notebook of one file's collection: scopes, names and uses as the walk meets them.

The walk keeps its own stack, so that no depth of nesting reaches Python's. Handlers by node type
are in the modules beside this one; a node without a handler is passed through to its children.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from sys import intern

from tree_sitter import Node

from glyphagent.dependencies.facts import (
    Binding,
    Chain,
    Declaration,
    ImportFact,
    Scope,
    Use,
)
from glyphagent.dependencies.syntax import Parsed, qualify

Handler = Callable[["Collector", Node, int], None]


class Collector:
    """One file under collection.

    Attributes:
        parsed: Its text and syntax tree.
        with_uses: Whether uses and local names are wanted.
        values: Values that the first parameter of a callback may have, by node id.
        callees: What a callback is given to, by node id; the last part says as which argument.
        contexts: What an object literal is an instance of, as a chain, by node id.
        this: What `this` is in a function or class body, as type and value, by node id.
        symbols: Qualified name of a function that was declared under one, by node id.
        exported: Node ids of declarations that stand behind `export`.
    """

    def __init__(self, parsed: Parsed, text: str, *, with_uses: bool) -> None:
        """Begin at the top of a file."""
        self.parsed = parsed
        self.with_uses = with_uses
        self.scopes = [Scope(-1, "module")]
        # Per scope: the scope that `var` binds in, and the qualified name of the module or
        # namespace whose names are declarations; None where names are local.
        self.homes = [0]
        self.containers: list[str | None] = [""]
        self.supers: dict[int, Chain] = {}
        self.bindings: list[Binding] = []
        self.uses: list[Use] = []
        self.imports: list[ImportFact] = []
        self.declarations: list[Declaration] = []
        self.exports: list[tuple[str, str]] = []
        self.values: dict[int, Chain] = {}
        self.callees: dict[int, tuple[Chain, int]] = {}
        self.contexts: dict[int, Chain] = {}
        # What functions hand to their callbacks: qualified name, number of the parameter, and
        # the types of the callback's own parameters, or the type that says them.
        self.callbacks: dict[tuple[str, int], tuple[tuple[Chain, ...], Chain]] = {}
        self.this: dict[int, tuple[Chain, Chain]] = {}
        self.symbols: dict[int, str] = {}
        self.exported: set[int] = set()
        # What functions return, by their scope; and whose scope is which declaration's.
        self.results: dict[int, list[tuple[int, Chain]]] = {}
        self.result_of: dict[int, str] = {}
        # Object literals that declared functions return, with scope and function.
        self.returned: list[tuple[Node, int, str]] = []
        # Objects that are spread into others: qualified name of the outer one, and the inner one.
        self.spreads: list[tuple[str, Chain]] = []
        # Types that the bases of a class or interface are given, by its qualified name.
        self.type_arguments: dict[str, tuple[Chain, ...]] = {}
        # Functions with a prototype of their own, and what prototypes were made from.
        self.prototypes: set[str] = set()
        self.inherited: dict[str, list[Chain]] = {}
        self._apart = 0
        # Node ids of calls that were looked at for what they load.
        self.loaded: set[int] = set()
        # JSDoc by the line that it ends on; names that comments brought in already.
        self.docs: dict[int, object] = {}
        self.documented: set[object] = set()
        # Where in its comment the tag stands that is being read.
        self.tag_at = 0
        # Types that comments say, by the byte that such a comment ends on.
        self.casts: dict[int, Chain] = {}
        # What `this` is, by the scope that binds it; and fields that assignments to it make.
        self.this_of: dict[int, Chain] = {}
        self.fields: list[tuple[str, Node, Node, int, Chain, Chain]] = []
        # Object literals held by local names of declared functions, by scope and name.
        self.objects: dict[tuple[int, str], str] = {}
        self.stack: list[tuple[Node, int]] = []
        self._lines = None if text.isascii() else parsed.data.split(b"\n")

    def walk(self, handlers: Mapping[str, Handler]) -> None:
        """Visit all nodes, each under the scope that it stands in."""
        self.stack.append((self.parsed.root, 0))
        self.walk_on(handlers)

    def walk_on(self, handlers: Mapping[str, Handler]) -> None:
        """Visit what was pushed."""
        stack = self.stack
        find = handlers.get
        while stack:
            node, scope = stack.pop()
            handler = find(node.type)
            if handler is not None:
                handler(self, node, scope)
            else:
                stack.extend((child, scope) for child in reversed(node.named_children))

    def push(self, node: Node | None, scope: int) -> None:
        """Visit a node later."""
        if node is not None:
            self.stack.append((node, scope))

    def push_children(self, node: Node | None, scope: int) -> None:
        """Visit a node's children later, passing by a handler of its own."""
        if node is not None:
            self.stack.extend((child, scope) for child in reversed(node.named_children))

    def open(self, parent: int, symbol: str | None = None, *, block: bool = False) -> int:
        """Index of a new scope.

        Args:
            parent: The scope around it.
            symbol: Qualified name of the declaration that it is, None if it is none.
            block: Whether `var` passes through it.
        """
        known = self.scopes[parent].symbol if symbol is None else symbol
        self.scopes.append(Scope(parent, "function", known))
        index = len(self.scopes) - 1
        self.homes.append(self.homes[parent] if block else index)
        self.containers.append(None)
        return index

    def place(self, node: Node) -> tuple[int, int]:
        """Line and column of a node's start, both from 1, in characters."""
        row, column = node.start_point
        if self._lines is not None and column:
            column = len(self._lines[row][:column].decode("utf-8", "replace"))
        return row + 1, column + 1

    def text(self, node: Node | None) -> str:
        """Text of a node, shared between equal ones."""
        if node is None or node.text is None:
            return ""
        return intern(node.text.decode("utf-8", "replace"))

    def declare(
        self,
        name: str,
        kind: str,
        parent: str,
        node: Node,
        whole: Node,
        *,
        bases: tuple[Chain, ...] = (),
        typed: Chain = (),
        value: Chain = (),
        static: bool = False,
        exported: bool = True,
    ) -> str:
        """Enter a declaration; its qualified name comes back."""
        qualified = intern(qualify(parent, name))
        line, column = self.place(node)
        end_row, end_column = whole.end_point
        last = end_row + (1 if end_column or end_row < line else 0)
        self.declarations.append(
            Declaration(
                intern(name), qualified, kind, parent, bases, typed, value, static, exported,
                line, column, max(last, line),
            )
        )  # fmt: skip
        return qualified

    def bind(self, scope: int, name: str, typed: Chain = (), value: Chain = ()) -> None:
        """Enter a local name."""
        if name == "this":
            self.this_of[scope] = typed or value
        if self.with_uses:
            self.bindings.append(Binding(scope, intern(name), typed, value))

    def use(self, scope: int, chain: Chain, kind: str, node: Node) -> None:
        """Enter a use at a node, the last name of its chain."""
        if self.with_uses:
            line, column = self.place(node)
            self.uses.append(Use(scope, chain, kind, line, column))

    def apart(self) -> int:
        """Index of the scope of names that the file passes on without having them itself."""
        if not self._apart:
            self._apart = self.open(0, "")
        return self._apart

    def this_at(self, scope: int) -> Chain:
        """Chain of what `this` is in a scope."""
        while scope >= 0:
            if scope in self.this_of:
                return self.this_of[scope]
            scope = self.scopes[scope].parent
        return ()

    def super_of(self, scope: int) -> Chain:
        """Chain of the class that the class around a scope extends."""
        while scope >= 0:
            if scope in self.supers:
                return self.supers[scope]
            scope = self.scopes[scope].parent
        return ()

    def is_lazy(self, scope: int) -> bool:
        """Whether a scope runs later than its module."""
        return self.homes[scope] != 0 and self.containers[self.homes[scope]] is None
