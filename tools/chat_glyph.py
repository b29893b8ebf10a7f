"""A chat model in this process: `ChatGlyph()` reads page images, `ChatGlyph(model=...)` any image.

Over the embedded reader it says what stands on the page images of a conversation, looked up in
what was read off their pixels; nothing is generated. Over a Glm4v checkpoint it streams that
model's own words. It calls no tools, and does not pretend to.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, replace
from threading import RLock
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput, ModelProfile
from langchain_core.language_models.base import LangSmithParams
from langchain_core.language_models.chat_models import generate_from_stream
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, SkipValidation

from glyphagent.errors import BackendError
from glyphagent.plugins import Backend, Context, Dialogue, Image, Reader, load
from glyphagent.profiles import visual_tokens
from glyphagent.session import Session
from glyphagent.targets import EMBEDDED, profile_of
from glyphagent.tokens import TOKENIZER, count_text_tokens

from .answer_guard import AnswerGuard, as_said, beside, named_sources
from .chat_call import PROVIDER, Call, cut, last_chunk, patch_of
from .conversation import Conversation
from .image_blocks import padded
from .page_reader import ConversationReader
from .structured import Schema, validated

_NO_PAGES = (
    "I am the embedded reader of glyphagent: I read page images and look up what stands on them; "
    "I do not chat. No page image is in this conversation. Send pages that glyphagent rendered "
    "(presets grid and grid-dense, unscaled), or name a vision-language model: "
    'ChatGlyph(model="zai-org/Glyph").'
)
_NO_TOOLS = "ChatGlyph calls no tools: give them to another chat model"
_CONTEXTS = 2  # conversations whose encoded images are held


class ChatGlyph(BaseChatModel):
    """Chats over a local vision model: the embedded reader, or any Glm4v checkpoint.

    Decoding is greedy. Structured output is asked for in words and validated; tools are not
    supported. A call may name another model with `model=`.

    Attributes:
        model: `nano`, the embedded reader, or folder or hub id of a Glm4v checkpoint.
        backend: Name of the backend plugin, or a backend itself.
        max_tokens: Most tokens of an answer.
        temperature: 0 or None: decoding is greedy.
        stop: Texts at which an answer ends.
        timeout: Seconds after which an answer that is still being made is given up.
        max_retries: How often structured output that does not fit is asked for again.
        streaming: Whether `invoke` streams too, as LangChain defines it.
        guard: Session of the source that the pages show, if answers are to be held against it:
            they then come whole, with corrections and doubts written into them, and the results as
            data in `additional_kwargs["glyph_guard"]`. Structured output is not marked. Without
            a session nobody knows what is right, and answers come as the model made them.
    """

    model_config = ConfigDict(extra="forbid")

    model: str = EMBEDDED
    backend: SkipValidation[str | Backend] = Field(default="local", exclude=True, repr=False)
    max_tokens: int = Field(default=512, ge=1)
    temperature: float | None = Field(default=None, ge=0, le=0)
    stop: list[str] | None = None
    timeout: float | None = Field(default=None, gt=0)
    max_retries: int = Field(default=2, ge=0)
    streaming: bool = False
    guard: SkipValidation[Session | None] = Field(default=None, exclude=True, repr=False)

    _backends: dict[str, Backend] = PrivateAttr(default_factory=dict)
    _readers: dict[str, ConversationReader] = PrivateAttr(default_factory=dict)
    _contexts: OrderedDict[tuple[str, str], Context] = PrivateAttr(default_factory=OrderedDict)
    _lock: Any = PrivateAttr(default_factory=RLock)
    _answer_guard: AnswerGuard = PrivateAttr(default_factory=AnswerGuard)

    @property
    def _llm_type(self) -> str:
        return "glyphagent"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        backend = self.backend if isinstance(self.backend, str) else self.backend.name
        return {
            "model": self.model,
            "backend": backend,
            "max_tokens": self.max_tokens,
            "stop": self.stop,
            "guard": None if self.guard is None else self.guard.revision,
        }

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        params = super()._get_ls_params(stop=stop or self.stop, **kwargs)
        params["ls_provider"] = PROVIDER
        return params

    def _resolve_model_profile(self) -> ModelProfile | None:
        return ModelProfile(
            name=self.model,
            text_inputs=True,
            image_inputs=True,
            image_url_inputs=False,
            pdf_inputs=False,
            audio_inputs=False,
            video_inputs=False,
            image_tool_message=True,
            text_outputs=True,
            image_outputs=False,
            reasoning_output=False,
            tool_calling=False,
            structured_output=False,
            temperature=False,
        )

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return generate_from_stream(self._stream(messages, stop, run_manager, **kwargs))

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        with closing(self._said(messages, stop, kwargs)) as parts:
            for part in parts:
                chunk = ChatGenerationChunk(message=part)
                if run_manager is not None:
                    run_manager.on_llm_new_token(str(part.text), chunk=chunk)
                yield chunk

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        chunks = [c async for c in self._astream(messages, stop, run_manager, **kwargs)]
        return generate_from_stream(iter(chunks))

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        parts = await asyncio.to_thread(self._said, messages, stop, kwargs)
        step: asyncio.Future[AIMessageChunk | None] | None = None
        try:
            while True:
                step = asyncio.ensure_future(asyncio.to_thread(next, parts, None))
                part = await asyncio.shield(step)
                if part is None:
                    return
                chunk = ChatGenerationChunk(message=part)
                if run_manager is not None:
                    await run_manager.on_llm_new_token(str(part.text), chunk=chunk)
                yield chunk
        finally:
            # A cancelled task leaves a step running in its thread; closing waits for it.
            if step is not None and not step.done():
                await asyncio.wait([step])
            await asyncio.to_thread(parts.close)

    def _said(
        self, messages: Sequence[BaseMessage], stop: list[str] | None, settings: dict[str, Any]
    ) -> Any:
        """Chunks of the answer, made as they are asked for; the last one carries the usage."""
        call = self._call(stop, settings)
        conversation = Conversation.of([as_said(message) for message in messages])
        if isinstance(call.backend, Reader) and not getattr(call.backend, "generates", False):
            return self._looked_up(call, call.backend, conversation)
        said = self._generated(call, conversation)
        return said if self.guard is None else self._guarded(said, conversation, self.guard)

    def _guarded(
        self, said: Any, conversation: Conversation, session: Session
    ) -> Iterator[AIMessageChunk]:
        """The answer as a whole, held against the source."""
        with closing(said) as chunks:
            *parts, last = chunks
        text = "".join(str(part.text) for part in parts)
        question = conversation.question(frozenset())
        marked, facts = self._answer_guard.check(text, question, named_sources([("", session)]))
        yield AIMessageChunk(content=marked)
        kept_beside = beside(facts, text, changed=marked != text)
        yield last.model_copy(update={"additional_kwargs": kept_beside})

    def _call(self, stop: list[str] | None, settings: dict[str, Any]) -> Call:
        if settings.get("tools") or settings.get("functions"):
            raise BackendError(_NO_TOOLS)
        if settings.get("temperature"):
            raise BackendError("ChatGlyph decodes greedily: temperature can only be 0")
        name = settings.get("model") or self.model
        return Call(
            name,
            self._loaded(name),
            tuple(text for text in (stop or self.stop or []) if text),
            settings.get("max_tokens") or self.max_tokens,
            settings.get("timeout") or self.timeout,
        )

    def _loaded(self, name: str) -> Backend:
        if not isinstance(self.backend, str):
            if name not in (self.model, self.backend.model):
                raise BackendError(
                    f"this ChatGlyph holds a backend for {self.backend.model!r} and cannot ask "
                    f"{name!r}: name a backend plugin instead"
                )
            return self.backend
        with self._lock:
            if name not in self._backends:
                make = load("backends", self.backend)
                self._backends[name] = make(None if name == EMBEDDED else name)
            return self._backends[name]

    def _looked_up(
        self, call: Call, reader: Reader, conversation: Conversation
    ) -> Iterator[AIMessageChunk]:
        """What stands on the pages, without a model that generates."""
        facts: dict[str, Any] = {"warnings": [], "citations": []}
        kept_beside: dict[str, Any] = {}
        if not conversation.images:
            text = _NO_PAGES
        else:
            with self._lock:
                kept = self._readers.setdefault(call.name, ConversationReader(reader))
            answer = kept.answer(conversation)
            places = [{**asdict(each.location), "quote": each.quote} for each in answer.citations]
            facts = {"warnings": list(answer.warnings), "citations": places}
            text = answer.text if answer.text.strip() else "not found"
            if self.guard is not None:
                said = replace(answer, text=text)
                text, checked = self._answer_guard.check_looked_up(said, self.guard)
                kept_beside = beside(checked, said.text, changed=text != said.text)
        text, stopped = cut(text, call.stop)
        seen = self._seen(call, [image.pixels for image in conversation.images])
        asked = sum(count_text_tokens([turn.text(marked=False)]) for turn in conversation.turns)
        yield AIMessageChunk(content=text)
        last = last_chunk(
            call,
            seen + asked,
            count_text_tokens([text]),
            visual_tokens=seen,
            finish_reason="stop",
            stopped=stopped,
            text_tokenizer=TOKENIZER,
            **facts,
        )
        yield last.model_copy(update={"additional_kwargs": kept_beside})

    def _generated(self, call: Call, conversation: Conversation) -> Iterator[AIMessageChunk]:
        """What a model answers, as it comes."""
        images = [padded(image.pixels, patch_of(call)) for image in conversation.images]
        context = self._context(call, images)
        seen = getattr(context, "visual_tokens", None)
        if not isinstance(seen, int):
            seen = self._seen(call, images)
        prompt, begun = conversation.prompt, time.monotonic()
        asked = answered = 0
        pending, made, stopped, told = "", [], "", False
        longest = max((len(text) for text in call.stop), default=1)
        stream: Any = (
            context.stream_turns(conversation.dialogue, call.max_tokens)
            if isinstance(context, Dialogue)
            else context.stream(prompt, call.max_tokens)
        )
        with closing(stream) as chunks:
            for chunk in chunks:
                if call.timeout is not None and time.monotonic() - begun > call.timeout:
                    raise BackendError(f"{call.name} did not answer within {call.timeout:g} s")
                if chunk.prompt_tokens:
                    asked, answered, told = chunk.prompt_tokens, chunk.completion_tokens, True
                pending += chunk.text
                ready, stopped = cut(pending, call.stop)
                # What may be the beginning of a stop text waits for the next chunk.
                keep = 0 if stopped else min(len(pending), longest - 1)
                ready = ready if stopped else pending[: len(pending) - keep]
                pending = pending[len(pending) - keep :] if keep else ""
                if ready:
                    made.append(ready)
                    yield AIMessageChunk(content=ready)
                if stopped:
                    break
        if pending and not stopped:
            made.append(pending)
            yield AIMessageChunk(content=pending)
        facts: dict[str, Any] = {}
        if not told:  # the model was stopped before it could tell
            asked, answered = seen + count_text_tokens([prompt]), count_text_tokens(made)
            facts["text_tokenizer"] = TOKENIZER
        full = not stopped and answered >= call.max_tokens
        yield last_chunk(
            call,
            asked,
            answered,
            visual_tokens=seen,
            finish_reason="length" if full else "stop",
            stopped=stopped,
            **facts,
        )

    def _context(self, call: Call, images: Sequence[Image]) -> Context:
        """The images as the model holds them; kept while the same ones are asked about."""
        digest = hashlib.blake2b(digest_size=16)
        for image in images:
            digest.update(repr(image.shape).encode() + image.tobytes())
        key = call.name, digest.hexdigest()
        with self._lock:
            if key not in self._contexts:
                self._contexts[key] = call.backend.prefill(images)
            self._contexts.move_to_end(key)
            while len(self._contexts) > _CONTEXTS:
                self._contexts.popitem(last=False)
            return self._contexts[key]

    def _seen(self, call: Call, images: Sequence[Image]) -> int:
        profile = profile_of(call.backend.name, call.backend.model or call.name)
        return sum(visual_tokens(profile, i.shape[1], i.shape[0]) for i in images)

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[Any, Any]:
        """This model, for no tools; there is nothing that calls any.

        Raises:
            BackendError: If there are tools.
        """
        if tools:
            raise BackendError(_NO_TOOLS)
        return self

    def with_structured_output(
        self, schema: Schema, *, include_raw: bool = False, **kwargs: Any
    ) -> Runnable[LanguageModelInput, dict[str, Any] | BaseModel]:
        """Model whose answers are parsed and validated against a schema.

        The schema is put into words; an answer that does not fit is sent back with what is wrong,
        at most `max_retries` times. `method` and `strict` are accepted and change nothing: there
        is one way.

        Args:
            schema: A pydantic class, a `TypedDict`, or a JSON Schema.
            include_raw: Give `raw`, `parsed` and `parsing_error` and never raise for the latter.
            kwargs: `method` and `strict`.

        Raises:
            ValueError: If another argument is given.
        """
        if unknown := sorted(kwargs.keys() - {"method", "strict"}):
            raise ValueError(f"unknown arguments: {', '.join(unknown)}")
        bound = self.model_copy(update={"guard": None}).bind(
            ls_structured_output_format={"kwargs": {"method": "json_mode"}, "schema": schema}
        )
        return validated(bound, schema, self.max_retries, include_raw)
