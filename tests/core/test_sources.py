"""Every kind of place gives its documents in order, and a reason for all else."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from glyphagent.document import Document, Skipped
from glyphagent.errors import SourceError
from glyphagent.sources import Source, SourceOptions, SourceSet

Git = Callable[..., str]


def names(found: SourceSet) -> list[str]:
    return [document.path for document in found.documents]


def reasons(found: SourceSet) -> dict[str, str]:
    return {skip.path: skip.reason for skip in found.skipped}


def fill(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


@pytest.fixture
def project(tmp_path: Path, scratch_git: Git) -> Path:
    """A repository with one commit and an ignored folder."""
    root = tmp_path / "project"
    files: dict[str, str | bytes] = {
        ".gitignore": "out/\n*.log\n.venv/\n",
        "b.py": "b = 1\n",
        "a/z.py": "z = 1\r\n",
        "a/deep/x.py": "x = 1",
        "kept.log": "tracked though ignored\n",
    }
    scratch_git(root, "init", "-q", files=files)
    scratch_git(root, "add", "-f", ".")
    scratch_git(root, "commit", "-qm", "first")
    fill(root, {"out/x.py": "", "run.log": "", ".venv/lib/pkg/m.py": "m = 1\n", "new.py": "n\n"})
    return root


TRACKED = [".gitignore", "b.py", "kept.log", "a/z.py", "a/deep/x.py"]


def test_a_work_tree_is_read_as_git_sees_it(project: Path) -> None:
    found = Source.open(project).read()
    assert names(found) == [*TRACKED[:3], "new.py", *TRACKED[3:]]
    assert found.skipped == ()
    assert found.root == str(project)
    for document in found.documents:
        assert document.data == (project / document.path).read_bytes()


def test_a_revision_is_read_without_checking_it_out(project: Path, scratch_git: Git) -> None:
    commit = scratch_git(project, "rev-parse", "HEAD")
    scratch_git(project, "rm", "-q", "b.py")
    scratch_git(project, "commit", "-qm", "second")
    found = Source.open(project, "HEAD~1").read()
    assert names(found) == TRACKED
    assert found.revision == commit
    assert found.documents[3].data == b"z = 1\r\n"
    assert not (project / "b.py").exists()


def test_bare_repositories_and_worktrees(project: Path, tmp_path: Path, scratch_git: Git) -> None:
    scratch_git(tmp_path, "clone", "-q", "--bare", str(project), "bare")
    assert names(Source.open(tmp_path / "bare").read()) == TRACKED
    assert names(Source.open(tmp_path / "bare", "main").read()) == TRACKED
    scratch_git(project, "worktree", "add", "-q", str(tmp_path / "linked"))
    assert names(Source.open(tmp_path / "linked").read()) == TRACKED
    assert names(Source.open(tmp_path / "linked", "HEAD").read()) == TRACKED


def test_a_part_of_a_repository(project: Path) -> None:
    for source in (Source.open(project / "a"), Source.open(project / "a", "HEAD")):
        assert names(source.read()) == ["z.py", "deep/x.py"]
    for source in (Source.open(project / "a" / "z.py"), Source.open(project / "a/z.py", "HEAD")):
        assert names(source.read()) == ["z.py"]
        assert source.root == str(project / "a")
    with pytest.raises(SourceError, match=r"nothing at 'new\.py' in revision 'HEAD'"):
        Source.open(project / "new.py", "HEAD")


def test_a_part_that_is_gone_is_still_in_the_revision(project: Path) -> None:
    (project / "a/deep/x.py").unlink()
    (project / "a/deep").rmdir()
    assert names(Source.open(project / "a" / "deep", "HEAD").read()) == ["x.py"]


def test_a_folder_that_its_repository_ignores_is_read_when_named(project: Path) -> None:
    assert names(Source.open(project / ".venv" / "lib" / "pkg").read()) == ["m.py"]


def test_tracked_files_of_an_ignored_folder_are_read_as_git_sees_them(
    project: Path, scratch_git: Git
) -> None:
    scratch_git(project, "add", "-f", "out/x.py")
    fill(project, {"out/y.py": ""})
    assert names(Source.open(project / "out").read()) == ["x.py"]


def test_a_plain_folder_follows_layered_ignore_files(tmp_path: Path) -> None:
    fill(
        tmp_path,
        {
            ".gitignore": "*.log\n/out/\n",
            "a.py": "",
            "x.log": "",
            "out/b.py": "",
            "sub/.gitignore": "!keep.log\n",
            "sub/keep.log": "",
            "sub/out/c.py": "",
        },
    )
    found = Source.open(tmp_path).read()
    assert names(found) == [".gitignore", "a.py", "sub/.gitignore", "sub/keep.log", "sub/out/c.py"]
    assert found.skipped == ()


def test_our_own_ignore_file_lies_on_top_everywhere(
    project: Path, tmp_path: Path, scratch_git: Git
) -> None:
    fill(project, {".glyphagentignore": "/a/deep/\nkept.log\n", "a/.glyphagentignore": "z.py\n"})
    scratch_git(project, "add", "*.glyphagentignore")
    scratch_git(project, "commit", "-qm", "ignore")
    plain = fill(tmp_path / "plain", {n: (project / n).read_bytes() for n in TRACKED})
    for name in (".glyphagentignore", "a/.glyphagentignore"):
        fill(plain, {name: (project / name).read_bytes()})
    expected = [".gitignore", ".glyphagentignore", "b.py", "a/.glyphagentignore"]
    assert names(Source.open(project, "HEAD").read()) == expected
    assert names(Source.open(plain).read()) == expected
    assert names(Source.open(project).read()) == [*expected[:3], "new.py", expected[3]]
    # The files above a part count for the part.
    for source in (Source.open(project / "a"), Source.open(project / "a", "HEAD")):
        assert names(source.read()) == [".glyphagentignore"]


def test_globs_are_the_users_last_word(project: Path) -> None:
    options = SourceOptions(include=("*.py",), ignore=("deep/",))
    assert names(Source.open(project, options=options).read()) == ["b.py", "new.py", "a/z.py"]
    assert names(Source.open(project, "HEAD", options).read()) == ["b.py", "a/z.py"]


def test_the_revision_of_files_follows_from_their_content(tmp_path: Path) -> None:
    one = fill(tmp_path / "one", {"a.py": "a", "b/c.py": "c"})
    two = fill(tmp_path / "two", {"b/c.py": "c", "a.py": "a"})
    first = Source.open(one).read()
    assert re.fullmatch("[0-9a-f]{32}", first.revision)
    assert first.revision == Source.open(two).read().revision
    assert first.documents == Source.open(two).read().documents
    (two / "a.py").write_text("changed")
    assert first.revision != Source.open(two).read().revision


def test_a_parent_that_became_a_link_leads_nowhere(project: Path, tmp_path: Path) -> None:
    outside = fill(tmp_path / "outside", {"z.py": "secret", "deep/x.py": "secret"})
    source = Source.open(project)
    documents = source.documents()
    first = next(documents)
    assert first.path == ".gitignore"
    # Listed already; then the folder is moved away and a link put in its place.
    (project / "a").rename(tmp_path / "moved")
    os.symlink(outside, project / "a")
    rest = list(documents)
    assert Skipped("a/z.py", "link leaving the root") in rest
    assert not any("secret" in found.text for found in rest if isinstance(found, Document))
    # And when git's index still lists what lies behind the link.
    assert reasons(Source.open(project).read())["a/deep/x.py"] == "link leaving the root"


def test_a_tracked_file_that_was_deleted_is_listed(project: Path) -> None:
    (project / "b.py").unlink()
    assert reasons(Source.open(project).read()) == {"b.py": "vanished"}


def test_submodules_are_listed(project: Path, tmp_path: Path, scratch_git: Git) -> None:
    scratch_git(tmp_path / "other", "init", "-q", files={"o.py": "o"})
    scratch_git(tmp_path / "other", "add", ".")
    scratch_git(tmp_path / "other", "commit", "-qm", "o")
    scratch_git(project, "submodule", "--quiet", "add", str(tmp_path / "other"), "mod")
    scratch_git(project, "commit", "-qm", "module")
    scratch_git(tmp_path, "clone", "-q", str(tmp_path / "other"), "project/nested")
    assert reasons(Source.open(project).read()) == {"mod": "submodule", "nested": "submodule"}
    assert reasons(Source.open(project, "HEAD").read()) == {"mod": "submodule"}
    assert names(Source.open(project / "mod").read()) == ["o.py"]


def test_a_sparse_checkout_says_what_it_lacks(project: Path, scratch_git: Git) -> None:
    scratch_git(project, "sparse-checkout", "set", "--cone", "nothing")
    skipped = reasons(Source.open(project).read())
    assert skipped["a/z.py"] == "vanished (left out of the sparse checkout)"


@pytest.mark.parametrize("state", ["rebase", "detached", "unborn", "merge"])
def test_a_repository_in_the_midst_of_things_is_read(
    tmp_path: Path, scratch_git: Git, state: str
) -> None:
    root = tmp_path / "busy"
    scratch_git(root, "init", "-q", files={"a.py": "1\n"})
    if state != "unborn":
        scratch_git(root, "add", ".")
        scratch_git(root, "commit", "-qm", "one")
    if state == "detached":
        scratch_git(root, "checkout", "-q", "--detach")
    if state in ("rebase", "merge"):
        scratch_git(root, "checkout", "-qb", "side")
        scratch_git(root, "commit", "-qam", "two", files={"a.py": "2\n"})
        scratch_git(root, "checkout", "-q", "main")
        scratch_git(root, "commit", "-qam", "three", files={"a.py": "3\n"})
        scratch_git(root, "rebase", "side")
        assert (root / ".git" / "rebase-merge").exists()
    found = Source.open(root).read()
    # A conflicting file has three entries in the index, and is one document.
    assert names(found) == ["a.py"]
    assert found.documents[0].data == (root / "a.py").read_bytes()
    if state == "unborn":
        with pytest.raises(SourceError, match="no commit yet"):
            Source.open(root, "HEAD")


def test_an_empty_repository_and_an_empty_folder(tmp_path: Path, scratch_git: Git) -> None:
    scratch_git(tmp_path / "new", "init", "-q")
    (tmp_path / "empty").mkdir()
    for name in ("new", "empty"):
        found = Source.open(tmp_path / name).read()
        assert (found.documents, found.skipped) == ((), ())


def test_a_damaged_index_is_said_and_read_around(project: Path) -> None:
    (project / ".git" / "index").write_bytes(b"garbage of some length that is no index")
    found = Source.open(project).read()
    assert names(found) == [".gitignore", "b.py", "new.py", "a/z.py", "a/deep/x.py"]
    assert reasons(found)[".git"].startswith("unreadable (fatal: ")


def test_names_that_are_not_utf_8(project: Path, scratch_git: Git) -> None:
    raw = os.fsencode(project) + b"/caf\xe9.py"
    with open(raw, "wb") as file:
        file.write(b"c\n")
    fill(project, {r"caf\xe9.py": "clash\n", "two\nlines.py": "l\n"})
    scratch_git(project, "add", "*.py")
    scratch_git(project, "commit", "-qm", "names")
    for source in (Source.open(project), Source.open(project, "HEAD"), Source.from_folder(project)):
        found = source.read()
        assert r"caf\xe9.py" in names(found)
        assert "two\nlines.py" in names(found)
        assert len(names(found)) == len(set(names(found)))
        assert reasons(found)[r"caf\xe9.py"] == "unreadable (its name is written like another's)"
        for path in names(found):
            path.encode("utf-8")


def test_a_tree_that_lies_about_its_paths(project: Path, scratch_git: Git) -> None:
    blob = scratch_git(project, "rev-parse", "HEAD:b.py")
    entry = b"100644 ..\0" + bytes.fromhex(blob) + b"100644 ok.py\0" + bytes.fromhex(blob)
    fill(project, {"tree.bin": entry})
    tree = scratch_git(project, "hash-object", "--literally", "-t", "tree", "-w", "tree.bin")
    commit = scratch_git(project, "commit-tree", "-m", "lies", tree)
    found = Source.open(project, commit).read()
    assert names(found) == ["ok.py"]
    assert reasons(found) == {"..": "unreadable (not a path inside the root)"}


def test_files_named_one_by_one(project: Path, tmp_path: Path) -> None:
    os.symlink("b.py", project / "link.py")
    os.symlink("/etc/passwd", project / "out.py")
    named = ["a/z.py", "./b.py", "b.py", "run.log", str(project / "new.py"), "nothing.py"]
    named += ["../outside.py", "link.py", "out.py", "a"]
    found = Source.from_files(project, named).read()
    assert names(found) == ["b.py", "link.py", "new.py", "run.log", "a/z.py"]
    assert reasons(found) == {
        "../outside.py": "unreadable (not a path inside the root)",
        "a": "not a regular file (folder)",
        "nothing.py": "no such file",
        "out.py": "link leaving the root",
    }


@pytest.mark.parametrize("text", [b"b.py\na/z.py\n", b"b.py\r\n\r\na/z.py", b"b.py\0a/z.py\0"])
def test_a_file_list_on_a_stream(project: Path, text: bytes) -> None:
    assert names(Source.from_list(project, io.BytesIO(text)).read()) == ["b.py", "a/z.py"]


def test_text_on_a_stream() -> None:
    source = Source.from_stdin(io.BytesIO(b"x = 1\r\n"), "main.py")
    assert source.read().documents == (Document("main.py", "x = 1\r\n"),)
    assert source.read() == source.read()
    long = Source.from_stdin(io.BytesIO(b"x" * 11), options=SourceOptions(max_bytes=10))
    assert reasons(long.read()) == {"stdin.txt": "too large (over 10 bytes)"}
    with pytest.raises(SourceError, match="no plain relative path"):
        Source.from_stdin(io.BytesIO(b""), "../x.py")


def test_what_cannot_be_opened_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"nothing at .*: name a folder"):
        Source.open(tmp_path / "nothing")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SourceError, match="neither a file nor a folder"):
        Source.open(tmp_path / "pipe")
    with pytest.raises(SourceError, match="is in no git repository"):
        Source.open(tmp_path, "HEAD")
    (tmp_path / "file").write_text("x")
    with pytest.raises(SourceError, match="is no folder"):
        Source.from_folder(tmp_path / "file")


PAGE_SET = {
    "glyphagent-pages/manifest.json": '{\n "format": "glyphagent page set",\n "pages": []}',
    "glyphagent-pages/index.html": "<html></html>",
    "glyphagent-pages/old/manifest.json": '{"format": "glyphagent page set"}',
    "sub/manifest.json": '{"name": "my web app", "x": {"format": "glyphagent page set"}}',
    "manifest.json": '{"format": "glyphagent page set"}',
}


def test_our_own_pages_are_no_source(project: Path, tmp_path: Path, scratch_git: Git) -> None:
    skip = {"glyphagent-pages": "pages of glyphagent"}
    plain = fill(tmp_path / "plain", {"a.py": "", **PAGE_SET})
    found = Source.open(plain).read()
    assert names(found) == ["a.py", "manifest.json", "sub/manifest.json"]
    assert reasons(found) == skip
    before = names(Source.open(project).read())
    fill(project, dict(PAGE_SET))
    assert set(names(Source.open(project).read())) == {
        *before,
        "manifest.json",
        "sub/manifest.json",
    }
    assert reasons(Source.open(project).read()) == skip
    scratch_git(project, "add", ".")
    scratch_git(project, "commit", "-qm", "pages")
    found = Source.open(project, "HEAD").read()
    assert {"manifest.json", "sub/manifest.json"} <= set(names(found))
    assert not [name for name in names(found) if name.startswith("glyphagent-pages")]
    assert reasons(found)["glyphagent-pages"] == "pages of glyphagent"
    assert reasons(Source.open(project / "glyphagent-pages").read()) == {
        "old": "pages of glyphagent"
    }


def test_a_pipe_that_is_called_manifest_does_not_hold_us(tmp_path: Path) -> None:
    fill(tmp_path, {"sub/a.py": ""})
    os.mkfifo(tmp_path / "sub" / "manifest.json")
    assert names(Source.open(tmp_path).read()) == ["sub/a.py"]


@pytest.mark.parametrize("fault", ["head", "pointer"])
def test_a_damaged_repository_is_said(tmp_path: Path, scratch_git: Git, fault: str) -> None:
    root = tmp_path / "root"
    if fault == "head":
        scratch_git(root, "init", "-q", files={"a.py": ""})
        (root / ".git" / "HEAD").write_text("nonsense")
    else:
        fill(root, {"a.py": "", ".git": "gitdir: /nowhere/at/all\n"})
    found = Source.open(root).read()
    assert names(found) == ["a.py"]
    assert reasons(found) == {
        ".git": "unreadable (the repository is damaged); ignore files were read without git"
    }
    with pytest.raises(SourceError, match=r"the git repository in .* is damaged \(git says"):
        Source.open(root, "HEAD")


def test_a_file_outside_is_told_by_the_name_that_was_given(tmp_path: Path) -> None:
    found = Source.from_files(tmp_path, ["/etc/passwd", "./sub/../../x"]).read()
    said = "unreadable (not a path inside the root)"
    assert reasons(found) == {"/etc/passwd": said, "./sub/../../x": said}


@pytest.mark.parametrize("path", ["a\0b", b"bytes", None, 3])
def test_what_is_no_path_is_told(path: Any) -> None:
    for revision in (None, "HEAD"):
        with pytest.raises(SourceError, match="is no path"):
            Source.open(path, revision)
