"""The parts of an answer, each with its place in it: the records that the guard's steps share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from glyphagent.guard.regions import Region

PartKind = Literal["name", "value", "quote", "path"]


@dataclass(eq=False)
class Cited:
    """A citation as an answer writes it.

    Attributes:
        start: Where it starts in the answer.
        stop: Where it ends.
        name: The path as written; empty where it stands elsewhere in the sentence.
        paths: Documents that this may mean.
        first: First line.
        last: Last line.
        sentence: Number of its sentence.
        near: The document that the path is a near miss of, if there is none so named.
        whole: Whether it names a document only, without lines.
        clause: The words that belong to it.
    """

    start: int
    stop: int
    name: str
    paths: list[str]
    first: int
    last: int
    sentence: int = -1
    near: str | None = None
    whole: bool = False
    clause: str = ""


@dataclass(eq=False)
class Part:
    """A piece of an answer that says something about the source.

    Attributes:
        kind: What it is.
        start: Where it starts in the answer.
        stop: Where it ends.
        text: What is to be found in the source.
        sentence: Number of its sentence.
        marked: Whether the answer marks it as code: backticks or a block, not bare or quoted.
        block: Language of the block that it is; empty if that is not said, None if it is none.
        cited_inside: Whether that block begins with a comment that cites lines.
        loose: Whether it stands behind its citation, in another clause than that.
        own: Citations of its own clause.
        lent: Citations that it leans on for want of its own: of its row, of the row before.
    """

    kind: PartKind
    start: int
    stop: int
    text: str
    sentence: int = -1
    marked: bool = True
    block: str | None = None
    cited_inside: bool = False
    loose: bool = False
    own: list[Cited] = field(default_factory=list)
    lent: list[Cited] = field(default_factory=list)


@dataclass(frozen=True)
class Sentence:
    """A sentence of the answer, by its place."""

    start: int
    stop: int
    row: int
    text: str


@dataclass(frozen=True)
class Outline:
    """An answer taken apart."""

    sentences: list[Sentence]
    citations: list[Cited]
    parts: list[Part]


@dataclass(eq=False)
class Verdict:
    """What becomes of one citation.

    Attributes:
        region: The lines that it stands for now; None if there are none.
        reason: Why it was changed or is in doubt; empty if neither.
        repaired: Whether path or lines were changed.
        missing: A name or quote that its lines should hold and do not.
        soft: Whether nothing speaks against it: then it is unchecked, not in doubt.
    """

    region: Region | None
    reason: str = ""
    repaired: bool = False
    missing: str = ""
    soft: bool = False
