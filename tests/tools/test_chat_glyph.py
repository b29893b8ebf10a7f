"""What `ChatGlyph` takes, says and refuses, whatever model it is over."""

from __future__ import annotations

import asyncio
import base64
import threading
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from PIL import Image

from glyphagent.errors import BackendError
from glyphagent.plugins import Chunk
from glyphagent.tools import ChatGlyph
from glyphagent.tools.image_blocks import image_of

from .scripted_backend import Scripted, over


def picture(width: int = 56, height: int = 28) -> bytes:
    pixels = np.random.default_rng(width).integers(0, 256, (height, width, 3), dtype=np.uint8)
    stream = BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


MIME = {"mime_type": "image/png"}
PNG = picture()
DATA_URL = f"data:image/png;base64,{encoded(PNG)}"


def wrapped(data: bytes, feed: str) -> str:
    """Base64 in lines, as MIME has it."""
    text = base64.b64encode(data).decode()
    return feed.join(text[start : start + 76] for start in range(0, len(text), 76))


SHAPES: list[dict[str, Any]] = [
    {"type": "image", "base64": encoded(PNG), "mime_type": "image/png"},
    {"type": "image", "url": DATA_URL},
    {"type": "image", "source_type": "base64", "data": encoded(PNG), "mime_type": "image/png"},
    {"type": "image", "source_type": "url", "url": DATA_URL},
    {"type": "image_url", "image_url": {"url": DATA_URL, "detail": "high"}},
    {"type": "image_url", "image_url": DATA_URL},
    {"type": "input_image", "image_url": DATA_URL},
    {
        "type": "image",
        "source": {"type": "base64", "media_type": "image/png", "data": encoded(PNG)},
    },
    {"type": "media", "mime_type": "image/png", "data": encoded(PNG)},
    {"type": "media", "mime_type": "image/png", "data": PNG},
    {"type": "image", "base64": base64.encodebytes(PNG).decode(), "mime_type": "image/png"},
    {"type": "image_url", "image_url": "data:image/png;base64,\r\n" + wrapped(PNG, "\r\n\t")},
]


@pytest.mark.parametrize("block", SHAPES)
def test_every_shape_of_image_block_gives_the_same_pixels(block: dict[str, Any]) -> None:
    backend = Scripted("yes")
    over(backend).invoke([HumanMessage([block, {"type": "text", "text": "what?"}])])
    (seen,) = backend.images
    assert np.array_equal(seen, np.asarray(Image.open(BytesIO(PNG))))


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "GIF"])
def test_other_formats_are_read_too(kind: str) -> None:
    stream = BytesIO()
    Image.new("RGB", (56, 28), (200, 30, 30)).save(stream, kind)
    pixels = image_of({"type": "image", "base64": encoded(stream.getvalue())})
    assert pixels.shape == (28, 56, 3)
    assert np.abs(pixels.astype(int) - (200, 30, 30)).max() < 16


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        ({"type": "image", "url": "https://example.org/a.png"}, "nothing is fetched"),
        ({"type": "image_url", "image_url": {"url": "http://localhost/a.png"}}, "nothing is f"),
        ({"type": "image", "url": "file:///etc/passwd"}, "nothing is fetched"),
        ({"type": "image", "source": {"type": "url", "url": "https://a.b/c"}}, "nothing is fetch"),
        ({"type": "image", "file_id": "file-123"}, "refers to the file"),
        ({"type": "image", "base64": "%%%", **MIME}, "no valid base64"),
        ({"type": "image", "base64": encoded(b"plain text"), **MIME}, "no PNG, JPEG, WebP or GIF"),
        ({"type": "image", "base64": encoded(PNG[:60]), **MIME}, "cannot be read"),
        ({"type": "image"}, "holds no image"),
        ({"type": "audio", "base64": "AAAA", "mime_type": "audio/wav"}, "type 'audio'"),
        ({"type": "file", "base64": "AAAA", "mime_type": "application/pdf"}, "type 'file'"),
    ],
)
def test_what_is_not_in_the_message_or_no_picture_is_refused(
    block: dict[str, Any], reason: str
) -> None:
    with pytest.raises(BackendError, match=reason):
        over(Scripted("yes")).invoke([HumanMessage([block])])


def test_a_picture_off_the_patch_grid_is_padded_and_not_resampled() -> None:
    backend = Scripted("yes")
    over(backend).invoke(
        [HumanMessage([{"type": "image", "base64": encoded(picture(60, 30)), **MIME}, "what?"])]
    )
    (seen,) = backend.images
    assert seen.shape == (56, 84, 3)
    assert np.array_equal(seen[:30, :60], np.asarray(Image.open(BytesIO(picture(60, 30)))))
    assert (seen[30:] == 255).all()
    assert (seen[:, 60:] == 255).all()


def test_a_conversation_is_told_turn_by_turn() -> None:
    backend = Scripted("fine")
    call = {"name": "look", "args": {"page": 3}, "id": "1", "type": "tool_call"}
    over(backend).invoke(
        [
            SystemMessage("Be brief."),
            HumanMessage([SHAPES[0], {"type": "text", "text": "What is it?"}]),
            AIMessage([{"type": "reasoning", "reasoning": "hm"}], tool_calls=[call]),
            ToolMessage([{"type": "text", "text": "A page:"}, SHAPES[1]], tool_call_id="1"),
            HumanMessage("And now?"),
        ]
    )
    assert backend.prompts == [
        "System: Be brief.\n\nUser: [image 1]\nWhat is it?\n\n"
        'Assistant: [calls look({"page": 3})]\n\n'
        "Result of a tool: A page:\n[image 2]\n\nUser: And now?\n\nAssistant:"
    ]
    assert len(backend.images) == 2


def test_a_single_question_is_sent_as_it_is() -> None:
    backend = Scripted("fine")
    over(backend).invoke([HumanMessage([SHAPES[0], {"type": "text", "text": "What is it?"}])])
    assert backend.prompts == ["What is it?"]


def test_usage_and_facts_come_with_the_last_chunk_only() -> None:
    chunks = list(over(Scripted("abc")).stream([HumanMessage([SHAPES[0], "what?"])]))
    *_, last = chunks
    assert [c.text for c in chunks] == ["a", "b", "c", ""]
    assert [c.chunk_position for c in chunks] == [None, None, None, "last"]
    assert all(not c.response_metadata and c.usage_metadata is None for c in chunks[:-1])
    assert last.usage_metadata == {"input_tokens": 100, "output_tokens": 3, "total_tokens": 103}
    assert last.response_metadata["visual_tokens"] == 8  # 56x28 is enlarged to 12,544 / 2 pixels
    assert last.response_metadata["model_name"] == "zai-org/Glyph"
    assert last.response_metadata["model_provider"] == "glyphagent"
    assert last.response_metadata["finish_reason"] == "stop"


@pytest.mark.parametrize(
    ("stop", "text"),
    [(["lo w"], "hel"), (["x"], "hello world"), (["world", "o"], "hell"), (["hello"], "")],
)
def test_an_answer_ends_at_a_stop_text(stop: list[str], text: str) -> None:
    backend = Scripted("hello world")
    message = over(backend).invoke("hi", stop=stop)
    assert message.text == text
    assert over(Scripted("hello world"), stop=stop).invoke("hi").text == text
    assert backend.closed == 1
    assert ("stop_sequence" in message.response_metadata) == (text != "hello world")
    assert message.usage_metadata is not None
    assert message.usage_metadata["input_tokens"] > 0


def test_an_answer_at_the_limit_says_so() -> None:
    message = over(Scripted("abcdef"), max_tokens=6).invoke("hi")
    assert message.response_metadata["finish_reason"] == "length"


def test_leaving_a_stream_stops_the_model() -> None:
    backend = Scripted("a long answer")
    stream: Any = over(backend).stream("hi")
    next(stream)
    stream.close()
    assert backend.closed == 1


async def test_cancelling_stops_the_model() -> None:
    backend = Scripted("a long answer")
    gate = threading.Event()

    async def read() -> None:
        async for _ in over(backend).astream("hi"):
            gate.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(read())
    await asyncio.to_thread(gate.wait, 30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    for _ in range(100):
        if backend.closed:
            break
        await asyncio.sleep(0.05)
    assert backend.closed == 1


def test_the_same_images_are_encoded_once() -> None:
    backend = Scripted("yes")
    chat = over(backend)
    opening: list[BaseMessage] = [HumanMessage([SHAPES[0], "what?"])]
    answer = chat.invoke(opening)
    chat.invoke([*opening, answer, HumanMessage("sure?")])
    assert backend.prefills == 1
    chat.invoke([HumanMessage([SHAPES[0], SHAPES[0], "what?"])])
    assert backend.prefills == 2


def test_a_timeout_gives_up() -> None:
    backend = Scripted("a")

    def slow(prompt: str, max_tokens: int) -> Iterator[Chunk]:
        threading.Event().wait(0.05)
        yield Chunk("a")

    backend.stream = slow  # type: ignore[method-assign]
    with pytest.raises(BackendError, match=r"did not answer within 0\.01 s"):
        over(backend, timeout=0.01).invoke("hi")


def test_what_it_cannot_do_it_refuses() -> None:
    chat = over(Scripted("yes"))
    assert chat.bind_tools([]) is chat
    with pytest.raises(BackendError, match="ChatGlyph calls no tools: "):
        chat.bind_tools([{"name": "x"}])
    with pytest.raises(ValueError, match="modell"):
        ChatGlyph(modell="nano")  # type: ignore[call-arg]
    with pytest.raises(BackendError, match="calls no tools"):
        chat.invoke("hi", tools=[{"name": "x"}])
    with pytest.raises(BackendError, match="greedily"):
        chat.invoke("hi", temperature=0.7)
    with pytest.raises(BackendError, match="cannot ask 'other'"):
        chat.invoke("hi", model="other")
    with pytest.raises(ValueError, match="less than or equal to 0"):
        ChatGlyph(temperature=0.7)
    with pytest.raises(BackendError, match="no folder"):
        ChatGlyph(model="no such folder").invoke("hi")
    assert chat.profile is not None
    assert chat.profile["tool_calling"] is False
    assert chat.profile["image_inputs"] is True
