"""Any LangChain chat model that takes images, as a backend: plugin `chat`.

A request is one human message: for each page its number, its parts (path and absolute first
line, which are never pixels) and its image, then the question. The pages stand first and are the
same for every question, so that a provider's prompt cache holds them.
"""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from PIL import Image as PillowImage
from pydantic import BaseModel, SecretStr

from glyphagent.errors import BackendError
from glyphagent.page import Page
from glyphagent.plugins import Chunk, Image
from glyphagent.raster import png_bytes

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

# Names that chat models give to the limit on an answer's length, most common first.
_LIMITS = ("max_tokens", "max_completion_tokens", "max_output_tokens", "num_predict")
_SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL", re.IGNORECASE)
_SECRET = re.compile(
    r"\b(?:sk|pk|rk|xai|gsk|hf|ghp|key|AIza)[-_]?[A-Za-z0-9*_-]{8,}"
    r"|(?i:bearer|basic)\s+\S+"
    r"|://[^\s/@]+@"
)
_SHORTEST_SECRET = 6
_MESSAGE_CHARACTERS = 400


class ChatModelBackend:
    """A chat model that is sent the pages as images.

    Attributes:
        name: `chat`.
        model: Name of the model, as the user or the model itself gives it.
    """

    name = "chat"

    def __init__(self, model: str | BaseChatModel | None = None) -> None:
        """Take a chat model, or make one from `provider:name`.

        Raises:
            BackendError: If no model is named, if LangChain or the provider's package is
                missing, or if the provider refuses to be set up (most often for want of a key).
        """
        if model is None or model == "":
            raise BackendError(
                "backend 'chat' needs a model: name one as provider:name, such as "
                "anthropic:claude-sonnet-4-5 (on the command line with --model)"
            )
        if isinstance(model, str):
            self.model = model
            self._chat = _made(model)
        else:
            self.model = _name_of(model)
            self._chat = model

    def prefill(self, images: Sequence[Page | Image]) -> ChatContext:
        """Encode the pages once, for any number of questions."""
        blocks: list[dict[str, Any]] = []
        for number, image in enumerate(images):
            blocks.append({"type": "text", "text": caption(number, image)})
            data = base64.b64encode(_png(image)).decode("ascii")
            # No random block id, as LangChain's own function would add: a changed request would
            # miss the provider's prompt cache.
            blocks.append({"type": "image", "base64": data, "mime_type": "image/png"})
        return ChatContext(self._chat, self.model, tuple(blocks))


@dataclass(frozen=True, slots=True)
class ChatContext:
    """Pages encoded for a chat model.

    Attributes:
        chat: The chat model.
        model: Its name, for messages.
        blocks: Content blocks that open every request.
    """

    chat: BaseChatModel
    model: str
    blocks: tuple[dict[str, Any], ...]

    def stream(self, prompt: str, max_tokens: int) -> Iterator[Chunk]:
        """Yield the answer as it arrives, then the usage; closing the iterator cancels.

        Raises:
            BackendError: If the provider fails or refuses; keys are taken out of its message.
        """
        from langchain_core.messages import HumanMessage

        content = [*self.blocks, {"type": "text", "text": prompt}]
        asked, answered = 0, 0
        try:
            chat = _limited(self.chat, max_tokens)
            parts = cast(Any, chat.stream([HumanMessage(content=cast(Any, content))]))
            with closing(parts):
                for part in parts:
                    if usage := part.usage_metadata:
                        asked += usage["input_tokens"]
                        answered += usage["output_tokens"]
                    if text := str(part.text):
                        yield Chunk(text)
        except Exception as error:  # a provider's client may raise anything
            # Not chained: the original message may hold a key.
            raise BackendError(f"{self.model} failed: {_safe(error, self.chat)}") from None
        yield Chunk("", asked, answered)


def caption(number: int, image: Page | Image) -> str:
    """What stands as text beside a page: its number, paths and absolute lines."""
    if not isinstance(image, Page):
        return f"Page {number}:"
    parts = image.source_map.locations()
    shown = "; ".join(f"{p.path} from line {p.line_start} to {p.line_end}" for p in parts)
    return f"Page {number}: {shown}" if shown else f"Page {number}:"


def _png(image: Page | Image) -> bytes:
    if isinstance(image, Page):
        return png_bytes(image)
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or not image.size:
        raise BackendError(
            f"an image must be RGB uint8 [height, width, 3], not {image.dtype} {image.shape}"
        )
    stream = BytesIO()
    PillowImage.fromarray(image).save(stream, "PNG")
    return stream.getvalue()


def _made(name: str) -> BaseChatModel:
    try:
        from langchain.chat_models import init_chat_model
    except ImportError as error:
        raise BackendError(
            f"a model by name needs LangChain, which is not installed ({error.name}): "
            "pip install 'glyphagent[langchain]' and the provider's package"
        ) from error
    try:
        return init_chat_model(name)
    except ImportError as error:
        raise BackendError(f"{name}: {_safe(error)}") from error
    except ValueError as error:
        raise BackendError(f"no chat model {name!r}: {_safe(error)}") from None
    except Exception as error:  # a provider's client may raise anything, keys in its message
        raise BackendError(f"{name} cannot be set up: {_safe(error)}") from None


def _name_of(chat: BaseChatModel) -> str:
    for attribute in ("model_name", "model"):
        if isinstance(name := getattr(chat, attribute, None), str) and name:
            return name
    return type(chat).__name__


def _limited(chat: BaseChatModel, max_tokens: int) -> BaseChatModel:
    """The chat model with its limit on new tokens set, by whichever name it has for it."""
    fields = type(chat).model_fields
    for name in _LIMITS:
        if name in fields:
            return chat.model_copy(update={name: max_tokens})
    return chat


def _safe(error: Exception, chat: BaseModel | None = None) -> str:
    """An error in one short line without anything that may be a key."""
    text = " ".join(f"{type(error).__name__}: {error}".split())
    secrets = [value for name, value in os.environ.items() if _SECRET_NAME.search(name)]
    for name in type(chat).model_fields if chat is not None else ():
        value = getattr(chat, name, None)
        if isinstance(value, SecretStr):
            secrets.append(value.get_secret_value())
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, "[hidden]")
    text = _SECRET.sub("[hidden]", text)
    return text if len(text) <= _MESSAGE_CHARACTERS else text[:_MESSAGE_CHARACTERS] + " ..."
