"""`ChatGlyph` over the embedded reader: what it says is what stands on the pages it was sent."""

from __future__ import annotations

import base64
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from langchain_core.messages import AIMessage, HumanMessage

from glyphagent.errors import BackendError
from glyphagent.page import Page
from glyphagent.plugins import PageText
from glyphagent.raster import palette_png
from glyphagent.session import Session
from glyphagent.tools import ChatGlyph, GlyphToolkit, Toolset
from glyphagent.tools.chat_model import caption
from glyphagent.tools.conversation import ShownImage
from glyphagent.tools.page_reader import joined


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


MIME = {"mime_type": "image/png"}


def shown(session: Session, pages: Sequence[int], *, captions: bool = True) -> list[Any]:
    content: list[Any] = []
    for page in pages:
        if captions:
            content.append({"type": "text", "text": caption(page, session.pages[page])})
        content.append({"type": "image", "base64": encoded(session.page_png(page)), **MIME})
    return content


def label_of(number: int, page: Page) -> str:
    """What the backend `local` writes before a page."""
    return f"Page {number}: {', '.join(map(str, page.source_map.locations()))}"


@pytest.mark.parametrize("layout", ["flow", "lines"])
@pytest.mark.parametrize("beside", [caption, label_of, None])
def test_pages_in_order_join_to_the_documents(
    tmp_path: Path, layout: str, beside: Callable[[int, Page], str] | None
) -> None:
    texts = {
        "long.js": f"var a = 1;\n{'x' * 9000}\nlet b;\n\n\n",
        "empty.py": "",
        "open.py": "a = 1\nb",
        "pkg/ends.py": "a = 1\r\nb = 2\r\n" * 300,
    }
    for path, text in texts.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(text.encode())
    session = Session.open(tmp_path, layout=layout)
    assert len(session.pages) > 3
    nothing = np.zeros((1, 1, 3), np.uint8)
    images = [
        ShownImage(nothing, beside(number, page) if beside else "")
        for number, page in enumerate(session.pages)
    ]
    seen = [PageText(p.codes, np.ones(p.codes.shape, np.float32), p.atlas) for p in session.pages]
    reading, warnings = joined(images, seen)
    assert reading.texts == texts
    assert bool(warnings) == (beside is None)


def test_lines_that_no_page_shows_are_left_empty(session: Session) -> None:
    shown = [n for n in range(len(session.pages)) if session.page_locations(n)[0].line_start > 1]
    chosen = [shown[-1], shown[0]]  # neither in order nor without a gap
    pages = [session.pages[n] for n in chosen]
    images = [
        ShownImage(np.zeros((1, 1, 3), np.uint8), caption(n, p))
        for n, p in zip(chosen, pages, strict=True)
    ]
    seen = [PageText(p.codes, np.ones(p.codes.shape, np.float32), p.atlas) for p in pages]
    lines = joined(images, seen)[0].texts["lib/long.py"].split("\n")
    places = [session.page_locations(n)[0] for n in chosen]
    for number, line in enumerate(lines[:-1], start=1):
        there = any(place.line_start <= number <= place.line_end for place in places)
        assert line == (f"value_{number - 1} = {number - 1}" if there else "")


@pytest.fixture(scope="module")
def reader() -> ChatGlyph:
    """The embedded reader, which remembers what it read."""
    return ChatGlyph()


def page_of(session: Session, path: str) -> int:
    return next(
        n
        for n in range(len(session.pages))
        if any(place.path == path for place in session.page_locations(n))
    )


def test_the_reader_answers_from_the_page(reader: ChatGlyph, session: Session) -> None:
    page = page_of(session, "app/prices.py")
    question = {"type": "text", "text": "What is the signature of total?"}
    message = reader.invoke([HumanMessage([*shown(session, [page]), question])])
    assert "def total(items: list[int], tax: float = 0.2) -> float" in message.text
    assert "app/prices.py:8" in message.text
    places = message.response_metadata["citations"]
    assert {"app/prices.py"} == {place["path"] for place in places}
    assert message.response_metadata["warnings"] == []
    width, height = session.pages[page].width_px, session.pages[page].height_px
    assert message.response_metadata["visual_tokens"] == width // 28 * height // 28
    assert message.usage_metadata is not None
    assert message.usage_metadata["input_tokens"] > message.response_metadata["visual_tokens"]


def test_lines_are_absolute_where_the_caption_tells_them(
    reader: ChatGlyph, session: Session
) -> None:
    page = len(session.pages) - 1  # late in a file of many pages
    (place,) = session.page_locations(page)
    assert place.line_start > 1
    wanted = place.line_start + 5
    question = f"Where is value_{wanted - 1} defined?"
    message = reader.invoke([HumanMessage([*shown(session, [page]), question])])
    assert f"lib/long.py:{wanted}" in message.text
    bare = reader.invoke([HumanMessage([*shown(session, [page], captions=False), question])])
    assert "lib/long.py:6" in bare.text
    assert any("no line numbers came" in w for w in bare.response_metadata["warnings"])


def test_a_map_is_no_part_of_the_source(reader: ChatGlyph, shop: Path) -> None:
    session = Session.open(shop, cone="app/prices.py")
    assert session.map_pages == 1
    everything = range(len(session.pages))
    for captions in (True, False):
        content = shown(session, everything, captions=captions)
        question = {"type": "text", "text": "Which files mention rates?"}
        message = reader.invoke([HumanMessage([*content, question])])
        paths = {place["path"] for place in message.response_metadata["citations"]}
        assert paths == {"app/prices.py"}


def test_pages_in_a_row_are_one_document(reader: ChatGlyph, session: Session) -> None:
    first = page_of(session, "lib/long.py")
    pages = [first, first + 1]
    (place,) = session.page_locations(first + 1)
    question = f"Where is value_{place.line_start} defined?"
    for captions in (True, False):
        content = [*shown(session, pages, captions=captions), question]
        message = reader.invoke([HumanMessage(content)])
        assert f"lib/long.py:{place.line_start + 1}" in message.text


def test_a_tool_result_is_a_page_too(reader: ChatGlyph, session: Session) -> None:
    tools = {t.name: t for t in GlyphToolkit(toolset=Toolset(session)).get_tools()}
    page = len(session.pages) - 1
    (place,) = session.page_locations(page)
    call = {"name": "glyph_read_page", "args": {"page": page}, "id": "1", "type": "tool_call"}
    result = tools["glyph_read_page"].invoke(call)
    asked = HumanMessage(f"Where is value_{place.line_start + 1} defined?")
    message = reader.invoke([asked, AIMessage("", tool_calls=[call]), result])
    assert f"lib/long.py:{place.line_start + 2}" in message.text


def test_what_is_not_on_the_pages_is_not_found(reader: ChatGlyph, session: Session) -> None:
    page = page_of(session, "app/prices.py")
    content = [*shown(session, [page]), "Where is frobnicate defined?"]
    message = reader.invoke([HumanMessage(content)])
    assert message.text.lower().startswith("not found")
    assert "1 page image" in message.text


def test_a_question_that_needs_reasoning_is_owned_up_to(
    reader: ChatGlyph, session: Session
) -> None:
    page = page_of(session, "app/prices.py")
    content = [*shown(session, [page]), "Would a negative tax be a good idea for the total?"]
    message = reader.invoke([HumanMessage(content)])
    assert "does not reason" in message.text


def test_without_a_page_it_says_that_it_needs_pages() -> None:
    message = ChatGlyph().invoke("What does this repository do?")
    assert "page image" in message.text
    assert message.response_metadata["visual_tokens"] == 0


def test_a_picture_that_is_no_page_is_refused(reader: ChatGlyph) -> None:
    pixels = np.random.default_rng(0).integers(0, 2, (280, 280), dtype=np.uint8)
    noise = palette_png(pixels, [(255, 255, 255), (0, 0, 0)])
    with pytest.raises(BackendError, match="does not look like"):
        reader.invoke(
            [HumanMessage([{"type": "image", "base64": encoded(noise), **MIME}, "what?"])]
        )


def test_follow_up_questions_read_nothing_again(session: Session) -> None:
    chat = ChatGlyph()
    content = [*shown(session, [page_of(session, "app/prices.py")]), "Where is total defined?"]
    first = chat.invoke([HumanMessage(content)])
    held: Any = chat._loaded("nano")
    times: list[int] = []

    def refuse(images: Sequence[Any]) -> list[Any]:
        times.append(len(images))
        return []

    held.read = refuse
    again = chat.invoke([HumanMessage(content), first, HumanMessage("What is LIMIT?")])
    assert "250" in again.text
    assert times == []


def test_importing_it_needs_no_torch() -> None:
    program = (
        "import sys; from glyphagent.tools import ChatGlyph; ChatGlyph().invoke('hi');"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "False"), done.stderr
