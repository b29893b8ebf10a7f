"""Symbols of many files, extracted in workers that are killed when a grammar hangs.

Source text is untrusted, and grammars have been seen to hang on a single byte. A file whose
worker is killed has no symbols and counts as one with errors, so answers about it say so.
"""

from __future__ import annotations

from collections.abc import Mapping

from glyphagent.dependencies.extraction import extract
from glyphagent.dependencies.symbols import FileSymbols
from glyphagent.workers import map_ordered

_TIMEOUT_S = 20.0


def extract_all(
    texts: Mapping[str, str], *, workers: int = 1, timeout_s: float = _TIMEOUT_S
) -> dict[str, FileSymbols]:
    """Give the symbols of each text, as `extract` does.

    Args:
        texts: Text by path.
        workers: Worker processes; 0 works in this process, without a deadline.
        timeout_s: Seconds that one file may take.
    """
    results = map_ordered(_extract, list(texts.items()), workers=workers, timeout_s=timeout_s)
    return {
        path: FileSymbols(path, "text", has_errors=True)
        if isinstance(result, BaseException)
        else result
        for path, result in zip(texts, results, strict=True)
    }


def _extract(item: tuple[str, str]) -> FileSymbols:
    return extract(*item)
