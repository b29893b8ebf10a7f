"""What a question is narrowed to: a file, a folder, a class or a function."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from glyphagent.dependencies import Definition
from glyphagent.symbolic.reply import Book


@dataclass(frozen=True, slots=True)
class Narrowing:
    """The part of the source that an answer may use.

    Attributes:
        paths: Files; None for all of them.
        owners: Classes or functions whose inside is meant; empty for whole files.
        shown: The scope in words, empty for the whole source.
    """

    paths: frozenset[str] | None = None
    owners: tuple[Definition, ...] = ()
    shown: str = ""

    def keep(self, found: Iterable[Definition]) -> list[Definition]:
        """The definitions inside the scope, in their order."""
        if self.paths is None and not self.owners:
            return list(found)
        return [each for each in found if self._holds(each)]

    def holds_line(self, path: str, line: int) -> bool:
        """Whether a line lies in the scope."""
        if self.paths is not None and path in self.paths:
            return True
        return (self.paths is None and not self.owners) or any(
            owner.path == path and owner.line <= line <= owner.location.line_end
            for owner in self.owners
        )

    def _holds(self, each: Definition) -> bool:
        if self.paths is not None and each.path in self.paths:
            return True
        return any(
            owner.path == each.path
            and (
                each.parent == owner.qualified_name
                or each.parent.startswith(owner.qualified_name + ".")
            )
            for owner in self.owners
        )


def narrow(within: str, book: Book) -> Narrowing | None:
    """Give the scope that a word names, or None when it names nothing in the source."""
    if not within:
        return Narrowing()
    index = book.index
    owners = tuple(
        each
        for each in index.definitions(within)
        if each.kind in ("class", "function", "method", "interface", "enum", "module")
    )
    paths = index.match_path(within)
    if paths and owners and "/" not in within and within not in index.texts:
        # A word that is both a module and a class narrows to either.
        return Narrowing(frozenset(paths), owners, f"`{within}`")
    if paths:
        return Narrowing(frozenset(paths), (), ", ".join(paths[:3]))
    if owners:
        return Narrowing(None, owners, f"`{within}` ({owners[0].header})")
    folder = index.match_folder(within)
    if folder:
        return Narrowing(frozenset(folder), (), f"the folder {within}")
    if within in (index.root_name, "."):
        return Narrowing()
    return None
