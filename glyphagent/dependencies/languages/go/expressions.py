"""Go expressions as chains of names, with the node that proves each name.

Local names are written as the walk made them unique (`c'3`). No function recurses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tree_sitter import Node

from glyphagent.dependencies.facts import CALL, ITEM, ITEMS, UNKNOWN, Chain
from glyphagent.dependencies.languages.go.chains import (
    FUNCTION,
    KEY,
    LONGEST_CHAIN,
    RECEIVE,
    Types,
    first,
    instance_of,
    last_name,
    result_types,
    word,
)

if TYPE_CHECKING:
    from glyphagent.dependencies.languages.go.declaring import Declarer

SPINE = frozenset(
    (
        *("selector_expression", "call_expression", "index_expression", "slice_expression"),
        *("parenthesized_expression", "unary_expression", "type_assertion_expression"),
        *("type_conversion_expression", "composite_literal", "type_instantiation_expression"),
    )
)
_STATED = frozenset(
    ("type_assertion_expression", "type_conversion_expression", "composite_literal")
)
_ITEMS = frozenset(("index_expression", "slice_expression", "type_instantiation_expression"))

# A link of a chain, and the node that evidence points to where the link is a name.
Link = tuple[str, Node | None]


class Expressions:
    """Expressions at a place where some local names and types are known.

    Attributes:
        scope: Index of the scope that names are used in.
        types: Reads types, with the type parameters and local types of the place.
    """

    def __init__(self, collector: Declarer, scope: int, names: dict[str, Chain]) -> None:
        """Begin with type parameters by name."""
        self._collector = collector
        self.scope = scope
        self._locals: list[dict[str, str]] = [{}]
        self.types = Types(names, self._anonymous)

    def value(self, node: Node | None) -> tuple[Chain, Chain]:
        """Type, where the text states it, and chain of an expression."""
        node = _bare(node)
        if node is None:
            return (), ()
        kind = node.type
        if kind in ("composite_literal", "type_conversion_expression", "type_assertion_expression"):
            found = self.types.chain(node.child_by_field_name("type"))
            if kind != "type_conversion_expression":
                return found, ()
            # `New[int](x)` reads like a conversion to a generic type.
            return ((), (*found, CALL)) if instance_of(found) else (found, ())
        if kind == "func_literal":
            found = self.types.chain(_first_result(node))
            return ((*found, FUNCTION), ()) if found else ((), ())
        if kind == "call_expression":
            function = node.child_by_field_name("function")
            made = self._made(function, node.child_by_field_name("arguments"))
            if made is not None:
                return made, ()
        chain = tuple(link for link, _ in self.links(node)[0])
        return (), chain if chain[0] != UNKNOWN else ()

    def links(self, node: Node) -> tuple[list[Link], list[Node]]:
        """Chain of an expression with its evidence, and what is to be walked besides it."""
        links: list[Link] = []
        others: list[Node] = []
        head: list[Link] = [(UNKNOWN, None)]
        at: Node | None = node
        while at is not None and len(links) <= LONGEST_CHAIN:
            kind = at.type
            if kind == "selector_expression":
                field = at.child_by_field_name("field")
                links.append((word(field), field))
                at = at.child_by_field_name("operand")
            elif kind == "call_expression":
                function = at.child_by_field_name("function")
                arguments = at.child_by_field_name("arguments")
                for each in (at.child_by_field_name("type_arguments"), arguments):
                    others += each.named_children if each is not None else ()
                made = self._made(function, arguments)
                if made is not None:
                    head = self._of_type(made) or head
                    break
                links.append((CALL, None))
                at = function
            elif kind in _ITEMS:
                operand: Node | None
                operand = at.child_by_field_name("operand") or first(at)
                others += [each for each in at.named_children if each != operand]
                if kind == "index_expression":
                    links.append((ITEM, None))
                at = operand
            elif kind == "parenthesized_expression":
                at = first(at)
            elif kind == "unary_expression":
                operator = at.child_by_field_name("operator")
                sign = operator.type if operator is not None else ""
                operand = at.child_by_field_name("operand")
                if sign == "<-":
                    links.append((RECEIVE, None))
                elif sign not in ("&", "*"):
                    others += [operand] if operand is not None else []
                    break
                at = operand
            elif kind in _STATED:
                head = self._stated(at, others) or head
                break
            elif kind == "identifier":
                head = self._named(at) or head
                break
            else:
                others.append(at)
                break
        else:
            others += [at] if at is not None else []
        head.extend(reversed(links))
        return head, others

    def _named(self, node: Node) -> list[Link]:
        """Link for a bare name: a local variable, a local type, or what the package has."""
        name = word(node)
        head = self._head(name)
        found = self.types.names.get(name) if head == name else None
        if found is not None:
            return [(link, node) for link in found]
        return [(head, node)]

    def _stated(self, node: Node, others: list[Node]) -> list[Link]:
        """Links for a literal, assertion or conversion, whose type the text states."""
        named = node.child_by_field_name("type")
        chain = self.types.chain(named)
        found = instance_of(chain)
        if node.type == "type_conversion_expression" and found and named is not None:
            # `New[int](x)` reads like a conversion to a generic type.
            head: list[Link] = [(link, None) for link in found]
            head[-2] = (found[-2], last_name(named) or named)
            arguments = named.child_by_field_name("type_arguments")
            others += [arguments] if arguments is not None else []
        else:
            head = self._of_type(chain)
            others += [named] if named is not None else []
        operand = node.child_by_field_name("operand")
        others += [operand] if operand is not None else []
        body = node.child_by_field_name("body")
        if body is not None:
            self._literal(body, chain, named, others)
        return head

    def _of_type(self, kind: Chain) -> list[Link]:
        """Links for an expression of a type that the text states."""
        found = instance_of(kind)
        if kind and not found:
            found = (self.hidden(kind),)
        return [(link, None) for link in found]

    def hidden(self, kind: Chain) -> str:
        """Head for a value of a type, as if a variable of its own held it."""
        head = f"it'{self._collector.number()}"
        self._collector.bind(self.scope, head, kind, ())
        return head

    def _head(self, name: str) -> str:
        for names in reversed(self._locals):
            head = names.get(name)
            if head is not None:
                return head
        return name

    def _made(self, function: Node | None, arguments: Node | None) -> Chain | None:
        """Type of what `new` and `make` give, None for another function."""
        if function is None or function.type != "identifier" or arguments is None:
            return None
        name = word(function)
        if name not in ("new", "make") or self._head(name) != name:
            return None
        return self.types.chain(first(arguments))

    def _anonymous(self, node: Node) -> Chain:
        return self._collector.anonymous(node, self.scope, self.types)

    def _literal(self, body: Node, kind: Chain, named: Node | None, others: list[Node]) -> None:
        """Uses of a composite literal's keys; its values are walked with the rest."""
        pending = [(body, kind, named)]
        while pending:
            body, kind, named = pending.pop()
            many = kind[-1].startswith(ITEMS) if kind else named is not None
            for element in body.named_children:
                value: Node | None = element
                if element.type == "keyed_element":
                    key = element.child_by_field_name("key")
                    value = element.child_by_field_name("value")
                    key = first(key) if key is not None else None
                    if key is None:
                        pass
                    elif key.type == "literal_value":
                        pending.append((key, (), None))
                    elif key.type == "identifier" and not many and kind:
                        self._key(word(key), key, kind)
                    else:
                        others.append(key)
                if value is not None and value.type == "literal_element":
                    value = first(value)
                if value is None:
                    continue
                if value.type == "literal_value":
                    pending.append((value, kind[:-1] if many else (*kind, CALL, ITEM), None))
                else:
                    others.append(value)

    def _key(self, name: str, node: Node, kind: Chain) -> None:
        """Use of a struct literal's field, or of a variable as a named map's key."""
        local = self._head(name) != name
        chain = (*(instance_of(kind) or kind), name if local else KEY + name)
        self._collector.use(self.scope, chain, "reference", node)


def _bare(node: Node | None) -> Node | None:
    """An expression without parentheses and the sign that takes its address."""
    while node is not None:
        if node.type == "parenthesized_expression":
            node = first(node)
        elif node.type == "unary_expression":
            sign = node.child_by_field_name("operator")
            if sign is None or sign.type != "&":
                return node
            node = node.child_by_field_name("operand")
        else:
            return node
    return None


def _first_result(node: Node) -> Node | None:
    found = node.child_by_field_name("result")
    if found is not None and found.type == "parameter_list":
        return next(iter(result_types(found)), None)
    return found
