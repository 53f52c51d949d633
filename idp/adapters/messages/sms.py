"""Text messages: to people who have a telephone only, by a gateway that takes JSON over HTTP, or into a folder.

The gateway is asked with `POST` and `{"id", "from", "to", "text"}`, `Authorization: Bearer` with the secret and the id as
`Idempotency-Key`, so that a message that it took twice is sent once. Any 2xx is a yes; 400 and 422 are a no for good.
"""

import tempfile
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Final

import requests

from idp import settings
from idp.adapters.secret_file import SecretFileProblem, read_secret
from idp.core.messages import OutgoingSms, SmsSender, Undelivered

_TIMEOUT_SECONDS = 10.0
_REFUSED_FOR_GOOD: Final = frozenset({400, 422})
_SECRET_REFUSED: Final = frozenset({401, 403})


class GatewaySender:
    """Sends by the organisation's gateway."""

    def __init__(self, sms: settings.Sms) -> None:
        self._sms = sms
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = str(sms.ca) if sms.ca else True
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def send(self, sms: OutgoingSms) -> None:
        """Raises Undelivered; final for what the gateway says is malformed."""
        message = {"id": sms.id, "from": self._sms.sender, "to": sms.to, "text": sms.text}
        status = self._call("POST", json=message, headers={"Idempotency-Key": sms.id})
        if not 200 <= status < 300:
            raise Undelivered(f"status_{status}", final=status in _REFUSED_FOR_GOOD)

    def check(self) -> None:
        """See that the gateway answers and takes the secret; what it says of a HEAD is its own business otherwise."""
        status = self._call("HEAD")
        if status in _SECRET_REFUSED or status >= 500:
            raise Undelivered(f"status_{status}")

    def _call(self, method: str, *, json: dict[str, str] | None = None, headers: dict[str, str] | None = None) -> int:
        """No redirect is followed: it would take the secret and the text along."""
        try:
            bearer = {"Authorization": f"Bearer {read_secret(self._sms.secret_file)}"} if self._sms.secret_file else {}
            with self._session.request(
                method,
                self._sms.gateway,
                json=json,
                headers={**bearer, **(headers or {})},
                timeout=_TIMEOUT_SECONDS,
                allow_redirects=False,
                stream=True,
            ) as response:
                return response.status_code
        except SecretFileProblem:
            raise Undelivered("secret_unreadable") from None
        except (requests.RequestException, OSError) as problem:
            raise Undelivered(type(problem).__name__) from None


class FolderSmsSender:
    """Writes each text message into a folder as `<id>.txt`, for the sandbox."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, sms: OutgoingSms) -> None:
        """Raises Undelivered when the folder cannot be written."""
        unfinished = self._folder / f".{sms.id}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            unfinished.write_text(f"To: {sms.to}\n\n{sms.text}\n", encoding="utf-8")
            unfinished.replace(self._folder / f"{sms.id}.txt")
        except OSError as problem:
            raise Undelivered(type(problem).__name__) from None

    def check(self) -> None:
        """Raises Undelivered when the folder cannot be written."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self._folder):
                pass
        except OSError as problem:
            raise Undelivered(type(problem).__name__) from None


class NoSmsSender:
    """Takes nothing, because nobody said how."""

    def send(self, sms: OutgoingSms) -> None:  # noqa: ARG002
        """Raises Undelivered."""
        raise Undelivered("sms_not_configured")

    def check(self) -> None:
        """Raises Undelivered."""
        raise Undelivered("sms_not_configured")


def make_sms_sender(sms: settings.Sms) -> SmsSender:
    """The way of sending that the settings say. Raises SecretFileProblem."""
    if sms.folder is not None:
        return FolderSmsSender(sms.folder)
    if sms.secret_file is not None:
        read_secret(sms.secret_file)  # it is read again with each message, so that a new one needs no restart
    return GatewaySender(sms) if sms.gateway else NoSmsSender()
