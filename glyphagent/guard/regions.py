"""What the source has in cited lines, and what may be said about them without quoting.

Languages are told apart by nothing here: blocks go by indent, definitions and imports by the
forms that common languages share. The dependency analysis knows more, and takes seconds; a
model's answer is to be checked in milliseconds.
"""

from __future__ import annotations

import re
from functools import cached_property, lru_cache

from glyphagent.document import Document, Location

WORD = re.compile(r"[\w$]+")
"""A name, a number, or a part of one."""

_LONGEST_BLOCK = 600
_LONGEST_LINE = 2000
_FARTHEST_HEADER = 20_000
_HEADER = re.compile(
    r"^\s*(?:export\s+|default\s+|async\s+|public\s+|private\s+|static\s+|abstract\s+|pub\s+)*"
    r"(?:class|def|function|interface|struct|enum|trait|impl|module|namespace|fn|func|type|object)\b"
    r"|[{(\[:]\s*$"
)
_FUNCTION = re.compile(
    r"\s*(?:@|(?:export\s+|default\s+|async\s+|public\s+|private\s+|static\s+|pub\s+)*"
    r"(?:def|function|fn|func|fun|sub)\b)"
)
_CLOSES = re.compile(r"\s*[)\]}]")
_IMPORT = re.compile(
    r"^\s*(?:from\b.*\bimport\b|import\b|export\b.*\bfrom\b|use\s|#\s*include\b|@import\b)"
    r"|\brequire\s*\(|\bimport\s*\(|^\s*\}\s*from\b|\b(?:__import__|import_module)\s*\(",
    re.MULTILINE,
)
_KEYWORDS = (
    r"(?:def|class|function\*?|func|fn|fun|struct|enum|union|interface|type|trait|const|let|var"
    r"|val|static|module|namespace|package|define|sub|record|object|protocol|macro_rules!)"
)
_MODIFIERS = (
    r"(?:(?:export|default|async|static|get|set|public|private|protected|readonly|override"
    r"|abstract|declare|const|let|var)\s+)*"
)


# Comments, docstrings, and marked-up names in documentation.
_SPEECH = re.compile(
    r"(?:^|[ \t])(?:#|//)[^\n]*|\"\"\".*?\"\"\"|\'\'\'.*?\'\'\'|:\w+:`[^`\n]*`|``[^`\n]*``",
    re.DOTALL,
)


def speechless(text: str) -> str:
    """Source text without what it says in words: comments and documentation."""
    return _SPEECH.sub(" ", text)


@lru_cache(maxsize=4096)
def definition_of(name: str) -> re.Pattern[str]:
    """Pattern of a line that defines a name, in the forms that common languages share."""
    name = re.escape(name)
    owner = r"(?:[\w$]+\.)*"
    return re.compile(
        rf"\b{_KEYWORDS}[ \t]+(?:mut[ \t]+)?[*&]*{owner}{name}(?![\w$])"
        rf"|^[ \t]*{_MODIFIERS}{owner}\b{name}[ \t]*(?::[^=\n]*)?[-+*/|&]?=(?![=>])(?!.*,[ \t]*$)"
        rf"|^[ \t]*{_MODIFIERS}{owner}\b{name}[ \t]+=(?![=>])"
        rf"|^[ \t]*(?:[\w$.]+[ \t]*=[ \t]*)+{name}[ \t]*=(?![=>])"
        rf"|^[ \t]*(?:[\w$.*]+[ \t]*,[ \t]*)+{name}[ \t]*(?:,[ \t]*[\w$.*]+[ \t]*)*=(?![=>])"
        rf"|^[ \t]*(?:[\w$.*]+[ \t]*,[ \t]*)*{name}[ \t]*(?:,[ \t]*[\w$.*]+[ \t]*)+=(?![=>])"
        rf"|^[ \t]*{_MODIFIERS}{name}\??[ \t]*:(?!=)[ \t]*[^\s,][^\n]*$"
        rf"|^[ \t]*{_MODIFIERS}\*?{name}[ \t]*\([^\n]*\{{[ \t]*$",
        re.MULTILINE,
    )


@lru_cache(maxsize=4096)
def declaration_of(name: str) -> re.Pattern[str]:
    """Pattern of a line that makes a name that of a function or class."""
    name = re.escape(name)
    return re.compile(
        rf"\b{_KEYWORDS}[ \t]+(?:mut[ \t]+)?[*&]*(?:[\w$]+\.)*{name}(?![\w$])"
        rf"|^[ \t]*{_MODIFIERS}(?:[\w$]+\.)*\b{name}[ \t]*=[ \t]"
        rf"|^[ \t]*{_MODIFIERS}\*?{name}[ \t]*\([^\n]*\{{[ \t]*$",
        re.MULTILINE,
    )


def definition_lines(document: Document, name: str) -> list[int]:
    """Lines of a document that define a name."""
    found: list[int] = []
    text = document.text
    offset = text.find(name)
    while offset != -1:
        start = text.rfind("\n", 0, offset) + 1
        stop = text.find("\n", offset)
        stop = len(text) if stop < 0 else stop
        # Only the line that holds the name: the pattern is slow on a whole document.
        if definition_of(name).search(text[start : min(stop, start + _LONGEST_LINE)]):
            found.append(document.line_at(offset))
        offset = text.find(name, stop)
    return found


class Region:
    """The cited lines of a document, with what stands around them.

    Attributes:
        document: The document.
        first: First line, from 1.
        last: Last line, included.
        text: Their text.
    """

    def __init__(self, document: Document, first: int, last: int) -> None:
        """Take lines that the document has."""
        self.document, self.first, self.last = document, first, last
        self.text = document.lines(first, last).replace("\r\n", "\n")
        self._defines: dict[str, bool] = {}

    @property
    def location(self) -> Location:
        """Where it is."""
        return Location(self.document.path, self.first, self.last)

    @cached_property
    def words(self) -> frozenset[str]:
        """Names and numbers on the lines."""
        return frozenset(WORD.findall(self.text))

    @cached_property
    def code_words(self) -> tuple[str, ...]:
        """Names and numbers on the lines outside of comments and documentation, each once."""
        return tuple(dict.fromkeys(WORD.findall(speechless(self.text))))

    @cached_property
    def around(self) -> frozenset[str]:
        """Names in the headers that the lines are inside of, and parts of the path."""
        words = set(WORD.findall(self.document.path))
        words.update(part.rpartition(".")[0] for part in self.document.path.split("/"))
        for number in self.headers:
            words.update(WORD.findall(self.document.lines(number, number)))
        return frozenset(words)

    @cached_property
    def headers(self) -> tuple[int, ...]:
        """Numbers of the lines that open what the lines are inside of, innermost first."""
        found = []
        lines = [line for line in self.text.split("\n") if line.strip()]
        indent = _indent(lines[0]) if lines else 0
        for number in range(self.first - 1, max(self.first - _FARTHEST_HEADER, 0), -1):
            if indent == 0:
                break
            line = self.document.lines(number, number)
            if line.strip() and (near := _indent(line)) < indent and not _CLOSES.match(line):
                indent = near
                if _HEADER.search(line.rstrip()):
                    found.append(number)
        return tuple(found)

    @cached_property
    def function(self) -> Region:
        """The function that the lines are in, or that they begin; else the lines."""
        numbers = [self.first, *self.headers]
        for number in numbers:
            line = self.document.lines(number, number)
            if _FUNCTION.match(line):
                opened = Region(self.document, number, max(number, self.last))
                return opened.block
        return self

    @cached_property
    def block(self) -> Region:
        """The lines and, if they begin a definition or block, the rest of it."""
        lines = [line for line in self.text.split("\n") if line.strip()]
        indent = min(map(_indent, lines), default=0)
        last = self.last
        stop = min(self.last + _LONGEST_BLOCK, self.document.line_count)
        decorates = bool(lines) and all(line.lstrip().startswith("@") for line in lines)
        for number in range(self.last + 1, stop + 1):
            line = self.document.lines(number, number)
            if line.strip():
                level = _indent(line) == indent and not _CLOSES.match(line)
                if _indent(line) < indent or (level and not decorates):
                    break
                decorates = decorates and (not level or line.lstrip().startswith("@"))
                last = number
        return self if last == self.last else Region(self.document, self.first, last)

    def names(self, word: str) -> bool:
        """Whether a word may be said of these lines: it stands there, around or in the block."""
        return word in self.words or word in self.around or word in self.block.words

    def defines(self, name: str) -> bool:
        """Whether one of the lines defines a name."""
        if name not in self.words:
            return False
        if name not in self._defines:
            self._defines[name] = definition_of(name).search(self.text) is not None
        return self._defines[name]

    def declares(self, name: str) -> bool:
        """Whether one of the lines makes a name that of a function or class."""
        return name in self.words and declaration_of(name).search(self.text) is not None

    def statement(self, name: str) -> str:
        """The lines' text from a name's definition to the end of that statement; else all."""
        found = definition_of(name).search(self.text)
        if found is None:
            return self.text
        lines = self.text[self.text.rfind("\n", 0, found.end()) + 1 :].split("\n")
        kept = [lines[0]]
        for line in lines[1:]:
            if line.strip() and _indent(line) <= _indent(lines[0]) and not _CLOSES.match(line):
                break
            kept.append(line)
        return "\n".join(kept)

    @cached_property
    def imports(self) -> bool:
        """Whether the lines are, or are part of, a statement that imports."""
        if _IMPORT.search(self.text):
            return True
        for number in range(self.first - 1, max(self.first - 80, 0), -1):
            line = self.document.lines(number, number)
            if _IMPORT.search(line):
                return ("(" in line and ")" not in line) or ("{" in line and "}" not in line)
            if _CLOSES.match(line) or not line.strip():
                return False
            if line.rstrip().endswith("{") and line.lstrip().startswith(("import", "export")):
                return True
        return False


def _indent(line: str) -> int:
    line = line.expandtabs(4)
    return len(line) - len(line.lstrip())
