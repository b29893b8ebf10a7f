"""What stands inside functions: expressions as chains of names, patterns as local variables."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tree_sitter import Node

from glyphagent.dependencies.facts import CALL, ITEM, UNKNOWN, Chain
from glyphagent.dependencies.languages.rust.frames import Frame
from glyphagent.dependencies.languages.rust.paths import TYPE, first_child, written_path
from glyphagent.dependencies.languages.rust.standard import words
from glyphagent.dependencies.languages.rust.written_types import WRAPPERS, type_chain

if TYPE_CHECKING:
    from glyphagent.dependencies.languages.rust.collecting import Walk

_PATHS = frozenset({"identifier", "scoped_identifier", "self", "crate", "super"})
# These are what stands inside of them, as far as members go.
_TRANSPARENT = words(
    """
    parenthesized_expression try_expression await_expression reference_expression
    unary_expression
    """
)
_BLOCKS = frozenset({"block", "unsafe_block", "async_block", "const_block"})
# A closure's parameter, by its number, after what it is given to.
PARAMETER = "\\"
_LONGEST = 40
_WRAPPING = frozenset({"Some", "Ok"})


def expression_chain(walk: Walk, node: Node | None, frame: Frame) -> Chain:
    """An expression as a chain of names; one that begins with `UNKNOWN` if it begins otherwise."""
    parts: list[str] = []
    for _ in range(_LONGEST):
        if node is None:
            return ()
        kind = node.type
        if kind == "call_expression":
            function = node.child_by_field_name("function")
            wrapped = _wrapped(node, function)
            if wrapped is not None:
                node = wrapped
                continue
            parts.append(CALL)
            node = function
        elif kind == "field_expression":
            parts.append(walk.text(node.child_by_field_name("field")))
            node = node.child_by_field_name("value")
        elif kind == "index_expression":
            parts.append(ITEM)
            node = first_child(node)
        elif kind in _TRANSPARENT:
            node = next((each for each in reversed(node.named_children)), None)
        elif kind == "generic_function":
            node = node.child_by_field_name("function")
        elif kind in _PATHS:
            return (*frame.head(written_path(node)), *reversed(parts))
        elif kind == "struct_expression":
            path = written_path(node.child_by_field_name("name"))
            return (*frame.head(path, TYPE), CALL, *reversed(parts))
        elif kind in _BLOCKS:
            last = node.named_child(node.named_child_count - 1) if node.named_child_count else None
            inside = last is not None and last.type in ("block", "call_expression", "identifier")
            if last is None or (frame.variables is None and not inside):
                break
            if any(each.type == "let_declaration" for each in node.named_children):
                break
            node = last
        elif kind == "if_expression":
            node = node.child_by_field_name("consequence")
        else:
            break
    return (UNKNOWN, *reversed(parts))


def _wrapped(call: Node, function: Node | None) -> Node | None:
    """What `Box::new(x)`, `Some(x)` or `Arc::clone(&x)` wraps: they have the members of it."""
    if function is None or function.type not in ("scoped_identifier", "identifier"):
        return None
    before, _, last = written_path(function).rpartition("::")
    wrapper = before.rpartition("::")[2]
    if last not in _WRAPPING if not before else wrapper not in WRAPPERS:
        return None
    if before and last not in ("new", "clone", "from", "pin", "Borrowed", "Owned", "Some", "Ok"):
        return None
    arguments = call.child_by_field_name("arguments")
    if arguments is None or arguments.named_child_count != 1:
        return None
    return first_child(arguments)


def _receiver(walk: Walk, node: Node | None, frame: Frame) -> None:
    """Walk what a chain begins with, its own parts left out."""
    while node is not None:
        if node.type == "field_expression":
            node = node.child_by_field_name("value")
        elif node.type in _TRANSPARENT:
            node = next((each for each in reversed(node.named_children)), None)
        elif node.type == "generic_function":
            walk.push(node.child_by_field_name("type_arguments"), frame)
            node = node.child_by_field_name("function")
        elif node.type in _PATHS:
            return
        else:
            walk.push(node, frame)
            return


def _call(walk: Walk, node: Node, frame: Frame) -> None:
    function = node.child_by_field_name("function")
    arguments = node.child_by_field_name("arguments")
    if function is not None and function.type == "generic_function":
        walk.push(function.child_by_field_name("type_arguments"), frame)
        function = function.child_by_field_name("function")
    callee: Chain = ()
    if function is not None and (function.type in _PATHS or function.type == "field_expression"):
        chain = callee = expression_chain(walk, function, frame)
        named = function.child_by_field_name("name") or function.child_by_field_name("field")
        walk.records.use(frame, chain, "call", walk.records.place(named or function))
        if function.type == "field_expression":
            value = function.child_by_field_name("value")
            place = walk.records.place(value) if value is not None else (0, 0)
            _path_alone(walk, value, frame, place)
        _receiver(walk, function, frame)
    else:
        walk.push(function, frame)
    if arguments is None:
        return
    for argument in reversed(arguments.named_children):
        if argument.type == "closure_expression":
            _closure(walk, argument, frame, callee)
        else:
            walk.push(argument, frame)


def _path_alone(walk: Walk, node: Node | None, frame: Frame, place: tuple[int, int]) -> None:
    """A path before a method call is a use by itself, since it may lead to a file."""
    while node is not None and node.type in _TRANSPARENT:
        node = next((each for each in reversed(node.named_children)), None)
    if node is not None and node.type == "scoped_identifier":
        named = node.child_by_field_name("name") or node
        chain = frame.head(written_path(node))
        walk.records.use(frame, chain, "reference", walk.records.place(named))


def _field(walk: Walk, node: Node, frame: Frame) -> None:
    chain = expression_chain(walk, node, frame)
    field = node.child_by_field_name("field") or node
    walk.records.use(frame, chain, "reference", walk.records.place(field))
    value = node.child_by_field_name("value")
    if value is not None:
        _path_alone(walk, value, frame, walk.records.place(value))
    _receiver(walk, node, frame)


def _path(walk: Walk, node: Node, frame: Frame) -> None:
    chain = frame.head(written_path(node))
    if chain[0] != UNKNOWN and ("|" in chain[0] or chain[0][0] == "@" or len(chain) > 1):
        named = node.child_by_field_name("name") or node
        walk.records.use(frame, chain, "reference", walk.records.place(named))
    if node.type == "scoped_identifier":
        inner = node.child_by_field_name("path")
        if inner is not None and inner.type in ("generic_type", "bracketed_type"):
            walk.push(inner, frame)


def _struct(walk: Walk, node: Node, frame: Frame) -> None:
    name = node.child_by_field_name("name")
    _used_type(walk, name, frame)
    walk.push(node.child_by_field_name("body"), frame)


def _used_type(walk: Walk, node: Node | None, frame: Frame) -> None:
    path = written_path(node)
    if node is None or not path:
        return
    chain = frame.head(path, TYPE)
    if "|" in chain[0] or len(chain) > 1:
        named = node.child_by_field_name("name") or node
        walk.records.use(frame, chain, "reference", walk.records.place(named))


def _let(walk: Walk, node: Node, frame: Frame) -> None:
    before = frame.copy()
    value, written = node.child_by_field_name("value"), node.child_by_field_name("type")
    kind = type_chain(written, frame, walk.own_names)
    held = expression_chain(walk, value, frame) if value is not None else ()
    walk.push(node.child_by_field_name("alternative"), before)
    walk.push(value, before)
    walk.push(written, before)
    bind_pattern(walk, node.child_by_field_name("pattern"), frame, kind, held)


def _closure_expression(walk: Walk, node: Node, frame: Frame) -> None:
    _closure(walk, node, frame, ())


def _closure(walk: Walk, node: Node, frame: Frame, callee: Chain) -> None:
    """A closure, given to what a chain names, if to anything."""
    inner = frame.copy()
    parameters = node.child_by_field_name("parameters")
    # `_` is no named node, and counts.
    given_to = (
        [each for each in parameters.children if each.type not in ("|", ",")] if parameters else []
    )
    for number, each in enumerate(given_to):
        if each.type == "parameter":
            written = each.child_by_field_name("type")
            kind = type_chain(written, frame, walk.own_names)
            bind_pattern(walk, each.child_by_field_name("pattern"), inner, kind, ())
            walk.push(written, frame)
        else:
            given = (*callee, f"{PARAMETER}{number}") if callee else ()
            bind_pattern(walk, each, inner, (), given, iterated=True)
    walk.push(node.child_by_field_name("body"), inner)


def _for(walk: Walk, node: Node, frame: Frame) -> None:
    inner = frame.copy()
    value = node.child_by_field_name("value")
    held = expression_chain(walk, value, frame)
    walk.push(node.child_by_field_name("body"), inner)
    walk.push(value, frame)
    pattern = node.child_by_field_name("pattern")
    bind_pattern(walk, pattern, inner, (), (*held, ITEM) if held else (), iterated=True)


def _if(walk: Walk, node: Node, frame: Frame) -> None:
    inner = frame.copy()
    walk.push(node.child_by_field_name("alternative"), frame)
    walk.push(node.child_by_field_name("consequence"), inner)
    walk.push(node.child_by_field_name("condition"), inner)


def _while(walk: Walk, node: Node, frame: Frame) -> None:
    inner = frame.copy()
    walk.push(node.child_by_field_name("body"), inner)
    walk.push(node.child_by_field_name("condition"), inner)


def _let_condition(walk: Walk, node: Node, frame: Frame) -> None:
    value = node.child_by_field_name("value")
    held = expression_chain(walk, value, frame)
    walk.push(value, frame.copy())
    bind_pattern(walk, node.child_by_field_name("pattern"), frame, (), held)


def _match(walk: Walk, node: Node, frame: Frame) -> None:
    value = node.child_by_field_name("value")
    body = node.child_by_field_name("body")
    held = expression_chain(walk, value, frame)
    for arm in reversed(body.named_children if body is not None else []):
        if arm.type != "match_arm":
            walk.push(arm, frame)
            continue
        inner = frame.copy()
        walk.push(arm.child_by_field_name("value"), inner)
        pattern = arm.child_by_field_name("pattern")
        if pattern is not None:
            walk.push(pattern.child_by_field_name("condition"), inner)
            bind_pattern(walk, pattern, inner, (), held)
    walk.push(value, frame)


def bind_pattern(
    walk: Walk,
    node: Node | None,
    frame: Frame,
    kind: Chain,
    value: Chain,
    *,
    iterated: bool = False,
) -> None:
    """Bind the variables of a pattern, and record the types and constants that it names.

    Args:
        walk: The walk.
        node: The pattern.
        frame: Where its variables become known.
        kind: Declared type of what is matched, if any.
        value: What is matched, if it is a chain of names.
        iterated: Whether it is an item of something, of which a tuple's last part is the item:
            `for (index, item) in items.enumerate()`, `for (key, value) in map`.
    """
    here: dict[str, str] = {}
    waiting: list[tuple[Node | None, Chain, Chain, bool]] = [(node, kind, value, iterated)]
    while waiting:
        each, type_, held, item = waiting.pop()
        if each is None:
            continue
        what = each.type
        if what in ("identifier", "shorthand_field_identifier"):
            name = walk.text(each).removeprefix("r#")
            if what == "identifier" and name[:1].isupper() and not type_:
                _path(walk, each, frame)
            elif name in here:
                walk.records.bind_again(frame, here[name], type_, held)
            else:
                walk.records.bind(frame, name, type_, held)
                here[name] = frame.variable(name) or name
        elif what in ("tuple_struct_pattern", "struct_pattern"):
            waiting.extend(reversed(_taken_apart(walk, each, frame, type_, held)))
        elif what == "tuple_pattern":
            parts = each.named_children
            for index, part in reversed(list(enumerate(parts))):
                last = item and index == len(parts) - 1
                waiting.append((part, (), held if last else (), item if last else False))
        elif what == "slice_pattern":
            waiting.extend((part, (), (*held, ITEM), False) for part in each.named_children)
        elif what == "scoped_identifier":
            _path(walk, each, frame)
        elif what == "match_pattern":
            waiting.append((first_child(each), type_, held, item))
        elif what == "macro_invocation":
            walk.push(each, frame)
        elif what == "range_pattern":
            walk.push_all([part for part in each.named_children if part.type in _PATHS], frame)
        elif each.named_child_count:
            # `ref x`, `mut x`, `&x`, `name @ ...`, `a | b`: all of these match the same thing.
            parts = [part for part in each.named_children if part.type != "mutable_specifier"]
            waiting.extend((part, type_, held, item) for part in reversed(parts))


def _taken_apart(
    walk: Walk, node: Node, frame: Frame, kind: Chain, value: Chain
) -> list[tuple[Node | None, Chain, Chain, bool]]:
    """The parts of a pattern that names a type or variant, each with what it holds."""
    named = node.child_by_field_name("type")
    path = written_path(named)
    inner = [each for each in node.named_children if each != named]
    found: list[tuple[Node | None, Chain, Chain, bool]] = []
    if node.type == "tuple_struct_pattern":
        last = path.rpartition("::")[2]
        if last in ("Some", "Ok", "Err", "Ready"):
            known = last != "Err"
            return [(each, kind if known else (), value if known else (), False) for each in inner]
        _used_type(walk, named, frame)
        head = frame.head(path, TYPE)
        parts = [each for each in inner if each.type not in ("line_comment", "block_comment")]
        for index, each in enumerate(parts):
            found.append((each, (), (*head, str(index)), False))
        return found
    _used_type(walk, named, frame)
    head = frame.head(path, TYPE)
    for each in inner:
        if each.type != "field_pattern":
            continue
        name = each.child_by_field_name("name")
        pattern = each.child_by_field_name("pattern") or name
        found.append((pattern, (), (*head, walk.text(name)), False))
    return found


HANDLERS: dict[str, Callable[[Walk, Node, Frame], None]] = {
    "call_expression": _call,
    "field_expression": _field,
    "identifier": _path,
    "scoped_identifier": _path,
    "struct_expression": _struct,
    "let_declaration": _let,
    "closure_expression": _closure_expression,
    "for_expression": _for,
    "if_expression": _if,
    "while_expression": _while,
    "let_condition": _let_condition,
    "match_expression": _match,
}
