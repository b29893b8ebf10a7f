"""Answers about a file: what it imports, who imports it, and what it contains.

A name that fits several files is answered for each of them, never for one of them silently.
"""

from __future__ import annotations

import difflib
import posixpath
from collections.abc import Iterable
from dataclasses import replace

from glyphagent.answer import Citation
from glyphagent.dependencies import Definition, Import
from glyphagent.document import Location
from glyphagent.symbolic import names
from glyphagent.symbolic.lookup import suggest
from glyphagent.symbolic.mentions import mentions
from glyphagent.symbolic.reply import (
    MAX_DEFINITIONS,
    MAX_FILES,
    MAX_MENTIONS,
    MAX_OUTLINE,
    Book,
    Reply,
    block,
    inline,
    more,
    not_found,
    plural,
)
from glyphagent.symbolic.scope import Narrowing, narrow
from glyphagent.symbolic.wording import Request, looks_like_code

_MEMBERS = {
    "function": ("function",),
    "method": ("method",),
    "class": ("class",),
    "constant": ("constant",),
    "variable": ("variable", "constant"),
    "attribute": ("attribute", "variable", "constant"),
    "field": ("attribute", "variable", "constant"),
    "property": ("attribute", "variable", "constant"),
    "interface": ("interface",),
    "type": ("type", "interface", "enum", "class"),
    "enum": ("enum",),
}
_OWNERS = ("class", "interface", "enum", "module")
_PAGE_LINES = 5


def imports(request: Request, book: Book) -> Reply:
    """List what a file imports, each with the file of the source that it names."""
    paths = book.index.match_path(request.subject)
    if not paths:
        return unknown_file(request, book)
    lines: list[str] = []
    cited: list[Citation] = []
    found = False
    for path in paths[:MAX_FILES]:
        every = book.index.imports_of(path)
        chosen = [each for each in every if _wanted(each, request, book)]
        found = found or bool(chosen)
        outside = {"external": " from outside the source", "internal": " from the source"}
        what = outside.get(request.detail, "")
        if request.object:
            what = f" from `{request.object}`"
        if not chosen:
            lines.append(f"{path} imports nothing{what}.")
            cited.append(Citation(Location(path, 1, 1)))
            continue
        lines.append(f"{path} imports{what}:")
        for each in chosen:
            lines.append(f"- {each.location} {inline(_written(each, book))}{_target(each)}")
            cited.append(book.cite(each.location))
    lines += more(len(paths), MAX_FILES, "files of that name")
    # That a file imports nothing is an answer too; that it lacks one module is a 'not there'.
    answered = found or not (request.object or request.detail)
    cited = list(dict.fromkeys(cited))
    text = "\n".join(dict.fromkeys(lines))
    if not answered:
        return not_found(request.kind, text, citations=cited)
    return Reply(text, True, True, request.kind, tuple(cited), book.warnings(paths[:MAX_FILES]))


def ask_import(request: Request, book: Book) -> Reply:
    """Say whether a file imports a module or a name."""
    reply = imports(request, book)
    if not book.index.match_path(request.subject):
        return reply
    if reply.found:
        return replace(reply, text=f"Yes.\n{reply.text}")
    return replace(reply, text=f"No. {reply.text}")


def importers(request: Request, book: Book) -> Reply:
    """List the imports, in any file, of a file, a module or a name."""
    index, subject = book.index, request.subject
    scope = narrow(request.within, book)
    paths = index.match_path(subject)
    # An import of an outside module that is called like a file of the source is not of that file.
    written = [e for e in index.importers_of_module(subject) if not e.resolved or not paths]
    if paths and ("/" in subject or posixpath.basename(paths[0]) == subject):
        written = []
    groups: list[tuple[str, list[Import]]] = [
        (path, list(index.importers_of(path))) for path in paths[:MAX_FILES]
    ]
    if written:
        groups.append((f"the module `{subject}`", written))
    if not paths and not written:
        named = index.importers_of_name(subject.rpartition(".")[2])
        module = subject.rpartition(".")[0]
        if module:
            named = tuple(
                e for e in named if e.module.endswith(module) or _in_module(e, module, book)
            )
        groups.append((f"`{subject}`", list(named)))
        if not named and not index.definitions(subject):
            return unknown_file(request, book)
    if request.within:
        groups = [(what, _within(each, request.within, scope, book)) for what, each in groups]
    lines: list[str] = []
    cited: list[Citation] = []
    found = False
    for what, every in groups:
        if not every:
            lines.append(f"No file in the source imports {what}.")
            continue
        found = True
        files = len({each.path for each in every})
        lines.append(f"{what} is imported by {plural(files, 'file')}:")
        for each in every[:MAX_MENTIONS]:
            lines.append(f"- {each.location} {inline(_written(each, book))}")
            cited.append(book.cite(each.location))
        lines += more(len(every), MAX_MENTIONS, "imports")
    lines += more(len(paths), MAX_FILES, "files of that name")
    text = "\n".join(dict.fromkeys(lines))
    if not found:
        cited = [Citation(Location(path, 1, 1)) for path in paths[:MAX_FILES]]
        return not_found(request.kind, text[0].lower() + text[1:], citations=cited)
    return Reply(text, True, True, request.kind, tuple(dict.fromkeys(cited)))


def users(request: Request, book: Book) -> Reply:
    """List who uses something: a definition by its mentions, a file or module by its imports."""
    index = book.index
    if request.hint in ("module", "file", "package") or not index.definitions(request.subject):
        known = index.match_path(request.subject) or index.importers_of_module(request.subject)
        if known:
            return importers(request, book)
    return mentions(request, book)


def outline(request: Request, book: Book) -> Reply:
    """List what a file, a class or a folder contains."""
    index, subject = book.index, request.subject
    paths = index.match_path(subject)
    owners = [each for each in index.definitions(subject) if each.kind in _OWNERS]
    if owners and (request.hint == "class" or not paths or subject in {d.name for d in owners}):
        return _inside_definitions(request, book, owners)
    folder = _folder(request, paths, book)
    if folder and ("file" in request.members or not paths):
        return _inside_folder(request, folder)
    if not paths:
        named = index.definitions(subject)
        if named and all(each.value for each in named):
            return names.value(request, book)
        if named:
            return names.definition(request, book)
        return unknown_file(request, book)
    lines: list[str] = []
    cited: list[Citation] = []
    found = False
    if folder:
        inside = _inside_folder(request, folder)
        lines, cited, found = [inside.text], list(inside.citations), True
        # What a package's own file defines is told besides; that it is empty says nothing.
        paths = tuple(path for path in paths if index.outline(path))
    for path in paths[:MAX_FILES]:
        every = [each for each in index.outline(path) if _member(each, request, False)]
        if not every:
            lines += _nothing_defined(path, request, book, cited)
            found = found or not request.members
            continue
        found = True
        lines.append(f"{path} defines {_counted(every, request)}:")
        lines += [_entry(each) for each in every[:MAX_OUTLINE]]
        lines += more(len(every), MAX_OUTLINE, "definitions")
        cited += [book.cite(each.header) for each in every[:MAX_OUTLINE]]
    lines += more(len(paths), MAX_FILES, "files of that name")
    text = "\n".join(lines)
    warnings = book.warnings(paths[:MAX_FILES])
    if not found:
        return not_found(request.kind, text, citations=cited)
    return Reply(text, True, True, request.kind, tuple(dict.fromkeys(cited)), warnings)


def file_docstring(request: Request, book: Book) -> Reply | None:
    """Give the documentation that a file opens with, where the subject is a file."""
    paths = book.index.match_path(request.subject)
    if not paths:
        return None
    lines, cited = [], []
    for path in paths[:MAX_FILES]:
        symbols = book.index.files[path]
        if symbols.docstring_location is None:
            lines.append(f"{path} has no module docstring.")
            continue
        lines += [f"{symbols.docstring_location} docstring of {path}:", block(symbols.docstring)]
        cited.append(book.cite(symbols.docstring_location))
    lines += more(len(paths), MAX_FILES, "files of that name")
    text = "\n".join(lines)
    if not cited:
        return not_found(request.kind, text)
    return Reply(text, True, True, request.kind, tuple(cited))


def file_place(request: Request, book: Book) -> Reply | None:
    """Say where a file is, where the subject is a file's name."""
    paths = book.index.match_path(request.subject)
    if not paths:
        return None
    lines = [
        f"- {path} ({plural(len(_lines(book, path)), 'line')})" for path in paths[:MAX_DEFINITIONS]
    ]
    head = f"{plural(len(paths), 'file')} in the source for `{request.subject}`:"
    cited = tuple(book.cite(Location(path, 1, 1)) for path in paths[:MAX_DEFINITIONS])
    closing = more(len(paths), MAX_DEFINITIONS, "files")
    return Reply("\n".join([head, *lines, *closing]), True, True, request.kind, cited)


def unknown_file(request: Request, book: Book) -> Reply:
    """Say that a file is not in the source, with near spellings as suggestions."""
    subject = request.subject
    base = posixpath.basename(subject).lower()
    known = {posixpath.basename(path).lower(): path for path in book.texts}
    stems = {name.partition(".")[0]: path for name, path in known.items()}
    near = [known[name] for name in difflib.get_close_matches(base, known, 3, 0.75)]
    near += [stems[name] for name in difflib.get_close_matches(base, stems, 3, 0.75)]
    what = "the file" if "." in subject or "/" in subject else "a file or module called"
    text = f"{what} `{subject}` is not in the source."
    if near:
        shown = ", ".join(f"`{path}`" for path in dict.fromkeys(near))
        text += f"\nSuggestions only, files with a similar name: {shown}."
    elif looks_like_code(subject):
        text += suggest(subject, book)
    return not_found(request.kind, text)


def _inside_definitions(request: Request, book: Book, owners: list[Definition]) -> Reply:
    lines: list[str] = []
    cited: list[Citation] = []
    warnings: list[str] = []
    found = False
    for owner in owners[:MAX_FILES]:
        every = [each for each in book.index.members(owner) if _member(each, request, True)]
        cited.append(book.cite(owner.header))
        if not every:
            what = " and ".join(request.members) or "member"
            lines.append(f"{owner.header} {owner.kind} `{owner.qualified_name}` defines no {what}.")
        else:
            found = True
            counted = _counted(every, request)
            lines.append(f"{owner.header} {owner.kind} `{owner.qualified_name}` defines {counted}:")
            lines += [_entry(each, flat=True) for each in every[:MAX_OUTLINE]]
            lines += more(len(every), MAX_OUTLINE, "members")
            cited += [book.cite(each.header) for each in every[:MAX_OUTLINE]]
        if owner.bases:
            bases = ", ".join(f"`{base}`" for base in owner.bases)
            lines.append(f"{owner.header} inherits further members from {bases}.")
    lines += more(len(owners), MAX_FILES, "definitions of that name")
    warnings += book.warnings(owner.path for owner in owners)
    if not found and request.members:
        return not_found(request.kind, "\n".join(lines), citations=cited)
    return Reply("\n".join(lines), True, True, request.kind, tuple(cited), tuple(warnings))


def _folder(request: Request, paths: tuple[str, ...], book: Book) -> tuple[str, ...]:
    """Files of the folder that is asked about, if one is: a package's name is its folder's too."""
    subject = request.subject.rstrip("/")
    packages = all(posixpath.basename(p).partition(".")[0] in ("__init__", "index") for p in paths)
    if not (packages or "file" in request.members) or posixpath.basename(subject) in book.texts:
        return ()
    if paths and ((request.members and "file" not in request.members) or request.hint == "module"):
        return ()
    if any(posixpath.basename(path) == posixpath.basename(subject) for path in paths):
        return ()
    found = book.index.match_folder(subject)
    named = not request.members and not paths and book.index.definitions(subject)
    if not found and subject == book.index.root_name and not named:
        return tuple(book.texts)
    return found


def _inside_folder(request: Request, paths: tuple[str, ...]) -> Reply:
    lines = [f"`{request.subject}` holds {plural(len(paths), 'file')}:"]
    lines += [f"- {path}" for path in paths[:MAX_OUTLINE]]
    lines += more(len(paths), MAX_OUTLINE, "files")
    cited = tuple(Citation(Location(path, 1, 1)) for path in paths[:MAX_OUTLINE])
    return Reply("\n".join(lines), True, True, request.kind, cited)


def _nothing_defined(path: str, request: Request, book: Book, cited: list[Citation]) -> list[str]:
    if request.members:
        cited.append(Citation(Location(path, 1, 1)))
        return [f"{path} defines no {' and no '.join(request.members)}."]
    count = len(_lines(book, path))
    place = Location(path, 1, min(count, _PAGE_LINES))
    cited.append(book.cite(place))
    opening = "\n".join(_lines(book, path)[:_PAGE_LINES])
    return [f"{place} no definitions; {plural(count, 'line')}, which begin:", block(opening)]


def _lines(book: Book, path: str) -> list[str]:
    return book.texts[path].removesuffix("\n").split("\n")


def _member(each: Definition, request: Request, in_class: bool) -> bool:
    kinds: set[str] = set()
    for word in request.members:
        kinds.update(_MEMBERS.get(word, ()))
    if in_class and "function" in kinds:
        kinds.add("method")
    if kinds:
        return each.kind in kinds
    return in_class or (each.kind != "attribute" and not _is_local(each))


def _is_local(each: Definition) -> bool:
    return each.kind == "function" and bool(each.parent)


def _counted(every: Iterable[Definition], request: Request) -> str:
    counts: dict[str, int] = {}
    for each in every:
        counts[each.kind] = counts.get(each.kind, 0) + 1
    return ", ".join(plural(count, kind) for kind, count in counts.items())


def _entry(each: Definition, flat: bool = False) -> str:
    indent = "" if flat else "  " * each.qualified_name.count(".")
    limit = 100 if each.kind in ("function", "method", "class") else 60
    return f"{indent}- {each.header} {each.kind} {inline(each.signature, limit)}"


def _wanted(each: Import, request: Request, book: Book) -> bool:
    if request.detail == "external" and each.resolved:
        return False
    if request.detail == "internal" and not each.resolved:
        return False
    wanted = request.object
    if not wanted:
        return True
    if each.module == wanted or each.module.startswith((wanted + ".", wanted + "/")):
        return True
    if wanted in each.names or each.module.lstrip("./").split("/")[-1] == wanted:
        return True
    return bool(set(book.index.match_path(wanted)) & set(each.resolved))


def _within(every: list[Import], within: str, scope: Narrowing | None, book: Book) -> list[Import]:
    """Imports from a module, or in a file or folder, that the question narrows to."""
    if scope is None:
        return [each for each in every if each.module.lstrip(".") == within]
    paths = set(book.index.match_path(within)) | set(book.index.match_folder(within))
    return [each for each in every if each.path in paths or paths & set(each.resolved)]


def _in_module(each: Import, module: str, book: Book) -> bool:
    return bool(set(book.index.match_path(module)) & set(each.resolved))


def _written(each: Import, book: Book) -> str:
    return book.cite(each.location).quote.rstrip(";")


def _target(each: Import) -> str:
    return f" -> {', '.join(each.resolved)}" if each.resolved else ""
