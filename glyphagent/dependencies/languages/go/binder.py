"""What Go expressions stand for: the shared engine, with Go's own types.

Go says the type of everything, so what a chain leads to is no guess. Beyond the shared rules:
slices, maps, channels and functions as types, several results, methods in any file of the type's
package, new types made of others, local names that the collector made unique.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from glyphagent.dependencies.edges import Confidence
from glyphagent.dependencies.facts import CALL, ITEM, ITEMS, UNKNOWN, Binding, Chain, FileFacts
from glyphagent.dependencies.languages.go.chains import (
    CHANNEL,
    FUNCTION,
    KEY,
    RANGE_KEY,
    RANGE_VALUE,
    RECEIVE,
    is_name,
)
from glyphagent.dependencies.languages.go.packages import GoNames
from glyphagent.dependencies.names import Value, symbol_of
from glyphagent.dependencies.resolving import LONGEST, Resolver
from glyphagent.dependencies.world import World

# `Value.kind` "language": the value of a type that no declaration names, its path the file that
# says so, its name the type's chain; or the several results of a function, after this mark.
_RESULTS = "=> "
_NAMES = GoNames()


class Used(NamedTuple):
    """A use that leads into another file, in the order of an `Edge`'s attributes."""

    target: str
    line: int
    column: int
    kind: str
    name: str
    confidence: Confidence
    source_symbol: str
    target_symbol: str


class GoBinder(Resolver):
    """The uses of one file as symbol edges."""

    def __init__(self, facts: FileFacts, world: World) -> None:
        """Take a file."""
        super().__init__(_NAMES, world)
        self.facts = facts
        self.path = facts.path
        self._bound: dict[str, Binding] = {each.name: each for each in facts.bindings}
        self._known: dict[Chain, Value | None] = {}

    def used(self) -> Iterator[Used]:
        """All uses that lead into other files, in the order of the text."""
        for use in self.facts.uses:
            value = self._resolve(use.chain)
            if value is None or value.kind != "symbol" or value.path == self.path:
                continue
            kind = use.kind
            if kind == "call":
                declared = self.declaration(value)
                if declared is None or declared.kind not in ("function", "method"):
                    # A conversion, or a call of whatever a variable holds.
                    kind = "reference"
            name = use.chain[-1].lstrip("@" + KEY).rpartition(".")[2]
            confidence: Confidence = "exact" if value.sure else "inferred"
            symbol = self.facts.scopes[use.scope].symbol
            yield Used(value.path, use.line, use.column, kind, name, confidence, symbol, value.name)

    def _resolve(self, chain: Chain) -> Value | None:
        """What a chain of this file means, local names included."""
        known = self._known
        if chain in known:
            return known[chain]
        if len(chain) > LONGEST:
            return None
        # Stands in while the value is sought.
        known[chain] = None
        if len(chain) == 1:
            bound = self._bound.get(chain[0])
            value = self._held_here(bound) if bound is not None else self._head(chain[0])
        else:
            before = self._resolve(chain[:-1])
            value = self.step(before, chain[-1]) if before is not None else None
        known[chain] = value
        return value

    def _head(self, name: str) -> Value | None:
        if "'" in name and name[0] != "@":
            return None
        return self.enclosed(self.path, "", name)

    def _held_here(self, bound: Binding) -> Value | None:
        """What a local variable holds."""
        if bound.type:
            return self.typed(self.path, "", bound.type)
        return self.value(self._resolve(bound.value)) if bound.value else None

    def enclosed(self, path: str, parent: str, name: str) -> Value | None:
        """What a chain's head means: members are never in scope by themselves."""
        if name == UNKNOWN:
            return None
        return self.special(path, name) or self.top(path, name)

    def typed(self, path: str, parent: str, chain: Chain) -> Value | None:
        """A value of a type as written in a file."""
        if not is_name(chain[-1]):
            return Value("language", path, " ".join(_joined(chain)))
        return self._of_type(self.follow(path, parent, chain))

    def _of_type(self, value: Value | None) -> Value | None:
        for _ in range(LONGEST):
            if value is None or value.kind != "symbol":
                return value
            declared = self.declaration(value)
            if declared is None or declared.kind not in ("class", "interface", "type"):
                return None
            if not declared.value:
                return Value("instance", value.path, value.name, value.sure)
            # An alias.
            if not is_name(declared.type[-1]):
                return self.typed(value.path, declared.parent, declared.type)
            value = self.follow(value.path, declared.parent, declared.type)
        return None

    def as_type(self, value: Value | None) -> Value | None:
        """The type that a symbol is, aliases followed; None if it is none."""
        found = self._of_type(value)
        return found._replace(kind="symbol") if found and found.kind == "instance" else None

    def value(self, value: Value | None) -> Value | None:
        """What an expression's value is, where its own declaration no longer matters."""
        for _ in range(LONGEST):
            if value is None:
                return None
            if value.kind == "language" and value.name.startswith(_RESULTS):
                return self._result_at(value, 0)
            if value.kind != "symbol":
                return value
            declared = self.declaration(value)
            if declared is None or declared.kind not in ("variable", "field", "constant"):
                return value
            value = self.held(value)
        return None

    def _held(self, path: str, name: str) -> Value | None:
        declared = symbol_of(self.world, path, name)
        if declared is None:
            return None
        if declared.type:
            return self.typed(path, declared.parent, declared.type)
        found = self.follow(path, declared.parent, declared.value) if declared.value else None
        return self.value(found)

    def called(self, value: Value) -> Value | None:
        """What a call gives; a type's call is a conversion."""
        found = self.value(value)
        if found is None:
            return None
        if found.kind == "symbol":
            declared = self.declaration(found)
            if declared is None:
                return None
            if declared.kind not in ("function", "method"):
                return self._of_type(found)
            if declared.results:
                return Value("language", found.path, _RESULTS + found.name, found.sure)
            if not declared.type:
                return None
            result = self.typed(found.path, declared.parent, declared.type)
            return result and result._replace(sure=result.sure and found.sure)
        return self._without(found, (FUNCTION,))

    def _result_at(self, value: Value, index: int) -> Value | None:
        """One of several results of a function."""
        name = value.name.removeprefix(_RESULTS)
        declared = symbol_of(self.world, value.path, name)
        if declared is None or index >= len(declared.results) or not declared.results[index]:
            return None
        return self.typed(value.path, declared.parent, declared.results[index])

    def _without(self, value: Value, ends: tuple[str, ...]) -> Value | None:
        """What is left when a type's last link is undone by its use."""
        chain = self._composite(value)
        if len(chain) < 2:
            return None
        last = chain[-1]
        if last in ends or (ITEMS in ends and last.startswith(ITEMS)):
            found = self._composite_value(value, chain)
            return self.typed(found.path, "", chain[:-1])
        return None

    def _composite(self, value: Value) -> Chain:
        """Chain of a value's type down to a type that is no mere name of another."""
        if value.kind == "language" and not value.name.startswith(_RESULTS):
            return _parted(value.name)
        if value.kind == "instance":
            under = self.underlying(value)
            if under is not None and under.kind == "language":
                return _parted(under.name)
        return ()

    def _composite_value(self, value: Value, chain: Chain) -> Value:
        if value.kind == "instance":
            return self.underlying(value) or value
        return value

    def underlying(self, value: Value) -> Value | None:
        """The value of the type that a new type was made of."""
        for _ in range(LONGEST):
            declared = self.declaration(value) if value.kind == "instance" else None
            if declared is None or declared.kind != "type" or not declared.type:
                return value
            made_of = self.typed(value.path, declared.parent, declared.type)
            if made_of is None:
                return None
            value = made_of
        return None

    def item(self, value: Value) -> Value | None:
        """What taking an item gives; a generic function or type stays what it is."""
        found = self.value(value)
        if found is None or found.kind == "symbol":
            return found
        return self._without(found, (ITEMS,))

    def member(self, value: Value, name: str) -> Value | None:
        """A member of what a value stands for."""
        if value.kind == "folder":
            return self.names.member(self.world, value, name)
        found = self.value(value)
        if found is None:
            return None
        if found.kind == "symbol":
            found = self._of_type(found)
        if found is None or found.kind != "instance":
            return None
        member = self.type_member(found.path, found.name, name)
        return member and member._replace(sure=member.sure and found.sure)

    def _type_member(self, path: str, type_name: str, name: str) -> Value | None:
        found = super()._type_member(path, type_name, name)
        if found is not None:
            return found
        # Fields, and an interface's methods, come along with a new type; methods do not.
        under = self.underlying(Value("instance", path, type_name))
        if (
            under is None
            or under.kind != "instance"
            or (under.path, under.name) == (path, type_name)
        ):
            return None
        declared = self.declaration(under)
        member = self.type_member(under.path, under.name, name)
        if member is None or declared is None:
            return None
        target = self.declaration(member)
        own_method = target is not None and target.kind == "method" and declared.kind == "class"
        return None if own_method else member

    def step(self, value: Value, part: str) -> Value | None:
        """Follow one part of a chain."""
        if part == CALL:
            return self.called(value)
        if part == ITEM:
            return self.item(value)
        if part == RECEIVE:
            found = self.value(value)
            return self._without(found, (CHANNEL,)) if found is not None else None
        if part == RANGE_KEY:
            return self._key(value)
        if part == RANGE_VALUE:
            found = self.value(value)
            return self._without(found, (ITEMS,)) if found is not None else None
        if part.startswith(KEY):
            found = self.value(value)
            mapped = found is not None and self._composite(found)[-1:]
            if mapped and mapped[0].startswith(ITEMS):
                return self.enclosed(self.path, "", part.removeprefix(KEY))
            return self.member(value, part.removeprefix(KEY))
        if part[0] == "#":
            if value.kind == "language" and value.name.startswith(_RESULTS):
                return self._result_at(value, int(part[1:]))
            return None
        return self.member(value, part)

    def _key(self, value: Value) -> Value | None:
        """What ranging gives first: a map's key, a channel's element."""
        found = self.value(value)
        chain = self._composite(found) if found is not None else ()
        if found is None or len(chain) < 2:
            return None
        at = self._composite_value(found, chain)
        if chain[-1] == CHANNEL:
            return self.typed(at.path, "", chain[:-1])
        key = chain[-1].removeprefix(ITEMS) if chain[-1].startswith(ITEMS) else ""
        return self.typed(at.path, "", tuple(key.split(" "))) if key else None


# Chains travel in a value's name; a map's key, which is a chain itself, keeps its blanks.
def _joined(chain: Chain) -> list[str]:
    return [part.replace(" ", "\x1f") for part in chain]


def _parted(name: str) -> Chain:
    return tuple(part.replace("\x1f", " ") for part in name.split(" "))
