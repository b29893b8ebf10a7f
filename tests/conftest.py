"""What every test shares: how hypothesis runs. Fixtures live in the folders' own conftest."""

from __future__ import annotations

import os

from hypothesis import settings

# No deadline: the machines that run this are shared. In CI the same examples every time.
settings.register_profile("glyphagent", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("glyphagent")
