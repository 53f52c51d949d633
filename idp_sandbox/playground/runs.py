"""Runs: one login each, with everything that was sent and received; kept in memory, the newest fifty."""

import base64
import hashlib
import secrets
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from joserfc.jwk import ECKey

from idp_sandbox.playground.client_file import Client
from idp_sandbox.playground.steps import Step

MOST_RUNS = 50


@dataclass(kw_only=True)
class Run:
    """One authorization request, and what followed."""

    client: Client
    auth_method: str
    parameters: dict[str, str]
    """Of the authorization request, as the developer chose them."""
    send_as: str = "plain"
    code_verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    dpop_key: ECKey | None = None
    id: str = field(default_factory=lambda: secrets.token_urlsafe(9))
    metadata: Mapping[str, Any] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    tokens: dict[str, Any] = field(default_factory=dict)
    claims: Mapping[str, Any] = field(default_factory=dict)
    """Of the ID token."""
    authorization_url: str | None = None
    """Where the browser has to go; None when there is nothing to go to."""
    dpop_nonce: str | None = None

    @property
    def code_challenge(self) -> str:
        digest = hashlib.sha256(self.code_verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    @property
    def is_answered(self) -> bool:
        return any(step.title == AUTHORIZATION_RESPONSE for step in self.steps)


AUTHORIZATION_RESPONSE = "Authorization response"


class Runs:
    """The latest runs, by id and by the state of their request."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: OrderedDict[str, Run] = OrderedDict()

    def add(self, run: Run) -> None:
        with self._lock:
            self._runs[run.id] = run
            while len(self._runs) > MOST_RUNS:
                self._runs.popitem(last=False)

    def find(self, run_id: str) -> Run | None:
        with self._lock:
            return self._runs.get(run_id)

    def find_by_state(self, state: str) -> Run | None:
        """The newest run whose request had this state."""
        return next((run for run in self.newest() if run.parameters.get("state") == state), None)

    def find_by_session(self, *, sid: str | None, sub: str | None) -> list[Run]:
        """Those that a logout token is about: of a session, or of a person when no session is named."""
        return [
            run
            for run in self.newest()
            if (sid is not None and run.claims.get("sid") == sid)
            or (sid is None and sub is not None and run.claims.get("sub") == sub)
        ]

    def newest(self) -> list[Run]:
        with self._lock:
            return list(reversed(self._runs.values()))
