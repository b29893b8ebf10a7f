"""The retriever and the loader: LangChain's own standard tests, and what their metadata says."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path
from typing import Any

import pytest
from langchain_core.retrievers import BaseRetriever
from langchain_tests.integration_tests import RetrieversIntegrationTests

from glyphagent.errors import SourceError
from glyphagent.session import Session
from glyphagent.tools import GlyphLoader, GlyphRetriever


class TestRetrieverIntegration(RetrieversIntegrationTests):
    @pytest.fixture(autouse=True)
    def _open(self, session: Session) -> None:
        self.session = session

    @property
    def retriever_constructor(self) -> type[BaseRetriever]:
        return GlyphRetriever

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return {"session": self.session}

    @property
    def retriever_query_example(self) -> str:
        return "value"


def test_a_passage_says_where_it_stands(session: Session) -> None:
    best = GlyphRetriever(session=session, k=1).invoke("sum of items with tax")[0]
    meta = best.metadata
    assert meta["path"] == "app/prices.py"
    assert meta["source"] == f"app/prices.py:{meta['line_start']}-{meta['line_end']}"
    assert meta["revision"] == session.revision
    assert meta["score"] > 0
    assert "def total" in best.page_content
    exact = session.read_region(meta["path"], meta["line_start"], meta["line_end"])
    assert best.page_content == exact
    assert any(p.path == meta["path"] for p in session.page_locations(meta["page"]))


def test_the_best_passage_comes_first(session: Session) -> None:
    scores = [d.metadata["score"] for d in GlyphRetriever(session=session, k=9).invoke("value 7")]
    assert len(scores) == 9
    assert scores == sorted(scores, reverse=True)


def test_what_has_no_word_is_found_literally(session: Session) -> None:
    found = GlyphRetriever(session=session, k=3).invoke("->")
    assert [d.metadata["source"] for d in found] == ["app/prices.py:8"]
    assert found[0].metadata["score"] == 0


def test_no_line_is_given_twice(session: Session) -> None:
    found = GlyphRetriever(session=session, k=8).invoke("BASE")
    lines = [
        (d.metadata["path"], line)
        for d in found
        for line in range(d.metadata["line_start"], d.metadata["line_end"] + 1)
    ]
    assert lines
    assert len(lines) == len(set(lines))


@pytest.mark.parametrize("k", [0, -1])
def test_k_is_at_least_one(session: Session, k: int) -> None:
    with pytest.raises(ValueError, match="greater than or equal to 1"):
        GlyphRetriever(session=session, k=k)
    with pytest.raises(ValueError, match="k is how many"):
        GlyphRetriever(session=session).invoke("value", k=k)


async def test_k_counts_asynchronously_too(session: Session) -> None:
    retriever = GlyphRetriever(session=session)
    found = await retriever.ainvoke("value", k=2)
    assert found == retriever.invoke("value", k=2)
    assert len(found) == 2


def test_nothing_is_found_for_nothing(session: Session) -> None:
    retriever = GlyphRetriever(session=session)
    assert retriever.invoke(" ") == []
    assert retriever.invoke("zebra") == []


def test_a_retriever_sees_what_its_session_sees(folder: Path) -> None:
    retriever = GlyphRetriever.open(folder)
    before = retriever.session.revision
    assert retriever.invoke("zebra") == []
    (folder / "app" / "zoo.py").write_text("def zebra():\n    return 'striped'\n")
    retriever.session.refresh()
    (found,) = retriever.invoke("zebra")
    assert found.metadata["path"] == "app/zoo.py"
    assert found.metadata["page"] is not None
    assert found.metadata["revision"] == retriever.session.revision != before


def test_documents_come_whole_and_say_their_pages(session: Session) -> None:
    loaded = GlyphLoader(session).load()
    assert [d.page_content for d in loaded] == [d.text for d in session.documents]
    for document in loaded:
        meta = document.metadata
        assert meta["lines"] == document.page_content.count("\n")
        assert meta["revision"] == session.revision
        assert meta["pages"]
        for page in meta["pages"]:
            assert any(p.path == meta["path"] for p in session.page_locations(page))
    assert len({d.id for d in loaded}) == len(loaded)
    shown = {d.metadata["path"]: d.metadata["pages"] for d in loaded}
    assert len(shown["lib/long.py"]) > 1


def test_page_images_come_where_they_are_wanted(shop: Path, session: Session) -> None:
    for document in GlyphLoader(shop, images=True).lazy_load():
        images = document.metadata["page_images"]
        pngs = [base64.b64decode(image["base64"]) for image in images]
        assert pngs == [session.page_png(page) for page in document.metadata["pages"]]
        assert all(image["type"] == "image" for image in images)
    assert "page_images" not in next(GlyphLoader(shop).lazy_load()).metadata


def test_a_loader_reads_when_it_is_asked(tmp_path: Path) -> None:
    loader = GlyphLoader(tmp_path / "later")
    with pytest.raises(SourceError):
        next(loader.lazy_load())
    (tmp_path / "later").mkdir()
    (tmp_path / "later" / "a.py").write_text("a = 1\n")
    (document,) = asyncio.run(loader.aload())
    assert document.page_content == "a = 1\n"


def test_an_open_session_takes_no_options(session: Session) -> None:
    with pytest.raises(TypeError, match="no further options"):
        GlyphLoader(session, preset="grid")
