"""Everything the source says, for looking up what an answer says.

Built once for each state of the source, and only as far as it is asked: the words of all
documents when a name is first looked for, the index of near misses when one is first missing.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Mapping
from functools import cached_property

from glyphagent.document import Document, Location
from glyphagent.guard.regions import WORD, Region, definition_lines, speechless
from glyphagent.guard.spelling import SpellingIndex, nearest

# ECMA-262, sections 12.7.2, 19 and 20 to 28, words of TypeScript, and dunders of any module.
_JAVASCRIPT = """\
Array BigInt Boolean DataView Date Error Function Infinity JSON Map Math NaN Number Object
Promise Proxy Reflect RegExp Set String Symbol TypeError RangeError WeakMap WeakSet any as async
await boolean break case catch class const constructor continue debugger default delete do else
enum export extends false finally for function get globalThis if implements import in instanceof
interface let namespace never new null number object of package private protected public
readonly return set static string super switch symbol this throw true try type typeof undefined
unknown var void while with yield __init__ __all__ __name__ __main__ __file__ __doc__ __dict__
__class__"""
# Names of languages, not of any source.
BUILTINS = frozenset(
    {*keyword.kwlist, *keyword.softkwlist, *dir(builtins), "self", "cls", "args", "kwargs"}
    | {*_JAVASCRIPT.split()}
)
_ADDRESS = re.compile(r"https?://[^\s\"'`<>()\[\]{}]+")
_EDGE = re.compile(r"[\w$]")
_MANY_DOCUMENTS = 50_000


class Vocabulary:
    """Names, texts and paths of a fixed set of documents.

    Attributes:
        documents: The documents by path.
        root_name: Name of the folder that the paths are relative to; may be empty.
    """

    def __init__(self, documents: Mapping[str, Document], root_name: str = "") -> None:
        """Take the documents; nothing is read yet."""
        self.documents = documents
        self.root_name = root_name
        self._regions: dict[Location, Region] = {}
        self._definitions: dict[str, list[Location]] = {}
        self._words_in: dict[str, frozenset[str]] = {}
        self._spellings: dict[str, SpellingIndex] = {}
        self._rows: dict[str, frozenset[str]] = {}
        self._codes: dict[str, str] = {}

    @cached_property
    def words(self) -> frozenset[str]:
        """All names and numbers in the documents and their paths."""
        words = set(WORD.findall(self.root_name))
        for document in self.documents.values():
            words.update(WORD.findall(document.text))
            words.update(WORD.findall(document.path))
        return frozenset(words)

    @cached_property
    def path_words(self) -> frozenset[str]:
        """Names of folders, files and modules."""
        words = set(WORD.findall(self.root_name))
        for path in self.documents:
            words.update(WORD.findall(path))
        return frozenset(words)

    @cached_property
    def small_words(self) -> frozenset[str]:
        """All names and numbers in small letters."""
        return frozenset(word.lower() for word in self.words)

    @cached_property
    def addresses(self) -> frozenset[str]:
        """Web addresses in the documents."""
        return frozenset(
            found.rstrip(".,;:")
            for document in self.documents.values()
            for found in _ADDRESS.findall(document.text)
        )

    @cached_property
    def endings(self) -> frozenset[str]:
        """What follows the last dot of the documents' names."""
        return frozenset(path.rpartition(".")[2].lower() for path in self.documents if "." in path)

    @cached_property
    def _names(self) -> SpellingIndex:
        return SpellingIndex(word for word in self.words if not word.isdigit() and len(word) > 2)

    def region(self, location: Location) -> Region | None:
        """Lines of a document; None if it does not have them."""
        document = self.documents.get(location.path)
        first, last = location.line_start, location.line_end
        if document is None or not 1 <= first <= last <= document.line_count:
            return None
        if location not in self._regions:
            if len(self._regions) > 4096:
                self._regions.clear()
            self._regions[location] = Region(document, first, last)
        return self._regions[location]

    def nearest_name(self, word: str) -> str | None:
        """The one name of the whole source that a word is a near miss of, by a clear margin."""
        return self._names.nearest(word)

    def near_names(self, word: str, most: float) -> list[str]:
        """Names of the whole source that are at most so far from a word, nearest first."""
        return self._names.within(word, most)

    def words_in(self, path: str) -> frozenset[str]:
        """Names and numbers of one document."""
        if path not in self._words_in:
            self._words_in[path] = frozenset(WORD.findall(self.documents[path].text))
        return self._words_in[path]

    def near_in(self, path: str, word: str, most: float) -> list[str]:
        """Names of one document that are at most so far from a word, nearest first."""
        if path not in self._spellings:
            names = (name for name in self.words_in(path) if not name.isdigit() and len(name) > 2)
            self._spellings[path] = SpellingIndex(names)
        return self._spellings[path].within(word, most)

    def rows_in(self, path: str) -> frozenset[str]:
        """Lines of one document without comments, and with one blank for several."""
        if path not in self._rows:
            lines = self.documents[path].text.split("\n")
            self._rows[path] = frozenset(map(row_of, lines))
        return self._rows[path]

    def code(self, path: str) -> str:
        """A document without its comments and documentation."""
        if path not in self._codes:
            self._codes[path] = speechless(self.documents[path].text)
        return self._codes[path]

    def holds(self, text: str) -> bool:
        """Whether a text stands anywhere, not as part of a longer word."""
        return bool(self.places(text, 1))

    def places(self, text: str, limit: int = 2) -> list[Location]:
        """At most `limit` places where a text stands, not as part of a longer word."""
        text = text.replace("\r\n", "\n")
        if not text or (WORD.fullmatch(text) and text not in self.words):
            return []
        found: dict[Location, None] = {}
        for document in self.documents.values():
            whole = document.text
            if "\n" in text:
                whole = whole.replace("\r\n", "\n")
            offset = whole.find(text)
            while offset != -1 and len(found) < limit:
                if stands_apart(whole, offset, offset + len(text)):
                    first = whole.count("\n", 0, offset) + 1
                    found[Location(document.path, first, first + text.count("\n"))] = None
                offset = whole.find(text, offset + 1)
            if len(found) >= limit:
                break
        return list(found)

    def definitions(self, name: str) -> list[Location]:
        """Lines, in any document, that define a name."""
        if name not in self.words:
            return []
        if name not in self._definitions:
            self._definitions[name] = [
                Location(document.path, line, line)
                for document in self.documents.values()
                for line in definition_lines(document, name)
            ]
        return self._definitions[name]

    def paths(self, name: str) -> list[str]:
        """Documents that a path may mean: itself, or one with folders before it left out."""
        name = name.removeprefix("./")
        if name in self.documents:
            return [name]
        name = name.replace("\\", "/").removeprefix("./")
        # As from the root, or with the folders that lead to it.
        _, found, inside = f"/{name}".rpartition(f"/{self.root_name}/")
        if self.root_name and found and inside in self.documents:
            return [inside]
        if name in self.documents:
            return [name]
        return [path for path in self.documents if path.endswith("/" + name)] if name else []

    def folder(self, name: str) -> bool:
        """Whether a path is a folder of the source."""
        name = name.strip("/") + "/"
        return any(path.startswith(name) or f"/{name}" in path for path in self.documents)

    def nearest_path(self, name: str) -> str | None:
        """The one document whose path, or end of it, a path is a near miss of."""
        if len(self.documents) > _MANY_DOCUMENTS:
            return None
        parts = name.removeprefix("./").count("/") + 1
        ends: dict[str, list[str]] = {}
        for path in self.documents:
            end = "/".join(path.split("/")[-parts:])
            ends.setdefault(end, []).append(path)
            if path != end:
                ends.setdefault(path, []).append(path)
        # Whole folders left out or made up: the file's name must then be unlike all others.
        found = SpellingIndex(ends).nearest(name.removeprefix("./"), margin=0.5)
        if found is None:
            base = name.rpartition("/")[2]
            same = [path for path in self.documents if path.rpartition("/")[2] == base]
            return same[0] if len(same) == 1 and "/" in name else None
        return ends[found][0] if len(ends[found]) == 1 else None

    def closing_path(self, before: str) -> str | None:
        """The document whose whole path closes a text; paths may hold blanks and brackets."""
        found = [
            path
            for path in self.documents
            if before.endswith(path) and not re.search(r"[\w.+@/\\-]\Z", before[: -len(path)])
        ]
        return max(found, key=len) if found else None


def row_of(line: str) -> str:
    """A line of code without its comment, and with one blank for several."""
    return " ".join(re.sub(r"(?:^|\s)(?:#|//).*", "", line).split())


def stands_apart(text: str, start: int, stop: int) -> bool:
    """Whether a part of a text does not begin or end within a word or a number."""
    return not (_cut(text, start) or _cut(text, stop))


def _cut(text: str, place: int) -> bool:
    near = text[max(place - 2, 0) : place + 2]
    at = min(place, 2)
    left, right = near[max(at - 1, 0) : at], near[at : at + 1]
    if _EDGE.match(left) and _EDGE.match(right):
        return True
    # `26.` or `.3` do not stand in `26.3`.
    if left == "." and right.isdigit():
        return near[max(at - 2, 0) : at - 1].isdigit()
    return right == "." and left.isdigit() and near[at + 1 : at + 2].isalnum()


def nearest_word(text: str, words: frozenset[str]) -> str | None:
    """The one word of cited lines that a name is a near miss of; keywords apart."""
    return nearest(text, [word for word in words if word not in BUILTINS or len(word) > 6])
