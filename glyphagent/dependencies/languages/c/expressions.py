"""C and C++ types, declarators and expressions as chains of names, without recursion."""

from __future__ import annotations

from collections.abc import Collection

from tree_sitter import Node

from glyphagent.dependencies.facts import CALL, ITEM, ITEMS, Chain

LONGEST_CHAIN = 40
# Templates of the standard library by what their last argument is to them.
_COLLECTIONS = frozenset(
    """
    vector list deque set multiset unordered_set map multimap unordered_map array span forward_list
    initializer_list queue stack valarray
    """.split()  # noqa: SIM905 - names in quotes would hide that it is a list
)
_POINTERS = frozenset(
    "unique_ptr shared_ptr weak_ptr optional atomic reference_wrapper not_null".split()  # noqa: SIM905
)
_CASTS = frozenset(("static_cast", "dynamic_cast", "reinterpret_cast", "const_cast"))
_MAKERS = frozenset(("make_unique", "make_shared"))
_THROUGH = frozenset(("move", "forward", "ref", "cref"))
_NAMES = frozenset(
    (
        *("identifier", "type_identifier", "field_identifier", "namespace_identifier"),
        *("statement_identifier",),
    )
)
_DECLARATORS = frozenset(
    (
        *("pointer_declarator", "reference_declarator", "array_declarator", "init_declarator"),
        *("parenthesized_declarator", "function_declarator", "attributed_declarator"),
        *("bitfield_clause", "parameter_list", "variadic_declarator"),
    )
)


def word(node: Node | None) -> str:
    """Text of a small node."""
    if node is None or node.text is None:
        return ""
    return node.text.decode("utf-8", "replace")


def qualified(node: Node | None) -> tuple[str, ...]:
    """Names of a qualified name, outermost first; template arguments left out."""
    names: list[str] = []
    while node is not None and len(names) < LONGEST_CHAIN:
        kind = node.type
        if kind in _NAMES or kind in ("operator_name", "primitive_type"):
            names.append(word(node))
            break
        if kind == "destructor_name":
            names.append("~")
            break
        if kind == "qualified_identifier":
            scope = node.child_by_field_name("scope")
            if scope is not None:
                names.extend(qualified(scope) if scope.type != kind else ())
            node = node.child_by_field_name("name")
        elif kind in ("template_type", "template_function", "template_method"):
            node = node.child_by_field_name("name")
        elif kind in ("dependent_name", "dependent_type"):
            node = node.named_child(0)
        elif kind == "nested_namespace_specifier":
            names.extend(word(each) for each in node.named_children if each.type in _NAMES)
            break
        else:
            return ()
    return tuple(names)


def type_chain(node: Node | None, generics: Collection[str]) -> Chain:
    """What members are looked up on for a value of a type, empty for primitives."""
    items: tuple[str, ...] = ()
    for _ in range(LONGEST_CHAIN):
        if node is None:
            return ()
        kind = node.type
        if kind == "type_descriptor":
            node = node.child_by_field_name("type")
        elif kind in ("struct_specifier", "class_specifier", "union_specifier", "enum_specifier"):
            node = node.child_by_field_name("name")
        elif kind in ("qualified_identifier", "template_type", "type_identifier"):
            names = qualified(node)
            last = names[-1] if names else ""
            if last in _COLLECTIONS or last in _POINTERS:
                arguments = _arguments(node)
                if arguments:
                    if last in _COLLECTIONS:
                        items = (ITEMS,)
                        node = arguments[-1] if "map" in last else arguments[0]
                    else:
                        node = arguments[0]
                    continue
            if not names or names[0] in generics:
                return ()
            return (*names, *items)
        else:
            return ()
    return ()


def _arguments(node: Node) -> list[Node]:
    while node.type == "qualified_identifier":
        inner = node.child_by_field_name("name")
        if inner is None:
            return []
        node = inner
    arguments = node.child_by_field_name("arguments")
    return [] if arguments is None else arguments.named_children


def declared_name(node: Node | None) -> tuple[Node | None, bool, bool]:
    """The name inside a declarator, whether it declares a function, and whether an array.

    A pointer to a function is a variable.
    """
    function = array = pointer = False
    for _ in range(LONGEST_CHAIN):
        if node is None:
            return None, False, False
        kind = node.type
        if kind in _NAMES or kind in (
            *("qualified_identifier", "operator_name", "destructor_name", "template_function"),
            *("operator_cast", "structured_binding_declarator"),
        ):
            return node, function, array
        if kind not in _DECLARATORS:
            return None, False, False
        if kind == "function_declarator":
            function, pointer = True, False
        elif kind == "array_declarator":
            array = True
        elif kind == "pointer_declarator" and function:
            pointer = True
        if pointer:
            function = False
        inner = node.child_by_field_name("declarator")
        if inner is None:
            inner = next(
                (e for e in node.named_children if e.type in _DECLARATORS or e.type in _NAMES), None
            )
        node = inner
    return None, False, False


def value_chain(node: Node | None, holder: str, generics: Collection[str]) -> Chain:
    """Names that an expression stands for, empty where they do not say its type.

    Args:
        node: An expression.
        holder: Qualified name of the class around it, for `this`.
        generics: Names of the template parameters in force.
    """
    steps: list[str] = []
    while node is not None:
        if len(steps) > LONGEST_CHAIN:
            return ()
        kind = node.type
        if kind in ("identifier", "qualified_identifier", "template_function", "type_identifier"):
            names = qualified(node)
            if not names or names[0] in generics:
                return ()
            steps.extend(reversed(names))
            break
        if kind == "this":
            if not holder:
                return ()
            steps += (CALL, *reversed(holder.split(".")))
            break
        if kind == "field_expression":
            names = qualified(node.child_by_field_name("field"))
            if not names:
                return ()
            steps.extend(reversed(names))
            node = node.child_by_field_name("argument")
        elif kind == "call_expression":
            function = node.child_by_field_name("function")
            names = qualified(function)
            last = names[-1] if names else ""
            if last in _CASTS or last in _MAKERS:
                given = _arguments(function) if function is not None else []
                made = type_chain(given[0], generics) if given else ()
                if not made or made[-1] == ITEMS:
                    return ()
                steps += (CALL, *reversed(made))
                break
            arguments = node.child_by_field_name("arguments")
            if last in _THROUGH and names[0] == "std" and arguments is not None:
                node = arguments.named_child(0)
                continue
            steps.append(CALL)
            node = function
        elif kind == "subscript_expression":
            steps.append(ITEM)
            node = node.child_by_field_name("argument")
        elif kind == "pointer_expression":
            node = node.child_by_field_name("argument")
        elif kind == "parenthesized_expression":
            node = node.named_child(0)
        elif kind in ("cast_expression", "new_expression", "compound_literal_expression"):
            made = type_chain(node.child_by_field_name("type"), generics)
            if not made or made[-1] == ITEMS:
                return ()
            steps += (CALL, *reversed(made))
            break
        elif kind == "conditional_expression":
            node = node.child_by_field_name("consequence")
        elif kind == "assignment_expression":
            node = node.child_by_field_name("left")
        else:
            return ()
    if not steps or not all(steps):
        return ()
    return tuple(reversed(steps))
