"""Training text: the permissively licensed projects that are installed on this machine.

Nothing is downloaded. Projects are Python distributions, the standard library, and Node packages
where Node is installed. A project's licence is read from its own metadata, and a project without
a permissive one is left out. The held-out projects (`heldout.txt`) never enter, under any
version, as vendored copies inside others, or as files that repeat their lines; neither do files
that repeat each other.
"""

from __future__ import annotations

import hashlib
import json
import re
import sysconfig
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, distributions
from importlib.resources import files
from pathlib import Path

from glyphagent.document import Document

_TEXT = "py pyi js mjs cjs ts tsx json md rst toml yaml yml cfg ini h hpp c cc cpp cu cuh css html"
_MORE_TEXT = "sh sql txt go rs java"
SUFFIXES = frozenset(f".{name}" for name in f"{_TEXT} {_MORE_TEXT}".split())
NODE_FOLDERS = (Path("/usr/lib/node_modules"), Path("/usr/local/lib/node_modules"))
_LARGEST_FILE = 200_000
_LONGEST_LINE = 600  # longer ones are minified or data
_PERMISSIVE = re.compile(
    r"\b(mit|mit-cmu|bsd|0bsd|bsd-[23]-clause|apache|apache-2\.0|isc|psf|psf-2\.0|python-2\.0|zlib"
    r"|cc0-1\.0|bsl-1\.0|unlicense|hpnd|blueoak-1\.0\.0|cnri-python)\b",
    re.IGNORECASE,
)
_NOT_PERMISSIVE = re.compile(r"gpl|mpl|epl|cc-by|sspl|commercial|proprietary", re.IGNORECASE)
# A file is a copy when this part of its telling lines was seen before.
_COPY_SHARE = 0.6
_TELLING_LINE = 16


@dataclass(frozen=True)
class Project:
    """An installed project, and which of its files are text.

    Attributes:
        name: Name in its registry.
        version: Version that is installed.
        licence: Licence as its metadata state it.
        root: Folder that `paths` are relative to.
        paths: Its text files, sorted.
    """

    name: str
    version: str
    licence: str
    root: Path
    paths: tuple[str, ...]

    @property
    def permissive(self) -> bool:
        """Whether the licence lets anyone learn from the files and pass the result on."""
        return bool(_PERMISSIVE.search(self.licence)) and not _NOT_PERMISSIVE.search(self.licence)

    @property
    def held_out(self) -> bool:
        """Whether this is a project that training never sees."""
        return is_held_out(self.name)

    def document(self, path: str) -> Document | None:
        """One of the text files, or None if it is no text worth reading or a held-out copy."""
        if not self.held_out and any(is_held_out(part) for part in path.split("/")):
            return None
        text = _text_of(self.root / path)
        return None if text is None else Document(path, text)

    def documents(self) -> Iterator[Document]:
        """Text files of this project that are worth reading, vendored held-out ones left out."""
        for path in self.paths:
            if document := self.document(path):
                yield document


@dataclass(frozen=True)
class Corpus:
    """Documents to train on, and where they come from."""

    documents: tuple[Document, ...]
    projects: tuple[dict[str, object], ...]

    @property
    def digest(self) -> str:
        """BLAKE2b of all documents, 32 hex digits."""
        digest = hashlib.blake2b(digest_size=16)
        for document in self.documents:
            digest.update(document.digest.encode())
        return digest.hexdigest()

    def manifest(self) -> dict[str, object]:
        """Digest and sources, for `run.json`."""
        return {
            "digest": self.digest,
            "characters": sum(len(document.text) for document in self.documents),
            "documents": len(self.documents),
            "projects": list(self.projects),
        }


@cache
def held_out_names() -> frozenset[str]:
    """Names of the held-out projects, normalised."""
    lines = files(__package__).joinpath("heldout.txt").read_text("utf-8").splitlines()
    return frozenset(_normal(line) for line in lines if line.strip() and line[0] != "#")


def is_held_out(name: str) -> bool:
    """Whether a project, folder or file of this name is held out, successors and cores too."""
    normal = _normal(name.partition(".")[0])
    known = held_out_names()
    return normal in known or re.sub(r"(core|\d+)$", "", normal) in known


def _normal(name: str) -> str:
    return re.sub(r"[-_.\s]", "", name.strip().lower().lstrip("@"))


def installed_projects() -> list[Project]:
    """Projects of this machine with text files, sorted by name, held-out ones included."""
    found = [project for d in distributions() if (project := _distribution(d)) and project.paths]
    found.append(_standard_library())
    for folder in NODE_FOLDERS:
        found.extend(_node_projects(folder))
    unique = {(project.name.lower(), project.version): project for project in found}
    return sorted(unique.values(), key=lambda project: (project.name.lower(), project.version))


def build_corpus(
    projects: Sequence[Project],
    *,
    characters: int = 8_000_000,
    largest_share: float = 0.06,
    python_share: float = 0.6,
) -> Corpus:
    """Choose documents of the permissive, not held-out projects.

    Files are taken in the order of their hash, so a corpus is spread over all projects and does
    not depend on the order in which they were found.

    Args:
        projects: What to choose from; held-out ones serve to recognise copies of them.
        characters: Size to stop at.
        largest_share: Largest part of the corpus that one project may have.
        python_share: Largest part of the corpus that is Python.
    """
    seen = {line for p in projects if p.held_out for d in p.documents() for line in _telling(d)}
    candidates = [
        (hashlib.blake2b(f"{p.name}/{path}".encode(), digest_size=8).digest(), number, path)
        for number, p in enumerate(projects)
        if p.permissive and not p.held_out
        for path in p.paths
    ]
    chosen: list[Document] = []
    taken = dict.fromkeys(range(len(projects)), 0)
    counts = dict.fromkeys(range(len(projects)), 0)
    total = python = 0
    for _, number, path in sorted(candidates):
        project = projects[number]
        is_python = path.endswith((".py", ".pyi"))
        if taken[number] > characters * largest_share:
            continue
        if is_python and python > characters * python_share:
            continue
        document = project.document(path)
        if document is None:
            continue
        lines = _telling(document)
        if lines and len(lines & seen) > _COPY_SHARE * len(lines):
            continue
        seen |= lines
        chosen.append(Document(f"{project.name}/{path}", document.text))
        taken[number] += len(document.text)
        counts[number] += 1
        total += len(document.text)
        python += len(document.text) if is_python else 0
        if total >= characters:
            break
    sources = tuple(
        {
            "project": projects[number].name,
            "version": projects[number].version,
            "licence": projects[number].licence,
            "documents": counts[number],
            "characters": taken[number],
        }
        for number in counts
        if counts[number]
    )
    return Corpus(tuple(chosen), sources)


def _telling(document: Document) -> set[int]:
    """Hashes of the lines that tell one file from another."""
    lines = (line.strip() for line in document.text.split("\n"))
    return {hash(line) for line in lines if len(line) >= _TELLING_LINE}


def _text_of(path: Path) -> str | None:
    try:
        data = path.read_bytes()
        if not 0 < len(data) <= _LARGEST_FILE:
            return None
        text = data.decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    if "\0" in text or max(map(len, text.split("\n"))) > _LONGEST_LINE:
        return None
    return text


def _distribution(distribution: Distribution) -> Project | None:
    metadata = distribution.metadata
    name = metadata["Name"]
    if not name or _normal(name) == "glyphagent":
        return None
    stated = (metadata["License"] or "").partition("\n")[0][:80]  # some state its whole text
    licences = [metadata["License-Expression"] or stated]
    classifiers = metadata.get_all("Classifier") or []
    licences += [c.rpartition("::")[2] for c in classifiers if c.startswith("License ::")]
    paths = [
        str(path)
        for path in distribution.files or []
        if path.suffix in SUFFIXES and ".." not in path.parts and ".dist-info" not in path.parts[0]
    ]
    licence = "; ".join(dict.fromkeys(text.strip() for text in licences if text.strip()))
    root = Path(str(distribution.locate_file("")))
    return Project(name, distribution.version, licence, root, tuple(sorted(paths)))


def _standard_library() -> Project:
    root = Path(sysconfig.get_path("stdlib"))
    paths = _below(root, skip={"site-packages", "__pycache__", "lib-dynload", "test"})
    version = sysconfig.get_python_version()
    return Project(
        "cpython", version, "PSF-2.0", root.parent, tuple(f"{root.name}/{path}" for path in paths)
    )


def _node_projects(folder: Path) -> Iterator[Project]:
    for package in sorted(folder.glob("**/package.json")) if folder.is_dir() else []:
        try:
            facts = json.loads(package.read_text("utf-8"))
            name, version = str(facts["name"]), str(facts["version"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
        root = package.parent
        paths = _below(root, skip={"node_modules"})
        inside = tuple(f"{root.name}/{path}" for path in paths)
        yield Project(f"npm:{name}", version, str(facts.get("license", "")), root.parent, inside)


def _below(root: Path, skip: Iterable[str]) -> list[str]:
    skipped = set(skip)
    return sorted(
        str(relative)
        for path in root.rglob("*")
        if path.suffix in SUFFIXES
        and not skipped.intersection((relative := path.relative_to(root)).parts)
        and path.is_file()
    )
