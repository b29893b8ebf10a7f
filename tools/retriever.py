"""Passages of a source for LangChain: `GlyphRetriever.open(PATH, k=4).invoke("retry limit")`.

Words are weighed by BM25 and found inside identifiers too; what no word of a query finds (an
operator, a marker) is looked up literally. No embedding and no index is made.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from langchain_core.callbacks import (
    AsyncCallbackManagerForRetrieverRun,
    CallbackManagerForRetrieverRun,
)
from langchain_core.documents import Document as LangChainDocument
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict, Field, SkipValidation

from glyphagent.document import Location
from glyphagent.session import Session
from glyphagent.sources import Source
from glyphagent.symbolic.passages import passages

from .toolset import open_session

_PER_PASSAGE = 2  # places looked up literally for each one wanted: some lie in passages already


class GlyphRetriever(BaseRetriever):
    """Gives the passages of a source that fit a query best, as exact text.

    The metadata of each: `source` (`path:first-last`), `path`, `line_start`, `line_end`, `page`
    (the first that shows it, from 0, or None), `revision`, and `score` (comparable within one
    query; 0 for what was found literally).

    Attributes:
        session: The open source.
        k: How many passages to give; `invoke(query, k=...)` sets it for one call.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="forbid")

    session: SkipValidation[Session] = Field(exclude=True, repr=False)
    k: int = Field(default=4, ge=1)

    @classmethod
    def open(cls, source: str | Path | Source, *, k: int = 4, **options: Any) -> GlyphRetriever:
        """Open a source to retrieve from; `options` are those of `Session.open`.

        Raises:
            GlyphError: If the source cannot be opened or an option does not fit.
        """
        return cls(session=open_session(source, options), k=k)

    async def _aget_relevant_documents(
        self,
        query: str,
        *,
        run_manager: AsyncCallbackManagerForRetrieverRun,
        k: int | None = None,
    ) -> list[LangChainDocument]:
        manager = run_manager.get_sync()
        return await asyncio.to_thread(
            self._get_relevant_documents, query, run_manager=manager, k=k
        )

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun, k: int | None = None
    ) -> list[LangChainDocument]:
        count = self.k if k is None else k
        if count < 1:
            raise ValueError(f"k is how many passages to give, at least 1, not {count}")
        if not query.strip():
            return []
        session = self.session.pinned()  # one state for the whole search
        texts = {document.path: document.text for document in session.documents}
        found = [(each.location, each.score) for each in passages(query, texts, count)]
        if len(found) < count:
            held = [place for place, _ in found]
            hits = session.search(query.strip(), limit=count * _PER_PASSAGE + len(held) * 12)
            rest = [hit.location for hit in hits if not _within(hit.location, held)]
            found += [(place, 0.0) for place in rest[: count - len(found)]]
        return [self._document(session, place, score) for place, score in found]

    def _document(self, session: Session, place: Location, score: float) -> LangChainDocument:
        return LangChainDocument(
            session.read_region(place.path, place.line_start, place.line_end),
            id=f"{session.revision}:{place}",
            metadata={
                "source": str(place),
                "path": place.path,
                "line_start": place.line_start,
                "line_end": place.line_end,
                "page": session.snapshot.places.page_of(place),
                "revision": session.revision,
                "score": score,
            },
        )


def _within(place: Location, others: list[Location]) -> bool:
    return any(
        other.path == place.path and other.line_start <= place.line_start <= other.line_end
        for other in others
    )
