"""What a LangChain chat model is sent, and what becomes of its answers and failures."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.language_models.chat_models import generate_from_stream
from langchain_core.messages import AIMessageChunk, BaseMessage, HumanMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from PIL import Image
from pydantic import Field, SecretStr

from glyphagent.errors import BackendError
from glyphagent.plugins import load
from glyphagent.raster import rgb_pixels
from glyphagent.session import Session
from glyphagent.tools import ChatModelBackend, cli

KEY = "qz-9f8e7d6c5b4a39281706"


class Seeing(BaseChatModel):
    """Answers word by word: with given words, or with the sizes of the pictures it got."""

    model_name: str = "seeing-1"
    max_tokens: int | None = None
    secret: SecretStr = SecretStr(KEY)
    failure: str = ""
    words: list[str] = Field(default_factory=list)
    requests: list[list[BaseMessage]] = Field(default_factory=list)
    limits: list[int | None] = Field(default_factory=list)
    closed: list[bool] = Field(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "seeing"

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        return generate_from_stream(self._stream(messages))

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        self.requests.append(messages)
        self.limits.append(self.max_tokens)
        sizes = [f"{picture.width}x{picture.height}" for picture in pictures(messages)]
        try:
            for word in self.words or ["saw", *sizes]:
                yield ChatGenerationChunk(message=AIMessageChunk(content=f"{word} "))
                if self.failure:
                    raise ConnectionError(self.failure)
        finally:
            self.closed.append(True)
        # As some providers do: the prompt's tokens and the answer's in two pieces.
        for usage in ((100, 0), (0, 7)):
            told = UsageMetadata(
                input_tokens=usage[0], output_tokens=usage[1], total_tokens=sum(usage)
            )
            yield ChatGenerationChunk(message=AIMessageChunk(content="", usage_metadata=told))


def blocks(messages: list[BaseMessage]) -> list[dict[str, Any]]:
    (message,) = messages
    assert isinstance(message, HumanMessage)
    assert isinstance(message.content, list)
    return [block for block in message.content if isinstance(block, dict)]


def pictures(messages: list[BaseMessage]) -> list[Image.Image]:
    return [
        Image.open(BytesIO(base64.b64decode(block["base64"])))
        for block in blocks(messages)
        if block["type"] == "image"
    ]


def test_pages_come_first_each_behind_its_caption(session: Session) -> None:
    chat = Seeing()
    context = ChatModelBackend(chat).prefill(session.pages)
    text = "".join(chunk.text for chunk in context.stream("what is this?", 64))
    (request,) = chat.requests
    sent = blocks(request)
    assert [block["type"] for block in sent] == [*["text", "image"] * len(session.pages), "text"]
    assert sent[-1]["text"] == "what is this?"
    for number, page in enumerate(session.pages):
        caption = sent[2 * number]["text"]
        assert caption.startswith(f"Page {number}: ")
        for part in page.source_map.locations():
            assert f"{part.path} from line {part.line_start} to {part.line_end}" in caption
    assert text.split()[1:] == [f"{p.width_px}x{p.height_px}" for p in session.pages]


def test_the_pixels_sent_are_those_of_the_pages(session: Session) -> None:
    chat = Seeing()
    list(ChatModelBackend(chat).prefill(session.pages).stream("?", 8))
    (request,) = chat.requests
    for picture, page in zip(pictures(request), session.pages, strict=True):
        assert picture.format == "PNG"
        assert np.array_equal(np.asarray(picture.convert("RGB")), rgb_pixels(page))


def test_plain_images_are_sent_exactly() -> None:
    image = np.random.default_rng(1).integers(0, 256, (28, 56, 3), np.uint8)
    chat = Seeing()
    list(ChatModelBackend(chat).prefill([image]).stream("?", 8))
    (request,) = chat.requests
    (picture,) = pictures(request)
    assert np.array_equal(np.asarray(picture.convert("RGB")), image)
    assert blocks(request)[0]["text"] == "Page 0:"


@pytest.mark.parametrize("shape", [(4,), (4, 4), (4, 4, 3, 2), (4, 4, 4), (0, 4, 3)])
def test_what_is_no_image_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(BackendError, match="RGB uint8"):
        ChatModelBackend(Seeing()).prefill([np.zeros(shape, np.uint8)])


def test_requests_differ_in_the_question_only(session: Session) -> None:
    """Otherwise a provider's prompt cache would miss."""
    chat = Seeing()
    context = ChatModelBackend(chat).prefill(session.pages)
    list(context.stream("one?", 8))
    list(context.stream("two?", 8))
    first, second = (blocks(request) for request in chat.requests)
    assert first[:-1] == second[:-1]
    again = ChatModelBackend(chat).prefill(session.pages)
    list(again.stream("one?", 8))
    assert blocks(chat.requests[2]) == first


def test_usage_comes_last_and_whole(session: Session) -> None:
    chunks = list(ChatModelBackend(Seeing()).prefill(session.pages[:1]).stream("?", 8))
    assert [c.prompt_tokens for c in chunks[:-1]] == [0] * (len(chunks) - 1)
    assert (chunks[-1].prompt_tokens, chunks[-1].completion_tokens) == (100, 7)
    assert chunks[-1].text == ""


def test_the_limit_reaches_the_model_and_only_this_call(session: Session) -> None:
    chat = Seeing()
    list(ChatModelBackend(chat).prefill([]).stream("?", 33))
    assert chat.limits == [33]
    assert chat.max_tokens is None


def test_closing_cancels(session: Session) -> None:
    chat = Seeing()
    stream = ChatModelBackend(chat).prefill(session.pages[:1]).stream("?", 8)
    assert next(stream).text == "saw "
    assert chat.closed == []
    stream.close()  # type: ignore[attr-defined]
    assert chat.closed == [True]


@pytest.mark.parametrize(
    "leak",
    [
        f"401 for key {KEY}",
        "Incorrect API key provided: sk-proj-abcdefgh12345678",
        "header Authorization: Bearer abc.def-123456",
        "POST https://user:hunter2222@host/v1 refused",
        "environment says correct-horse-battery",
    ],
)
def test_failures_become_one_line_without_keys(leak: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_PROVIDER_API_KEY", "correct-horse-battery")
    context = ChatModelBackend(Seeing(failure=f"{leak}\nsecond line")).prefill([])
    with pytest.raises(BackendError, match=r"^seeing-1 failed: ConnectionError: ") as caught:
        list(context.stream("?", 8))
    told = str(caught.value)
    assert "[hidden]" in told
    assert "\n" not in told
    for secret in (KEY, "sk-proj", "abc.def", "hunter", "correct-horse"):
        assert secret not in told
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_the_plugin_is_found_by_name() -> None:
    assert load("backends", "chat") is ChatModelBackend


def test_the_name_is_that_of_the_model() -> None:
    backend = ChatModelBackend(Seeing())
    assert (backend.name, backend.model) == ("chat", "seeing-1")


def test_a_model_must_be_named() -> None:
    with pytest.raises(BackendError, match="provider:name"):
        ChatModelBackend()


def test_a_provider_that_does_not_exist() -> None:
    with pytest.raises(BackendError, match="no chat model 'nobody:model-1'"):
        ChatModelBackend("nobody:model-1")


def test_a_provider_whose_package_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "langchain_mistralai", None)
    with pytest.raises(BackendError, match="langchain-mistralai"):
        ChatModelBackend("mistralai:pixtral-large")


def test_langchain_itself_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "langchain.chat_models", None)
    with pytest.raises(BackendError, match=r"glyphagent\[langchain\]"):
        ChatModelBackend("openai:gpt-5")


@pytest.mark.parametrize(
    ("said", "told", "verified", "warning"),
    [
        ("The limit is `LIMIT = 250`, see app/prices.py:5.", "", [True], ""),
        (
            "The limit is `LIMIT = 260`, see app/prices.py:5.",
            "The limit is `LIMIT = 250` [corrected from `LIMIT = 260`], see app/prices.py:5.",
            [True],
            "LIMIT = 260",
        ),
        (
            "It is set in app/prices.py:5000.",
            "It is set in app/prices.py:5000 [unverified: the document has 10 lines].",
            [False],
            "app/prices.py:5000",
        ),
        ("It is 250.", "", [], "cited no place"),
    ],
)
def test_the_command_line_asks_a_chat_model_and_checks_what_it_cites(
    shop: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    said: str,
    told: str,
    verified: list[bool],
    warning: str,
) -> None:
    """Only the provider is scripted; the road from pixels to checked answer is the real one."""
    chat = Seeing(words=said.split(" "))
    monkeypatch.setattr("langchain.chat_models.init_chat_model", lambda name: chat)
    question = ["ask", str(shop), "What is the limit?", "--backend", "chat"]
    assert cli.main([*question, "--model", "scripted:seeing-1", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["answer"] == (told or said)
    assert (facts["backend"], facts["model"]) == ("chat", "scripted:seeing-1")
    (request,) = chat.requests
    assert len(pictures(request)) > 0
    assert [citation["verified"] for citation in facts["citations"]] == verified
    assert bool(facts["warnings"]) is bool(warning)
    assert warning in " ".join(facts["warnings"])
