"""Where images of tool results may go, and how they get there.

Providers disagree on images in tool results: some show them to the model, some refuse them, some
take them and let no model see them. What is known to work is left inline; everywhere else the
images of a batch of tool messages move into one user message after the whole batch, because a
message between two results of one batch is an error for every provider.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    HumanMessage,
    ToolCall,
    ToolMessage,
)
from langchain_core.runnables import Runnable

from glyphagent.errors import PluginError
from glyphagent.profiles import UNKNOWN, Profile
from glyphagent.targets import profile_of

from .tool_names import bare

Placement = Literal["inline", "user", "text"]
"""`inline`: in the tool message; `user`: in a user message after the batch; `text`: nowhere."""

Mode = Literal["auto", "inline", "user", "text"]
"""A placement that the user names, or `auto`."""

ID_PREFIX = "glyph-images-"
"""Begins the id of every message that `relocate` adds."""

# Chat model classes whose conversion of tool images to the wire was checked: the API that they
# speak, as profiles name it, the attributes that hold their endpoint, and the endpoints where
# that is the API. LangChain's own profile is no help: its `image_tool_message` is True for nearly
# every OpenAI model, whichever API is used.
_APIS: Mapping[tuple[str, str], tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    ("langchain_anthropic", "ChatAnthropic"): (
        "anthropic-messages",
        ("anthropic_api_url",),
        ("https://api.anthropic.com",),
    ),
    ("langchain_openai", "ChatOpenAI"): (
        "openai-responses",
        ("openai_api_base", "root_client.base_url"),
        ("https://api.openai.com/v1",),
    ),
    ("langchain_google_genai", "ChatGoogleGenerativeAI"): ("gemini", ("base_url",), ()),
}
_NAMES = ("model_name", "model", "model_id")
_CAPTION_CHARACTERS = 160


def placement(
    chat: str | Runnable[Any, Any], mode: Mode = "auto", profile: Profile | None = None
) -> Placement:
    """Where the images of tool results may go for a chat model, or for a model's id.

    Decided on the class of the chat model, the API that it speaks, its endpoint and our profile of
    its model; what is not known to work inline goes to the user message. A bare model id says
    nothing about the wire, so it never gives `inline`. A model that nobody knows to see images,
    neither a profile of ours nor what the chat model says of its own inputs, is sent text.

    Args:
        chat: The chat model, also with tools bound, or the id of a model.
        mode: Anything but `auto` is what the caller decided, and comes back as it is.
        profile: Profile of the model, if the caller knows it better than its name says.

    Raises:
        PluginError: If there is no such mode.
    """
    if mode not in get_args(Mode):
        raise PluginError(f"no tool_images {mode!r}; there are: {', '.join(get_args(Mode))}")
    if mode != "auto":
        return mode
    known = profile if profile is not None else profile_of("chat", model_id(chat))
    if known.name == UNKNOWN.name:
        stated = getattr(_unbound(chat), "profile", None)
        sees = isinstance(stated, Mapping) and stated.get("image_inputs") is True
        return "user" if sees else "text"
    if not known.takes_images:
        return "text"
    inline = known.images_in_tool_results and _api(chat) in known.tool_image_apis
    return "inline" if inline else "user"


def is_unknown(chat: str | Runnable[Any, Any]) -> bool:
    """Whether no profile knows the model."""
    return profile_of("chat", model_id(chat)).name == UNKNOWN.name


def model_id(chat: str | Runnable[Any, Any]) -> str:
    """Id of the model behind a chat model; empty if it does not say."""
    if isinstance(chat, str):
        return chat
    bare = _unbound(chat)
    for attribute in _NAMES:
        if isinstance(name := getattr(bare, attribute, None), str) and name:
            return name
    return ""


def is_image(block: Any) -> bool:
    """Whether a content block holds an image, in any of the forms that chat models take."""
    if not isinstance(block, Mapping):
        return False
    kind = block.get("type")
    if kind in ("image", "image_url", "input_image"):
        return True
    mime = str(block.get("mime_type") or block.get("media_type") or "")
    return kind in ("file", "media") and mime.startswith("image/")


def image_size(block: Mapping[str, Any]) -> int:
    """Bytes that an image block takes in a request, nearly: its longest string."""
    return max(
        (
            image_size(value) if isinstance(value, Mapping) else len(value)
            for value in block.values()
            if isinstance(value, str | bytes | Mapping)
        ),
        default=0,
    )


def relocate(
    messages: Sequence[BaseMessage], placement: Placement, *, unknown: bool = False
) -> list[BaseMessage]:
    """The messages with every image of a tool result where `placement` says.

    Nothing given is changed; messages without images come back as the same objects, in the same
    order. Doing it twice is doing it once.

    Args:
        messages: A conversation.
        placement: As `placement` gives it.
        unknown: Whether no profile knows the model, which is told so where images are left out.
    """
    if placement == "inline":
        return list(messages)
    placed: list[BaseMessage] = []
    calls: dict[str | None, ToolCall] = {}
    moved: list[dict[str, Any]] = []
    number = 0
    first = ""
    for message in messages:
        if not isinstance(message, ToolMessage):
            _flush(placed, moved, number, first)
            moved, number = [], 0
            if isinstance(message, AIMessage):
                calls.update({call["id"]: call for call in message.tool_calls})
            placed.append(message)
            continue
        images = [block for block in _blocks(message) if is_image(block)]
        if not images:
            placed.append(message)
        elif placement == "text":
            placed.append(_without_images(message, _left_out(message, len(images), unknown)))
        else:
            first = first if moved else message.tool_call_id
            names = _names(number + 1, number + len(images))
            number += len(images)
            verb = "is" if len(images) == 1 else "are"
            pointer = f"[{names} {verb} in the user message after these tool results]"
            placed.append(_without_images(message, pointer))
            wanted = calls.get(message.tool_call_id)
            what = _shown(wanted) if wanted else message.name or "a tool"
            moved += [{"type": "text", "text": f"{names}, from {what}:"}, *images]
    _flush(placed, moved, number, first)
    return placed


def _flush(placed: list[BaseMessage], moved: list[dict[str, Any]], number: int, first: str) -> None:
    """End a batch: its images, if any, in one user message."""
    if not moved:
        return
    what = "Image" if number == 1 else f"{number} images"
    head = {"type": "text", "text": f"[{what} from the tool results above, not from the user]"}
    content: list[Any] = [head, *moved]
    # The id depends on the batch alone, so that the same call gives the same request.
    placed.append(HumanMessage(content=content, id=f"{ID_PREFIX}{first}"))


def _blocks(message: BaseMessage) -> list[Any]:
    return message.content if isinstance(message.content, list) else []


def _without_images(message: ToolMessage, stub: str) -> ToolMessage:
    """The message with its images replaced by a text; a plain string where only text is left."""
    kept: list[Any] = [block for block in _blocks(message) if not is_image(block)]
    texts = [block if isinstance(block, str) else _plain(block) for block in kept]
    content: str | list[Any]
    if None in texts:
        content = [*kept, {"type": "text", "text": stub}]
    else:  # many compatible servers take nothing but a string here
        content = "\n".join([*(text for text in texts if text), stub])
    return message.model_copy(update={"content": content})


def _plain(block: Mapping[str, Any]) -> str | None:
    """Text of a block that is nothing but text."""
    if block.get("type") != "text" or set(block) - {"type", "text", "id", "index"}:
        return None
    return str(block["text"])


def _names(first: int, last: int) -> str:
    return f"Image {first}" if first == last else f"Images {first} to {last}"


def _left_out(message: ToolMessage, count: int, unknown: bool) -> str:
    what = "1 image was" if count == 1 else f"{count} images were"
    name = message.name or ""
    own = bare(name)
    exact = (
        f"{name.removesuffix(own)}glyph_read_region gives the exact text of any lines"
        if own.startswith("glyph_")
        else "ask for text instead"
    )
    why = (
        'this model is not known to see images (tool_images="user" sends them all the same)'
        if unknown
        else "this model is sent text only"
    )
    return f"[{what} left out, because {why}: {exact}]"


def _shown(call: ToolCall) -> str:
    """A tool call in one short line."""
    given = ", ".join(
        f"{key}={json.dumps(value, ensure_ascii=False, default=str)}"
        for key, value in call["args"].items()
    )
    line = f"{call['name']}({given})"
    return line if len(line) <= _CAPTION_CHARACTERS else line[: _CAPTION_CHARACTERS - 4] + " ..."


def _unbound(chat: Any) -> Any:
    """The chat model itself, without what was bound to it."""
    for _ in range(8):
        if (inner := getattr(chat, "bound", None)) is None:
            break
        chat = inner
    return chat


def _api(chat: str | Runnable[Any, Any]) -> str | None:
    """API that this chat model speaks for certain, as profiles name it; None if it may be another.

    OpenAI's class speaks Chat Completions too, which takes text only in tool results, and other
    people's endpoints take what they take.
    """
    bare = _unbound(chat)
    for kind in type(bare).__mro__:
        found = _APIS.get((kind.__module__.partition(".")[0], kind.__name__))
        if found is None:
            continue
        api, attributes, endpoints = found
        if api == "openai-responses" and getattr(bare, "use_responses_api", None) is not True:
            return None
        urls = [str(url) for name in attributes if (url := _attribute(bare, name))]
        return api if all(url.rstrip("/") in endpoints for url in urls) else None
    return None


def _attribute(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = getattr(value, name, None)
    return value
