"""Which parts of a conversation become page images for one model call, and the messages then.

Old and long tool results and pastes, oldest first, are replaced where the model's profile says
that pages cost less. A part is replaced whole or not at all, and whatever stays text has a reason
on record. Images of tool results end up where `tool_images` puts them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from langchain_core.messages import BaseMessage, HumanMessage

from glyphagent.errors import GlyphError, PageError
from glyphagent.profiles import UNKNOWN, Profile, visual_tokens
from glyphagent.style import Style
from glyphagent.tokens import BREAK_EVEN_MARGIN, count_text_tokens

from .conversation_parts import (
    EXACT_TOOLS,
    RECOVER_TOOL,
    Kind,
    Part,
    content_blocks,
    find_parts,
    newest_start,
)
from .message_tokens import encodable, message_tokens
from .text_pages import PagePicture, TextPages, shown_path
from .tool_images import Placement, image_size, is_image, relocate

Reason = Literal[
    "replaced",
    "repeated",  # the same text is shown as pages further up, and is pointed to
    "unknown_model",  # no profile: nothing is guessed
    "text_model",  # the profile, or the caller, says that the model is sent text only
    "newest_turns",
    "short",
    "error_result",
    "exact_tool",
    "has_images",
    "annotated",
    "many_exact_strings",  # too many of its hashes, numbers and the like do not fit beside it
    "many_escapes",  # the atlas lacks too many of its characters, which would be drawn as codes
    "costs_more",
    "image_limit",
    "byte_limit",
    "page_refused",  # the model takes no image of this size
    "not_drawn",
]

# What `relocate` writes about images that it moves, at most: heading, pointer and caption.
_MOVED_TOKENS = 100
_MARKS = (
    "On the pages text flows on without gaps: a coloured mark is a line feed, with the indent of "
    "the next line; small numbers count lines from the first of the page."
)


@dataclass(frozen=True, slots=True)
class Limits:
    """When a part is replaced, and how much is.

    Attributes:
        keep_turns: Newest turns that stay text; an AI message with its tool results is a turn,
            a person's message is another.
        stride: Turns become old so many at a time: each time, a provider's prompt cache is
            written anew from there on, and in between it holds.
        min_tokens: Parts with fewer text tokens stay text.
        margin: Visual tokens are counted so much dearer than text.
        sidecar_share: Share of a part's tokens that its exact strings may take as text.
        max_exact_left: Most exact strings that may not fit there, as a share of all.
        max_images: Most images in a request, besides the model's own limit.
        max_bytes: Most bytes of encoded images in a request, besides the model's own limit.
        max_escapes: Most characters that pages may show as codes, as a share of all.
        exact_tools: Tools whose results always stay text.
    """

    keep_turns: int = 2
    stride: int = 4
    min_tokens: int = 800
    margin: float = BREAK_EVEN_MARGIN
    sidecar_share: float = 0.05
    max_exact_left: float = 0.3
    max_images: int = 200
    max_bytes: int = 18 * 1024 * 1024
    max_escapes: float = 0.02
    exact_tools: tuple[str, ...] = EXACT_TOOLS


@dataclass(frozen=True, slots=True)
class Decision:
    """What was done with a part, and why.

    Attributes:
        message: Index of the message in the conversation.
        message_id: Its id, if it has one.
        kind: What the part is.
        name: Tool, or name of the paste.
        reason: `replaced`, or why not.
        text_tokens: Tokens of the part as text.
        visual_tokens: Tokens of its pages.
        kept_tokens: Tokens of the text beside the pages, exact strings included.
        sidecar_tokens: Tokens of the exact strings alone.
        pages: Number of pages.
        size_bytes: Bytes of the pages as they are sent.
        key: Name under which the exact text can be had.
        detail: What more there is to say.
    """

    message: int
    message_id: str | None
    kind: Kind
    name: str
    reason: Reason
    text_tokens: int
    visual_tokens: int = 0
    kept_tokens: int = 0
    sidecar_tokens: int = 0
    pages: int = 0
    size_bytes: int = 0
    key: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class CallReport:
    """What a model call was sent, against what is stored.

    Attributes:
        model: Id of the model.
        profile: Name of its profile.
        placement: Where images of tool results went.
        tokens_before: Tokens of the conversation as it is stored.
        tokens_after: Tokens of what was sent, images included.
        images: Images in the request, those that were there before included.
        image_bytes: Their encoded size.
        decisions: Every part that was looked at, in order.
    """

    model: str
    profile: str
    placement: Placement
    tokens_before: int
    tokens_after: int
    images: int
    image_bytes: int
    decisions: tuple[Decision, ...] = field(repr=False)

    @property
    def replaced(self) -> tuple[Decision, ...]:
        """The parts that were replaced."""
        return tuple(d for d in self.decisions if d.reason == "replaced")

    @property
    def visual_tokens(self) -> int:
        """Tokens of the pages that replaced text."""
        return sum(decision.visual_tokens for decision in self.replaced)

    @property
    def reasons(self) -> Mapping[str, int]:
        """How many parts each reason decided, `replaced` included."""
        return dict(sorted(Counter(d.reason for d in self.decisions).items()))

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain data, for a log."""
        return {**asdict(self), "visual_tokens": self.visual_tokens, "reasons": self.reasons}


@dataclass
class _Room:
    """Images and bytes that a request may still take."""

    images: int
    size_bytes: int

    def refuses(self, images: int, size_bytes: int) -> Reason | None:
        if images > self.images:
            return "image_limit"
        return "byte_limit" if size_bytes > self.size_bytes else None


@dataclass(frozen=True)
class PageImages:
    """Replaces parts of conversations by page images, for one model.

    Attributes:
        model: Id of the model, for the report.
        profile: How the model takes images.
        style: How pages are drawn for it.
        placement: Where images of tool results go.
        drawer: What draws and remembers pages.
        limits: When and how much to replace.
        recover: Whether the model has the tool `RECOVER_TOOL`.
    """

    model: str
    profile: Profile
    style: Style
    placement: Placement
    drawer: TextPages
    limits: Limits
    recover: bool

    def rewrite(self, messages: Sequence[BaseMessage]) -> tuple[list[BaseMessage], CallReport]:
        """The messages for one call, and what was done; nothing given is changed."""
        limits = self.limits
        native = [image_size(b) for m in messages for b in content_blocks(m) if is_image(b)]
        room = _Room(
            self._most_images() - len(native),
            _least(limits.max_bytes, self.profile.max_bytes) - sum(native),
        )
        newest = newest_start(messages, limits.keep_turns, limits.stride)
        decisions: list[Decision] = []
        shown: set[str] = set()
        chosen: dict[int, list[tuple[Part, list[dict[str, Any]]]]] = {}
        # A character that has less than a token is the rule; one with more does not pay as pixels.
        for part in find_parts(messages, limits.min_tokens, limits.exact_tools):
            decision, blocks = self._decide(part, part.message >= newest, room, shown)
            decisions.append(replace(decision, message_id=messages[part.message].id))
            if blocks:
                chosen.setdefault(part.message, []).append((part, blocks))
        changed = [
            _replaced(message, chosen[index]) if index in chosen else message
            for index, message in enumerate(messages)
        ]
        sent = relocate(changed, self.placement, unknown=self.profile.name == UNKNOWN.name)
        images = [image_size(b) for m in sent for b in content_blocks(m) if is_image(b)]
        return sent, CallReport(
            self.model,
            self.profile.name,
            self.placement,
            sum(message_tokens(message, self.profile) for message in messages),
            sum(message_tokens(message, self.profile) for message in sent),
            len(images),
            sum(images),
            tuple(decisions),
        )

    def _most_images(self) -> int:
        profile = self.profile
        most = _least(self.limits.max_images, profile.max_images)
        longest = max(self.style.width_px, self.style.height_px)
        if profile.many_max_side_px is not None and longest > profile.many_max_side_px:
            most = _least(most, profile.many_images)
        return most

    def _decide(
        self, part: Part, newest: bool, room: _Room, shown: set[str]
    ) -> tuple[Decision, list[dict[str, Any]]]:
        """What to do with a part, and its content blocks if it is replaced."""
        tokens = count_text_tokens([encodable(part.text)])
        decision = Decision(part.message, None, part.kind, part.name, "replaced", tokens)
        reason = self._reason_before_drawing(part, tokens, newest, room)
        if reason is not None:
            return replace(decision, reason=reason), []
        if part.key in shown:
            text = f"[{_what(part)}: the same text as above, with key {part.key}]"
            kept = count_text_tokens([text])
            decision = replace(decision, reason="repeated", kept_tokens=kept, key=part.key)
            return decision, [{"type": "text", "text": text}]
        try:
            drawn = self.drawer.draw(
                part.path,
                part.text,
                self.style,
                sidecar_share=self.limits.sidecar_share,
                max_escapes=self.limits.max_escapes,
            )
        except GlyphError as error:
            return replace(decision, reason="not_drawn", detail=str(error)), []
        pictures = drawn.pictures
        if not pictures:
            detail = f"{drawn.escapes} characters"
            return replace(decision, reason="many_escapes", detail=detail), []
        exact = len(drawn.exact) + drawn.exact_left
        if drawn.exact_left > self.limits.max_exact_left * exact:
            detail = f"{drawn.exact_left} of {exact} do not fit"
            return replace(decision, reason="many_exact_strings", detail=detail), []
        sidecar = drawn.exact_line(RECOVER_TOOL if self.recover else None)
        stub = self._stub(part, pictures)
        beside = count_text_tokens([stub, sidecar])
        size = drawn.size_bytes
        decision = replace(
            decision,
            kept_tokens=beside,
            sidecar_tokens=count_text_tokens([sidecar]),
            pages=len(pictures),
            size_bytes=size,
            key=part.key,
        )
        try:
            visual = sum(visual_tokens(self.profile, p.width_px, p.height_px) for p in pictures)
        except PageError as error:
            return replace(decision, reason="page_refused", detail=str(error)), []
        largest = max((len(picture.base64) for picture in pictures), default=0)
        if largest > _least(largest, self.profile.max_image_bytes):
            detail = f"a page of {largest} bytes"
            return replace(decision, reason="page_refused", detail=detail), []
        decision = replace(decision, visual_tokens=visual)
        if self.placement == "user" and part.kind == "tool_result":
            beside += _MOVED_TOKENS
        if visual * self.limits.margin + beside >= tokens:
            return replace(decision, reason="costs_more"), []
        if (refusal := room.refuses(len(pictures), size)) is not None:
            return replace(decision, reason=refusal), []
        room.images -= len(pictures)
        room.size_bytes -= size
        shown.add(part.key)
        text = f"{stub}\n{sidecar}" if sidecar else stub
        return decision, [{"type": "text", "text": text}, *map(_image_block, pictures)]

    def _reason_before_drawing(
        self, part: Part, tokens: int, newest: bool, room: _Room
    ) -> Reason | None:
        if self.profile.name == UNKNOWN.name:
            return "unknown_model"
        if not self.profile.takes_images or self.placement == "text":
            return "text_model"
        if tokens < self.limits.min_tokens:
            return "short"
        if newest:
            return "newest_turns"
        if part.blocked is not None:
            return part.blocked
        # Every character takes a cell or more, but for the indents that marks carry.
        cells = sum(map(len, map(str.lstrip, part.text.split("\n"))))
        least = cells // (self.style.columns * self.style.rows)
        return "image_limit" if least > room.images else None

    def _stub(self, part: Part, pictures: Sequence[PagePicture]) -> str:
        """What stands as text where a part was: what the pages show, and how to get it exactly."""
        pages = "; ".join(
            f"page {n}: lines {p.line_start}-{p.line_end}" for n, p in enumerate(pictures, 1)
        )
        exact = (
            f'For exact text call {RECOVER_TOOL} with key "{part.key}" and line numbers.'
            if self.recover
            else "For exact text get it again as text."
        )
        return f"[{_what(part)}, shown as page images ({pages}). {_MARKS} {exact}]"


def _what(part: Part) -> str:
    name = json.dumps(shown_path(part.path), ensure_ascii=False)
    return f"Pasted text, {name}" if part.kind == "paste" else f"Result of {part.name}, {name}"


def _image_block(picture: PagePicture) -> dict[str, Any]:
    # No random block id, as LangChain's own function would add: a changed request would miss the
    # provider's prompt cache.
    return {"type": "image", "base64": picture.base64, "mime_type": "image/png"}


def _replaced(
    message: BaseMessage, chosen: Sequence[tuple[Part, list[dict[str, Any]]]]
) -> BaseMessage:
    """The message with its chosen parts as pages, everything else as it was."""
    if not isinstance(message, HumanMessage):
        ((_, blocks),) = chosen
        return message.model_copy(update={"content": blocks})
    content: list[Any] = []
    for index, block in enumerate(content_blocks(message)):
        pastes = [(part, blocks) for part, blocks in chosen if part.block == index]
        if not pastes:
            content.append(block)
            continue
        text = block if isinstance(block, str) else block["text"]
        position = 0
        for part, blocks in pastes:
            _add_text(content, text[position : part.start])
            content += blocks
            position = part.stop
        _add_text(content, text[position:])
    return message.model_copy(update={"content": content})


def _add_text(content: list[Any], text: str) -> None:
    if text.strip():  # providers refuse blocks of blanks
        content.append({"type": "text", "text": text})


def _least(own: int, model: int | None) -> int:
    return own if model is None else min(own, model)
