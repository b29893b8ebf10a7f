"""What a chain of names stands for, as seen from outside of functions: shared by all languages.

A chain is followed from its first name through declarations and imports, and from there member by
member, over base types, declared types, first values and results of calls. A language says what
its imports bring in and what a free name means (`Names`); the rest is alike everywhere. What a
step cannot decide ends the chain: no edge is better than a wrong one.
"""

from __future__ import annotations

from functools import partial

from glyphagent.dependencies.facts import CALL, ITEM, ITEMS, SELF, Chain, Declaration
from glyphagent.dependencies.names import (
    TYPES,
    Names,
    Value,
    imports_of,
    member_of,
    stars_of,
    symbol_of,
    weight,
)
from glyphagent.dependencies.world import World

# Chains longer than this are machine-made.
LONGEST = 40
NOT_HOLDING = frozenset({"function", "method", "macro", "namespace"})


class Resolver:
    """Chains of names of one language, as seen from outside of functions."""

    def __init__(self, names: Names, world: World) -> None:
        """Take a language's rules and a state of the set."""
        self.names = names
        self.world = world

    def top(self, path: str, name: str) -> Value | None:
        """What a name means at the top of a file."""
        return self.world.memo("top", (path, name), partial(self._top, path, name), None)

    def _top(self, path: str, name: str) -> Value | None:
        declared = member_of(self.world, path, "", name)
        if declared is not None and weight(declared) == 2:
            return Value("symbol", path, declared.qualified_name)
        for fact, imported in imports_of(self.world, path, name):
            value = self.names.imported(self.world, path, fact, imported)
            if value is not None:
                return value
        if declared is not None:
            return Value("symbol", path, declared.qualified_name)
        for fact in stars_of(self.world, path):
            value = self.names.imported(self.world, path, fact, name)
            if value is not None:
                return value
        return self.names.free(self.world, path, name)

    def declaration(self, value: Value) -> Declaration | None:
        """The declaration that a symbol or an instance's type is."""
        return symbol_of(self.world, value.path, value.name)

    def member(self, value: Value, name: str) -> Value | None:
        """A member of what a value stands for."""
        if value.kind == "symbol":
            found = self._symbol_member(value, name)
        elif value.kind == "instance":
            found = self.type_member(value.path, value.name, name)
            if found is not None:
                found = found._replace(
                    sure=found.sure and value.sure, owner=(value.path, value.name)
                )
        elif value.kind == "module":
            found = self.top(value.path, name)
        else:
            found = None
        if found is None and value.kind != "items":
            found = self.names.member(self.world, value, name)
        if found is not None and not value.sure and found.sure:
            found = found._replace(sure=False)
        return found

    def _symbol_member(self, value: Value, name: str) -> Value | None:
        declared = self.declaration(value)
        if declared is None:
            return None
        if declared.kind in TYPES:
            found = self.type_member(value.path, value.name, name)
            return found and found._replace(owner=(value.path, value.name))
        if declared.kind == "namespace":
            inner = member_of(self.world, value.path, value.name, name)
            return Value("symbol", value.path, inner.qualified_name) if inner else None
        if declared.kind in ("function", "method", "macro"):
            return None
        held = self.settled(value)
        return self.member(held, name) if held is not None else None

    def type_member(self, path: str, type_name: str, name: str) -> Value | None:
        """A member of a type or of the nearest of its bases."""
        key = (path, type_name, name)
        return self.world.memo("type_member", key, partial(self._type_member, *key), None)

    def _type_member(self, path: str, type_name: str, name: str) -> Value | None:
        inner = member_of(self.world, path, type_name, name)
        if inner is not None:
            return Value("symbol", path, inner.qualified_name)
        value = self.names.member(self.world, Value("instance", path, type_name), name)
        return value if value is not None else self.base_member(path, type_name, name)

    def base_member(self, path: str, type_name: str, name: str) -> Value | None:
        """A member that a type has from its bases alone."""
        for base in self.bases(path, type_name):
            value = self.type_member(base.path, base.name, name)
            if value is not None:
                return value
        return None

    def bases(self, path: str, type_name: str) -> tuple[Value, ...]:
        """Types of the set that a type directly inherits from, in lookup order."""
        key = (path, type_name)
        return self.world.memo("bases", key, partial(self._bases, path, type_name), ())

    def _bases(self, path: str, type_name: str) -> tuple[Value, ...]:
        declared = symbol_of(self.world, path, type_name)
        found = []
        for chain in declared.bases if declared is not None else ():
            value = self.as_type(self.follow(path, declared.parent if declared else "", chain))
            if value is not None and (value.path, value.name) != (path, type_name):
                found.append(value)
        return tuple(found)

    def as_type(self, value: Value | None) -> Value | None:
        """The type that a symbol is, aliases followed; None if it is none."""
        for _ in range(LONGEST):
            if value is None or value.kind != "symbol":
                return value if value is not None and value.kind == "instance" else None
            declared = self.declaration(value)
            if declared is None:
                return None
            if declared.kind in TYPES:
                return value
            chain = declared.type if declared.kind == "type" else declared.value
            if declared.kind in ("function", "method") or not chain:
                return None
            value = self.follow(value.path, declared.parent, chain)
        return None

    def settled(self, value: Value) -> Value | None:
        """What variables, fields and aliases hold in the end: a type, a function, an instance."""
        seen: set[tuple[str, str]] = set()
        while value.kind == "symbol":
            declared = self.declaration(value)
            if declared is None or (value.path, value.name) in seen:
                return None
            if declared.kind in TYPES or declared.kind in NOT_HOLDING:
                return value
            seen.add((value.path, value.name))
            held = self.held(value)
            if held is None:
                return None
            value = held
        return value

    def held(self, value: Value) -> Value | None:
        """What a variable, field or alias holds."""
        key = (value.path, value.name)
        return self.world.memo("held", key, partial(self._held, value.path, value.name), None)

    def _held(self, path: str, name: str) -> Value | None:
        declared = symbol_of(self.world, path, name)
        if declared is None:
            return None
        if declared.type:
            return self.typed(path, declared.parent, declared.type)
        found = self.follow(path, declared.parent, declared.value) if declared.value else None
        return found and found._replace(sure=False)

    def typed(self, path: str, parent: str, chain: Chain) -> Value | None:
        """An instance of a type as written in a file, or a collection of such."""
        many = chain[-1] == ITEMS
        kind = self.as_type(self.follow(path, parent, chain[:-1] if many else chain))
        if kind is None or kind.kind not in ("symbol", "instance"):
            return None
        sure = kind.sure and self.names.types_are_sure
        return Value("items" if many else "instance", kind.path, kind.name, sure)

    def called(self, value: Value) -> Value | None:
        """What a call gives."""
        if value.kind != "symbol":
            return None
        declared = self.declaration(value)
        if declared is None:
            return None
        if declared.kind in TYPES:
            return Value("instance", value.path, value.name, value.sure)
        if declared.kind not in ("function", "method"):
            if declared.kind in NOT_HOLDING:
                return None
            held = self.settled(value)
            return self.called(held) if held is not None and held.kind == "symbol" else None
        if SELF in (declared.type, declared.value):
            path, name = value.owner or (value.path, declared.parent)
            return Value("instance", path, name, value.sure) if name else None
        result = self.world.memo(
            "result", value[:3], partial(self._result, value.path, value.name), None
        )
        return result and result._replace(sure=result.sure and value.sure)

    def _result(self, path: str, name: str) -> Value | None:
        # Looked up here, so that this look is written down with the result.
        declared = symbol_of(self.world, path, name)
        if declared is None:
            return None
        if declared.type:
            return self.typed(path, declared.parent, declared.type)
        found = self.follow(path, declared.parent, declared.value) if declared.value else None
        return found and found._replace(sure=False)

    def item(self, value: Value) -> Value | None:
        """What taking an item, or iterating, gives."""
        if value.kind == "symbol":
            value = self.settled(value) or value
        return value._replace(kind="instance") if value.kind == "items" else None

    def follow(self, path: str, parent: str, chain: Chain) -> Value | None:
        """What a chain means in a file, directly inside a declaration, outside of functions."""
        if not chain or len(chain) > LONGEST:
            return None
        return self.walk(self.enclosed(path, parent, chain[0]), chain)

    def enclosed(self, path: str, parent: str, name: str) -> Value | None:
        """What a chain's head means inside a declaration of a file."""
        special = self.special(path, name)
        if special is not None or name[:1] in ("@", "^"):
            return special
        while parent:
            inner = member_of(self.world, path, parent, name)
            if inner is not None:
                return Value("symbol", path, inner.qualified_name)
            if self.names.members_in_scope:
                inherited = self.type_member(path, parent, name)
                if inherited is not None:
                    return inherited
            parent = parent.rpartition(".")[0]
        return self.top(path, name)

    def special(self, path: str, name: str) -> Value | None:
        """What the head of a chain stands for that no scope decides."""
        if name[:1] == "@" and len(name) > 1:
            return Value("symbol", path, name[1:])
        if name[:1] == "^":
            return Value("language", path, name)
        return None

    def walk(self, value: Value | None, chain: Chain) -> Value | None:
        """Follow the rest of a chain from what its head means."""
        for part in chain[1:]:
            if value is None:
                return None
            value = self.step(value, part)
        return value

    def step(self, value: Value, part: str) -> Value | None:
        """Follow one part of a chain."""
        if part == CALL:
            return self.called(value)
        if part == ITEM:
            return self.item(value)
        if value.kind == "language" and value.name[:1] == "^":
            return self.base_member(value.path, value.name[1:], part)
        return self.member(value, part)
