"""Answers from text that was read, without a model.

A question of a supported kind is answered by looking names and imports up; its answer states what
stands where, lists every candidate, and says 'not found' where nothing stands. For any other
question the best passages are given, and the answer says that it does not reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from glyphagent.dependencies import SymbolIndex
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.live_graph import LiveGraph
from glyphagent.symbolic import edges, files, names
from glyphagent.symbolic.fallback import best_passages
from glyphagent.symbolic.mentions import mentions
from glyphagent.symbolic.reply import Book, Reply
from glyphagent.symbolic.wording import Request, looks_like_code, understand

__all__ = ["Reply", "answer"]

_MAX_QUESTION = 400

_ABOUT_NAMES: dict[str, Callable[[Request, Book], Reply]] = {
    "definition": names.definition,
    "signature": names.signature,
    "parameters": names.count_parameters,
    "returns": names.returns,
    "docstring": names.docstring,
    "value": names.value,
    "describe": names.describe,
    "bases": names.bases,
    "subclasses": names.subclasses,
    "mentions": mentions,
}
_ABOUT_EDGES: dict[str, Callable[[Request, Book], Reply]] = {
    "impact": edges.impact,
    "cycle": edges.cycle,
    "path": edges.path,
}
_ABOUT_FILES: dict[str, Callable[[Request, Book], Reply]] = {
    "imports": files.imports,
    "importers": files.importers,
    "users": files.users,
    "outline": files.outline,
}


def answer(
    question: str,
    index: SymbolIndex,
    texts: Mapping[str, str],
    graph: Callable[[], DependencyGraph] | None = None,
) -> Reply:
    """Answer a question from texts and their index.

    Args:
        question: In plain English; names may stand in backticks or quotes.
        index: Symbol index of the same texts.
        texts: Text by path, as it was read.
        graph: Gives the dependency graph of the same texts, where a question needs it; None to
            analyse them then.

    Returns:
        The reply, whose `supported` is False when the question needs reasoning.
    """
    book = Book(index, texts, graph or (lambda: LiveGraph().of(texts)))
    requests = understand(question, book.knows) if len(question) <= _MAX_QUESTION else ()
    replies = [_answer(request, book) for request in requests]
    if not replies or not all(reply.supported for reply in replies):
        return best_passages(question, book)
    if len(replies) == 1:
        return replies[0]
    return Reply(
        "\n\n".join(reply.text for reply in replies),
        any(reply.found for reply in replies),
        True,
        replies[0].kind,
        tuple(dict.fromkeys(cited for reply in replies for cited in reply.citations)),
        tuple(dict.fromkeys(warning for reply in replies for warning in reply.warnings)),
    )


def _answer(request: Request, book: Book) -> Reply:
    index = book.index
    if request.kind == "imports" and request.detail == "ask":
        return files.ask_import(request, book)
    if request.kind in _ABOUT_EDGES:
        return _ABOUT_EDGES[request.kind](request, book)
    if request.kind == "mentions" and request.detail == "call":
        return edges.callers(request, book)
    if request.kind in _ABOUT_FILES:
        return _ABOUT_FILES[request.kind](request, book)
    known = index.definitions(request.subject)
    file_hint = request.hint in ("file", "module", "script", "source file", "package")
    if request.kind in ("definition", "docstring", "describe") and (not known or file_hint):
        about = files.file_docstring if request.kind != "definition" else files.file_place
        reply = about(request, book)
        if reply is not None:
            return reply
    if request.kind == "describe" and not known and not looks_like_code(request.subject):
        # "What is the weather?" names no code; its words may still stand somewhere.
        return Reply("", False, supported=False)
    # "What does utils.py hold?" reads like a value until the name proves to be a file.
    names_file = "." in request.subject and index.match_path(request.subject)
    if request.kind == "value" and not known and names_file:
        return files.outline(request, book)
    return _ABOUT_NAMES[request.kind](request, book)
