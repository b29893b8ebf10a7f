"""What `PageImages` may do and what it did: limits, reasons, and the report of a model call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from glyphagent.tokens import BREAK_EVEN_MARGIN

from .conversation_parts import EXACT_TOOLS, Kind
from .tool_images import Placement

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
    "prose",  # a person's own words, however many
    "many_exact_strings",  # too many of its hashes, numbers and the like do not fit beside it
    "many_escapes",  # the atlas lacks too many of its characters, which would be drawn as codes
    "costs_more",
    "image_limit",
    "byte_limit",
    "page_refused",  # the model takes no image of this size
    "not_drawn",
]


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
        kept_tokens: Tokens of the text beside the pages, exact strings included, and of what
            stays text of a part that is longer than a request may hold as images.
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
