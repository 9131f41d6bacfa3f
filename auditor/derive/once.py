"""Values that are worked out when they are first asked for, and only once, though two threads ask."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from threading import Lock, RLock
from typing import Any, Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class Once(Generic[K]):
    """Key → value. Whoever asks for a value that another thread works out waits for it; other values can be asked for meanwhile."""

    def __init__(self, values: Mapping[K, Any] | None = None) -> None:
        self.values: dict[K, Any] = dict(values or {})
        """What is there already."""
        self._locks: dict[K, Any] = {}
        self._guard = Lock()

    def get(self, key: K, compute: Callable[[], Any]) -> Any:
        """The value; `compute()` where there is none yet. What that raises, the next who asks meets again."""
        try:
            return self.values[key]
        except KeyError:
            pass
        with self._guard:
            # Values rest on one another without circles, so that no two threads wait for each other.
            lock = self._locks.setdefault(key, RLock())
        with lock:
            if key not in self.values:
                self.values[key] = compute()
            return self.values[key]

    def forget(self, which: Callable[[K], bool]) -> None:
        """Lets go of the values of these keys."""
        with self._guard:
            self.values = {key: value for key, value in self.values.items() if not which(key)}
