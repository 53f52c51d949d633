"""Readiness of sockets, told once: the thread that is told owns the connection until it is armed again, from any thread."""

import select
import sys
from collections.abc import Sequence
from typing import Protocol


class Poller(Protocol):
    """Who waits for many sockets at once."""

    def listen(self, fd: int) -> None:
        """Tell each time something is to be accepted or read here."""

    def forget(self, fd: int) -> None:
        """Tell no more of a socket that was listened to."""

    def arm(self, fd: int, *, writing: bool = False, new: bool = False) -> None:
        """Tell once when the socket can be read, or written. Safe from any thread."""

    def wait(self, seconds: float) -> Sequence[int]:
        """Who is ready."""

    def close(self) -> None: ...


if sys.platform == "linux":

    class _Epoll:
        def __init__(self) -> None:
            self._epoll = select.epoll()

        def listen(self, fd: int) -> None:
            self._epoll.register(fd, select.EPOLLIN)

        def forget(self, fd: int) -> None:
            self._epoll.unregister(fd)

        def arm(self, fd: int, *, writing: bool = False, new: bool = False) -> None:
            events = (select.EPOLLOUT if writing else select.EPOLLIN) | select.EPOLLONESHOT
            (self._epoll.register if new else self._epoll.modify)(fd, events)

        def wait(self, seconds: float) -> Sequence[int]:
            return [fd for fd, _ in self._epoll.poll(seconds)]

        def close(self) -> None:
            self._epoll.close()

    def new_poller() -> Poller:
        return _Epoll()

else:

    class _Kqueue:
        def __init__(self) -> None:
            self._kqueue = select.kqueue()

        def listen(self, fd: int) -> None:
            self._change(fd, select.KQ_FILTER_READ, select.KQ_EV_ADD)

        def forget(self, fd: int) -> None:
            self._change(fd, select.KQ_FILTER_READ, select.KQ_EV_DELETE)

        def arm(self, fd: int, *, writing: bool = False, new: bool = False) -> None:  # noqa: ARG002 - adds either way
            kind = select.KQ_FILTER_WRITE if writing else select.KQ_FILTER_READ
            self._change(fd, kind, select.KQ_EV_ADD | select.KQ_EV_ONESHOT)

        def wait(self, seconds: float) -> Sequence[int]:
            return [event.ident for event in self._kqueue.control(None, 256, seconds)]

        def close(self) -> None:
            self._kqueue.close()

        def _change(self, fd: int, kind: int, flags: int) -> None:
            self._kqueue.control([select.kevent(fd, kind, flags)], 0)

    def new_poller() -> Poller:
        return _Kqueue()
