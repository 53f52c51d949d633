"""Logins: who is logged in to MinaSidor right now, so that a logout elsewhere can end it here."""

import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """One browser that is logged in to MinaSidor, by one ID token."""

    id_token: str
    claims: Mapping[str, Any]
    userinfo: Mapping[str, Any]

    @property
    def name(self) -> str:
        return str(self.userinfo.get("name") or self.claims.get("name") or self.claims["sub"])

    @property
    def customer_number(self) -> str | None:
        found = self.userinfo.get("customer_number", self.claims.get("customer_number"))
        return None if found is None else str(found)

    @property
    def organisation_name(self) -> str | None:
        found = self.userinfo.get("https://id.oidc.se/claim/orgName")
        return None if found is None else str(found)

    @property
    def organisation_number(self) -> str | None:
        """As people write it, 556016-0680; the claim has ten digits."""
        name = "https://id.oidc.se/claim/orgNumber"
        found = self.userinfo.get(name, self.claims.get(name))
        return None if found is None else f"{str(found)[:6]}-{str(found)[6:]}"


class Logins:
    """All open logins, in memory: they end with this program."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[str, Login] = {}

    def open(self, login: Login) -> str:
        """Remember a login and return the reference that the browser's cookie carries."""
        reference = secrets.token_urlsafe(24)
        with self._lock:
            self._open[reference] = login
        return reference

    def find(self, reference: str | None) -> Login | None:
        with self._lock:
            return self._open.get(reference) if reference else None

    def close(self, reference: str | None) -> Login | None:
        """End one browser's login and return what it was."""
        with self._lock:
            return self._open.pop(reference, None) if reference else None

    def close_session(self, *, sid: str | None, sub: str | None) -> int:
        """End every login of a provider session, or of a person when no session is named; return how many."""
        with self._lock:
            gone = [
                reference
                for reference, login in self._open.items()
                if (sid is not None and login.claims.get("sid") == sid)
                or (sid is None and sub is not None and login.claims.get("sub") == sub)
            ]
            for reference in gone:
                del self._open[reference]
        return len(gone)
