"""Which parts of a conversation become page images for one model call, and the messages then.

Old and long tool results and pastes, oldest first, are replaced where the model's profile says
that pages cost less. A part is replaced whole or not at all, unless it is longer than any request
may hold as images (`page_room`), and whatever stays text has a reason on record. Images of tool
results end up where `tool_images` puts them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage

from glyphagent.errors import GlyphError, PageError
from glyphagent.profiles import UNKNOWN, Profile, visual_tokens
from glyphagent.style import Style
from glyphagent.tokens import count_text_tokens

from .call_report import CallReport, Decision, Limits, Reason
from .conversation_parts import (
    RECOVER_TOOL,
    Part,
    content_blocks,
    find_parts,
    newest_start,
)
from .message_tokens import encodable, message_tokens
from .page_room import Fitted, Room, fitted
from .text_pages import DrawnText, PagePicture, TextPages, shown_path
from .tool_images import Placement, image_size, is_image, relocate

# What `relocate` writes about images that it moves, at most: heading, pointer and caption.
_MOVED_TOKENS = 100
_MARKS = (
    "On the pages text flows on without gaps: a coloured mark is a line feed, with the indent of "
    "the next line; small numbers count lines from the first of the page."
)


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
        largest = self._largest()
        room = Room(largest.images - len(native), largest.size_bytes - sum(native))
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

    def _largest(self) -> Room:
        """What a request takes that has no other images."""
        profile = self.profile
        most = _least(self.limits.max_images, profile.max_images)
        longest = max(self.style.width_px, self.style.height_px)
        if profile.many_max_side_px is not None and longest > profile.many_max_side_px:
            most = _least(most, profile.many_images)
        return Room(most, _least(self.limits.max_bytes, profile.max_bytes))

    def _decide(
        self, part: Part, newest: bool, room: Room, shown: set[str]
    ) -> tuple[Decision, list[dict[str, Any]]]:
        """What to do with a part, and its content blocks if it is replaced."""
        tokens = count_text_tokens([encodable(part.text)])
        decision = Decision(part.message, None, part.kind, part.name, "replaced", tokens)
        reason = self._reason_before_drawing(part, tokens, newest)
        if reason is not None:
            return replace(decision, reason=reason), []
        if part.key in shown:
            text = f"[{_what(part)}: the same text as above, with key {part.key}]"
            kept = count_text_tokens([text])
            decision = replace(decision, reason="repeated", kept_tokens=kept, key=part.key)
            return decision, [{"type": "text", "text": text}]
        try:
            found = fitted(part.text, self.style, room, self._largest(), partial(self._drawn, part))
        except GlyphError as error:
            return replace(decision, reason="not_drawn", detail=str(error)), []
        if not isinstance(found, Fitted):
            return replace(decision, reason=found), []
        return self._decide_drawn(part, found, decision, room, shown)

    def _decide_drawn(
        self, part: Part, found: Fitted, decision: Decision, room: Room, shown: set[str]
    ) -> tuple[Decision, list[dict[str, Any]]]:
        """The same, for a part of which pages were drawn that fit into the request."""
        drawn, tokens = found.drawn, decision.text_tokens
        pictures = drawn.pictures
        if not pictures:
            detail = f"{drawn.escapes} characters"
            return replace(decision, reason="many_escapes", detail=detail), []
        exact = len(drawn.exact) + drawn.exact_left
        if drawn.exact_left > self.limits.max_exact_left * exact:
            detail = f"{drawn.exact_left} of {exact} do not fit"
            return replace(decision, reason="many_exact_strings", detail=detail), []
        sidecar = drawn.exact_line(RECOVER_TOOL if self.recover else None)
        stub, rest = self._stub(part, pictures), _rest(part, found)
        beside = count_text_tokens([stub, sidecar, encodable(rest)])
        decision = replace(
            decision,
            kept_tokens=beside,
            sidecar_tokens=count_text_tokens([sidecar]),
            pages=len(pictures),
            size_bytes=drawn.size_bytes,
            key=part.key,
            detail=f"lines 1 to {found.last}; the rest stays text" if rest else "",
        )
        try:
            visual = sum(visual_tokens(self.profile, p.width_px, p.height_px) for p in pictures)
        except PageError as error:
            return replace(decision, reason="page_refused", detail=str(error)), []
        largest = max(len(picture.base64) for picture in pictures)
        if largest > _least(largest, self.profile.max_image_bytes):
            detail = f"a page of {largest} bytes"
            return replace(decision, reason="page_refused", detail=detail), []
        decision = replace(decision, visual_tokens=visual)
        if self.placement == "user" and part.kind == "tool_result":
            beside += _MOVED_TOKENS
        if visual * self.limits.margin + beside >= tokens:
            return replace(decision, reason="costs_more"), []
        room.take(drawn)
        shown.add(part.key)
        text = f"{stub}\n{sidecar}" if sidecar else stub
        blocks = [{"type": "text", "text": text}, *map(_image_block, pictures)]
        return decision, [*blocks, {"type": "text", "text": rest}] if rest else blocks

    def _drawn(self, part: Part, text: str) -> DrawnText:
        return self.drawer.draw(
            part.path,
            text,
            self.style,
            sidecar_share=self.limits.sidecar_share,
            max_escapes=self.limits.max_escapes,
        )

    def _reason_before_drawing(self, part: Part, tokens: int, newest: bool) -> Reason | None:
        if self.profile.name == UNKNOWN.name:
            return "unknown_model"
        if not self.profile.takes_images or self.placement == "text":
            return "text_model"
        if tokens < self.limits.min_tokens:
            return "short"
        if part.blocked == "prose":  # not even when it is old
            return "prose"
        return "newest_turns" if newest else part.blocked

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


def _rest(part: Part, found: Fitted) -> str:
    """What stays text of a part whose beginning is shown."""
    if not found.rest:
        return ""
    return f"[From line {found.last + 1} on, the same result goes on as text:]\n{found.rest}"


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
