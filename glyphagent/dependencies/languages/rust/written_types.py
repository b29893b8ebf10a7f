"""Types as written, reduced to what members are looked up on.

References, boxes, options and results are taken off; collections keep a mark that taking an item
undoes. What a standard wrapper's name means is the standard library's, unless the file says
otherwise.
"""

from __future__ import annotations

from tree_sitter import Node

from glyphagent.dependencies.facts import ITEMS, Chain
from glyphagent.dependencies.languages.rust.frames import Frame
from glyphagent.dependencies.languages.rust.paths import first_child, written_path
from glyphagent.dependencies.languages.rust.standard import words

# Members of the first type argument are at hand, by dereferencing or one step further.
# Source: doc.rust-lang.org/std, the pages of these types.
WRAPPERS = words(
    """
    Box Rc Arc Cell RefCell Mutex RwLock Option Result Cow Pin Weak OnceCell OnceLock Lazy
    LazyLock LazyCell Ref RefMut MutexGuard RwLockReadGuard RwLockWriteGuard ManuallyDrop
    NonNull MaybeUninit UnsafeCell Wrapping Reverse Saturating AssertUnwindSafe Poll Once
    """
)
# Their items are of the first type argument.
SEQUENCES = words(
    """
    Vec VecDeque HashSet BTreeSet LinkedList BinaryHeap SmallVec ArrayVec IndexSet FxHashSet
    Iter IterMut IntoIter Peekable Drain
    """
)
# Their items' last part is of the second type argument.
MAPS = words("HashMap BTreeMap IndexMap FxHashMap")
_ITERATORS = words(
    """
    Iterator IntoIterator DoubleEndedIterator ExactSizeIterator Stream
    """
)
# Bounds that say nothing about members of our own.
_MARKERS = words(
    """
    Sized Send Sync Copy Clone Debug Default Eq PartialEq Ord PartialOrd Hash Unpin Display Fn
    FnMut FnOnce From Into TryFrom TryInto ToString Error
    """
)
# Types nest less deeply than this, or are machine-made.
_DEEPEST = 24


def type_chain(node: Node | None, frame: Frame, own_names: frozenset[str], depth: int = 0) -> Chain:
    """A written type as a chain, empty if nothing can be looked up on it.

    Args:
        node: The type.
        frame: The place.
        own_names: Names of standard types that mean something else in this file.
        depth: How many types are around it.
    """
    if node is None or depth > _DEEPEST:
        return ()
    kind = node.type
    if kind in ("type_identifier", "scoped_type_identifier", "identifier", "scoped_identifier"):
        return frame.type_head(written_path(node))
    if kind in ("reference_type", "pointer_type"):
        return type_chain(node.child_by_field_name("type"), frame, own_names, depth + 1)
    if kind == "generic_type":
        return _generic(node, frame, own_names, depth)
    if kind == "array_type":
        element = type_chain(node.child_by_field_name("element"), frame, own_names, depth + 1)
        return element if not element or element[-1] == ITEMS else (*element, ITEMS)
    if kind in ("dynamic_type", "abstract_type"):
        trait = node.child_by_field_name("trait")
        return bound_chain([trait] if trait is not None else [], frame, own_names, depth + 1)
    if kind in ("bounded_type", "higher_ranked_trait_bound"):
        return bound_chain(node.named_children, frame, own_names, depth + 1)
    if kind == "tuple_type" and node.named_child_count == 1:
        return type_chain(first_child(node), frame, own_names, depth + 1)
    return ()


def bound_chain(
    bounds: list[Node], frame: Frame, own_names: frozenset[str], depth: int = 0
) -> Chain:
    """The first bound that can have members of our own."""
    for bound in bounds:
        if bound.type in ("dynamic_type", "abstract_type", "higher_ranked_trait_bound"):
            chain = type_chain(bound, frame, own_names, depth + 1)
        elif bound.type in ("generic_type", "type_identifier", "scoped_type_identifier"):
            name = written_path(bound).rpartition("::")[2]
            if name in _MARKERS and name not in own_names:
                continue
            chain = type_chain(bound, frame, own_names, depth + 1)
        elif bound.type == "bounded_type":
            chain = bound_chain(bound.named_children, frame, own_names, depth + 1)
        else:
            continue
        if chain:
            return chain
    return ()


def _generic(node: Node, frame: Frame, own_names: frozenset[str], depth: int) -> Chain:
    path = written_path(node)
    name = path.rpartition("::")[2]
    arguments = node.child_by_field_name("type_arguments")
    if arguments is None or name in own_names:
        return frame.type_head(path)
    written = [each for each in arguments.named_children if each.type != "lifetime"]
    if name in _ITERATORS:
        item = next((each for each in written if each.type == "type_binding"), None)
        written = [] if item is None else [item.child_by_field_name("type") or item]
    elif name in MAPS:
        written = written[1:2]
    elif name not in WRAPPERS and name not in SEQUENCES:
        return frame.type_head(path)
    if not written:
        return ()
    inner = type_chain(written[0], frame, own_names, depth + 1)
    if not inner or name in WRAPPERS or inner[-1] == ITEMS:
        return inner
    return (*inner, ITEMS)
