"""What a Rust file says by itself: one walk over its tree, without recursion."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from tree_sitter import Node, Parser, Range

from glyphagent.dependencies.facts import FileFacts, ImportFact
from glyphagent.dependencies.languages.rust import bodies, items
from glyphagent.dependencies.languages.rust.declaring import both
from glyphagent.dependencies.languages.rust.frames import Frame
from glyphagent.dependencies.languages.rust.macros import (
    INCLUDING,
    QUOTING,
    included,
    read_tokens,
    takes_items,
)
from glyphagent.dependencies.languages.rust.paths import MACRO, written_path
from glyphagent.dependencies.languages.rust.records import Records
from glyphagent.dependencies.languages.rust.written_types import MAPS, SEQUENCES, WRAPPERS
from glyphagent.dependencies.syntax import grammar

_OWN = re.compile(rb"\b(?:struct|enum|trait|union)\s+([A-Z]\w*)")
_BROUGHT = re.compile(rb"\buse\s+(?:crate|super|self)\b[^;]{0,4000};")
_WORD = re.compile(rb"[A-Z]\w*")
_CONFIGURED = re.compile(r"#\s*\[\s*cfg\s*\((.*)\)\s*\]\s*$", re.DOTALL)
# Macros that hold items nest less deeply than this.
_DEEPEST_MACRO = 6


class Walk:
    """The walk over one file.

    Attributes:
        records: What was found.
        own_names: Names of standard types that the file gives to types of its own, or of its crate.
    """

    def __init__(self, path: str, text: str, *, uses: bool) -> None:
        """Parse a file."""
        self.data = text.encode("utf-8", "surrogatepass")
        self.records = Records(path, self.data, uses=uses)
        standard = WRAPPERS | SEQUENCES | MAPS
        found = [*_OWN.findall(self.data)]
        for brought in _BROUGHT.findall(self.data):
            found.extend(_WORD.findall(brought))
        named = {name.decode("utf-8", "replace") for name in found}
        self.own_names = frozenset(named & standard)
        self._waiting: list[tuple[Node, Frame]] = []
        self._handlers = _handlers()

    def run(self) -> FileFacts:
        """Walk the whole file."""
        root = Parser(grammar("rust")).parse(self.data).root_node
        self.walk_items(root.named_children, Frame())
        self._drain()
        return self.records.facts(root.has_error)

    def walk_items(self, nodes: list[Node], frame: Frame) -> None:
        """Walk a list of items with their attributes."""
        items.walk_items(self, nodes, frame)

    def push(self, node: Node | None, frame: Frame) -> None:
        """Walk a node next, before all that wait; what was pushed last comes first."""
        if node is not None:
            self._waiting.append((node, frame))

    def push_all(self, nodes: list[Node], frame: Frame) -> None:
        """Walk nodes next, in their order."""
        self._waiting.extend((node, frame) for node in reversed(nodes))

    def text(self, node: Node | None) -> str:
        """Text of a node."""
        if node is None:
            return ""
        return self.data[node.start_byte : node.end_byte].decode("utf-8", "surrogatepass")

    def _drain(self) -> None:
        waiting, handlers = self._waiting, self._handlers
        while waiting:
            node, frame = waiting.pop()
            handler = handlers.get(node.type)
            if handler is not None:
                handler(self, node, frame)
            elif node.named_child_count:
                waiting.extend((child, frame) for child in reversed(node.named_children))

    def macro_call(self, node: Node, frame: Frame) -> None:
        """Record a macro call, what it includes, and what its tokens use."""
        macro = node.child_by_field_name("macro")
        tokens = next((each for each in node.named_children if each.type == "token_tree"), None)
        path = written_path(macro)
        name = path.rpartition("::")[2]
        if macro is not None and path:
            place = self.records.place(macro)
            self.records.use(frame, frame.head(path, MACRO), "reference", place)
        if tokens is None or name in QUOTING:
            return
        inside = self.data[tokens.start_byte + 1 : tokens.end_byte - 1]
        text = inside.decode("utf-8", "surrogatepass")
        if name in INCLUDING:
            self.include(name, text, tokens, frame)
            return
        if frame.holder != "function" and frame.macro < _DEEPEST_MACRO and takes_items(text):
            self._macro_items(tokens, frame)
            return
        line, column = self.records.place(tokens)
        read_tokens(self.records, frame, text, (line, column + 1), rules=False)

    def macro_rules(self, node: Node, frame: Frame) -> None:
        """Record the sure paths in a macro's own rules."""
        line, column = self.records.place(node)
        read_tokens(self.records, frame, self.text(node), (line, column), rules=True)

    def include(self, kind: str, text: str, node: Node, frame: Frame) -> None:
        """Record an `include!` of a literal path, or of one that only a build knows."""
        path = included(text)
        line, column = self.records.place(node)
        shown = " ".join(text.split())[:200] if path is None else path
        self.records.imports.append(
            ImportFact(
                shown,
                kind,
                scope=frame.scope,
                condition=frame.condition,
                computed=path is None,
                line=line,
                column=column + 1,
            )
        )

    def _macro_items(self, tokens: Node, frame: Frame) -> None:
        """Walk the items inside a macro call, by each of its conditions."""
        for condition, block in _blocks(self, tokens):
            inner = frame.copy()
            inner.macro += 1
            if condition:
                inner.condition = both(frame.condition, condition)
            whole = Range(
                block.children[0].end_point if block.children else block.start_point,
                block.children[-1].start_point if block.children else block.end_point,
                block.children[0].end_byte if block.children else block.start_byte,
                block.children[-1].start_byte if block.children else block.end_byte,
            )
            if whole.end_byte <= whole.start_byte:
                continue
            root = Parser(grammar("rust"), included_ranges=[whole]).parse(self.data).root_node
            self.walk_items(root.named_children, inner)


def _blocks(walk: Walk, tokens: Node) -> list[tuple[str, Node]]:
    """The braced blocks of `cfg_if!` with their conditions; else the tokens as a whole."""
    children = tokens.children
    configured = [
        index
        for index, child in enumerate(children)
        if child.type == "token_tree" and walk.data[child.start_byte : child.start_byte + 1] == b"{"
    ]
    first = next((walk.text(child) for child in children[1:2]), "")
    if not configured or first != "if":
        return [("", tokens)]
    found = []
    since = children[0].end_byte
    for index in configured:
        child = children[index]
        before = walk.data[since : child.start_byte].decode("utf-8", "surrogatepass")
        condition = _CONFIGURED.search(before.strip())
        found.append((" ".join(condition[1].split()) if condition else "", child))
        since = child.end_byte
    return found


@cache
def _handlers() -> dict[str, Callable[[Walk, Node, Frame], None]]:
    return {
        **items.HANDLERS,
        **bodies.HANDLERS,
        "macro_invocation": Walk.macro_call,
    }


def collect(path: str, text: str, *, uses: bool = True) -> FileFacts:
    """What a Rust file's text says by itself; never raises for any text."""
    return Walk(path, text, uses=uses).run()
