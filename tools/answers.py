"""An answer as data and as lines: one shape for the command line and for agents."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from glyphagent.answer import Answer, Citation
from glyphagent.guard.marking import without_closing


def answer_facts(answer: Answer) -> dict[str, Any]:
    """An answer as data, in the shape of `ask --json`."""
    return {
        "answer": without_closing(answer.text),  # `warnings` has what was not checked
        "found": answer.found,
        "citations": [
            {**asdict(citation.location), "page": citation.page, "verified": citation.verified}
            for citation in answer.citations
        ],
        "backend": answer.backend,
        "model": answer.model,
        "visual_tokens": answer.visual_tokens,
        "pages": list(answer.pages),
        "seconds": round(answer.seconds, 3),
        "revision": answer.revision,
        "warnings": list(answer.warnings),
        "claims": [
            {**asdict(claim), "location": str(claim.location) if claim.location else None}
            for claim in answer.claims
        ],
    }


def place(citation: Citation) -> str:
    """Where a citation points, for people and models: path, lines and page."""
    page = "on no page" if citation.page is None else f"page {citation.page}"
    return f"{citation.location} ({page})"
