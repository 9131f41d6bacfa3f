"""What holds for all tests."""

from __future__ import annotations

import os

from hypothesis import settings

# A machine that others use too takes now and then longer for one example: that is no failure. In CI the examples are the same
# on every run, so that a change is judged by itself and not by luck.
settings.register_profile("auditor", deadline=None, print_blob=True, derandomize=bool(os.environ.get("CI")))
settings.load_profile("auditor")
