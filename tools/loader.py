"""The documents of a source for LangChain: `GlyphLoader("path/to/repository").lazy_load()`.

Metadata says where each text comes from and on which pages it stands, so that whatever is made of
the documents later can still point at lines and pages of one state of the source.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from langchain_core.document_loaders import BaseLoader
from langchain_core.documents import Document as LangChainDocument

from glyphagent.outcomes import Places
from glyphagent.session import Session
from glyphagent.sources import Source


class GlyphLoader(BaseLoader):
    """Loads every document of a source, and its page images where they are wanted.

    The metadata of each document: `source` and `path` (its path in the source), `lines` (how many
    it has), `pages` (numbers, from 0, of those that show it), `revision` (state of the source),
    and with `images` also `page_images` (an image block of each page, in order).
    """

    def __init__(
        self, source: str | Path | Source | Session, *, images: bool = False, **options: Any
    ) -> None:
        """Name a source; nothing is read yet.

        Args:
            source: Path of a folder, git repository or file, a `Source`, or an open session.
            images: Whether page images come along in the metadata. A page that several documents
                share comes with each of them.
            options: Those of `Session.open`, where `source` is not a session.
        """
        if isinstance(source, Session) and options:
            raise TypeError("an open session takes no further options")
        self._source, self._options, self._images = source, options, images

    def lazy_load(self) -> Iterator[LangChainDocument]:
        """Yield the documents one by one, by folder and name.

        Raises:
            GlyphError: If the source cannot be opened.
        """
        source = self._source
        session = source if isinstance(source, Session) else Session.open(source, **self._options)
        places = Places(session.pages)
        for document in session.documents:
            pages = places.pages_of(document.path)
            metadata: dict[str, Any] = {
                "source": document.path,
                "path": document.path,
                "lines": document.line_count,
                "pages": pages,
                "revision": session.revision,
            }
            if self._images:
                metadata["page_images"] = [page_block(session, number) for number in pages]
            yield LangChainDocument(document.text, id=document.digest, metadata=metadata)


def page_block(session: Session, number: int) -> dict[str, Any]:
    """Image block of a page, the same for the same page: it has no random id.

    Raises:
        PageError: If there is no such page.
    """
    encoded = base64.b64encode(session.page_png(number)).decode("ascii")
    return {"type": "image", "base64": encoded, "mime_type": "image/png"}
