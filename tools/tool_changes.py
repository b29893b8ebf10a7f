"""The agent tool that tells what changed since a revision that the agent has seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from .changes import change_facts, change_lines, page_ranges, summary
from .tool_calls import Arguments, ToolResult
from .tool_names import named

if TYPE_CHECKING:
    from glyphagent.session import Session

CHANGED_LINES = 200


class ChangesArguments(Arguments):
    """Since when."""

    revision: str = Field(
        default="",
        max_length=200,
        description="A revision that an earlier result of these tools closed with; left out: "
        "the oldest state that is remembered.",
    )


def changes_since(session: Session, arguments: ChangesArguments) -> ToolResult:
    """Documents and pages that differ between a revision and now.

    Raises:
        SourceError: If the revision is not remembered.
    """
    changes = session.changes_since(arguments.revision.strip() or None)
    if not changes:
        lines = [f"nothing changed since {changes.since}"]
    else:
        lines = [f"since {changes.since}: {summary(changes)}"]
        lines += change_lines(changes, CHANGED_LINES)
        if changes.new_pages:
            lines.append(
                f"new pages: {page_ranges(changes.new_pages)}; see them with "
                f"{named('glyph_read_page')}"
            )
        if changes.moved:
            lines.append(
                f"other pages have new numbers from {changes.prefix_kept} on: page numbers of "
                f"earlier results hold only below that ({named('glyph_overview')} has the new ones)"
            )
        if changes.changed or changes.removed or changes.renamed:
            lines.append("What you read of these files before is out of date.")
    lines.append(f"revision {changes.revision}")
    return ToolResult("\n".join(lines), change_facts(changes))
