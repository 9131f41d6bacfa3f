"""What a run is doing, for a person who watches; nothing where the output goes to a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console


@contextmanager
def progress_line() -> Iterator[Callable[[str], None]]:
    """A line on standard error that says the step; silent where that is no terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status("starting") as status:
        yield lambda step: status.update(step)
