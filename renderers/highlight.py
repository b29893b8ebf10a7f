"""Which ink each character of a document gets: tree-sitter, else Pygments, else plain.

`colour_text` is a pure function that may hang or crash on hostile input, as lexers and grammars
do (measured: 24 of 468 pairs of a Pygments lexer and 100 kB of junk took over 3 s); `Highlighter`
runs it in workers that are killed at a deadline, and records what coloured what.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from glyphagent.document import Document
from glyphagent.errors import GlyphError
from glyphagent.style import Ink

if TYPE_CHECKING:
    from glyphagent.workers import Worker

# Inks of tree-sitter capture names; a dotted name falls back to its first part. None: not painted.
_CAPTURES: dict[str, Ink | None] = {
    "attribute": Ink.ATTRIBUTE,
    "boolean": Ink.CONSTANT,
    "comment": Ink.COMMENT,
    "constant": Ink.CONSTANT,
    "constructor": Ink.TYPE,
    "embedded": Ink.TEXT,
    "escape": Ink.CONSTANT,
    "function": Ink.FUNCTION,
    "keyword": Ink.KEYWORD,
    "label": Ink.ATTRIBUTE,
    "method": Ink.FUNCTION,
    "number": Ink.NUMBER,
    "string": Ink.STRING,
    "tag": Ink.KEYWORD,
    "type": Ink.TYPE,
}
# Inks of Pygments token types, most specific first found wins.
_TOKENS: dict[str, Ink] = {
    "Token.Comment.Preproc": Ink.ATTRIBUTE,
    "Token.Comment": Ink.COMMENT,
    "Token.Keyword.Constant": Ink.CONSTANT,
    "Token.Keyword.Type": Ink.TYPE,
    "Token.Keyword": Ink.KEYWORD,
    "Token.Operator.Word": Ink.KEYWORD,
    "Token.Literal.Number": Ink.NUMBER,
    "Token.Literal": Ink.STRING,
    "Token.Name.Attribute": Ink.ATTRIBUTE,
    "Token.Name.Builtin": Ink.CONSTANT,
    "Token.Name.Class": Ink.TYPE,
    "Token.Name.Constant": Ink.CONSTANT,
    "Token.Name.Decorator": Ink.ATTRIBUTE,
    "Token.Name.Entity": Ink.CONSTANT,
    "Token.Name.Exception": Ink.TYPE,
    "Token.Name.Function": Ink.FUNCTION,
    "Token.Name.Label": Ink.ATTRIBUTE,
    "Token.Name.Namespace": Ink.TYPE,
    "Token.Name.Tag": Ink.KEYWORD,
    "Token.Generic.Heading": Ink.KEYWORD,
    "Token.Generic.Subheading": Ink.KEYWORD,
    "Token.Generic.Deleted": Ink.KEYWORD,
    "Token.Generic.Inserted": Ink.STRING,
    "Token": Ink.TEXT,
}
_LANGUAGES = {
    "py": "python",
    "pyi": "python",
    "pyw": "python",
    "js": "javascript",
    "jsx": "javascript",
    "mjs": "javascript",
    "cjs": "javascript",
    "ts": "typescript",
    "mts": "typescript",
    "cts": "typescript",
    "tsx": "tsx",
}
# Measured: 1 MB of dense Python takes tree-sitter and its captures 0.5 GiB.
_MEMORY_BYTES = 2 * 2**30
# So few documents go to a worker that is kept, as after an edit; more get workers of their own.
_FEW = 8


@dataclass(frozen=True, eq=False)
class Colouring:
    """Inks of a document and what chose them.

    Attributes:
        inks: Ink of each character.
        lexer: What chose them, or why nothing did.
        seconds: Wall time that it took.
        sound: Whether it would come out the same again: no deadline passed, no worker died.

    Shapes:
        inks: uint8 [len(text)].
    """

    inks: npt.NDArray[np.uint8]
    lexer: str
    seconds: float
    sound: bool = True


def colour_text(item: tuple[str, str]) -> Colouring:
    """Inks of (path, text), by the best lexer that knows the path."""
    path, text = item
    start = time.perf_counter()
    suffix = path.rpartition("/")[2].rpartition(".")[2].lower()
    if suffix in _LANGUAGES and (found := _grammar(_LANGUAGES[suffix])) is not None:
        inks = _by_grammar(text, *found)
        return Colouring(inks, f"tree-sitter:{_LANGUAGES[suffix]}", time.perf_counter() - start)
    inks, lexer = _by_pygments(path, text)
    return Colouring(inks, lexer, time.perf_counter() - start)


def plain(text: str, reason: str, seconds: float = 0.0) -> Colouring:
    """All text in one ink, with the reason on record."""
    return Colouring(np.full(len(text), Ink.TEXT, np.uint8), f"plain: {reason}", seconds)


class Highlighter:
    """Colours documents in guarded workers.

    Args:
        timeout_s: Seconds that one document may take before its worker is killed.
        workers: Worker processes; 0 works in this process, without a deadline.
        memory_bytes: Address space that a worker may have.
    """

    def __init__(
        self, timeout_s: float = 20.0, workers: int = 1, memory_bytes: int = _MEMORY_BYTES
    ) -> None:
        """Keep the limits; workers start when they are first needed."""
        self.timeout_s = timeout_s
        self.workers = workers
        self.memory_bytes = memory_bytes
        self._resident: Worker | None = None

    def colour(self, documents: Sequence[Document]) -> Iterator[Colouring]:
        """Yield the colouring of each document, in order; a failure gives plain text."""
        items = [(document.path, document.text) for document in documents]
        results: Iterable[Colouring | BaseException]
        if self.workers and len(items) <= _FEW:
            results = map(self._coloured_by_resident, items)
        elif self.workers:
            from glyphagent.workers import map_ordered

            results = map_ordered(
                colour_text,
                items,
                workers=self.workers,
                timeout_s=self.timeout_s,
                memory_bytes=self.memory_bytes,
            )
        else:
            results = map(colour_text, items)
        for item, document, result in zip(items, documents, results, strict=True):
            if type(result) is GlyphError:
                # The worker died, and not for want of time: perhaps another process took the
                # memory, or killed it. Plain text would stay as long as the document does.
                result = self._coloured_by_resident(item)
            if isinstance(result, BaseException):
                reason = f"{type(result).__name__}: {result}"
                yield replace(plain(document.text, reason, self.timeout_s), sound=False)
            else:
                yield result

    def _coloured_by_resident(self, item: tuple[str, str]) -> Colouring | Exception:
        """Colour one document in a worker that stays: starting one takes longer than the work."""
        if self._resident is None:
            from glyphagent.workers import Worker

            self._resident = Worker(memory_bytes=self.memory_bytes)
        try:
            return self._resident.run(colour_text, item, self.timeout_s)
        except Exception as error:
            return error


@cache
def _grammar(language: str) -> tuple[Any, Any, dict[str, Ink | None]] | None:
    """Parser, highlight query and the ink of each capture; None where no wheel is installed."""
    try:
        import tree_sitter
        import tree_sitter_javascript
        import tree_sitter_python
        import tree_sitter_typescript
    except ImportError:
        return None
    script = tree_sitter_javascript.HIGHLIGHTS_QUERY
    typed = script + "\n" + tree_sitter_typescript.HIGHLIGHTS_QUERY
    grammars: dict[str, tuple[Callable[[], object], str]] = {
        "python": (tree_sitter_python.language, tree_sitter_python.HIGHLIGHTS_QUERY),
        "javascript": (tree_sitter_javascript.language, script),
        "typescript": (tree_sitter_typescript.language_typescript, typed),
        "tsx": (tree_sitter_typescript.language_tsx, typed),
    }
    make, source = grammars[language]
    grammar = tree_sitter.Language(make())
    query = tree_sitter.Query(grammar, source)
    inks: dict[str, Ink | None] = {}
    for number in range(query.capture_count):
        name = query.capture_name(number)
        inks[name] = _CAPTURES.get(name, _CAPTURES.get(name.partition(".")[0]))
        if inks[name] is None:  # variables, operators, brackets stay in the ink of text
            query.disable_capture(name)
    return tree_sitter.Parser(grammar), query, inks


def _by_grammar(
    text: str, parser: Any, query: Any, inks: dict[str, Ink | None]
) -> npt.NDArray[np.uint8]:
    import tree_sitter

    data = text.encode("utf-8", "surrogatepass")
    tree = parser.parse(data)
    found: list[tuple[int, int, int, int]] = []
    for pattern, captures in tree_sitter.QueryCursor(query).matches(tree.root_node):
        for name, nodes in captures.items():
            if (ink := inks[name]) is not None:
                found.extend((n.start_byte, -n.end_byte, pattern, ink) for n in nodes)
    found.sort()  # outer nodes first, of equal nodes the query's later pattern last
    painted = np.full(len(data), Ink.TEXT, np.uint8)
    for start, stop, _, colour in found:
        painted[start:-stop] = colour
    if len(data) != len(text):
        raw = np.frombuffer(data, np.uint8)
        painted = painted[(raw & 0xC0) != 0x80]  # the first byte of each character
    return painted


@cache
def _token_ink(token: Any) -> Ink:
    while str(token) not in _TOKENS:
        token = token.parent
    return _TOKENS[str(token)]


def _by_pygments(path: str, text: str) -> tuple[npt.NDArray[np.uint8], str]:
    from pygments.lexers import get_lexer_for_filename  # type: ignore[import-untyped]
    from pygments.util import ClassNotFound  # type: ignore[import-untyped]

    try:
        lexer = get_lexer_for_filename(path.rpartition("/")[2])
    except ClassNotFound:
        colouring = plain(text, "no lexer knows this name")
        return colouring.inks, colouring.lexer
    inks = np.full(len(text), Ink.TEXT, np.uint8)
    # The unprocessed form keeps offsets: it neither strips blanks nor changes line ends.
    for start, token, value in lexer.get_tokens_unprocessed(text):
        inks[start : start + len(value)] = _token_ink(token)
    return inks, f"pygments:{lexer.name}"
