"""Java types and expressions as chains of names.

What a chain leads to is decided later, with all files at hand; here only the text is read. No
function recurses: machine-written sources nest deeper than Python's stack.
"""

from __future__ import annotations

from collections.abc import Mapping

from tree_sitter import Node

from glyphagent.dependencies.facts import CALL, ITEM, ITEMS, Chain, above, own

# Chains longer than this are left unknown, so that a generated call of ten thousand links costs
# no quadratic time.
LONGEST_CHAIN = 48
# Types of the Java library whose last argument is what their methods hand out.
_HOLDERS = frozenset(
    """
    Collection List ArrayList LinkedList Set HashSet LinkedHashSet TreeSet SortedSet
    NavigableSet EnumSet Queue Deque ArrayDeque PriorityQueue BlockingQueue Vector Stack
    Iterable Iterator ListIterator Spliterator Stream Optional Supplier Callable Future
    CompletableFuture AtomicReference WeakReference SoftReference Reference ThreadLocal Map
    HashMap LinkedHashMap TreeMap SortedMap NavigableMap EnumMap ConcurrentHashMap
    ConcurrentMap WeakHashMap IdentityHashMap Hashtable Entry CopyOnWriteArrayList
    AbstractList AbstractMap
    """.split()  # noqa: SIM905 - forty quoted names would hide that it is a list
)


def word(node: Node | None) -> str:
    """Text of a small node."""
    if node is None or node.text is None:
        return ""
    return node.text.decode("utf-8", "replace")


def dotted(node: Node | None) -> tuple[str, ...]:
    """Names of a (scoped) identifier or type, outermost first; type arguments left out."""
    names: list[str] = []
    while node is not None:
        kind = node.type
        if kind in ("identifier", "type_identifier"):
            names.append(word(node))
            break
        if kind == "generic_type":
            node = node.named_child(0)
            continue
        if kind not in ("scoped_identifier", "scoped_type_identifier", "field_access"):
            break
        children = [
            each for each in node.named_children if each.type not in _BESIDE and not each.is_error
        ]
        if len(children) < 2 or children[-1].type not in ("identifier", "type_identifier"):
            break
        names.append(word(children[-1]))
        node = children[-2]
        if len(names) > LONGEST_CHAIN:
            return ()
    else:
        return ()
    if node.type not in ("identifier", "type_identifier"):
        return ()
    return tuple(reversed(names))


def type_chain(node: Node | None, generics: Mapping[str, Chain]) -> Chain:
    """What members are looked up on for a value of a type; empty for primitives and unknown ones.

    Args:
        node: A type as the grammar has it.
        generics: Bounds of the type parameters in force, by name.
    """
    items: tuple[str, ...] = ()
    while node is not None:
        kind = node.type
        if kind == "array_type":
            node = node.child_by_field_name("element")
            items = (*items, ITEMS)
        elif kind == "annotated_type":
            node = node.named_children[-1] if node.named_children else None
        elif kind == "wildcard":
            bounds = [each for each in node.named_children if each.type not in _BESIDE]
            node = bounds[-1] if bounds else None
        elif kind == "generic_type":
            names = dotted(node)
            arguments = node.named_children[-1]
            if names and names[-1] in _HOLDERS and arguments.type == "type_arguments":
                items = (*items, ITEMS)
                node = arguments.named_children[-1] if arguments.named_children else None
            else:
                return (*names, *items) if names else ()
        elif kind in ("type_identifier", "identifier"):
            name = word(node)
            if name == "var":
                return ()
            if name in generics:
                bound = generics[name]
                return (*bound, *items) if bound else ()
            return (name, *items)
        elif kind in ("scoped_type_identifier", "scoped_identifier"):
            names = dotted(node)
            return (*names, *items) if names else ()
        else:
            return ()
    return ()


def value_chain(node: Node | None, generics: Mapping[str, Chain], holder: str) -> Chain:
    """Names that an expression stands for, empty where they do not say its type.

    Args:
        node: An expression.
        generics: Bounds of the type parameters in force, by name.
        holder: Qualified name of the type around it.
    """
    steps: list[str] = []
    while node is not None:
        if len(steps) > LONGEST_CHAIN:
            return ()
        kind = node.type
        if kind == "identifier":
            steps.append(word(node))
            break
        if kind == "this":
            steps += (CALL, own(holder))
            break
        if kind == "super":
            steps.append(above(holder))
            break
        if kind == "method_invocation":
            steps += (CALL, word(node.child_by_field_name("name")))
            receiver = node.child_by_field_name("object")
            if any(each.type == "super" for each in node.children):
                if receiver is None or receiver.type == "super":
                    steps.append(above(holder))
                else:
                    # Interface.super.m() is the named interface's own.
                    steps.append(CALL)
                    steps.extend(reversed(dotted(receiver)))
                break
            if receiver is None:
                break
            node = receiver
        elif kind == "field_access":
            field = node.child_by_field_name("field")
            if field is not None and field.type == "this":
                steps.append(CALL)
                steps.extend(reversed(dotted(node.child_by_field_name("object"))))
                break
            steps.append(word(field))
            node = node.child_by_field_name("object")
        elif kind == "array_access":
            steps.append(ITEM)
            node = node.child_by_field_name("array")
        elif kind == "parenthesized_expression":
            node = node.named_child(0)
        elif kind == "object_creation_expression":
            outer, made = creation_parts(node)
            names = type_chain(made, generics)
            if not names:
                return ()
            steps.append(CALL)
            steps.extend(reversed(names))
            if outer is None:
                break
            node = outer
        elif kind in ("cast_expression", "array_creation_expression"):
            names = type_chain(node.child_by_field_name("type"), generics)
            if kind == "array_creation_expression" and names:
                names = (*names, ITEMS)
            if not names:
                return ()
            if names[-1] != ITEMS:
                # A value of a type is written as if it were made here.
                steps.append(CALL)
            elif steps:
                return ()
            steps.extend(reversed(names))
            break
        elif kind == "ternary_expression":
            node = node.child_by_field_name("consequence")
        elif kind == "assignment_expression":
            node = node.child_by_field_name("left")
        else:
            return ()
    else:
        return ()
    if not all(steps) or len(steps) > LONGEST_CHAIN:
        return ()
    return tuple(reversed(steps))


def creation_parts(node: Node) -> tuple[Node | None, Node | None]:
    """Outer instance, if one is named, and the type of a `new` expression."""
    made = node.child_by_field_name("type")
    first = node.named_child(0)
    if first is None or made is None or first == made or first.type in _BESIDE:
        return None, made
    return first, made


_BESIDE = frozenset(
    ("annotation", "marker_annotation", "type_arguments", "line_comment", "block_comment")
)
