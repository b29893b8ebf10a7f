"""What people do with git in a work tree."""

from __future__ import annotations

import shutil

from tests.live.file_work import FileWork
from tests.live.repositories import git

BRANCHES = ("main", "one", "two", "three")


class GitWork(FileWork):
    """Operations of git; each says whether it was done."""

    def _git(self, *words: str) -> bool:
        return git(self.root, *words, check=False).returncode == 0

    def _commit(self) -> bool:
        self._git("add", "-A", "--ignore-errors")
        return self._git("commit", "-qm", f"state {self._number}")

    def _checkout(self) -> bool:
        force = ("-f",) if self.random.random() < 0.4 else ()
        where = self.random.choice((*BRANCHES, "HEAD~1", "HEAD~3"))
        return self._git("checkout", "-q", *force, where)

    def _branch(self) -> bool:
        return self._git("checkout", "-q", "-B", self.random.choice(BRANCHES))

    def _stash(self) -> bool:
        pop = self.random.random() < 0.5
        return self._git("stash", "pop", "-q") if pop else self._git("stash", "-q", "-u")

    def _rebase(self) -> bool:
        """Begin one and leave it where it stops; end one that is in progress."""
        if (self.root / ".git/rebase-merge").exists():
            how = self.random.choice(("--abort", "--skip", "--abort"))
            return self._git("rebase", how)
        self._commit()
        return self._git("rebase", self.random.choice(BRANCHES), "-q")

    def _merge(self) -> bool:
        if (self.root / ".git/MERGE_HEAD").exists():
            return self._git("merge", "--abort")
        return self._git("merge", "-q", "-m", "merged", self.random.choice(BRANCHES))

    def _untrack(self) -> bool:
        path = self._file().relative_to(self.root).as_posix()
        return self._git("rm", "-q", "-f", "--cached", "--", path)

    def _git_move(self) -> bool:
        old, new = self._file().relative_to(self.root), self._new().relative_to(self.root)
        return self._git("mv", "-f", "--", old.as_posix(), new.as_posix())

    def _work_tree(self) -> bool:
        inside = self.random.random() < 0.5
        place = self.root / "wt" if inside else self.outside.with_name(f"{self.root.name}-wt")
        if place.exists():
            return self._git("worktree", "remove", "--force", str(place))
        self._git("worktree", "prune")
        return self._git("worktree", "add", "-q", "--detach", str(place))

    def _nested(self) -> bool:
        """Make a repository in the repository, or its folder a plain one again: one at a time."""
        for folder in self._folders():
            if (folder / ".git").is_dir():
                shutil.rmtree(folder / ".git")
                return True
        folder = self._any_folder()
        if (folder / ".git").exists():
            return False
        return git(folder, "init", "-q", check=False).returncode == 0
