"""The answer of the symbolic reader, and how its lines and citations are written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from glyphagent.answer import Citation
from glyphagent.dependencies import Definition, SymbolIndex
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.document import Location

MAX_DEFINITIONS = 20
MAX_MENTIONS = 30
MAX_OUTLINE = 80
MAX_FILES = 6
_MAX_INLINE = 160
_MAX_BLOCK_LINES, _MAX_BLOCK_CHARACTERS = 24, 1600


@dataclass(frozen=True, slots=True)
class Reply:
    """What the symbolic answerer says to a question.

    Attributes:
        text: The answer; every place in it as `path:line`, a whole file as its path.
        found: Whether the thing asked for is in the texts.
        supported: False for a question that needs a model that reasons.
        kind: What was asked for: a kind of `wording.Request`, or `passages`.
        citations: Places with the text that was read there, most important first.
        warnings: What the reader of the answer must know about its limits.
    """

    text: str
    found: bool
    supported: bool = True
    kind: str = ""
    citations: tuple[Citation, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Book:
    """The texts with their index: all that an answer may draw on.

    Attributes:
        index: Symbol index of the texts.
        texts: Text by path, as it was read.
        graph: Gives their dependency graph; it is made when it is first needed.
    """

    index: SymbolIndex
    texts: Mapping[str, str]
    graph: Callable[[], DependencyGraph]

    def knows(self, name: str) -> bool:
        """Whether a definition, file or imported module is called so."""
        index = self.index
        return bool(
            index.definitions(name) or index.match_path(name) or index.importers_of_module(name)
        )

    def cite(self, location: Location) -> Citation:
        """Cite lines with the text that was read there."""
        lines = self.texts[location.path].split("\n")[location.line_start - 1 : location.line_end]
        return Citation(location, quote="\n".join(lines).strip())

    def warnings(self, paths: Iterable[str]) -> tuple[str, ...]:
        """Say which of the files could not be parsed without errors."""
        broken = [p for p in dict.fromkeys(paths) if p in self.index.files]
        broken = [path for path in broken if self.index.files[path].has_errors]
        if not broken:
            return ()
        shown = ", ".join(broken[:3]) + (f" and {len(broken) - 3} more" if broken[3:] else "")
        return (f"syntax errors in {shown}: definitions there may be missing or incomplete",)


def inline(text: str, limit: int = _MAX_INLINE) -> str:
    """Text on one line as code, shortened where it is long."""
    flat = re.sub(r"\s+", " ", text).strip()
    flat = re.sub(r"([(\[{]) ", r"\1", flat)
    flat = re.sub(r",? ([)\]}])", r"\1", flat)
    return f"`{flat if len(flat) <= limit else flat[: limit - 3] + '...'}`"


def block(text: str) -> str:
    """Text of several lines, indented; a note says where it was cut."""
    lines = text.split("\n")
    kept: list[str] = []
    size = 0
    for line in lines[:_MAX_BLOCK_LINES]:
        size += len(line) + 1
        if size > _MAX_BLOCK_CHARACTERS:
            if not kept:
                kept.append(line[:_MAX_BLOCK_CHARACTERS])
            break
        kept.append(line)
    shown = "\n".join(f"    {line}".rstrip() for line in kept)
    left = len(lines) - len(kept)
    if left or len(text) > _MAX_BLOCK_CHARACTERS:
        shown += f"\n    [shortened: {left} more line(s), {len(text)} characters in all]"
    return shown


def more(total: int, shown: int, what: str) -> list[str]:
    """A closing line that says how many were left out, if any were."""
    return [f"... and {total - shown} more {what}"] if total > shown else []


def bullet(definition: Definition) -> str:
    """One line for a definition: place, kind, name and signature."""
    name = definition.qualified_name
    return f"- {definition.header} {definition.kind} `{name}`: {inline(definition.signature)}"


def plural(count: int, noun: str) -> str:
    """A count with its noun: `1 file`, `2 files`, `3 classes`."""
    if count == 1:
        return f"1 {noun}"
    if noun.endswith(("s", "x")):
        return f"{count} {noun}es"
    if noun.endswith("y"):
        return f"{count} {noun[:-1]}ies"
    return f"{count} {noun}s"


def not_found(kind: str, text: str, *, citations: Sequence[Citation] = ()) -> Reply:
    """A reply that says plainly that the thing is not there."""
    return Reply(f"Not found: {text}", False, True, kind, tuple(citations))
