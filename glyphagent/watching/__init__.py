"""Which folders changed since they were last looked at: hints, never the truth.

A hint says where to look; what is there is decided by reading it again. So a hint too many costs
a look, and a hint too few is not allowed: whatever may have been missed is told as "everything".

    Watcher ─┬── Territory        the root, what is surely ignored in it, folders of our own pages
    settles  │                    (`GitRules`, `PlainRules`)
             ├── FolderWatches    one inotify watch for each folder that is not ignored
             ├── TreeObserver     other systems: watchdog's observer of a whole tree
             └── NoHints          polling: everything, every few seconds
"""

from __future__ import annotations

from glyphagent.watching.signs import Dirty, Status
from glyphagent.watching.watcher import Watcher

__all__ = ["Dirty", "Status", "Watcher"]
