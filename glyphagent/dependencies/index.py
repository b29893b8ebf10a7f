"""The names of a whole source set: where they are defined, who imports and who mentions them.

Built from texts alone, so it serves the source and what a reader made of page images alike. It
reports what stands there; answering a question with it is `symbolic`'s business.
"""

from __future__ import annotations

import bisect
import difflib
import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from glyphagent.dependencies.extraction import extract
from glyphagent.dependencies.resolution import Resolver, module_parts
from glyphagent.dependencies.symbols import Definition, FileSymbols, Import, Mention

_SEPARATORS = re.compile(r"::|[.#]|(?<=\w)->")


class SymbolIndex:
    """Definitions, imports and mentions of a fixed set of texts.

    Attributes:
        texts: Text by path, as it was read.
        files: What each file says by itself, imports resolved.
        root_name: Name under which the set's root is imported, if it is itself a package.
    """

    def __init__(
        self, texts: Mapping[str, str], files: Mapping[str, FileSymbols], root_name: str = ""
    ) -> None:
        """Take files whose imports are resolved; `build` does that."""
        self.texts = texts
        self.files = files
        self.root_name = root_name
        self._by_name: dict[str, list[Definition]] = defaultdict(list)
        self._importers: dict[str, list[Import]] = defaultdict(list)
        self._by_basename: dict[str, list[str]] = defaultdict(list)
        for symbols in files.values():
            for definition in symbols.definitions:
                self._by_name[definition.name].append(definition)
            for each in symbols.imports:
                for target in dict.fromkeys(each.resolved):
                    self._importers[target].append(each)
        for path in texts:
            self._by_basename[posixpath.basename(path).lower()].append(path)

    @classmethod
    def build(
        cls,
        texts: Mapping[str, str],
        *,
        extracted: Mapping[str, FileSymbols] | None = None,
        root_name: str = "",
    ) -> SymbolIndex:
        """Give the index of a set of texts.

        Args:
            texts: Text by path.
            extracted: Results of `extract` that are at hand already, for the same texts: from a
                cache, or from workers. Paths that are missing here are extracted now.
            root_name: Name of the folder that the paths are relative to, if known.
        """
        known = extracted or {}
        files = {path: known.get(path) or extract(path, texts[path]) for path in texts}
        resolver = Resolver(files, texts, root_name)
        resolved = {
            path: replace(
                symbols,
                imports=tuple(resolver.resolve(each, symbols.language) for each in symbols.imports),
            )
            if symbols.imports
            else symbols
            for path, symbols in files.items()
        }
        return cls(texts, resolved, resolver.root_name or root_name)

    def definitions(self, name: str) -> tuple[Definition, ...]:
        """Definitions of a bare, dotted or fully qualified name, spelled exactly so.

        `Client.get` finds the method, `httpx.Client.get` and `_client.Client.get` too; a package
        part may be left out (`httpx.Client` for a class in `httpx/_client.py`). Attributes that
        are set on `self` are given only where nothing else has the name.
        """
        parts = _split(name)
        if not parts:
            return ()
        found = self._by_name.get(parts[-1], [])
        if len(parts) > 1:
            whole = [each for each in found if _ends_with(self._dotted(each), parts)]
            found = whole or [each for each in found if _in_order(self._dotted(each), parts)]
        named = [each for each in found if each.kind != "attribute"]
        return tuple(named or found)

    def inherited(self, name: str) -> tuple[Definition, ...]:
        """Definitions of `Class.member` in the nearest base classes, where the class has none."""
        parts = _split(name)
        if len(parts) < 2:
            return ()
        level = [each for each in self.definitions(".".join(parts[:-1])) if each.bases]
        seen: set[str] = set()
        while level:
            bases = [
                re.split(r"[\[(<]", base, maxsplit=1)[0] for each in level for base in each.bases
            ]
            fresh = [base for base in dict.fromkeys(bases) if base not in seen]
            seen.update(fresh)
            found = [d for base in fresh for d in self.definitions(f"{base}.{parts[-1]}")]
            if found:
                return tuple(dict.fromkeys(found))
            level = [d for base in fresh for d in self.definitions(base) if d.bases]
        return ()

    def suggestions(self, name: str, limit: int = 5) -> tuple[str, ...]:
        """Defined names that are spelled nearly like a name; the same but for case comes first."""
        parts = _split(name)
        if not parts:
            return ()
        last = parts[-1]
        folded = last.lower()
        if len(parts) > 1:
            members = self._near_members(parts, limit)
            if members:
                return members
        near = [known for known in self._by_name if known.lower() == folded and known != last]
        pool = [
            known
            for known in self._by_name
            if abs(len(known) - len(last)) <= 3 and set(folded[:2]) & set(known.lower()[:2])
        ]
        near += difflib.get_close_matches(last, pool, limit, 0.75)
        return tuple(known for known in dict.fromkeys(near) if known != last)[:limit]

    def _near_members(self, parts: tuple[str, ...], limit: int) -> tuple[str, ...]:
        """Qualified names of nearly this spelling; the same but for case comes first."""
        wanted = tuple(part.lower() for part in parts)
        same: list[str] = []
        pool: dict[str, str] = {}
        for known, found in self._by_name.items():
            if known.lower() != wanted[-1]:
                continue
            for each in found:
                if each.parent:
                    pool[each.qualified_name.lower()] = each.qualified_name
                    dotted = tuple(part.lower() for part in self._dotted(each))
                    if _in_order(dotted, wanted):
                        same.append(each.qualified_name)
        near = difflib.get_close_matches(".".join(wanted), pool, limit, 0.75)
        every = dict.fromkeys([*same, *(pool[each] for each in near)])
        return tuple(each for each in every if each != ".".join(parts))[:limit]

    def names_path(self, name: str) -> bool:
        """Whether some definition has this bare name."""
        return name in self._by_name

    def imports_of(self, path: str) -> tuple[Import, ...]:
        """Imports that a file writes, in its order."""
        symbols = self.files.get(path)
        return symbols.imports if symbols is not None else ()

    def importers_of(self, path: str) -> tuple[Import, ...]:
        """Imports, in any file, that name a file of the set."""
        return tuple(self._importers.get(path, ()))

    def importers_of_module(self, module: str) -> tuple[Import, ...]:
        """Imports of a module, or of what is inside it, by its name as written."""
        inside = (module + ".", module + "/")
        return tuple(
            each
            for symbols in self.files.values()
            for each in symbols.imports
            if each.module == module or each.module.startswith(inside)
        )

    def importers_of_name(self, name: str) -> tuple[Import, ...]:
        """Imports that take a name out of a module."""
        return tuple(
            each
            for symbols in self.files.values()
            for each in symbols.imports
            if name in each.names
        )

    def outline(self, path: str) -> tuple[Definition, ...]:
        """Definitions of a file, in its order."""
        symbols = self.files.get(path)
        return symbols.definitions if symbols is not None else ()

    def members(self, owner: Definition) -> tuple[Definition, ...]:
        """What a class or another definition directly contains."""
        last = owner.location.line_end
        return tuple(
            each
            for each in self.outline(owner.path)
            if each.parent == owner.qualified_name
            and (owner.line <= each.line <= last or each.parent.count(".") < 1)
        )

    def mentions(self, name: str, paths: Iterable[str] | None = None) -> tuple[Mention, ...]:
        """Lines in which a name stands as a whole word, in any language, comments included."""
        if not name:
            return ()
        pattern = re.compile(rf"(?<![\w$]){re.escape(name)}(?![\w$])")
        found: list[Mention] = []
        for path in self.texts if paths is None else paths:
            text = self.texts[path]
            if name not in text:
                continue
            headers, starts = self._headers(path, name), None
            counts: dict[int, int] = {}
            for match in pattern.finditer(text):
                starts = starts or _line_starts(text)
                row = bisect.bisect_right(starts, match.start())
                counts[row] = counts.get(row, 0) + 1
            for row, count in counts.items():
                assert starts is not None
                end = text.find("\n", starts[row - 1])
                line = text[starts[row - 1] : end if end >= 0 else len(text)].strip()
                within = self._enclosing(path, row)
                found.append(Mention(path, row, line, count, within, row in headers))
        return tuple(found)

    def match_path(self, text: str) -> tuple[str, ...]:
        """Paths that a path, file name, dotted module or bare module name stands for."""
        wanted = text.strip().replace("\\", "/").removeprefix("./").strip("/")
        if not wanted:
            return ()
        if wanted in self.texts:
            return (wanted,)
        tail = "/" + wanted.lower()
        found = [
            path
            for path in self._by_basename.get(posixpath.basename(wanted).lower(), ())
            if ("/" + path.lower()).endswith(tail)
        ]
        if not found and "/" in wanted:
            first, _, rest = wanted.partition("/")
            if self.root_name and first == self.root_name and rest in self.texts:
                found = [rest]
            else:
                found = [
                    p for p in self.texts if ("/" + p.lower().rpartition(".")[0]).endswith(tail)
                ]
        if not found and re.fullmatch(r"[\w.\-]+", wanted):
            found = self._match_module(wanted.split("."))
        exact = [path for path in found if ("/" + path).endswith("/" + wanted)]
        return tuple(exact or found)

    def match_folder(self, text: str) -> tuple[str, ...]:
        """Paths of the files below a folder that a text names; nothing if none is named so."""
        wanted = text.strip().replace("\\", "/").removeprefix("./").strip("/")
        if not wanted:
            return ()
        inside = f"/{wanted}/"
        found = [path for path in self.texts if inside in f"/{path}"]
        if not found and "/" not in wanted and "." in wanted:
            return self.match_folder(wanted.replace(".", "/"))
        return tuple(found)

    def _match_module(self, parts: list[str]) -> list[str]:
        if self.root_name and parts[0] == self.root_name:
            at_root = [path for path in self.texts if list(module_parts(path)) == parts[1:]]
            if at_root:
                return at_root
        return [path for path in self.texts if _ends_with(module_parts(path), tuple(parts))]

    def _dotted(self, each: Definition) -> tuple[str, ...]:
        """All parts of a definition's name, from the source set's root."""
        root = (self.root_name,) if self.root_name else ()
        return (*root, *module_parts(each.path), *each.qualified_name.split("."))

    def _headers(self, path: str, name: str) -> set[int]:
        return {
            row
            for each in self._by_name.get(name.rpartition(".")[2], ())
            if each.path == path
            for row in range(each.header.line_start, each.header.line_end + 1)
        }

    def _enclosing(self, path: str, row: int) -> str:
        best = ""
        for each in self.outline(path):
            if each.line > row:
                break
            if row <= each.location.line_end and each.kind in ("function", "method", "class"):
                best = each.qualified_name
        return best


def _split(name: str) -> tuple[str, ...]:
    """Parts of a dotted name; `Foo#bar` and `Foo::bar` mean the same."""
    return tuple(part for part in _SEPARATORS.split(name.strip().removesuffix("()")) if part)


def _ends_with(parts: tuple[str, ...], tail: tuple[str, ...]) -> bool:
    return len(tail) <= len(parts) and parts[len(parts) - len(tail) :] == tail


def _in_order(parts: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    """Whether the wanted parts stand in the parts in their order, the last ones at the end."""
    remaining = iter(parts[:-1])
    return parts[-1] == wanted[-1] and all(part in remaining for part in wanted[:-1])


def _line_starts(text: str) -> list[int]:
    starts = [0]
    starts.extend(match.end() for match in re.finditer("\n", text))
    return starts
