"""Trees, blobs and file lists out of a git repository, through the git binary.

Works on bare repositories and linked worktrees, and never checks anything out. The repository is
not trusted. Its configuration may name commands (hooks, fsmonitor, external diff, the transport
of a partial clone) and another work tree (`core.worktree`): the former are switched off for each
call, and the latter is overruled, because the work tree is where its `.git` lies and nowhere
else. GitPython would follow `core.worktree`, hence it has no part in this file.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from glyphagent.errors import SourceError

SUBMODULE = "160000"
LINK = "120000"

# No command from a repository's configuration runs: each of these would otherwise.
_COMMAND = (
    "git",
    "--no-pager",
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "core.sshCommand=false"),
    *("-c", "core.askPass=false"),
    *("-c", "credential.helper="),
    *("-c", "diff.external="),
    *("-c", "protocol.allow=never"),
    # We only read, with all commands off, so another owner's repository is no danger.
    *("-c", "safe.directory=*"),
)
_SETTINGS = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    # A partial clone would fetch what is missing, by a command that its configuration names.
    # The first is unknown to git before 2.45; the second stops the transport on all versions.
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    # What a commit holds is what it says, not what refs/replace puts in its place.
    "GIT_NO_REPLACE_OBJECTS": "1",
    "LC_ALL": "C",
}
_NAMES_IN_MESSAGE = 8

# Git waits for ever on a pipe in the place of an ignore file. A huge tree on a slow disk takes a
# while; more than this means that it is being held.
IGNORE_FILES_S = 60.0
HELD = -9  # exit code of a git that was ended for that


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository, found by path.

    Attributes:
        git_dir: The repository itself, or the file `.git` that points to it.
        work_tree: Folder in which `.git` lies; none for a bare repository.
    """

    git_dir: Path
    work_tree: Path | None

    @property
    def place(self) -> Path:
        """Path to name in messages."""
        return self.work_tree or self.git_dir


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """One path of a revision; `size` is none for submodules and for blobs that are missing."""

    mode: str
    id: str
    size: int | None
    path: str


@dataclass(frozen=True, slots=True)
class ListedFile:
    """One path that git lists in a work tree, and whether it is checked out."""

    path: str
    submodule: bool = False
    sparse: bool = False


def discover(path: Path) -> Repository | None:
    """Repository that a file or folder lies in, or that it is itself; none outside of any."""
    path = Path(os.path.realpath(path))
    if path.is_dir() and _is_repository(path):
        return _checked(Repository(path, None))
    start = path if path.is_dir() else path.parent
    for folder in (start, *start.parents):
        if os.path.isfile(folder / ".git") or _is_repository(folder / ".git"):
            if ".git" in start.relative_to(folder).parts:
                return None
            return _checked(Repository(folder / ".git", folder))
        # Like git, not beyond the file system that the path lies on.
        if os.path.ismount(folder):
            return None
    return None


def damage(path: Path) -> tuple[Path, str] | None:
    """Where a repository lies that `discover` did not take, and what git says of it, if any."""
    path = Path(os.path.realpath(path))
    start = path if path.is_dir() else path.parent
    places = [(start, start)] if _is_repository(start) else []
    places += [(folder, folder / ".git") for folder in (start, *start.parents)]
    for folder, found in places:
        parts = ("HEAD", "objects", "refs")
        if os.path.isfile(found) or any(os.path.lexists(found / part) for part in parts):
            try:
                run(Repository(found, None), "rev-parse", "--is-bare-repository")
            except subprocess.CalledProcessError as error:
                return folder, complaint(error)
            return None
        if os.path.ismount(folder):
            return None
    return None


def _is_repository(folder: Path) -> bool:
    """Whether a folder is laid out as git's own; its HEAD may name a branch not yet born."""
    parts = os.path.isdir(folder / "objects") and os.path.isdir(folder / "refs")
    return parts and os.path.lexists(folder / "HEAD")


def _checked(repository: Repository) -> Repository | None:
    """The repository without work tree if it says it is bare; none if git does not take it."""
    try:
        bare = run(repository, "rev-parse", "--is-bare-repository", work_tree=False)
    except subprocess.CalledProcessError:
        return None
    return Repository(repository.git_dir, None) if bare == b"true\n" else repository


def run(
    repository: Repository,
    *arguments: str,
    folder: Path | None = None,
    work_tree: bool = True,
    stdin: IO[bytes] | None = None,
    timeout_s: float | None = None,
) -> bytes:
    """Output of one git command, run in `folder` if one is given.

    Raises:
        subprocess.CalledProcessError: Git refused, or took too long; `complaint` says why.
        SourceError: There is no git.
    """
    with _start(repository, arguments, folder, work_tree=work_tree, stdin=stdin) as process:
        try:
            output, refusal = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
            said = f"git {arguments[0]} took more than {timeout_s:g} s".encode()
            raise subprocess.CalledProcessError(HELD, arguments, stderr=said) from None
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, arguments, stderr=refusal)
    return output


def complaint(error: subprocess.CalledProcessError) -> str:
    """Last line of what git said when it refused."""
    lines = (error.stderr or b"").decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else f"git ended with code {error.returncode}"


def _start(
    repository: Repository,
    arguments: Sequence[str],
    folder: Path | None = None,
    *,
    work_tree: bool = True,
    stdin: IO[bytes] | None = None,
) -> subprocess.Popen[bytes]:
    """Start git, deaf to the repository's commands and to the caller's git variables."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")} | _SETTINGS
    where = [f"--git-dir={repository.git_dir}"]
    if arguments[0] != "check-ignore":  # which refuses the option, and takes names as they are
        where.append("--literal-pathspecs")
    if work_tree and repository.work_tree is not None:
        where.append(f"--work-tree={repository.work_tree}")
    try:
        return subprocess.Popen(
            [*_COMMAND, *where, *arguments],
            cwd=folder or repository.place.parent,
            env=environment,
            stdin=stdin or subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            # A batch is read from its output alone: complaints that nobody reads would block it.
            stderr=subprocess.DEVNULL if stdin else subprocess.PIPE,
        )
    except FileNotFoundError as error:
        if error.filename != "git":
            raise SourceError(f"{error.filename} vanished while it was read") from None
        raise SourceError(
            "git is not installed (or not on PATH): install it, or read the files as they lie "
            "with Source.from_folder"
        ) from None


def resolve(repository: Repository, revision: str) -> str:
    """Commit id that a branch, tag, id or expression such as `HEAD~2` stands for.

    Raises:
        SourceError: There is no such commit.
    """
    found = object_id(repository, revision)
    commit = found and object_id(repository, f"{found}^{{commit}}")
    if commit:
        return commit
    if found:
        raise SourceError(f"revision {revision!r} in {repository.place} is not a commit or tag")
    names = references(repository)
    if not names:
        raise SourceError(
            f"no revision {revision!r} in {repository.place}: the repository has no commit yet; "
            "commit first, or open it without a revision"
        )
    known = ", ".join(names[:_NAMES_IN_MESSAGE]) + (", ..." * (len(names) > _NAMES_IN_MESSAGE))
    raise SourceError(f"no revision {revision!r} in {repository.place}; branches and tags: {known}")


def object_id(repository: Repository, expression: str) -> str | None:
    """Id of the object that an expression names, or none."""
    if not expression or "\0" in expression:
        return None
    try:
        options = ("--verify", "--quiet", "--end-of-options")
        return run(repository, "rev-parse", *options, expression).decode("ascii").strip()
    except subprocess.CalledProcessError:
        return None


def references(repository: Repository) -> list[str]:
    """Short names of branches and tags, the latest first."""
    options = ("--sort=-creatordate", "--format=%(refname:short)")
    output = run(repository, "for-each-ref", *options, "refs/heads", "refs/tags", "refs/remotes")
    return output.decode("utf-8", "backslashreplace").splitlines()


def ls_tree(repository: Repository, commit: str, paths: Sequence[str] = ()) -> list[TreeEntry]:
    """Every path of a commit but its folders, or those that lie at or below the given paths.

    Raises:
        SourceError: A tree is missing or damaged.
    """
    options = ("-r", "-z", "--full-tree")
    try:
        output = run(repository, "ls-tree", "-l", *options, commit, "--", *paths)
        sizes: dict[str, int] | None = None
    except subprocess.CalledProcessError:
        # A partial clone refuses to tell the sizes of what it lacks, so they are asked for apart.
        try:
            output = run(repository, "ls-tree", *options, commit, "--", *paths)
            sizes = _present_sizes(repository, commit)
        except subprocess.CalledProcessError as error:
            where = f"{commit} in {repository.place}"
            raise SourceError(f"cannot list {where}: {complaint(error)}") from None
    entries = []
    for line in output.split(b"\0"):
        if line:
            head, _, path = line.partition(b"\t")
            mode, _, name, *size = head.decode("ascii").split()
            if sizes is None:
                known = int(size[0]) if size[0].isdigit() else None
            else:
                known = sizes.get(name)
            entries.append(TreeEntry(mode, name, known, os.fsdecode(path)))
    return entries


def _present_sizes(repository: Repository, commit: str) -> dict[str, int]:
    """Size of each object of a commit's tree that the repository really has."""
    # The only listing that looks for objects without fetching those that are missing.
    options = ("--objects", "--no-object-names", "--missing=print", "--no-walk")
    listed = run(repository, "rev-list", *options, commit).splitlines()
    with tempfile.TemporaryFile() as wanted:
        wanted.write(b"".join(b"%s\n" % name for name in listed if not name.startswith(b"?")))
        wanted.seek(0)
        output = run(repository, "cat-file", "--batch-check", "--buffer", stdin=wanted)
    told = (line.split() for line in output.decode("ascii").splitlines())
    return {words[0]: int(words[2]) for words in told if len(words) == 3}


def work_tree_listing(repository: Repository, folder: Path) -> tuple[bytes, bytes]:
    """What git says is tracked below a folder of the work tree, and what is neither nor ignored.

    Raises:
        subprocess.CalledProcessError: Git refused, for example because of a damaged index.
    """
    tracked = run(repository, "ls-files", "-c", "-s", "-t", "-z", folder=folder)
    others = ("ls-files", "-o", "--exclude-standard", "-z")
    return tracked, run(repository, *others, folder=folder, timeout_s=IGNORE_FILES_S)


def listed_files(tracked: bytes, others: bytes) -> list[ListedFile]:
    """Files that `work_tree_listing` names, relative to its folder.

    An untracked repository inside counts as a submodule.
    """
    files: dict[str, ListedFile] = {}
    for line in tracked.split(b"\0"):
        if line:
            head, _, name = line.partition(b"\t")
            tag, mode, *_ = head.decode("ascii").split()
            path = os.fsdecode(name)
            files[path] = ListedFile(path, mode == SUBMODULE, tag == "S")
    for name in others.split(b"\0"):
        if name:
            path = os.fsdecode(name)
            files.setdefault(path.rstrip("/"), ListedFile(path.rstrip("/"), path.endswith("/")))
    return list(files.values())


def is_ignored(repository: Repository, folder: Path) -> bool:
    """Whether ignore files leave out a whole folder, such as a virtual environment.

    A folder with a tracked file is not left out, whatever they say.
    """
    try:
        asked = ("check-ignore", "-q", "--", str(folder))
        run(repository, *asked, folder=repository.work_tree, timeout_s=IGNORE_FILES_S)
        return not run(repository, "ls-files", "-c", "-z", folder=folder)
    except subprocess.CalledProcessError:
        return False


def read_blobs(repository: Repository, ids: Sequence[str]) -> Iterator[tuple[str, bytes | None]]:
    """Each blob's bytes in the order asked for, one held at a time; none if it is not there.

    Sizes come from `ls_tree`: ask only for blobs that are small enough.
    """
    done = 0
    while done < len(ids):
        for name, data in _batch(repository, ids[done:]):
            yield name, data
            done += 1
        if done < len(ids):
            # A damaged object ends the whole batch: it is tried alone, the rest in a new batch.
            yield ids[done], _one_blob(repository, ids[done])
            done += 1


def _batch(repository: Repository, ids: Sequence[str]) -> Iterator[tuple[str, bytes | None]]:
    """Blobs from one `cat-file`, until the end or until it gives up."""
    with tempfile.TemporaryFile() as wanted:
        # From a file, not a pipe: git then never waits for us to write while we wait to read.
        wanted.write("".join(f"{name}\n" for name in ids).encode("ascii"))
        wanted.seek(0)
        with _start(repository, ("cat-file", "--batch", "--buffer"), stdin=wanted) as process:
            try:
                assert process.stdout is not None
                for name in ids:
                    head = process.stdout.readline().split()
                    if len(head) == 2 and head[1] == b"missing":
                        yield name, None
                        continue
                    if len(head) != 3:
                        return
                    size = int(head[2])
                    data = process.stdout.read(size + 1)
                    if len(data) != size + 1:
                        return
                    yield name, data[:-1] if head[1] == b"blob" else None
            finally:
                process.kill()


def _one_blob(repository: Repository, name: str) -> bytes | None:
    """One blob by itself, or none if git cannot read it."""
    try:
        return run(repository, "cat-file", "blob", name)
    except subprocess.CalledProcessError:
        return None
