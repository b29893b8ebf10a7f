"""What stands between a macro call's delimiters, read as far as that is possible without it.

A macro may mean anything by its tokens, but nearly all take expressions. Names and the calls and
members after them are read from the tokens; macros that take items are parsed as items.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from glyphagent.dependencies.facts import CALL, ITEM, Chain
from glyphagent.dependencies.languages.rust.frames import Frame
from glyphagent.dependencies.languages.rust.paths import MACRO, TYPE
from glyphagent.dependencies.languages.rust.records import Place, Records
from glyphagent.dependencies.languages.rust.standard import words

_TOKEN = re.compile(
    r"""//[^\n]* | /\*.*?\*/ | \b[bc]?r(?P<hashes>\#*)".*?"(?P=hashes)
    | [bc]?"(?:[^"\\]|\\.)*" | b?'(?:[^'\\\n]|\\[^\n]{1,10}?)' | '\w+
    | (?P<name>\$?(?:r\#)?[^\W\d]\w*) | \d[\w.]* | :: | => | -> | \.\.=? | (?P<sign>[^\s\w])""",
    re.VERBOSE | re.DOTALL,
)
_OPEN = {"(": ")", "[": "]", "{": "}"}
# Their tokens are code to come, or text.
QUOTING = frozenset({"quote", "quote_spanned", "parse_quote", "parse_quote_spanned", "stringify"})
INCLUDING = frozenset({"include", "include_str", "include_bytes"})
_KEYWORDS = words(
    """
    as async await break const continue dyn else enum extern false fn for if impl in let loop
    match mod move mut pub ref return static struct trait true type unsafe use where while
    """
)
_ITEMS = re.compile(
    r"\b(?:mod\s+\w+|use\s+[\w:{]|fn\s+\w+|struct\s+\w|enum\s+\w|trait\s+\w|impl\b|extern\s+crate"
    r"|const\s+\w+\s*:|static\s+\w|type\s+\w)"
)
_STRING = re.compile(r'r?#*"((?:[^"\\]|\\.)*)"#*')
_MANIFEST_DIR = re.compile(r'concat!\s*[(\[{]\s*env!\s*[(\[{]\s*"CARGO_MANIFEST_DIR"\s*[)\]}]\s*,')


class Tokens:
    """The tokens of one macro call.

    Attributes:
        words: The tokens' texts, comments left out.
    """

    def __init__(self, text: str, place: Place) -> None:
        """Cut a text whose first character stands at a place."""
        self.words: list[str] = []
        self._starts: list[int] = []
        self._names: list[bool] = []
        for found in _TOKEN.finditer(text):
            word = found[0]
            if word.startswith(("//", "/*")):
                continue
            self.words.append(word)
            self._starts.append(found.start())
            self._names.append(found["name"] is not None)
        self._ends = self._matching()
        self._breaks = [each.end() for each in re.finditer("\n", text)]
        self._place = place

    def _matching(self) -> dict[int, int]:
        found: dict[int, int] = {}
        waiting: list[int] = []
        for index, word in enumerate(self.words):
            if word in _OPEN:
                waiting.append(index)
            elif word in (")", "]", "}"):
                while waiting and _OPEN[self.words[waiting[-1]]] != word:
                    waiting.pop()
                if waiting:
                    found[waiting.pop()] = index
        return found

    def place(self, index: int) -> Place:
        """Place of a token in the file."""
        start = self._starts[index]
        row = bisect_right(self._breaks, start)
        if row == 0:
            return self._place[0], self._place[1] + start
        return self._place[0] + row, start - self._breaks[row - 1] + 1

    def is_name(self, index: int) -> bool:
        """Whether a token is a name or keyword."""
        return index < len(self.words) and self._names[index]

    def word(self, index: int) -> str:
        """Text of a token; empty behind the end."""
        return self.words[index] if 0 <= index < len(self.words) else ""

    def path(self, index: int) -> tuple[str, int, int]:
        """A path that begins at a token, index of its last name, and index after it."""
        parts = [self.words[index]]
        last, index = index, index + 1
        while self.word(index) == "::":
            if self.is_name(index + 1):
                last = index + 1
                parts.append(self.words[last])
                index += 2
            elif self.word(index + 1) == "<":
                index = self._after_angles(index + 1)
            else:
                break
        return "::".join(part.removeprefix("r#").strip("$") for part in parts), last, index

    def _after_angles(self, index: int) -> int:
        depth = 0
        for at in range(index, min(len(self.words), index + 200)):
            depth += {"<": 1, ">": -1}.get(self.words[at], 0)
            if depth == 0:
                return at + 1
        return index + 1

    def after(self, index: int) -> int:
        """Index after the bracket that is opened at a token."""
        return self._ends.get(index, len(self.words)) + 1


def read_tokens(records: Records, frame: Frame, text: str, place: Place, *, rules: bool) -> None:
    """Record what the tokens of a macro call use.

    Args:
        records: Where to.
        frame: The place of the call.
        text: What stands between the call's delimiters.
        place: Place of its first character.
        rules: Whether these are a macro's own rules, of which only `$crate::` paths are sure.
    """
    tokens = Tokens(text, place)
    index = 0
    while index < len(tokens.words):
        if not tokens.is_name(index) or tokens.word(index - 1) in (".", "::", "'"):
            index += 1
            continue
        word = tokens.words[index]
        if word in _KEYWORDS or (rules and word != "$crate") or (not rules and word[0] == "$"):
            index += 1
            continue
        path, last, after = tokens.path(index)
        for chain, kind, at in _uses(frame, tokens, path, last, after):
            # What a macro's rules name is called where the macro is.
            records.use(frame, chain, "reference" if rules else kind, tokens.place(at))
        if tokens.word(after) == "!" and path.rpartition("::")[2] in QUOTING:
            after = tokens.after(after + 1)
        index = after


def _uses(
    frame: Frame, tokens: Tokens, path: str, last: int, index: int
) -> Iterator[tuple[Chain, str, int]]:
    """Uses that begin with one path: the path, and what is called on it."""
    following = tokens.word(index)
    if following == "!" and tokens.word(index + 1) in _OPEN:
        yield frame.head(path, MACRO), "reference", last
        return
    if following == "(" and not path[:1].isdigit():
        chain = frame.head(path)
        yield chain, "call", last
        chain, index = (*chain, CALL), tokens.after(index)
    elif following == "{" and path.rpartition("::")[2][:1].isupper():
        chain = frame.head(path, TYPE)
        yield chain, "reference", last
        return
    else:
        chain = frame.head(path)
        named = following == "=" and tokens.word(index + 1) != "="
        if following != "." and not named and (len(chain) > 1 or "|" in chain[0]):
            yield chain, "reference", last
    while True:
        following = tokens.word(index)
        if following == "?":
            index += 1
        elif following == "[":
            chain, index = (*chain, ITEM), tokens.after(index)
        elif following == "." and tokens.word(index + 1) == "await":
            index += 2
        elif following == "." and tokens.is_name(index + 1):
            at = index + 1
            chain = (*chain, tokens.words[at])
            _, _, index = tokens.path(at)
            called = tokens.word(index) == "("
            yield chain, "call" if called else "reference", at
            if called:
                chain, index = (*chain, CALL), tokens.after(index)
        else:
            return


def takes_items(text: str) -> bool:
    """Whether a macro call's tokens look like items."""
    return _ITEMS.search(text) is not None


def included(text: str) -> str | None:
    """The literal path that an `include!` names; None if only a build can tell it.

    A path below the package's folder begins with `$CARGO_MANIFEST_DIR`.
    """
    text = text.strip().rstrip(",").strip()
    folder = _MANIFEST_DIR.match(text)
    if folder is not None:
        rest = text[folder.end() :].strip().rstrip(")]}").strip().rstrip(",")
        found = _STRING.fullmatch(rest)
        return None if found is None else "$CARGO_MANIFEST_DIR" + found[1]
    found = _STRING.fullmatch(text)
    return None if found is None else found[1]
