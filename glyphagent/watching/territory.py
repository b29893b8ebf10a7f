"""The root as a watcher sees it: which folders count, and what an event at a place means."""

from __future__ import annotations

import os
import posixpath
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

from glyphagent.folders import PAGES_MANIFEST, Folder, is_page_set
from glyphagent.git_objects import Repository
from glyphagent.ignores import IGNORE_FILE, VCS_FOLDERS
from glyphagent.origins import with_folders
from glyphagent.watching.pruning import GIT_IGNORE_FILE, PlainRules, Rules, open_rules
from glyphagent.watching.signs import Signs

RULE_FILES = frozenset({GIT_IGNORE_FILE, IGNORE_FILE})
# What of a git folder says which files count; the rest is git's own affair.
_INDEX = ("index", "HEAD")  # without a HEAD that can be read, git takes it for no repository
_GIT_RULES = frozenset({"config", "config.worktree", "info"})
_INFO_RULES = frozenset({"exclude", "sparse-checkout"})
_LOCK = "index.lock"

GIT_PLACE = "git"
INFO_PLACE = "info"
ABOVE_PLACE = "above"


class Territory:
    """Folders below a root, less what is surely ignored.

    Attributes:
        root: Absolute path without links.
        rules: What is ignored, as of the last `reload`.
        repository: Where the rules come from; none without git.
        git_folders: Where git keeps the index, and the configuration.
    """

    def __init__(
        self,
        root: str,
        use_git: bool,
        folders: Callable[[], Iterable[str]] | None = None,
    ) -> None:
        """Know the root; `reload` looks at it."""
        self.root = root
        self.rules: Rules = PlainRules(root)
        self.repository: Repository | None = None
        self.git_folders: tuple[str, ...] = ()
        self._use_git = use_git
        self._folders = folders
        self._chosen: frozenset[str] | None = None
        self._files = Folder(root)
        self._pages: set[str] = set()
        self._foreign: set[str] = set()
        self._damaged = False

    def reload(self) -> set[str]:
        """Read all rules anew, and give the folders in which git lists other files than before.

        What was known of folders is forgotten: a walk must follow.
        """
        before = self.rules
        self.rules, self.repository = open_rules(self.root, self._use_git)
        self.git_folders = _git_folders(self.repository)
        self._damaged = False
        if self.repository is None and self._use_git:
            own = os.path.join(self.root, ".git")
            if os.path.isdir(own):
                # Git does not take it, so sources do without; when it is whole again, all changes.
                self._damaged = True
                self.git_folders = (os.path.realpath(own),)
        self._pages.clear()
        self._foreign.clear()
        self.choose()
        return self.rules.moved_since(before)

    @property
    def narrow(self) -> bool:
        """Whether only chosen folders count."""
        return self._folders is not None

    def choose(self) -> frozenset[str]:
        """Ask anew which folders count, and give those that did not before."""
        if self._folders is None:
            return frozenset()
        before = self._chosen or frozenset()
        self._chosen = with_folders(self._folders())
        return self._chosen - before

    def locked(self) -> str:
        """Path of git's lock on the index, while somebody holds it; empty else."""
        path = os.path.join(self.git_folders[0], _LOCK) if self.git_folders else ""
        return path if path and os.path.lexists(path) else ""

    def outside(self) -> list[tuple[str, str]]:
        """Further folders to watch, each with the kind of place that it is."""
        places = [(folder, GIT_PLACE) for folder in self.git_folders]
        places += [(os.path.join(folder, "info"), INFO_PLACE) for folder in self.git_folders]
        if self.repository is not None and self.repository.work_tree is not None:
            folder, top = self.root, str(self.repository.work_tree)
            while folder != top:
                folder = os.path.dirname(folder)
                places.append((folder, ABOVE_PLACE))
        return places

    def walk(self, starts: Iterable[str], visit: Callable[[str], bool]) -> set[str]:
        """Visit every folder that counts, from the top down, and give those of the starts.

        A folder is listed after it was visited, so that who watches it from then on hears of
        all that the list lacks. Where `visit` says no, nothing below is looked at.
        """
        level = kept = self._kept(list(starts))
        while level:
            found: dict[str, frozenset[str]] = {}
            below: dict[str, list[str]] = {}
            for folder in level:
                if visit(folder):
                    found[folder], below[folder] = self._listed(folder)
            self._foreign |= self.rules.scanned(found)
            self._note_pages(found)
            closed = self._foreign | self._pages
            level = self._kept(
                [b for folder in below if folder not in closed for b in below[folder]]
            )
        return set(kept)

    def file_event(self, folder: str, name: str, signs: Signs, now: float) -> None:
        """Sort in that an entry of a watched folder changed which is no folder itself."""
        path = posixpath.join(folder, name)
        if name in VCS_FOLDERS:
            self._repository_event(folder, name, signs, now)
        elif folder in self._foreign:
            return
        elif folder in self._pages and name != PAGES_MANIFEST and name not in RULE_FILES:
            # That the folder is listed as one of pages, or not at all, rules decide too.
            return
        elif name in RULE_FILES:
            signs.rules = True
            signs.folders.add(folder)
            signs.touch(now)
        elif name == PAGES_MANIFEST and folder:
            signs.manifests.add(folder)
            signs.files.add(path)
            signs.touch(now)
        elif not self.rules.known_ignored(path, False):
            signs.files.add(path)
            signs.touch(now)

    def folder_counts(self, folder: str, name: str, signs: Signs, now: float) -> bool:
        """Whether an event about a folder in a watched folder is of interest."""
        if name in VCS_FOLDERS:
            self._repository_event(folder, name, signs, now)
            return False
        if folder in self._foreign or folder in self._pages:
            return False
        return not self.rules.known_ignored(posixpath.join(folder, name), True)

    def outside_event(self, place: str, name: str, signs: Signs, now: float) -> None:
        """Sort in an event in one of the folders of `outside`."""
        if place == GIT_PLACE and self._damaged:
            signs.rules = True
            signs.lose("the damaged repository changed", now)
        elif place == GIT_PLACE and name in _INDEX:
            signs.index = True
        elif (
            (place == GIT_PLACE and name in _GIT_RULES)
            or (place == INFO_PLACE and name in _INFO_RULES)
            or (place == ABOVE_PLACE and name in RULE_FILES)
        ):
            signs.rules = True
            signs.lose("ignore rules changed", now)
        else:
            return
        signs.touch(now)

    def resolve_manifests(self, signs: Signs) -> None:
        """Look at what may be manifests of page sets: pages come and go with them."""
        for folder in signs.manifests:
            path = posixpath.join(folder, PAGES_MANIFEST)
            pages = is_page_set(self._files.head(path))
            if pages and folder in self._pages:
                signs.files.discard(path)
            elif pages or folder in self._pages:
                signs.rules = True
                signs.folders.add(folder)

    def resolve_index(self, signs: Signs) -> None:
        """See whether other files are tracked than before; if not, it was no change to us."""
        try:
            moved = self.rules.moved_entries()
        except (subprocess.CalledProcessError, OSError):
            moved = {""}
        if moved:
            signs.folders |= moved
            signs.rules = True

    def resolve_files(self, signs: Signs) -> None:
        """Take out the files that are ignored."""
        signs.files -= self.rules.ignored_files(signs.files)

    def _repository_event(self, folder: str, name: str, signs: Signs, now: float) -> None:
        """A repository may have come to lie here, or is gone."""
        path = os.path.join(self.root, folder, name)
        if name != ".git" or (path in self.git_folders and os.path.lexists(path)):
            # What happens in a repository that we know is told by the watch on it.
            return
        signs.rules = True
        signs.folders.add(folder)
        signs.touch(now)

    def _kept(self, folders: list[str]) -> list[str]:
        """Those that count."""
        inner = [f for f in folders if f and posixpath.basename(f) not in VCS_FOLDERS]
        if self._chosen is not None:
            inner = [folder for folder in inner if folder in self._chosen]
        return [f for f in folders if not f] + (self.rules.kept_folders(inner) if inner else [])

    def _listed(self, folder: str) -> tuple[frozenset[str], list[str]]:
        """Names in a folder, and the paths of the folders among them."""
        names, folders = [], []
        try:
            with os.scandir(os.path.join(self.root, folder)) as entries:
                for entry in entries:
                    names.append(entry.name)
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(posixpath.join(folder, entry.name))
        except OSError:
            # Gone, or not to be read: the folder above is watched, and tells when that changes.
            pass
        return frozenset(names), folders

    def _note_pages(self, found: dict[str, frozenset[str]]) -> None:
        """Remember which of the folders hold pages of our own."""
        with_manifest = [folder for folder, names in found.items() if PAGES_MANIFEST in names]
        paths = {posixpath.join(f, PAGES_MANIFEST): f for f in with_manifest if f}
        pages = [path for path in paths if is_page_set(self._files.head(path))]
        ignored = self.rules.ignored_files(pages) if pages else set()
        self._pages -= set(paths.values())
        self._pages |= {paths[path] for path in pages if path not in ignored}


def _git_folders(repository: Repository | None) -> tuple[str, ...]:
    """The folder with the index, and the one with the configuration where that is another.

    A linked work tree or submodule has a file `.git` that points to the former, in which a file
    `commondir` points to the latter.
    """
    if repository is None:
        return ()
    folder = repository.git_dir
    text = _pointer(folder)
    if text.startswith("gitdir:"):
        folder = folder.parent / text.removeprefix("gitdir:").strip()
    common = _pointer(folder / "commondir").strip()
    folders = [folder, folder / common] if common else [folder]
    return tuple(dict.fromkeys(os.path.realpath(path) for path in folders))


def _pointer(path: Path) -> str:
    """Text of a small file; nothing where there is none."""
    try:
        with path.open("rb") as file:
            return os.fsdecode(file.read(5000)) if path.is_file() else ""
    except OSError:
        return ""
