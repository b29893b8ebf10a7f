"""One file's symbols, by the language that its path names.

`extract` is a pure function of path and text, at module level and with plain data as its result,
so that it can run in a killable worker and be cached by content.
"""

from __future__ import annotations

from collections.abc import Callable

from glyphagent.dependencies.patterns import extract_lines
from glyphagent.dependencies.symbols import FileSymbols

PYTHON_SUFFIXES = frozenset({"py", "pyi", "pyw"})
JAVASCRIPT_SUFFIXES = frozenset({"js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts"})


def extract(path: str, text: str) -> FileSymbols:
    """Give what a file's text defines and imports.

    Args:
        path: Path in the source set; its suffix decides the language.
        text: The source, or what a reader made of a page; it need not parse.

    Returns:
        Definitions and unresolved imports. A language that is not known has none.
    """
    suffix = path.rpartition(".")[2].lower() if "." in path.rpartition("/")[2] else ""
    work: Callable[[str, str], FileSymbols]
    if suffix in PYTHON_SUFFIXES:
        from glyphagent.dependencies.python import extract_python as work
    elif suffix in JAVASCRIPT_SUFFIXES:
        from glyphagent.dependencies.javascript import extract_javascript as work
    else:
        work = extract_lines
    return work(path, text)
