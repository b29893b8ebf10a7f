"""Git is asked without giving a hostile repository anything to run."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from glyphagent import git_objects
from glyphagent.errors import SourceError
from glyphagent.git_objects import Repository
from glyphagent.sources import Source

Git = Callable[..., str]


def found(path: Path) -> Repository:
    repository = git_objects.discover(path)
    assert repository is not None
    return repository


@pytest.fixture
def project(tmp_path: Path, scratch_git: Git) -> Path:
    """A repository with one commit: a.py, sub/b.py."""
    root = tmp_path / "project"
    scratch_git(root, "init", "-q", files={"a.py": "a = 1\n", "sub/b.py": "b = 2\n"})
    scratch_git(root, "add", ".")
    scratch_git(root, "commit", "-qm", "first")
    return root


def work_tree_files(repository: Repository, folder: Path) -> list[git_objects.ListedFile]:
    listing = git_objects.work_tree_listing(repository, folder)
    return git_objects.listed_files(*listing)


def test_discovery_finds_work_trees_bare_repositories_and_nothing(
    project: Path, tmp_path: Path, scratch_git: Git
) -> None:
    assert found(project / "sub" / "b.py") == Repository(project / ".git", project)
    scratch_git(tmp_path, "clone", "-q", "--bare", str(project), "bare")
    assert found(tmp_path / "bare") == Repository(tmp_path / "bare", None)
    scratch_git(project, "worktree", "add", "-q", str(tmp_path / "linked"))
    assert found(tmp_path / "linked").work_tree == tmp_path / "linked"
    assert found(project / ".git").work_tree is None
    assert git_objects.discover(project / ".git" / "hooks") is None
    assert git_objects.discover(tmp_path) is None


@pytest.mark.parametrize("broken", ["empty", "garbage", "dangling"])
def test_what_git_would_refuse_is_no_repository(tmp_path: Path, broken: str) -> None:
    if broken == "empty":
        (tmp_path / ".git").mkdir()
    else:
        text = "garbage" if broken == "garbage" else "gitdir: /nowhere/at/all\n"
        (tmp_path / ".git").write_text(text)
    assert git_objects.discover(tmp_path) is None


def test_a_work_tree_is_where_its_git_folder_lies(
    project: Path, tmp_path: Path, scratch_git: Git
) -> None:
    scratch_git(tmp_path / "elsewhere", "init", "-q", files={"secret": "s"})
    scratch_git(project, "config", "core.worktree", str(tmp_path / "elsewhere"))
    repository = found(project)
    assert repository.work_tree == project
    listed = {file.path for file in work_tree_files(repository, project)}
    assert listed == {"a.py", "sub/b.py"}


def test_revisions_resolve_to_commits(project: Path, scratch_git: Git) -> None:
    commit = scratch_git(project, "rev-parse", "HEAD")
    scratch_git(project, "tag", "-am", "a tag", "v1")
    repository = found(project)
    for name in ("HEAD", "main", "v1", commit[:10], "HEAD^0"):
        assert git_objects.resolve(repository, name) == commit


@pytest.mark.parametrize(
    "name", ["nope", "-h", "--all", "--output=/tmp/x", "", "a\0b", "a..b", "\n"]
)
def test_an_unknown_revision_is_an_error_and_never_an_option(project: Path, name: str) -> None:
    with pytest.raises(SourceError, match=r"no revision .*; branches and tags: main") as caught:
        git_objects.resolve(found(project), name)
    assert repr(name) in str(caught.value)


def test_a_tree_is_no_revision(project: Path) -> None:
    with pytest.raises(SourceError, match="not a commit"):
        git_objects.resolve(found(project), "HEAD:sub")


def test_an_unborn_branch_has_no_revision(tmp_path: Path, scratch_git: Git) -> None:
    scratch_git(tmp_path / "new", "init", "-q")
    with pytest.raises(SourceError, match="no commit yet"):
        git_objects.resolve(found(tmp_path / "new"), "HEAD")


def test_trees_and_blobs_come_as_they_are(project: Path, scratch_git: Git) -> None:
    big = os.urandom(300_000)
    strange = "tab\tand\nline"
    scratch_git(project, "add", ".", files={"big": big, strange: "s", "empty": ""})
    scratch_git(project, "commit", "-qm", "more")
    repository = found(project)
    entries = git_objects.ls_tree(repository, git_objects.resolve(repository, "HEAD"))
    assert {entry.path for entry in entries} == {"a.py", "sub/b.py", "big", strange, "empty"}
    assert {e.path: e.size for e in entries}["big"] == len(big)
    ids = {entry.path: entry.id for entry in entries}
    # More ids than a pipe holds: git must not wait for us while we wait for git.
    wanted = [ids["big"], ids["empty"]] + [ids["a.py"]] * 4000
    blobs = list(git_objects.read_blobs(repository, wanted))
    assert [name for name, _ in blobs] == wanted
    assert [data for _, data in blobs[:3]] == [big, b"", b"a = 1\n"]


def test_paths_below_a_part_only(project: Path, scratch_git: Git) -> None:
    scratch_git(project, "add", ".", files={"subway/c.py": "", "*/d.py": ""})
    scratch_git(project, "commit", "-qm", "more")
    repository = found(project)
    listed = git_objects.ls_tree(repository, "HEAD", ["sub", "*"])
    assert [entry.path for entry in listed] == ["*/d.py", "sub/b.py"]


def test_missing_and_damaged_objects_do_not_stop_the_others(
    project: Path, scratch_git: Git
) -> None:
    scratch_git(project, "add", ".", files={f"{n}.txt": f"text {n}\n" * 50 for n in range(6)})
    scratch_git(project, "commit", "-qm", "six")
    repository = found(project)
    ids = [e.id for e in git_objects.ls_tree(repository, "HEAD") if e.path.endswith(".txt")]
    loose = [project / ".git" / "objects" / name[:2] / name[2:] for name in ids]
    loose[1].chmod(0o644)
    loose[1].write_bytes(b"garbage")
    loose[3].unlink()
    loose[4].chmod(0o644)
    loose[4].write_bytes(loose[4].read_bytes()[:-8])
    blobs = dict(git_objects.read_blobs(repository, ids))
    assert [blobs[name] is None for name in ids] == [False, True, False, True, True, False]


def test_stopping_early_leaves_no_process(project: Path) -> None:
    repository = found(project)
    name = git_objects.object_id(repository, "HEAD:a.py")
    assert name is not None
    blobs = git_objects.read_blobs(repository, [name] * 5000)
    next(blobs)
    blobs.close()  # type: ignore[attr-defined]
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_nothing_that_the_configuration_names_is_run(
    project: Path, tmp_path: Path, scratch_git: Git
) -> None:
    marker = tmp_path / "executed"
    command = f"touch {marker}; true"
    (tmp_path / "hook").write_text(f"#!/bin/sh\n{command}\n")
    (tmp_path / "hook").chmod(0o755)
    for key in ("core.fsmonitor", "diff.external", "core.sshCommand", "filter.x.clean"):
        scratch_git(project, "config", key, str(tmp_path / "hook"))
    scratch_git(project, "config", "core.hooksPath", str(tmp_path))
    (project / ".gitattributes").write_text("* filter=x diff=x\n")
    (project / "a.py").write_text("changed, so that an index refresh would look at it\n")
    # Git itself would run it: the trap is a real one.
    subprocess.run(["git", "status"], cwd=project, capture_output=True, check=False)
    assert marker.exists()
    marker.unlink()
    repository = found(project)
    assert len(work_tree_files(repository, project)) == 3
    assert not git_objects.is_ignored(repository, project / "sub")
    commit = git_objects.resolve(repository, "HEAD")
    ids = [entry.id for entry in git_objects.ls_tree(repository, commit)]
    assert all(data for _, data in git_objects.read_blobs(repository, ids))
    assert not marker.exists()


def test_a_partial_clone_fetches_nothing(project: Path, tmp_path: Path, scratch_git: Git) -> None:
    scratch_git(project, "config", "uploadpack.allowFilter", "true")
    where = ["-q", "--filter=blob:none", "--no-checkout", f"file://{project}", "partial"]
    scratch_git(tmp_path, "clone", *where)
    partial = tmp_path / "partial"
    marker = tmp_path / "executed"
    scratch_git(partial, "config", "remote.origin.url", f"ext::sh -c touch% {marker}")
    scratch_git(partial, "config", "protocol.ext.allow", "always")
    missing = git_objects.object_id(found(project), "HEAD:a.py")
    assert missing is not None
    scratch = subprocess.run(
        ["git", "cat-file", "-p", missing], cwd=partial, capture_output=True, check=False
    )
    assert scratch.returncode
    assert marker.exists()
    marker.unlink()
    repository = found(partial)
    entries = git_objects.ls_tree(repository, "HEAD")
    assert [entry.size for entry in entries] == [None, None]
    assert [data for _, data in git_objects.read_blobs(repository, [missing])] == [None]
    assert not marker.exists()


def test_the_callers_git_variables_do_not_reach_git(
    project: Path, tmp_path: Path, scratch_git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch_git(tmp_path / "other", "init", "-q", files={"o": "o"})
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "nothing"))
    files = work_tree_files(found(project), project)
    assert {file.path for file in files} == {"a.py", "sub/b.py"}


def test_without_git_the_message_says_so(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = found(project)
    monkeypatch.setenv("PATH", str(project))
    with pytest.raises(SourceError, match="git is not installed"):
        git_objects.resolve(repository, "HEAD")


def test_a_pipe_in_the_place_of_an_ignore_file_holds_nobody(
    tmp_path: Path, scratch_git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git would wait for ever for somebody to write into it."""
    monkeypatch.setattr(git_objects, "IGNORE_FILES_S", 0.5)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.py").write_text("a = 1\n")
    scratch_git(tmp_path, "init", "-q")
    os.mkfifo(tmp_path / "sub" / ".gitignore")
    found = Source.open(tmp_path).read()
    assert [document.path for document in found.documents] == ["sub/a.py"]
    reasons = {skip.path: skip.reason for skip in found.skipped}
    assert "git ls-files took more than 0.5 s" in reasons[".git"]
    assert "fifo" in reasons["sub/.gitignore"]
