"""The spans of a page as a manifest keeps them: small numbers, documents counted once for all.

What a span means is said in `page.SourceMap`; here it only changes its form.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from glyphagent.errors import PageError
from glyphagent.page import CELL_START, CELL_STOP, DOCUMENT, LINE, TEXT_START, TEXT_STOP, Page

_LARGEST = 2**31 - 1


def page_spans(page: Page, numbers: Mapping[str, int]) -> npt.NDArray[np.int32]:
    """Spans of a page with their documents renumbered by path.

    Raises:
        PageError: If the page shows a document that has no number.
    """
    spans = page.source_map.spans.copy()
    used = np.unique(spans[:, DOCUMENT])
    table = np.zeros(len(page.source_map.documents), np.int32)
    for old in used.tolist():
        path = page.source_map.documents[old].path
        if path not in numbers:
            raise PageError(f"a page shows {path}, which is not among the documents")
        table[old] = numbers[path]
    if len(used):
        spans[:, DOCUMENT] = table[spans[:, DOCUMENT]]
    return spans


def pack_spans(spans: npt.NDArray[np.int32]) -> list[int]:
    """Spans as one flat list of small numbers, six for each span.

    These are: cells left out since the span before, cells, change of the document's number,
    characters left out since the span before, characters, change of the line.
    """
    wide = spans.astype(np.int64)
    packed = np.empty_like(wide)
    for start, stop in ((CELL_START, CELL_STOP), (TEXT_START, TEXT_STOP)):
        before = np.concatenate(([0], wide[:-1, stop])) if len(wide) else wide[:, stop]
        packed[:, start] = wide[:, start] - before
        packed[:, stop] = wide[:, stop] - wide[:, start]
    for column in (DOCUMENT, LINE):
        packed[:, column] = np.diff(wide[:, column], prepend=0)
    flat: list[int] = packed.ravel().tolist()
    return flat


def unpack_spans(packed: Sequence[int]) -> npt.NDArray[np.int32]:
    """Spans from what `pack_spans` made of them.

    Raises:
        PageError: If the numbers are no such list.
    """
    if len(packed) % 6 or any(type(n) is not int or abs(n) > _LARGEST for n in packed):
        raise PageError("spans: not six whole numbers for each span")
    rows = np.array(packed, np.int64).reshape(-1, 6)
    wide = np.empty_like(rows)
    for start, stop in ((CELL_START, CELL_STOP), (TEXT_START, TEXT_STOP)):
        wide[:, stop] = np.cumsum(rows[:, start] + rows[:, stop])
        wide[:, start] = wide[:, stop] - rows[:, stop]
    for column in (DOCUMENT, LINE):
        wide[:, column] = np.cumsum(rows[:, column])
    if wide.size and (wide.min() < 0 or wide.max() > _LARGEST):
        raise PageError("spans: out of range")
    return wide.astype(np.int32)
