"""Tokens of chat messages: text under a named tokenizer, images by the formula of the model.

Made to be handed to other people's code as a `token_counter`: LangChain's own count charges 85
tokens an image, and a dense page costs eight times that, so that summaries would come too late.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import struct
from collections.abc import Iterable, Mapping
from typing import Any

from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    MessageLikeRepresentation,
    convert_to_messages,
)
from PIL import Image

from glyphagent.errors import PageError
from glyphagent.profiles import UNKNOWN, Profile, visual_tokens
from glyphagent.targets import profile_of, style_for
from glyphagent.tokens import count_text_tokens

from .tool_images import is_image

MESSAGE_TOKENS = 3
"""Tokens that frame a message: role and delimiters. Source: OpenAI's cookbook, as in LangChain."""

UNSEEN_PX = (1024, 1024)
"""Size that is charged for an image whose bytes are not in the message."""

_PNG = b"\x89PNG\r\n\x1a\n"
_NOT_TEXT = {"type", "id", "index", "base64", "data", "url", "image_url", "source", "signature"}


def count_tokens(
    messages: Iterable[MessageLikeRepresentation], model: str | Profile | None = None
) -> int:
    """Tokens of these messages, text and images, for a model.

    Text is counted exactly under `glyphagent.tokens.TOKENIZER`, whatever the model; images are
    counted at their real size. For a model without a known formula, an image is charged by
    merged patches of 28 px.

    Args:
        messages: Messages in any form that LangChain takes.
        model: Id of the model, or its profile.

    Raises:
        PluginError: If the tokenizer's library is not installed.
    """
    profile = model if isinstance(model, Profile) else profile_of("chat", model)
    return sum(message_tokens(message, profile) for message in convert_to_messages(list(messages)))


def tokens_per_image(model: str | Profile, preset: str | None = None) -> int:
    """Tokens of a full page for a model: LangChain's `tokens_per_image`, where it is asked for.

    Raises:
        StyleError: If there is no such preset.
    """
    profile = model if isinstance(model, Profile) else profile_of("chat", model)
    style = style_for(profile, preset)
    return image_tokens(profile, style.width_px, style.height_px)


def message_tokens(message: BaseMessage, profile: Profile) -> int:
    """Tokens of one message: its texts, its tool calls, its images, its frame."""
    texts: list[str] = []
    total = MESSAGE_TOKENS
    blocks: list[Any] = (
        [message.content] if isinstance(message.content, str) else list(message.content)
    )
    for block in blocks:
        if isinstance(block, str):
            texts.append(block)
        elif is_image(block):
            total += image_tokens(profile, *image_size(block))
        elif block.get("type") not in ("tool_use", "tool_call", "function_call"):
            texts += [v for k, v in block.items() if isinstance(v, str) and k not in _NOT_TEXT]
    if isinstance(message, AIMessage):  # calls that stand among the blocks are counted here
        texts += [f"{c['name']} {json.dumps(c['args'], default=str)}" for c in message.tool_calls]
    return total + count_text_tokens(map(encodable, texts))


def image_tokens(profile: Profile, width_px: int, height_px: int) -> int:
    """Tokens of an image of this size; by patches of 28 px where the profile has no answer."""
    if profile.takes_images:
        try:
            return visual_tokens(profile, width_px, height_px)
        except PageError:
            pass
    patch = UNKNOWN.patch_px
    return -(-width_px // patch) * -(-height_px // patch)


def image_size(block: Mapping[str, Any]) -> tuple[int, int]:
    """Width and height in pixels of an image block; `UNSEEN_PX` where that cannot be seen."""
    data = _payload(block)
    if data is None:
        return UNSEEN_PX
    try:
        # Base64 may come in lines.
        head = data[:32] if isinstance(data, bytes) else base64.b64decode(_flat(data[:96])[:64])
        if head.startswith(_PNG) and len(head) >= 24:
            width, height = struct.unpack(">II", head[16:24])
        else:
            whole = data if isinstance(data, bytes) else base64.b64decode(_flat(data))
            with Image.open(io.BytesIO(whole)) as picture:  # reads no more than the header
                width, height = picture.size
    except (OSError, ValueError, binascii.Error, struct.error, Image.DecompressionBombError):
        return UNSEEN_PX
    return (width, height) if width and height else UNSEEN_PX


def encodable(text: str) -> str:
    """The text with lone surrogates replaced, which no tokenizer and no wire can carry."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _flat(encoded: str) -> str:
    return "".join(encoded.split())


def _payload(block: Mapping[str, Any]) -> str | bytes | None:
    """Image data of a block, base64 or raw; None if it lies elsewhere."""
    source = block.get("source")
    if isinstance(source, Mapping):
        return _payload(source)
    for key in ("base64", "data"):
        value = block.get(key)
        if isinstance(value, str | bytes) and value:
            return value
    url = block.get("image_url", block.get("url"))
    if isinstance(url, Mapping):
        url = url.get("url")
    if isinstance(url, str) and url.startswith("data:"):
        head, _, data = url.partition(",")
        return data if head.endswith(";base64") else None
    return None
