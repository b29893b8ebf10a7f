"""Which paths a set of ignore files and globs leaves out, as git would decide.

One `IgnoreRules` holds files of one kind (`.gitignore`, `.glyphagentignore`), each for its own
folder; a deeper file overrules a higher one, and nothing below an ignored folder comes back.
Inside a git work tree git itself decides about `.gitignore`; this is for all other places.

Source: https://git-scm.com/docs/gitignore
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from pathspec import GitIgnoreSpec
from pathspec.pattern import RegexPattern

from glyphagent.errors import SourceError

IGNORE_FILE = ".glyphagentignore"

# Version control keeps its own state there: never a part of the sources.
VCS_FOLDERS = frozenset({".git", ".hg", ".svn"})

# Each free star multiplies what a regular expression may try before it gives up, and ignore
# files are not trusted: a line with more of them inside one name is passed over.
_MOST_STARS = 3


Rule = tuple[re.Pattern[str], bool]


def parse(lines: Iterable[str]) -> list[Rule]:
    """Expression of each rule and whether it leaves out; the last that fits decides.

    Lines that git would not understand are passed over, as git does.
    """
    rules: list[Rule] = []
    for line in lines:
        # `foo/**` leaves out what is in foo but not foo itself, so that `!foo/x` can bring x
        # back; pathspec 1.1 takes it for foo too.
        rule = re.sub(r"(?<=[^/])/\*\*$", "/**/*", line.rstrip("\r\n"))
        if not rule.strip(" !/") or rule.startswith("#"):
            continue
        names = rule.split("/")
        stars = [name.count("*") for name in names if name != "**"]
        if max(names.count("**"), *stars, 0) > _MOST_STARS:
            continue
        try:
            patterns = GitIgnoreSpec.from_lines([rule]).patterns
        except (ValueError, re.error):
            continue
        rules.extend(
            (_whole(pattern.regex.pattern), pattern.include)
            for pattern in patterns
            if isinstance(pattern, RegexPattern)
            and pattern.regex is not None
            and pattern.include is not None
        )
    return rules


def _whole(expression: str) -> re.Pattern[str]:
    """Expression for whole paths, with any characters in their names.

    pathspec's shortcuts for `*`, `**/` and the like are no anchored expressions: `.` and `/`.
    """
    return re.compile(expression if expression[0] == "^" else f".*{expression}", re.DOTALL)


class IgnoreRules:
    """Ignore files of one kind, layered by folder."""

    def __init__(self) -> None:
        """Start without any rule."""
        self._rules: dict[str, list[Rule]] = {}
        self._folders: dict[str, bool] = {}

    def add(self, folder: str, text: str) -> None:
        """Take the ignore file that lies in `folder`, a path without final slash or nothing."""
        rules = parse(text.removeprefix("\ufeff").split("\n"))
        if rules:
            self._rules[folder] = rules
            self._folders.clear()

    def ignores(self, path: str) -> bool:
        """Whether a file is left out, by its own name or by a folder above it."""
        if not self._rules:
            return False
        return self.ignores_folder(path.rpartition("/")[0]) or self._verdict(path, "")

    def ignores_folder(self, folder: str) -> bool:
        """Whether a folder, and so all below it, is left out."""
        if not folder or not self._rules:
            return False
        known = self._folders.get(folder)
        if known is None:
            known = self.ignores_folder(folder.rpartition("/")[0]) or self._verdict(folder, "/")
            self._folders[folder] = known
        return known

    def _verdict(self, path: str, end: str) -> bool:
        """What the deepest ignore file that knows this path says; `end` is `/` for a folder."""
        folder = path
        while folder:
            folder = folder.rpartition("/")[0]
            target = (path[len(folder) + 1 :] if folder else path) + end
            for expression, leaves_out in reversed(self._rules.get(folder, ())):
                # The whole path: pathspec's expressions also fit what lies below a match, but
                # the folders above were asked one by one, each with all its rules.
                if expression.fullmatch(target):
                    return leaves_out
        return False


class Globs:
    """The user's own include and ignore globs, in gitignore's syntax, from the root."""

    def __init__(self, include: Sequence[str], ignore: Sequence[str]) -> None:
        """Compile both lists; an empty `include` takes everything.

        Raises:
            SourceError: One of the globs cannot be understood.
        """
        self._include = _compile(include)
        self._ignore = _compile(ignore)

    def leaves_out(self, path: str) -> bool:
        """Whether a path is not asked for, or holds version control's own state."""
        if VCS_FOLDERS & set(path.split("/")):
            return True
        if self._include is not None and not self._include.match_file(path):
            return True
        return self._ignore is not None and self._ignore.match_file(path)


def _compile(globs: Sequence[str]) -> GitIgnoreSpec | None:
    """What the globs match together; none without globs."""
    if isinstance(globs, str):
        raise SourceError(f"globs must be a list, not the text {globs!r}: write [{globs!r}]")
    for glob in globs:
        try:
            GitIgnoreSpec.from_lines([glob])
        except (ValueError, re.error) as error:
            raise SourceError(f"{glob!r} is no glob in gitignore's syntax: {error}") from None
    return GitIgnoreSpec.from_lines(globs) if globs else None
