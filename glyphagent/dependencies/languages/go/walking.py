"""The inside of Go functions and values: local names, and every use of a name.

Every local variable gets a name of its own here (`c'3`), in the order in which Go's scopes open
and close, so that shadowing is settled before anybody asks what a name means: whatever head has
no such mark belongs to the package or to an import. The walk keeps its own stack: machine-written
sources nest deeper than Python's.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from tree_sitter import Node

from glyphagent.dependencies.facts import CALL, ITEM, ITEMS, UNKNOWN, Chain
from glyphagent.dependencies.languages.go.chains import (
    RANGE_KEY,
    RANGE_VALUE,
    UNIVERSE,
    first,
    last_name,
    result,
    word,
)
from glyphagent.dependencies.languages.go.expressions import SPINE, Expressions, Link

if TYPE_CHECKING:
    from glyphagent.dependencies.languages.go.declaring import Declarer

_BLOCKS = frozenset(
    (
        *("block", "for_statement", "if_statement", "expression_switch_statement"),
        *("select_statement", "expression_case", "default_case", "communication_case"),
    )
)
_TYPES = frozenset(("type_identifier", "qualified_type"))
_AROUND = frozenset(("type_elem", "pointer_type", "parenthesized_type"))
_LEAVES = frozenset(
    (
        *("comment", "interpreted_string_literal", "raw_string_literal", "int_literal", "nil"),
        *("float_literal", "rune_literal", "true", "false", "iota", "label_name", "dot"),
        *("imaginary_literal", "field_identifier", "package_identifier", "blank_identifier"),
    )
)


class Walk(Expressions):
    """One walk through the inside of a declaration."""

    def __init__(self, collector: Declarer, scope: int, names: dict[str, Chain]) -> None:
        """Begin inside a declaration, with its type parameters by name."""
        super().__init__(collector, scope, names)
        self._stack: list[Node | Callable[[], object]] = []

    def run(self, *nodes: Node | None) -> None:
        """Walk through nodes, in their order."""
        self._push(nodes)
        stack = self._stack
        while stack:
            item = stack.pop()
            if isinstance(item, Node):
                self._visit(item)
            else:
                item()

    def declare(self, name: str, kind: Chain = (), value: Chain = ()) -> None:
        """Bind a local name from here on."""
        if name in ("_", ""):
            return
        head = f"{name}'{self._collector.number()}"
        self._locals[-1][name] = head
        if kind or value:
            self._collector.bind(self.scope, head, kind, value)

    def parameters(self, node: Node | None, *, kinds: bool = True) -> None:
        """Bind the names of a parameter list, and of one that names results."""
        for each in node.named_children if node is not None else ():
            kind_node = each.child_by_field_name("type")
            kind = self.types.chain(kind_node)
            if each.type == "variadic_parameter_declaration" and kind:
                kind = (*kind, ITEMS)
            for name in each.children_by_field_name("name"):
                self.declare(word(name), kind)
            if kinds and kind_node is not None:
                self._stack.append(kind_node)

    def _push(self, nodes: tuple[Node | None, ...] | list[Node]) -> None:
        self._stack.extend(node for node in reversed(nodes) if node is not None)

    def _visit(self, node: Node) -> None:
        kind = node.type
        if kind in _LEAVES:
            return
        if kind == "identifier":
            self._use(self.links(node)[0])
        elif kind in SPINE:
            links, others = self.links(node)
            self._use(links)
            self._push(others)
        elif kind in _TYPES:
            chain = self.types.chain(node)
            if chain:
                self._collector.use(self.scope, chain, "reference", last_name(node) or node)
        elif kind in _BLOCKS:
            self._open()
            self._push(node.named_children)
        else:
            visit = _VISITS.get(kind)
            if visit is not None:
                visit(self, node)
            else:
                self._push(node.named_children)

    def _open(self) -> None:
        """Names bound from here on are forgotten when what is pushed next has been walked."""
        self._locals.append({})
        self._stack.append(self._locals.pop)

    def _use(self, links: list[Link]) -> None:
        """Record a use for every name along a chain that another file may define."""
        chain = tuple(link for link, _ in links)
        if chain[0] == UNKNOWN:
            return
        collector = self._collector
        local = "'" in chain[0]
        if local and not collector.is_known(chain[0]):
            return
        for at, (link, node) in enumerate(links):
            if node is None or (at == 0 and (local or link in UNIVERSE)):
                continue
            if at == 0 and len(chain) > 1 and link in collector.imported and chain[1] != CALL:
                continue
            # `New[int](1)` takes an item as far as the grammar can tell.
            called = chain[at + 1 : at + 2] == (CALL,) or chain[at + 1 : at + 3] == (ITEM, CALL)
            collector.use(self.scope, chain[: at + 1], "call" if called else "reference", node)

    def _function(self, node: Node) -> None:
        """A function without a name: its parameters are bound in a block of its own."""
        self._open()
        body = node.child_by_field_name("body")
        self._push(body.named_children if body is not None else [])
        result_node = node.child_by_field_name("result")
        if result_node is not None and result_node.type == "parameter_list":
            self.parameters(result_node)
        elif result_node is not None:
            self._stack.append(result_node)
        self.parameters(node.child_by_field_name("parameters"))

    def _short(self, node: Node) -> None:
        """`a, b := f()`: the names mean something new once the right side has been read."""
        left = _children(node.child_by_field_name("left"))
        right = _children(node.child_by_field_name("right"))
        self._stack.append(lambda: self._bind(left, right, (), fresh=False))
        self._push(right)

    def _spec(self, node: Node) -> None:
        """`var a, b T = f()` inside a function; constants alike."""
        names = node.children_by_field_name("name")
        kind_node = node.child_by_field_name("type")
        kind = self.types.chain(kind_node)
        right = _children(node.child_by_field_name("value"))
        self._stack.append(lambda: self._bind(names, right, kind, fresh=True))
        self._push([*([kind_node] if kind_node is not None else []), *right])

    def _bind(self, left: list[Node], right: list[Node], kind: Chain, *, fresh: bool) -> None:
        given = [self.value(each) for each in right]
        known = set() if fresh else set(self._locals[-1])
        for at, name in enumerate(left):
            if name.type != "identifier" or word(name) in known:
                continue
            if kind:
                self.declare(word(name), kind)
            elif len(right) == len(left):
                self.declare(word(name), *given[at])
            elif len(right) == 1:
                of, value = given[0]
                if value and value[-1] == CALL:
                    value = (*value, result(at)) if at else value
                    self.declare(word(name), (), value)
                else:  # `v, ok := <-channel`, and maps and assertions alike
                    self.declare(word(name), *((of, value) if at == 0 else ((), ())))
            else:
                self.declare(word(name))

    def _range(self, node: Node) -> None:
        """`for k, v := range x`; without `:=` it only assigns."""
        left = _children(node.child_by_field_name("left"))
        right = node.child_by_field_name("right")
        if not any(each.type == ":=" for each in node.children):
            self._push([*left, *([right] if right is not None else [])])
            return

        def bind() -> None:
            kind, value = self.value(right)
            base = value or ((self.hidden(kind),) if kind else ())
            for each, link in zip(left, (RANGE_KEY, RANGE_VALUE), strict=False):
                self.declare(word(each), (), (*base, link) if base else ())

        self._stack.append(bind)
        self._push((right,))

    def _receive(self, node: Node) -> None:
        """`case v, ok := <-channel`; without `:=` it only assigns."""
        left = _children(node.child_by_field_name("left"))
        right = node.child_by_field_name("right")
        if any(each.type == ":=" for each in node.children):
            given = self.value(right)
            if left:
                self._stack.append(partial(self.declare, word(left[0]), *given))
            self._push((right,))
        else:
            self._push([*left, *([right] if right is not None else [])])

    def _type_switch(self, node: Node) -> None:
        """`switch v := x.(type)`: the name has another type in every case."""
        self._open()
        alias = _children(node.child_by_field_name("alias"))
        value = node.child_by_field_name("value")
        cases = [each for each in node.named_children if each.type in ("type_case", "default_case")]
        given: tuple[Chain, Chain] = ((), ())

        def one(case: Node) -> None:
            kinds = case.children_by_field_name("type")
            self._open()
            if alias and len(kinds) == 1:
                self.declare(word(alias[0]), self.types.chain(kinds[0]))
            elif alias:
                self.declare(word(alias[0]), *given)
            self._push(case.named_children)

        def read() -> None:
            nonlocal given
            given = self.value(value)

        self._stack.extend(partial(one, case) for case in reversed(cases))
        self._stack.append(read)
        self._push((value,))
        self._push((node.child_by_field_name("initializer"),))

    def _local_type(self, node: Node) -> None:
        """A type of the function's own: it gets a name that no other can have."""
        name, kind = node.child_by_field_name("name"), node.child_by_field_name("type")
        if name is None:
            return
        head = self._collector.local_type(word(name), kind, name, self)
        self.types.names = {**self.types.names, word(name): (head,)}
        self._push((kind,))

    def _selector_less(self, node: Node) -> None:
        """Children but the first: labels and names that are no uses."""
        self._push(node.named_children[1:])

    def _embedded(self, node: Node) -> None:
        """A type that a struct or an interface embeds; constraints embed nothing by themselves."""
        kind = node.child_by_field_name("type") if node.type == "field_declaration" else node
        kind = first(kind) if kind is not None and kind.type in _AROUND else kind
        named = last_name(kind)
        chain = self.types.chain(kind) if named is not None else ()
        if (node.named_child_count > 1 and node.type == "type_elem") or not chain or named is None:
            self._push(node.named_children)
            return
        self._collector.use(self.scope, chain, "inherit", named)
        arguments = kind.child_by_field_name("type_arguments") if kind is not None else None
        self._push((arguments,))

    def _interface(self, node: Node) -> None:
        """Methods, and interfaces that it embeds."""
        for each in reversed(node.named_children):
            embeds = partial(self._embedded, each)
            self._stack.append(embeds if each.type == "type_elem" else each)

    def _kinds_only(self, node: Node) -> None:
        """Types of fields, parameters and methods, whose names are no uses."""
        names = node.children_by_field_name("name")
        if node.type == "field_declaration" and not names:
            self._embedded(node)
            return
        self._push([each for each in node.named_children if each not in names])


_VISITS: dict[str, Callable[[Walk, Node], None]] = {
    "func_literal": Walk._function,
    "short_var_declaration": Walk._short,
    "var_spec": Walk._spec,
    "const_spec": Walk._spec,
    "range_clause": Walk._range,
    "receive_statement": Walk._receive,
    "type_switch_statement": Walk._type_switch,
    "type_spec": Walk._local_type,
    "type_alias": Walk._local_type,
    "labeled_statement": Walk._selector_less,
    "field_declaration": Walk._kinds_only,
    "parameter_declaration": Walk._kinds_only,
    "variadic_parameter_declaration": Walk._kinds_only,
    "type_parameter_declaration": Walk._kinds_only,
    "method_elem": Walk._kinds_only,
    "interface_type": Walk._interface,
}


def _children(node: Node | None) -> list[Node]:
    if node is None:
        return []
    return node.named_children if node.type == "expression_list" else [node]
