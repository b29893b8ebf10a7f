"""What is known at a place of the file while it is walked: names, and what is around it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from glyphagent.dependencies.facts import UNKNOWN, Chain
from glyphagent.dependencies.languages.rust.paths import TYPE, VALUE, Head

# Before a type's parameter of which its own declaration says nothing.
OPEN = "?"


@dataclass(slots=True)
class Frame:
    """A place while the file is walked; statements of one block share one and change it.

    Attributes:
        scope: Index of the scope.
        module: Inline module around it, dotted.
        owner: Qualified name of the declaration around it.
        holder: `module`, `type`, `impl`, `trait` or `function`: what new items belong to.
        self_type: What `Self` is: a path, a head of `facts.own`, or nothing.
        variables: Local variables and what they are called in the facts: a name that is given
            again gets a number, so that `let x = x.next()` is no riddle.
        names: Local items, type parameters and names of local `use` declarations: a path, a head
            of `facts.own`, or nothing where nothing is known.
        globs: Paths of local `use path::*`.
        condition: Build condition around it.
        macro: How deep it lies in macro calls.
    """

    scope: int = 0
    module: str = ""
    owner: str = ""
    holder: str = "module"
    self_type: str = ""
    variables: dict[str, str] | None = None
    names: dict[str, str] | None = None
    globs: tuple[str, ...] = ()
    condition: str = ""
    macro: int = 0

    def copy(self) -> Frame:
        """A frame of its own that knows the same."""
        return replace(self)

    def bind(self, name: str, called: str) -> None:
        """Make a local variable known from here on."""
        self.variables = {**(self.variables or {}), name: called}

    def know(self, names: dict[str, str]) -> None:
        """Make local items known."""
        self.names = {**(self.names or {}), **names}

    def variable(self, name: str) -> str | None:
        """What a local variable is called in the facts."""
        return self.variables.get(name) if self.variables else None

    def known(self, name: str) -> str | None:
        """What is known of a local item or type parameter."""
        return self.names.get(name) if self.names else None

    def head(self, path: str, wanted: str = VALUE) -> Chain:
        """A path as the beginning of a chain."""
        if not path:
            return (UNKNOWN,)
        first, colons, rest = path.partition("::")
        if not colons and wanted == VALUE:
            variable = self.variable(first)
            if variable is not None:
                return (variable,)
        if first == "Self":
            known: str | None = self.self_type
        else:
            known = self.known(first)
        if known is not None:
            if not known:
                return (UNKNOWN,)
            if known[0] == "@":
                return (known, *rest.split("::")) if colons else (known,)
            path = f"{known}::{rest}" if colons else known
        return (Head(wanted, self.module, path, self.globs).encoded(),)

    def type_head(self, path: str) -> Chain:
        """A type's path as the beginning of a chain; nothing if unknown."""
        chain = self.head(path, TYPE)
        return () if chain == (UNKNOWN,) else chain
