"""What changed, as data and as lines for people and models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .terminal import in_line

if TYPE_CHECKING:
    from glyphagent.history import Changes


def change_facts(changes: Changes) -> dict[str, Any]:
    """What `watch --json` and `glyph_changes_since` tell of a change."""
    return {
        "since": changes.since,
        "revision": changes.revision,
        "added": list(changes.added),
        "changed": list(changes.changed),
        "removed": list(changes.removed),
        "renamed": [{"from": old, "to": new} for old, new in changes.renamed],
        "skipped": [{"path": skip.path, "reason": skip.reason} for skip in changes.skipped],
        "pages_new": changes.pages_new,
        "pages_kept": changes.pages_kept,
        "pages_removed": changes.pages_removed,
        "new_pages": list(changes.new_pages),
        "prefix_kept": changes.prefix_kept,
        "pages_moved": changes.moved,
    }


def change_lines(changes: Changes, most: int) -> list[str]:
    """A line for each document, at most so many; a last one counts what is not listed.

    Names are escaped where they would break a line: none can pass for a line of ours.
    """
    lines = [f"renamed {old} -> {new}" for old, new in changes.renamed]
    renamed = {new for _, new in changes.renamed}
    lines += [
        f"changed {path}" + (" (renamed)" if path in renamed else "") for path in changes.changed
    ]
    lines += [f"added {path}" for path in changes.added]
    lines += [f"removed {path}" for path in changes.removed]
    lines += [f"left out now {skip.path}: {skip.reason}" for skip in changes.skipped]
    rest = len(lines) - most
    lines = [in_line(line) for line in lines[:most]]
    return [*lines, f"... and {rest} more"] if rest > 0 else lines


def summary(changes: Changes) -> str:
    """The counts in a few words: `2 changed, 1 added`."""
    counts = {
        "changed": len(changes.changed),
        "added": len(changes.added),
        "removed": len(changes.removed),
        "renamed": len(changes.renamed),
        "left out": len(changes.skipped),
    }
    said = ", ".join(f"{count:,} {what}" for what, count in counts.items() if count)
    if said:
        return said
    return "pages only" if changes else "nothing changed"


def page_ranges(numbers: Sequence[int], most: int = 20) -> str:
    """Numbers in short: `0-3, 7, 9-12`."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    shown = [str(a) if a == b else f"{a}-{b}" for a, b in ranges[:most]]
    rest = len(ranges) - most
    return ", ".join([*shown, f"and {rest} more runs"] if rest > 0 else shown)
