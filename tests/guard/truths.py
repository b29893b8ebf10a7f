"""Correct answers about real projects, made from what stands in their files.

Each answer is a row of pieces, so that a later step knows which of them is a name, a value, a
quote or a citation, and can misread that one on purpose. Nothing here uses the guard.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from glyphagent.dependencies import Definition, SymbolIndex
from glyphagent.document import Document, Location
from glyphagent.sources import Source, SourceOptions

Tag = Literal["word", "name", "value", "quote", "cite"]


@dataclass(frozen=True)
class Piece:
    """A stretch of an answer; a citation has the place that it names."""

    tag: Tag
    text: str
    place: Location | None = None
    subject: str = ""


@dataclass(frozen=True)
class Truth:
    """A question and an answer to it that is right."""

    wording: str
    question: str
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True)
class Project:
    """A package with its documents and the index of its names."""

    name: str
    documents: dict[str, Document]
    index: SymbolIndex


@cache
def project(name: str) -> Project:
    spec = find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent
    found = Source.open(folder, None, SourceOptions(include=("*.py", "*.js"))).read()
    documents = {document.path: document for document in found.documents}
    texts = {path: document.text for path, document in documents.items()}
    return Project(name, documents, SymbolIndex.build(texts, root_name=name))


def word(text: str) -> Piece:
    return Piece("word", text)


def name(text: str) -> Piece:
    return Piece("name", text)


def quote(text: str) -> Piece:
    return Piece("quote", text)


def cite(place: Location, subject: str = "", text: str = "") -> Piece:
    return Piece("cite", text or str(place), place, subject)


def flat(signature: str) -> str:
    """A header on one line, as the product's own answers write it."""
    text = re.sub(r"\s+", " ", signature).strip()
    return re.sub(r",? ([)\]}])", r"\1", re.sub(r"([(\[{]) ", r"\1", text))


def truths(source: Project, count: int, seed: int) -> list[Truth]:
    """Different correct answers, all wordings in turn."""
    chance = random.Random(f"{source.name} {seed}")
    makers = [maker(source, chance) for maker in WORDINGS]
    found: dict[str, Truth] = {}
    while makers and len(found) < count:
        for maker in list(makers):
            truth = next(maker, None)
            if truth is None:
                makers.remove(maker)
            else:
                found.setdefault(truth.text, truth)
    return list(found.values())[:count]


def _definitions(source: Project, chance: random.Random, *kinds: str) -> Iterator[Definition]:
    pool = [
        each
        for symbols in source.index.files.values()
        for each in symbols.definitions
        if each.kind in kinds and len(each.name) > 2 and len(each.signature) < 300
    ]
    chance.shuffle(pool)
    yield from pool


_CODE = ("function", "method", "class")
Maker = Callable[[Project, random.Random], Iterator[Truth]]


def plain(source: Project, chance: random.Random) -> Iterator[Truth]:
    for each in _definitions(source, chance, *_CODE):
        pieces = word("`"), name(each.qualified_name), word("` is defined at ")
        end = cite(each.header, each.name), word(".")
        yield Truth("plain", f"Where is `{each.name}` defined?", (*pieces, *end))


def leading(source: Project, chance: random.Random) -> Iterator[Truth]:
    for each in _definitions(source, chance, *_CODE):
        pieces = cite(each.header, each.name), word(": `"), quote(flat(each.signature)), word("`")
        yield Truth("leading", f"What is the signature of {each.name}?", pieces)


def two_sentences(source: Project, chance: random.Random) -> Iterator[Truth]:
    for each in _definitions(source, chance, *_CODE):
        pieces = (
            word(f"The {each.kind} `"),
            name(each.qualified_name),
            word("` lives in "),
            cite(each.header, each.name),
            word(". Its header is `"),
            quote(flat(each.signature)),
            word("`, as the source has it."),
        )
        yield Truth("two sentences", "Describe it.", pieces)


def listed(source: Project, chance: random.Random) -> Iterator[Truth]:
    pool = _definitions(source, chance, *_CODE)
    for one, two, three in zip(pool, pool, pool, strict=False):
        pieces = [word("Three places in the source:\n\n")]
        for number, each in enumerate((one, two, three), 1):
            pieces += [word(f"{number}. "), cite(each.header, each.name), word(f", {each.kind} `")]
            pieces += [name(each.qualified_name), word("`: `"), quote(flat(each.signature))]
            pieces.append(word("`\n"))
        yield Truth("list", "What is there?", tuple(pieces))


def fenced(source: Project, chance: random.Random) -> Iterator[Truth]:
    for each in _definitions(source, chance, "function", "method"):
        code = source.documents[each.path].lines(each.location.line_start, each.location.line_end)
        if not 2 < code.count("\n") < 20:
            continue
        pieces = (
            word("`"),
            name(each.qualified_name),
            word("` is at "),
            cite(each.location, each.name),
            word(":\n\n```python\n"),
            quote(code.rstrip("\n")),
            word("\n```\n\nIt does nothing else."),
        )
        yield Truth("fenced", f"Show me `{each.name}`.", pieces)


def bare(source: Project, chance: random.Random) -> Iterator[Truth]:
    for each in _definitions(source, chance, "function", "method"):
        pieces = (
            word("You will find "),
            name(each.qualified_name + "()"),
            word(" declared in "),
            cite(each.header, each.name),
            word(", next to other code."),
        )
        yield Truth("bare", f"In which file is {each.name} implemented?", pieces)


def by_line(source: Project, chance: random.Random) -> Iterator[Truth]:
    for each in _definitions(source, chance, *_CODE):
        first, last = each.header.line_start, each.header.line_end
        lines = f"line {first}" if first == last else f"lines {first}-{last}"
        pieces = (
            word("In `"),
            Piece("cite", f"{each.path}` on {lines}", each.header, each.name),
            word(" stands `"),
            quote(flat(each.signature)),
            word("`."),
        )
        yield Truth("by line", f"Where is {each.qualified_name}?", pieces)


def _valued(source: Project, chance: random.Random) -> Iterator[Definition]:
    for each in _definitions(source, chance, "constant", "variable", "attribute"):
        if each.value and len(each.value) < 60 and "\n" not in each.signature:
            yield each


def value(source: Project, chance: random.Random) -> Iterator[Truth]:
    for each in _valued(source, chance):
        if re.search(r"\d", each.value) and " " not in each.value:
            pieces = (
                word("The value of `"),
                name(each.name),
                word("` is "),
                Piece("value", each.value),
                word(" ("),
                cite(each.location, each.name),
                word(")."),
            )
            yield Truth("value", f"What is the value of {each.name}?", pieces)


def assignment(source: Project, chance: random.Random) -> Iterator[Truth]:
    for each in _valued(source, chance):
        pieces = (
            word("It is set once: `"),
            quote(each.signature),
            word("` ("),
            cite(each.location, each.name),
            word("). Change it there."),
        )
        yield Truth("assignment", f"What is {each.name} set to?", pieces)


def documented(source: Project, chance: random.Random) -> Iterator[Truth]:
    for each in _definitions(source, chance, *_CODE):
        first = each.docstring.split("\n")[0].strip()
        if len(first.split()) < 4 or '"' in first or each.docstring_location is None:
            continue
        pieces = (
            word("The docstring of `"),
            name(each.name),
            word('` says "'),
            quote(first),
            word('" ('),
            cite(each.docstring_location, each.name),
            word(")."),
        )
        yield Truth("docstring", f"What does the docstring of `{each.qualified_name}` say?", pieces)


def imported(source: Project, chance: random.Random) -> Iterator[Truth]:
    pool = [(path, each) for path in source.documents for each in source.index.imports_of(path)]
    chance.shuffle(pool)
    for path, each in pool:
        if not each.names or "*" in each.names or len(each.names) > 4:
            continue
        pieces = [word("`"), Piece("word", path), word("` imports ")]
        for number, one in enumerate(each.names):
            original = {new: old for old, new in each.aliases}.get(one, one)
            pieces += [word(", `" if number else "`"), name(original), word("`")]
        pieces += [
            word(" from `"),
            word(each.module),
            word("` at "),
            cite(each.location, each.names[0]),
        ]
        yield Truth("imports", f"What does {path} import?", (*pieces, word(".")))


def inherits(source: Project, chance: random.Random) -> Iterator[Truth]:
    for each in _definitions(source, chance, "class"):
        if each.bases:
            pieces = (
                word("`"),
                name(each.name),
                word("` ("),
                cite(each.header, each.name),
                word(") inherits from `"),
                name(each.bases[0])
                if re.fullmatch(r"[\w.]+", each.bases[0])
                else quote(each.bases[0]),
                word("`."),
            )
            yield Truth("bases", f"What does {each.name} inherit from?", pieces)


def members(source: Project, chance: random.Random) -> Iterator[Truth]:
    for each in _definitions(source, chance, "class"):
        inside = [
            other
            for other in source.index.files[each.path].definitions
            if other.parent == each.qualified_name and other.kind == "method"
        ]
        if len(inside) < 3:
            continue
        pieces = [word("The class `"), name(each.name), word("` ("), cite(each.header, each.name)]
        pieces.append(word(f") has {len(inside)} methods, among them "))
        chosen = chance.sample(inside, 3)
        for mark, other in zip(("", ", ", " and "), chosen, strict=True):
            pieces += [word(mark + "`"), name(other.name), word("` (")]
            pieces += [cite(other.header, other.name), word(")")]
        yield Truth("members", f"What is in {each.name}?", (*pieces, word(".")))


def calls(source: Project, chance: random.Random) -> Iterator[Truth]:
    """Prose with several claims: who calls whom, on which line, and where that one is."""
    for each in _definitions(source, chance, "function", "method"):
        if len(source.index.definitions(each.name)) > 1:
            continue
        for path, document in source.documents.items():
            match = re.search(
                rf"^(?!\s*(?:def|async)\b)[^#\"'`\n]*\b{each.name}\((?!\))[^`\n]*$",
                document.text,
                re.M,
            )
            if match is None:
                continue
            line = document.line_at(match.start())
            holders = [
                other
                for other in source.index.files[path].definitions
                if other.kind in ("function", "method")
                and other.location.line_start < line <= other.location.line_end
            ]
            if not holders or line == each.line or len(match.group()) > 120:
                continue
            holder = holders[-1]
            pieces = (
                word("`"),
                name(holder.qualified_name),
                word("` calls `"),
                name(each.name),
                word("` at "),
                cite(Location(path, line, line), each.name),
                word("; `"),
                name(each.name),
                word("` itself is defined at "),
                cite(each.header, each.name),
                word(" as `"),
                quote(flat(each.signature)),
                word("`."),
            )
            yield Truth("calls", f"Who calls {each.name}?", pieces)
            break


WORDINGS: Sequence[Maker] = (
    plain,
    leading,
    two_sentences,
    listed,
    fenced,
    bare,
    by_line,
    value,
    assignment,
    documented,
    imported,
    inherits,
    members,
    calls,
)
