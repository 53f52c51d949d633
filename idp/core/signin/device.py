"""Device: what a browser says about itself, in words for a person. It is the browser's own word, so nothing hangs on it."""

from dataclasses import dataclass
from typing import Final

_PROGRAMS: Final = (
    ("Edg", "Microsoft Edge"),
    ("OPR/", "Opera"),
    ("OPT/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
"""Each says that it is those below as well, so the first counts."""
_SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """Names out of our own lists, whatever was sent."""

    program: str | None
    system: str | None

    @property
    def in_words(self) -> str:
        """Such as "Chrome, Windows"; empty when nothing was recognised."""
        return ", ".join(filter(None, (self.program, self.system)))


def recognise(user_agent: str) -> Device:
    """Read the user agent; an iPad that says it is a Mac is told as one."""
    return Device(program=_first(_PROGRAMS, user_agent), system=_first(_SYSTEMS, user_agent))


def _first(names: tuple[tuple[str, str], ...], user_agent: str) -> str | None:
    return next((name for mark, name in names if mark in user_agent), None)
