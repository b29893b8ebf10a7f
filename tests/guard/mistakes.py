"""Misreadings made mechanically in right prose: names, case, numbers, lines, paths, strings, truth.

A mistake is made only where it makes the answer wrong of the source: names and numbers that stand
in the source are changed to what does not stand where the answer points, a citation is moved to
lines that share nothing with its row. Nothing here uses the guard.
"""

from __future__ import annotations

import keyword
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.guard.answers import Written
from tests.guard.truths import Project

KINDS = ("name", "case", "invented", "usage", "number", "lines", "path", "string", "truth")

_WORD = re.compile(r"[A-Za-z_]\w*")
_FENCE = re.compile(r"^[ \t>]*(```)[^\n]*\n(.*?)^[ \t>]*```[ \t]*$", re.MULTILINE | re.DOTALL)
_CITED = re.compile(
    r"(?P<path>[\w./\\-]*\w\.py)(?:\]?\(?[\w./\\-]*)?(?P<mark>:|#L)(?P<first>\d+)"
    r"(?:-L?(?P<last>\d+))?"
)
_SPAN = re.compile(r"`([^`\n]+)`|\"([^\"\n]{8,})\"")
_ALIKE = {"0": "O", "O": "0", "1": "l", "l": "1", "I": "l", "5": "S", "S": "5", "8": "B", "B": "8"}
_INVENTED = ("flush_buffer", "ResolveCursor", "load_manifest", "parseQuota", "dispatch_ledger")


@dataclass(frozen=True)
class Mistake:
    """A right answer with one thing in it made wrong, and where."""

    kind: str
    how: str
    written: Written
    text: str
    start: int
    old: str
    new: str


@dataclass(frozen=True)
class _Place:
    start: int
    stop: int
    path: str
    first: int
    last: int


def mistakes(written: Written, source: Project, chance: random.Random, each: int) -> list[Mistake]:
    """At most `each` mistakes of every kind that an answer has room for."""
    answer = _Answer(written, source)
    found: list[Mistake] = []
    for kind in KINDS:
        options = list(dict.fromkeys(getattr(answer, f"of_{kind}")(chance)))
        chance.shuffle(options)
        for start, old, new, how in options[:each]:
            text = written.text[:start] + new + written.text[start + len(old) :]
            found.append(Mistake(kind, how, written, text, start, old, new))
    return found


Option = tuple[int, str, str, str]


class _Answer:
    """What in an answer can go wrong."""

    def __init__(self, written: Written, source: Project) -> None:
        self.text = written.text
        self.question = written.question
        self.documents = source.documents
        self.words = {w for d in source.documents.values() for w in re.findall(r"[\w$]+", d.text)}
        self.lines = {
            line.strip() for d in source.documents.values() for line in d.text.split("\n")
        }
        self.flat = "\n".join(_flat(document.text) for document in source.documents.values())
        self.cited = list(self._cited())
        self.shown = "\n".join(self._lines(p.path, p.first, p.last) for p in self.cited)
        self.near = "\n".join(self._lines(p.path, p.first, p.last + 40) for p in self.cited)
        self.fences = [(m.start(), m.end(), m.group(2)) for m in _FENCE.finditer(self.text)]

    def _lines(self, path: str, first: int, last: int) -> str:
        document = self.documents[path]
        return document.lines(first, min(last, document.line_count))

    def _cited(self) -> Iterator[_Place]:
        for match in _CITED.finditer(self.text):
            name = match["path"].replace("\\", "/")
            paths = [p for p in self.documents if name in (p, p.rpartition("/")[2])]
            paths = paths or [p for p in self.documents if name.endswith("/" + p)]
            if len(paths) == 1:
                first = int(match["first"])
                last = int(match["last"] or first)
                yield _Place(match.start("first"), match.end(), paths[0], first, last)

    def _in_usage(self, place: int) -> bool:
        """Whether a place is in a block of code that is not from the source."""
        for start, stop, code in self.fences:
            if start <= place < stop:
                rows = [row.strip() for row in code.split("\n") if len(row.strip()) > 6]
                return sum(row in self.lines for row in rows) * 2 < max(len(rows), 1)
        return False

    def _row(self, place: int) -> str:
        start = self.text.rfind("\n", 0, place) + 1
        stop = self.text.find("\n", place)
        return self.text[start : len(self.text) if stop < 0 else stop]

    def _in_citation(self, place: int) -> bool:
        return any(m.start() <= place < m.end() for m in _CITED.finditer(self.text))

    def _coded(self) -> Iterator[tuple[int, str]]:
        """Names of the source that the answer writes as code."""
        spans = [(m.start(), m.end()) for m in _SPAN.finditer(self.text) if m.group(1)]
        spans += [(start, stop) for start, stop, _ in self.fences]
        for start, stop in spans:
            for match in _WORD.finditer(self.text, start, stop):
                word = match.group()
                if len(word) < 4 or word not in self.words or keyword.iskeyword(word):
                    continue
                if word in ("self", "True", "None", "python") or self._in_citation(match.start()):
                    continue
                if self._lacking(match.start()) or self._own_string(start, stop, match.start()):
                    continue
                if word not in re.findall(r"\w+", self.question):
                    yield match.start(), word

    def _lacking(self, place: int) -> bool:
        """Whether it is said not to exist, which is as true of what is made up."""
        return re.search(r"\bno [`\w ]{0,20}\Z", self.text[:place]) is not None

    def _own_string(self, start: int, stop: int, place: int) -> bool:
        """Whether it is in a string of a call that is an example."""
        span = self.text[start + 1 : stop - 1]
        before = self.text[start + 1 : place]
        quoted = any(before.count(mark) % 2 for mark in ("'", '"')) and "(" in before
        return quoted and _flat(span) not in self.flat

    def of_name(self, chance: random.Random) -> Iterator[Option]:
        for place, word in self._coded():
            if not self._in_usage(place):
                yield from self._misread(place, word, chance)

    def of_usage(self, chance: random.Random) -> Iterator[Option]:
        """Near misses of the source's own names in examples of how to use it."""
        for place, word in self._coded():
            if self._in_usage(place) and re.search(r"_|[a-z][A-Z]", word):
                yield from self._misread(place, word, chance)

    def _misread(self, place: int, word: str, chance: random.Random) -> Iterator[Option]:
        spot = chance.randrange(len(word))
        forms = {
            "one letter": word[:spot] + chance.choice("abcdefghknopqrstuvxyz") + word[spot + 1 :],
            "one lost": word[:spot] + word[spot + 1 :],
            "one twice": word[: spot + 1] + word[spot:],
        }
        if alike := [at for at, letter in enumerate(word) if letter in _ALIKE]:
            at = chance.choice(alike)
            forms["look-alike"] = word[:at] + _ALIKE[word[at]] + word[at + 1 :]
        if "_" in word.strip("_"):
            at = word.index("_", 1)
            forms["underscore lost"] = word[:at] + word[at + 1 :]
        for how, new in forms.items():
            if new not in self.words and _WORD.fullmatch(new):
                yield place, word, new, how

    def of_case(self, chance: random.Random) -> Iterator[Option]:
        for place, word in self._coded():
            if self._in_usage(place):
                continue
            spots = [at for at, letter in enumerate(word) if letter.isalpha()]
            for at in (spots[0], chance.choice(spots)):
                new = word[:at] + word[at].swapcase() + word[at + 1 :]
                if not re.search(rf"(?<!\w){new}(?!\w)", self.near) and word in self.near:
                    yield place, word, new, "first letter" if at == spots[0] else "one letter"

    def of_invented(self, chance: random.Random) -> Iterator[Option]:
        for place, word in self._coded():
            if not self._in_usage(place) and word in self.near:
                yield place, word, chance.choice(_INVENTED), "made up"

    def of_number(self, chance: random.Random) -> Iterator[Option]:
        for match in re.finditer(r"(?<![\w.#])\d[\d,_]*(?:\.\d+)?(?![\w]*[A-Za-z_])", self.text):
            old, place = match.group().rstrip(",_"), match.start()
            row = self._row(place)
            if self._in_usage(place) or self._in_citation(place) or not self._has(old):
                continue
            before = self.text[:place].rpartition("\n")[2]
            if not before.strip(" \t") or re.search(r"(?:lines?|\bL|-L?|RFC|PEP)\s*\Z", before):
                continue
            if not _CITED.search(row) and not any(c.first for c in self.cited):
                continue
            for how, new in _digits(old, chance):
                if not self._has(new):
                    yield place, old, new, how

    def _has(self, number: str) -> bool:
        plain = number.replace(",", "").replace("_", "")
        held = re.findall(r"(?<![\w.])\d[\d_]*(?:\.\d+)?", self.near)
        return any(each.replace("_", "") == plain for each in held)

    def of_lines(self, chance: random.Random) -> Iterator[Option]:
        for cited in self.cited:
            row = self._row(cited.start)
            told = {m.group() for m in re.finditer(r"[A-Za-z_]\w{2,}|\d+", _CITED.sub(" ", row))}
            held = told & set(re.findall(r"\w+", self._lines(cited.path, cited.first, cited.last)))
            if not held:
                continue
            count, height = self.documents[cited.path].line_count, cited.last - cited.first
            written = self.text[cited.start : cited.stop]
            for how, first in (
                ("one off", cited.first + chance.choice((-1, 1)) * (height + 1)),
                (
                    "some off",
                    cited.first + chance.choice((-1, 1)) * (height + chance.randint(2, 9)),
                ),
                ("anywhere", chance.randint(1, count)),
                ("past the end", count + chance.randint(1, 300)),
            ):
                if first < 1 or abs(first - cited.first) <= height:
                    continue
                if first + height <= count:
                    there = self._lines(cited.path, first, first + height)
                    if told & set(re.findall(r"\w+", there)):
                        continue
                new = written.replace(str(cited.first), str(first), 1)
                if cited.last != cited.first:
                    new = new[: len(str(first))] + new[len(str(first)) :].replace(
                        str(cited.last), str(first + height)
                    )
                yield cited.start, written, new, how

    def of_path(self, chance: random.Random) -> Iterator[Option]:
        for match in _CITED.finditer(self.text):
            old = match["path"]
            letters = [m.start() for m in re.finditer(r"[a-z]", old[:-3])]
            at = chance.choice(letters)
            for how, new in (
                ("one letter", old[:at] + chance.choice("abcdefghijkm") + old[at + 1 :]),
                ("one lost", old[:at] + old[at + 1 :]),
                ("made up", f"core/{chance.choice(('cursor', 'ledger'))}.py"),
            ):
                plain = new.replace("\\", "/")
                known = [p for p in self.documents if p.endswith(plain) or plain.endswith("/" + p)]
                if new != old and not known and plain not in self.documents:
                    yield match.start("path"), old, new, how

    def of_string(self, chance: random.Random) -> Iterator[Option]:
        source = {_flat(document.text) for document in self.documents.values()}
        for match in _SPAN.finditer(self.text):
            old, place = match.group()[1:-1], match.start() + 1
            if self._in_usage(place) or self._in_citation(place):
                continue
            words = list(re.finditer(r"[A-Za-z]{3,}", old))
            if len(words) < 2 or not any(_flat(old).rstrip(" .") in text for text in source):
                continue
            word = chance.choice(words)
            at = chance.randrange(word.start(), word.end())
            forms = {
                "a letter": old[:at] + chance.choice("aeioux") + old[at + 1 :],
                "a word lost": (old[: word.start()] + old[word.end() :].lstrip(" ")).strip(),
                "a word changed": old[: word.start()] + "ledger" + old[word.end() :],
            }
            for how, new in forms.items():
                if new and not any(_flat(new).rstrip(" .") in text for text in source):
                    yield place, old, new, how

    def of_truth(self, chance: random.Random) -> Iterator[Option]:
        for match in re.finditer(r"(?<![\w=])(?:True|False|None)(?!\w)", self.text):
            place, old = match.start(), match.group()
            if self._in_usage(place) or not self.cited:
                continue
            for new in ("True", "False", "None"):
                if new != old:
                    yield place, old, new, f"{old} to {new}"


def _flat(text: str) -> str:
    """A text without the breaks of strings over several lines."""
    return re.sub(r"\s+", " ", re.sub(r"[\"']\s*\n\s*f?[\"']", "", text))


def _digits(old: str, chance: random.Random) -> Iterator[tuple[str, str]]:
    places = [m.start() for m in re.finditer(r"\d", old)]
    at = chance.choice(places)
    yield (
        "one digit",
        old[:at] + chance.choice([d for d in "123456789" if d != old[at]]) + old[at + 1 :],
    )
    if len(places) > 1:
        lost = old[:at] + old[at + 1 :]
        if lost[0] not in ".,0":
            yield "one lost", lost
    pairs = [p for p in places if old[p + 1 : p + 2].isdigit() and old[p] != old[p + 1]]
    if pairs and not old.startswith("0"):
        p = chance.choice(pairs)
        if not (p == 0 and old[1] == "0"):
            yield "two swapped", old[:p] + old[p + 1] + old[p] + old[p + 2 :]
    yield "one more", old + chance.choice("123456789")
