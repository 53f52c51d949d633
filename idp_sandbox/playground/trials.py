"""Trials: client files that a developer tries, handed to the running world, which checks them and has the provider read them."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from idp_sandbox.playground.client_file import Client

DROPPED = "dropped"
"""Directory in which the world finds dropped files and leaves its answers."""
ANSWER_WITHIN = 20.0
"""Seconds; checking a file starts a program."""
_STEP = 0.1


class TrialRefused(Exception):
    """The file is not used; the text is the provider's own list of mistakes, or says that nobody looked."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A client that is tried, and what its file means in the provider's words."""

    client: Client
    meaning: str


class Trials:
    """The files tried since this program started."""

    def __init__(self, data: Path) -> None:
        self._directory = data / DROPPED
        self._trials: dict[str, Trial] = {}

    def add(self, client: Client, text: str, *, is_known: Callable[[], bool]) -> Trial:
        """Hand over a file, and wait until the provider knows its client. Raises TrialRefused."""
        self._directory.mkdir(parents=True, exist_ok=True)
        file = self._directory / f"{client.client_id}.toml"
        answer = file.with_suffix(".json")
        answer.unlink(missing_ok=True)
        unfinished = file.with_suffix(".part")
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(file)
        if not _soon(answer.exists):
            file.unlink(missing_ok=True)
            raise TrialRefused("Nobody took the file. Client files are tried in a world that ./dev up started.")
        said = json.loads(answer.read_text(encoding="utf-8"))
        if not said["accepted"]:
            raise TrialRefused(said["text"])
        if not _soon(is_known):
            raise TrialRefused("The file is right, but the provider has not read it yet. See logs/idp.log.")
        self._trials[client.client_id] = Trial(client, said["text"])
        return self._trials[client.client_id]

    def find(self, client_id: str) -> Trial | None:
        return self._trials.get(client_id)

    def all(self) -> list[Trial]:
        return list(self._trials.values())


def _soon(look: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + ANSWER_WITHIN
    while not look():
        if time.monotonic() > deadline:
            return False
        time.sleep(_STEP)
    return True
