"""Definitions in languages without a grammar here, by their most regular lines.

Every pattern is anchored to a line's start and matches only what is almost certainly a
definition's header; one that is written unusually is missed rather than guessed. Imports are
left out, and so is where a definition ends.
"""

from __future__ import annotations

import re

from glyphagent.dependencies.symbols import Definition, FileSymbols
from glyphagent.document import Location

_JAVA_WORDS = (
    r"(?:public|protected|private|static|final|abstract|sealed|synchronized|native|default"
    r"|internal|open|data|override|suspend|inline|partial|virtual|async|readonly)"
)
_RUST_HEAD = r"^\s*(?:pub(?:\([\w: ]+\))?\s+)?(?:(?:default|const|async|unsafe)\s+)*"
_TYPE_NAMES = r"class|interface|enum|record|struct|trait|object"

# Language, to pairs of a kind and a pattern whose last group is the name.
_PATTERNS: dict[str, list[tuple[str, str]]] = {
    "go": [
        ("function", r"^func\s+(?:\([^)]*\)\s*)?([A-Za-z_]\w*)\s*[\[(]"),
        ("type", r"^type\s+([A-Za-z_]\w*)\b"),
        ("constant", r"^const\s+([A-Za-z_]\w*)\b"),
        ("variable", r"^var\s+([A-Za-z_]\w*)\b"),
    ],
    "rust": [
        ("function", _RUST_HEAD + r"(?:extern\s+\"[^\"]*\"\s+)?fn\s+([A-Za-z_]\w*)"),
        ("class", _RUST_HEAD + r"(?:struct|union)\s+([A-Za-z_]\w*)"),
        ("enum", _RUST_HEAD + r"enum\s+([A-Za-z_]\w*)"),
        ("interface", _RUST_HEAD + r"trait\s+([A-Za-z_]\w*)"),
        ("type", _RUST_HEAD + r"type\s+([A-Za-z_]\w*)"),
        (
            "constant",
            r"^\s*(?:pub(?:\([\w: ]+\))?\s+)?(?:const|static(?:\s+mut)?)\s+([A-Z_]\w*)\s*:",
        ),
        ("function", r"^\s*macro_rules!\s+([A-Za-z_]\w*)"),
    ],
    "java": [
        ("class", rf"^\s*(?:{_JAVA_WORDS}\s+)*(?:{_TYPE_NAMES})\s+([A-Za-z_]\w*)[^;=]*$"),
        (
            "method",
            rf"^\s+(?:{_JAVA_WORDS}\s+)+(?:<[^>]+>\s+)?[\w<>\[\],.? ]+\s([A-Za-z_]\w*)\s*\([^;=]*$",
        ),
        ("function", r"^\s*(?:\w+\s+)*fun\s+(?:<[^>]+>\s*)?(?:[\w<>]+\.)?([A-Za-z_]\w*)\s*\("),
    ],
    "ruby": [
        ("method", r"^\s*def\s+(?:self\.)?([A-Za-z_]\w*[?!=]?)"),
        ("class", r"^\s*class\s+(?:\w+::)*([A-Z]\w*)"),
        ("module", r"^\s*module\s+(?:\w+::)*([A-Z]\w*)"),
    ],
    "php": [
        ("function", r"^\s*(?:\w+\s+)*function\s+&?([A-Za-z_]\w*)\s*\("),
        ("class", r"^\s*(?:abstract\s+|final\s+)*(?:class|interface|trait|enum)\s+([A-Za-z_]\w*)"),
    ],
    "c": [
        ("constant", r"^#[ \t]*define[ \t]+([A-Za-z_]\w*)"),
        (
            "type",
            r"^(?:typedef\s+)?(?:struct|union|enum|class)\s+([A-Za-z_]\w*)\s*(?::[^;]*)?\{?\s*$",
        ),
        (
            "function",
            r"^(?!else|return|typedef)[A-Za-z_][\w\s*&:<>,]*?[\s*&]([A-Za-z_]\w*)\s*\([^;]*$",
        ),
    ],
}
_LANGUAGES = {
    "go": "go", "rs": "rust", "java": "java", "kt": "java", "scala": "java", "cs": "java",
    "rb": "ruby", "php": "php", "c": "c", "h": "c", "cc": "c", "cpp": "c", "hpp": "c",
    "cxx": "c", "hh": "c",
}  # fmt: skip
_NAMES = {"kt": "kotlin", "scala": "scala", "cs": "c-sharp"}
_COMPILED = {
    language: [(kind, re.compile(pattern)) for kind, pattern in patterns]
    for language, patterns in _PATTERNS.items()
}
_MAX_LINE = 400


def extract_lines(path: str, text: str) -> FileSymbols:
    """Give the definitions whose headers can be told by their line alone."""
    suffix = path.rpartition(".")[2].lower()
    family = _LANGUAGES.get(suffix)
    if family is None:
        return FileSymbols(path, "text")
    found = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip() or len(line) > _MAX_LINE:
            continue
        for kind, pattern in _COMPILED[family]:
            match = pattern.match(line)
            if match is None:
                continue
            name = match.group(1)
            lines = Location(path, number, number)
            signature = line.strip().removesuffix("{").rstrip()
            value = line[match.end() :].strip() if kind == "constant" else ""
            found.append(
                Definition(name, name, kind, lines, lines, signature, value=value.lstrip("= "))
            )
            break
    return FileSymbols(path, _NAMES.get(suffix, family), tuple(found))
