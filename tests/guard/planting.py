"""Errors planted in correct answers, as a model makes them that misreads small glyphs.

An error is planted only where it makes the answer wrong: a citation that is moved must no longer
show what the answer says of it, a changed number must be another number.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from glyphagent.document import Location
from tests.guard.truths import Piece, Project, Truth

ErrorKind = Literal["digits", "invented", "misread", "lines", "path or code"]
KINDS: tuple[ErrorKind, ...] = ("digits", "invented", "misread", "lines", "path or code")

_ALIKE = {"0": "O", "O": "0", "1": "l", "l": "1", "I": "l", "5": "S", "S": "5", "8": "B", "B": "8"}
_VERBS = ("load", "parse", "validate", "flush", "resolve", "normalize", "register", "dispatch")
_NOUNS = ("buffer", "manifest", "cursor", "payload", "registry", "snapshot", "quota", "ledger")


@dataclass(frozen=True)
class Planted:
    """An answer with one error in it, and where that is."""

    kind: ErrorKind
    how: str
    truth: Truth
    text: str
    start: int
    stop: int
    old: str
    new: str


def plant(truth: Truth, kind: ErrorKind, source: Project, chance: random.Random) -> Planted | None:
    """Plant one error of a kind, or None where the answer has nothing that can go so wrong."""
    options = list(_options(truth, kind, source, chance))
    chance.shuffle(options)
    for number, how, new in options:
        old = truth.pieces[number].text
        cut_short = truth.pieces[number].tag == "quote" and new.strip() in old
        if new == old or cut_short or _same(old, new):
            continue
        pieces = [*truth.pieces]
        pieces[number] = replace(pieces[number], text=new)
        start = sum(len(piece.text) for piece in pieces[:number])
        text = "".join(piece.text for piece in pieces)
        return Planted(kind, how, truth, text, start, start + len(new), old, new)
    return None


def _options(
    truth: Truth, kind: ErrorKind, source: Project, chance: random.Random
) -> Iterator[tuple[int, str, str]]:
    for number, piece in enumerate(truth.pieces):
        if kind == "digits" and piece.tag in ("value", "quote"):
            yield from ((number, how, new) for how, new in _digits(piece.text, chance))
        elif kind == "invented" and piece.tag == "name":
            yield from ((number, how, new) for how, new in _invented(piece.text, source, chance))
        elif kind == "misread" and piece.tag == "name":
            yield from ((number, how, new) for how, new in _misread(piece.text, source, chance))
        elif kind == "lines" and piece.tag == "cite":
            yield from ((number, how, new) for how, new in _moved(piece, truth, source, chance))
        elif kind == "path or code" and piece.tag == "cite":
            yield from ((number, how, new) for how, new in _elsewhere(piece, source, chance))
        elif kind == "path or code" and piece.tag == "quote":
            yield from ((number, how, new) for how, new in _misquoted(piece.text, chance))


def _digits(text: str, chance: random.Random) -> Iterator[tuple[str, str]]:
    places = [m.start() for m in re.finditer(r"\d", text)]
    if not places:
        return
    place = chance.choice(places)
    other = chance.choice([d for d in "0123456789" if d != text[place]])
    yield "one digit", text[:place] + other + text[place + 1 :]
    if text[place] in _ALIKE:
        yield "look-alike", text[:place] + _ALIKE[text[place]] + text[place + 1 :]
    pairs = [p for p in places if text[p + 1 : p + 2].isdigit() and text[p] != text[p + 1]]
    if pairs:
        p = chance.choice(pairs)
        yield "two swapped", text[:p] + text[p + 1] + text[p] + text[p + 2 :]
    yield (
        "one lost" if len(places) > 1 else "one more",
        (
            text[:place] + text[place + 1 :]
            if len(places) > 1
            else text[:place] + "1" + text[place:]
        ),
    )


def _same(one: str, other: str) -> bool:
    """Whether two texts differ in how a number is written only: `0.` for `0.0`."""

    def spelled(match: re.Match[str]) -> str:
        text = match.group()
        return str(int(text, 0) if text.startswith("0x") else float(text))

    number = re.compile(r"(?<![\w.])(?:0x[0-9a-fA-F]+|\d+\.\d*|\.?\d+)(?![\w.])")
    return number.sub(spelled, one) == number.sub(spelled, other)


def _invented(text: str, source: Project, chance: random.Random) -> Iterator[tuple[str, str]]:
    ending = "()" if text.endswith("()") else ""
    owner, _, _ = text.rpartition(".")
    verb, noun = chance.choice(_VERBS), chance.choice(_NOUNS)
    snake = f"{verb}_{noun}"
    made = snake if chance.random() < 0.5 else verb.title() + noun.title()
    yield "made up", made + ending
    if owner:
        yield "made up member", f"{owner}.{made}{ending}"
    others = [
        each.name
        for symbols in chance.sample(sorted(source.index.files), min(5, len(source.index.files)))
        for each in source.index.files[symbols].definitions
        if len(each.name) > 3 and each.name not in text and "_" in each.name.strip("_")
    ]
    if others:
        yield "taken from elsewhere", chance.choice(others) + ending


def _misread(text: str, source: Project, chance: random.Random) -> Iterator[tuple[str, str]]:
    places = [m.start() for m in re.finditer(r"[A-Za-z]", text.removesuffix("()"))]
    last = text.removesuffix("()").rpartition(".")[2]
    if len(last) < 3:
        return
    alike = [p for p in range(len(text)) if text[p] in _ALIKE]
    if alike:
        p = chance.choice(alike)
        yield "look-alike", text[:p] + _ALIKE[text[p]] + text[p + 1 :]
    for pair, one in (("rn", "m"), ("m", "rn"), ("cl", "d"), ("vv", "w"), ("w", "vv")):
        if pair in text:
            yield "joined or parted", text.replace(pair, one, 1)
    p = chance.choice(places)
    yield "one letter", text[:p] + chance.choice("abcdefghknopqrstuvxyz") + text[p + 1 :]
    yield "one lost", text[:p] + text[p + 1 :]
    yield "one twice", text[: p + 1] + text[p] + text[p + 1 :]
    if p + 1 in places and text[p] != text[p + 1]:
        yield "two swapped", text[:p] + text[p + 1] + text[p] + text[p + 2 :]
    if "_" in last.strip("_"):
        cut = text.rindex("_", 0, len(text.rstrip("_()")))
        yield "underscore lost", text[:cut] + text[cut + 1 :]
    yield "case", text[:p] + text[p].swapcase() + text[p + 1 :]


def _moved(
    piece: Piece, truth: Truth, source: Project, chance: random.Random
) -> Iterator[tuple[str, str]]:
    place = piece.place
    assert place is not None
    count = source.documents[place.path].line_count
    height = place.line_end - place.line_start
    for how, first in (
        ("one off", place.line_start + chance.choice((-1, 1)) * (height + 1)),
        ("a few off", place.line_start + chance.choice((-1, 1)) * (height + chance.randint(2, 9))),
        ("anywhere", chance.randint(1, count)),
        ("digits swapped", int(str(place.line_start)[::-1])),
        ("past the end", count + chance.randint(1, 500)),
    ):
        moved = Location(place.path, first, first + height)
        if first >= 1 and not _still_true(moved, place, piece.subject, source):
            yield how, _rewritten(piece, place, moved)


def _rewritten(piece: Piece, old: Location, new: Location) -> str:
    if piece.text == str(old):
        return str(new)
    lines = str(new.line_start) + (f"-{new.line_end}" if new.line_end > new.line_start else "")
    return re.sub(r"(lines? )[\d-]+$", rf"\g<1>{lines}", piece.text).replace(old.path, new.path)


def _still_true(moved: Location, place: Location, subject: str, source: Project) -> bool:
    """Whether the place where a citation now points shows the same thing."""
    if moved.path == place.path:
        overlap = moved.line_start <= place.line_end and place.line_start <= moved.line_end
        if overlap:
            return True
    document = source.documents[moved.path]
    if moved.line_end > document.line_count:
        return False
    shown = document.lines(moved.line_start, moved.line_end).split()
    if shown == source.documents[place.path].lines(place.line_start, place.line_end).split():
        return True
    return any(
        each.path == moved.path and moved.line_start <= each.line <= moved.line_end
        for each in source.index.definitions(subject)
    )


def _elsewhere(piece: Piece, source: Project, chance: random.Random) -> Iterator[tuple[str, str]]:
    place = piece.place
    assert place is not None
    path = place.path
    letters = [m.start() for m in re.finditer(r"[a-z]", path.rpartition(".")[0])]
    p = chance.choice(letters)
    for how, new in (
        ("path, one letter", path[:p] + chance.choice("abcdefghijklmnop") + path[p + 1 :]),
        ("path, one lost", path[:p] + path[p + 1 :]),
        ("path, made up", f"core/{chance.choice(_NOUNS)}.py"),
    ):
        if new not in source.documents:
            yield how, piece.text.replace(path, new)
    other = chance.choice([each for each in source.documents if each != path] or [path])
    moved = Location(other, place.line_start, place.line_end)
    if not _still_true(moved, place, piece.subject, source):
        yield "path of another file", piece.text.replace(path, other)


def _misquoted(text: str, chance: random.Random) -> Iterator[tuple[str, str]]:
    words = list(re.finditer(r"[A-Za-z_]\w+", text))
    if len(words) < 2:
        return
    one = chance.choice(words)
    yield "code, a word lost", text[: one.start()].rstrip(" ") + text[one.end() :]
    yield "code, a word changed", text[: one.start()] + chance.choice(_NOUNS) + text[one.end() :]
    spelled = one.group()
    p = chance.randrange(len(spelled))
    yield (
        "code, a letter lost",
        text[: one.start()] + spelled[:p] + spelled[p + 1 :] + text[one.end() :],
    )
    signs = list(re.finditer(r"==|!=|<=|>=|->|[-+*/<>=:,]", text))
    if signs:
        sign = chance.choice(signs)
        other = chance.choice([s for s in ("==", "!=", "<", ">", "+", "-") if s != sign.group()])
        yield "code, a sign changed", text[: sign.start()] + other + text[sign.end() :]
    first, second = chance.sample(words, 2)
    if first.group() != second.group():
        a, b = sorted((first, second), key=lambda m: m.start())
        yield (
            "code, two words swapped",
            (
                text[: a.start()]
                + b.group()
                + text[a.end() : b.start()]
                + a.group()
                + text[b.end() :]
            ),
        )
