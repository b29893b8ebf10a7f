"""A walk over a C or C++ tree with a stack of its own, and the records that it leaves."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from sys import intern

from tree_sitter import Node

from glyphagent.dependencies.facts import Binding, Chain, Declaration, Scope, Use
from glyphagent.dependencies.languages.c.cleaning import cleaned
from glyphagent.dependencies.languages.c.expressions import value_chain
from glyphagent.dependencies.syntax import Parsed, qualify

_PLUS_PLUS = re.compile(
    r"^\s*(?:class\s+\w|namespace\b|template\s*<|using\s|public:|private:|inline\s+namespace)"
    r"|\w::\w|\bstd::|\bvirtual\s",
    re.M,
)
C_ALONE = ("c",)
SHARED = ("h", "inl", "inc", "def")


@dataclass(frozen=True, slots=True)
class Around:
    """Where the walk stands.

    Attributes:
        scope: Index of the scope.
        holder: Qualified name of the namespace or type around it.
        type: Qualified name of the type around it, for `this`.
        generics: Names of the template parameters in force.
        local: Whether names declared here are a function's own.
        hidden: Whether what is declared here has internal linkage.
    """

    scope: int = 0
    holder: str = ""
    type: str = ""
    generics: frozenset[str] = frozenset()
    local: bool = False
    hidden: bool = False


class Walk:
    """A walk over one file, and what it has gathered so far."""

    def __init__(self, path: str, text: str, uses: bool) -> None:
        """Parse a text; handlers are given by node kind."""
        suffix = path.rpartition(".")[2].lower()
        plain = suffix in C_ALONE or (suffix in SHARED and not _PLUS_PLUS.search(text))
        self._plus_plus = not plain
        self._parsed = Parsed(path, cleaned(text), "c" if plain else "cpp")
        self._wanted = uses
        self._ascii = self._parsed.data.isascii()
        self._lines = [] if self._ascii else self._parsed.data.split(b"\n")
        self._declarations: list[Declaration] = []
        self._defined: set[str] = set()
        self._announced: set[str] = set()
        self._scopes = [Scope(-1, "module")]
        self._locals: list[set[str]] = [set()]
        self._bindings: list[Binding] = []
        self._uses: set[Use] = set()
        self._handlers: dict[str, Callable[[Node, Around], None]] = {}
        self._stack: list[tuple[Node, Around]] = []

    def walk(self) -> None:
        """Visit the whole tree."""
        self._push(self._parsed.root.named_children, Around())
        handlers, stack = self._handlers, self._stack
        while stack:
            node, around = stack.pop()
            handler = handlers.get(node.type)
            if handler is not None:
                handler(node, around)
            elif node.named_child_count:
                self._push(node.named_children, around)

    def _push(self, nodes: Sequence[Node | None], around: Around) -> None:
        self._stack.extend((node, around) for node in reversed(nodes) if node is not None)

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
        if self._wanted and name:
            self._bindings.append(Binding(around.scope, intern(name), type_, value))

    def _is_local(self, name: str, scope: int) -> bool:
        while scope > 0:
            if name in self._locals[scope]:
                return True
            scope = self._scopes[scope].parent
        return False

    def _value(self, node: Node | None, around: Around) -> Chain:
        return value_chain(node, around.type, around.generics)

    def _use(self, around: Around, chain: Chain, kind: str, node: Node) -> None:
        if not chain or not self._wanted or chain[0] in ("std", ""):
            return
        if len(chain) == 1 and chain[0] in around.generics:
            return
        line, column = self._place(node)
        self._uses.add(Use(around.scope, tuple(map(intern, chain)), kind, line, column))

    def _declare(
        self,
        place: Node,
        name: str,
        kind: str,
        around: Around,
        whole: Node,
        *,
        type_: Chain = (),
        value: Chain = (),
        bases: tuple[Chain, ...] = (),
        static: bool = False,
        exported: bool = True,
        announced: bool = False,
        parent: str | None = None,
    ) -> str:
        """Declare a name and give its qualified one; `announced` means defined elsewhere."""
        holder = around.holder if parent is None else parent
        full = intern(qualify(holder, name))
        line, column = self._place(place)
        self._declarations.append(
            Declaration(
                intern(name),
                full,
                kind,
                holder,
                bases=bases,
                type=type_,
                value=value,
                static=static,
                exported=exported and not around.hidden,
                line=line,
                column=column,
                line_end=whole.end_point[0] + 1,
            )
        )
        (self._announced if announced else self._defined).add(full)
        return full
