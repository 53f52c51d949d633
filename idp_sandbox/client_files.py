"""Client files in a running world: a changed or dropped file is checked, and then the provider reads its clients again."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Checked:
    """What the provider says of a client file: its meaning, or its mistakes."""

    accepted: bool
    text: str


@dataclass(slots=True)
class ClientFiles:
    """Watches where client files lie, and a place where the playground drops files that are to be tried."""

    directories: Sequence[Path]
    """Read by the provider; a file that changes there counts at once."""
    dropped: Path
    """A file that appears here is checked, and moved to `trials` when it is right."""
    trials: Path
    check: Callable[[Path], Checked]
    read_again: Callable[[], None]
    """Has the provider read its clients again."""
    _seen: dict[Path, int] | None = None

    def look(self) -> Iterator[str]:
        """Take what has changed since the last look; yields a line for the terminal for each."""
        before, self._seen = self._seen, self._states()
        accepted = 0
        for file in sorted(self.dropped.glob("*.toml")):
            accepted += self._try(file)
        if before is not None and before != self._seen:
            changed = sorted(path for path, state in self._seen.items() if before.get(path) != state)
            for file in changed:
                found = self.check(file) if file.suffix == ".toml" else Checked(True, "")
                yield f"{file}: {'read' if found.accepted else 'not read:'}" + (
                    "" if found.accepted else f"\n{found.text}"
                )
                if not found.accepted:
                    return
            accepted += 1
        if accepted:
            self.read_again()

    def _try(self, file: Path) -> bool:
        """Check a dropped file, put it in force or remove it, and write the answer beside it."""
        found = self.check(file)
        if found.accepted:
            file.replace(self.trials / file.name)
        else:
            file.unlink()
        unfinished = file.with_suffix(".answer")
        unfinished.write_text(json.dumps({"accepted": found.accepted, "text": found.text}), encoding="utf-8")
        unfinished.replace(file.with_suffix(".json"))
        return found.accepted

    def _states(self) -> dict[Path, int]:
        """When each file was last changed."""
        found = {}
        for directory in self.directories:
            for file in (*directory.glob("*.toml"), *directory.glob("*.json")):
                try:
                    found[file] = file.stat().st_mtime_ns
                except OSError:
                    continue  # removed while we looked
        return found
