"""A walk over a Java file's tree with a stack of its own, and the records that it leaves.

What each kind of node means is the collector's business; here is what all of them need: places,
scopes, bindings, uses and declarations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from sys import intern

from tree_sitter import Node

from glyphagent.dependencies.facts import (
    CALL,
    Binding,
    Chain,
    Declaration,
    FileFacts,
    ImportFact,
    Interface,
    Scope,
    Use,
)
from glyphagent.dependencies.languages.java.expressions import word
from glyphagent.dependencies.syntax import Parsed, qualify

# Kind of a use that proves a file edge alone: a type's name, where no symbol edges are wanted.
MENTION = "mention"
_STATIC_KINDS = frozenset(("class", "interface", "enum", "constant"))


@dataclass(frozen=True, slots=True)
class Around:
    """Where the walk stands: scope, type around it, bounds of the type parameters in force."""

    scope: int = 0
    holder: str = ""
    generics: Mapping[str, Chain] = field(default_factory=dict)


class Walk:
    """A walk over one file, and what it has gathered so far."""

    def __init__(self, path: str, text: str, uses: bool) -> None:
        """Parse a text; `facts` does the work. Handlers are given by node kind."""
        self._parsed = Parsed(path, text, "java")
        self._wanted = uses
        self._ascii = len(self._parsed.data) == len(text)
        self._lines = [] if self._ascii else self._parsed.data.split(b"\n")
        self._package = ""
        self._imports: list[ImportFact] = []
        self._declarations: list[Declaration] = []
        self._scopes = [Scope(-1, "module")]
        self._locals: list[set[str]] = [set()]
        self._bindings: list[Binding] = []
        self._uses: set[Use] = set()
        self._anonymous = 0
        self._stack: list[tuple[Node, Around]] = []
        self._handlers: dict[str, Callable[[Node, Around], None]] = {}

    def facts(self) -> FileFacts:
        """What the file says by itself."""
        parsed = self._parsed
        self._push(parsed.root.named_children, Around())
        handlers, stack = self._handlers, self._stack
        while stack:
            node, around = stack.pop()
            handler = handlers.get(node.type)
            if handler is not None:
                handler(node, around)
            elif node.named_child_count:
                self._push(node.named_children, around)
        interface = Interface(
            parsed.path,
            "java",
            self._package,
            tuple(self._imports),
            tuple(sorted(self._declarations, key=lambda each: (each.line, each.column))),
        )
        order = sorted(self._uses, key=lambda use: (use.line, use.column, use.kind, use.chain))
        return FileFacts(
            interface,
            tuple(self._scopes),
            tuple(self._bindings),
            tuple(order),
            uses_collected=self._wanted,
            has_errors=parsed.root.has_error,
        )

    def _push(self, nodes: Sequence[Node], around: Around) -> None:
        self._stack.extend((node, around) for node in reversed(nodes))

    def _place(self, node: Node) -> tuple[int, int]:
        line, column = node.start_point
        if not self._ascii:
            column = len(self._lines[line][:column].decode("utf-8", "replace"))
        return line + 1, column + 1

    def _scope(self, around: Around, kind: str, symbol: str) -> int:
        self._scopes.append(Scope(around.scope, kind, symbol))
        self._locals.append(set())
        return len(self._scopes) - 1

    def _bind(self, around: Around, name: str, type_: Chain = (), value: Chain = ()) -> None:
        self._locals[around.scope].add(name)
        if self._wanted:
            self._bindings.append(Binding(around.scope, intern(name), type_, value))

    def _is_local(self, name: str, scope: int) -> bool:
        while scope >= 0:
            if name in self._locals[scope]:
                return True
            scope = self._scopes[scope].parent
        return False

    def _use(self, around: Around, chain: Chain, kind: str, node: Node) -> None:
        if not chain:
            return
        head = chain[0]
        if kind != "call" and len(chain) == 1 and head in around.generics:
            return
        if not self._wanted:
            if head[0] in "@^?" or self._is_local(head, around.scope):
                return
            kind = MENTION
            chain = chain[: chain.index(CALL)] if CALL in chain else chain
        line, column = self._place(node)
        self._uses.add(Use(around.scope, tuple(map(intern, chain)), kind, line, column))

    def _declare(
        self,
        name: Node,
        kind: str,
        around: Around,
        whole: Node,
        *,
        type_: Chain = (),
        value: Chain = (),
        bases: tuple[Chain, ...] = (),
        called: str = "",
    ) -> Declaration:
        line, column = self._place(name)
        text = called or word(name)
        modifiers = next((each for each in whole.children if each.type == "modifiers"), None)
        words = {each.type for each in modifiers.children} if modifiers is not None else set()
        made = Declaration(
            intern(text),
            intern(qualify(around.holder, text)),
            kind,
            around.holder,
            bases=bases,
            type=type_,
            value=value,
            static="static" in words or kind in _STATIC_KINDS,
            exported="private" not in words and self._scopes[around.scope].kind != "function",
            line=line,
            column=column,
            line_end=whole.end_point[0] + 1,
        )
        self._declarations.append(made)
        return made
