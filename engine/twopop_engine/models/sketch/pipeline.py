"""A producer in a thread of its own, a consumer here, a short queue between: what keeps two cores busy."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")


class Stopped(Exception):
    """Raised in a producer whose consumer is gone."""


class Ahead(Generic[T]):
    """Runs an iterator ahead of whoever reads it, `depth` items at most. A context manager and an iterable.

    An exception of the producer is raised to the reader, in its place in the sequence. Leaving the context ends the
    producer at its next item and waits for it.
    """

    def __init__(self, produce: Callable[[], Iterable[T]], depth: int = 4) -> None:
        self._produce = produce
        self._items: queue.Queue[tuple[T] | BaseException | None] = queue.Queue(depth)
        self._gone = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Ahead[T]:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._gone.set()
        self._thread.join()

    def __iter__(self) -> Iterator[T]:
        while (item := self._items.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item[0]

    def _run(self) -> None:
        try:
            for item in self._produce():
                self._put((item,))
            self._put(None)
        except Stopped:
            return
        except BaseException as exc:
            try:
                self._put(exc)
            except Stopped:
                return

    def _put(self, item: tuple[T] | BaseException | None) -> None:
        while not self._gone.is_set():
            try:
                self._items.put(item, timeout=0.1)
            except queue.Full:
                continue
            return
        raise Stopped


class Growing(Generic[T]):
    """A value that one thread replaces by longer versions of itself, and that others wait for.

    `update`, `rest` and `finish` belong to the writer; `wait` returns the newest value once `enough` says so.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._value: T | None = None
        self._done = False
        self._wanted = False
        self._error: BaseException | None = None

    def update(self, value: T) -> None:
        """Replaces the value."""
        with self._changed:
            self._value, self._wanted = value, False
            self._changed.notify_all()

    def rest(self, until: Callable[[], bool]) -> None:
        """Leaves the cores to the others until `until` says so, or somebody waits for more than there is."""
        with self._changed:
            while not self._wanted and not until():
                self._changed.wait(0.01)

    def finish(self, error: BaseException | None = None) -> None:
        """No more versions will come; `error` is raised to all who wait."""
        with self._changed:
            self._done, self._error = True, error
            self._changed.notify_all()

    def wait(self, enough: Callable[[T], bool]) -> T:
        """The newest value as soon as it is `enough`, or the last one."""
        with self._changed:
            while True:
                if self._error is not None:
                    raise self._error
                if self._value is not None and (self._done or enough(self._value)):
                    return self._value
                if self._done:
                    raise Stopped
                self._wanted = True
                self._changed.wait(0.5)
