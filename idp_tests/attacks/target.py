"""A target: one running provider with a client of every kind, and blows at it that must change nothing.

A blow is one request. Whatever it holds, `Target.strike` asserts what always has to hold: no 5xx, nobody sent to an address
that no client registered, not one row changed, the policy headers on every page, and one line in the log for a refusal.
"""

import json
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc.jwk import ECKey
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from idp_tests import relying_party
from idp_tests.answers import check_answer
from idp_tests.browser import Browser
from idp_tests.client_side import ClientSide, ProofKey, present
from idp_tests.provider import ISSUER, SETTINGS, Provider, run_provider
from idp_tests.relying_party import CLIENT_KEY, FORM

FAPI = """
client_name = "Banken"
security_profile = "fapi2"
redirect_uris = ["https://fapi.example/cb"]
require_customer_link = false
scope = "openid profile offline_access"
[[jwks.keys]]
{jwk}
"""
SIGNER = """
client_name = "Signatören"
security_profile = "third_party"
redirect_uris = ["https://signer.example/cb", "https://signer.example/other"]
post_logout_redirect_uris = ["https://signer.example/bye"]
require_customer_link = false
request_object_signing_algs = ["ES256", "PS256"]
id_token_signed_response_alg = "ES256"
scope = "openid profile email"
[[jwks.keys]]
{jwk}
"""
BLOCKED = """
client_name = "Avstängd"
security_profile = "native_public"
redirect_uris = ["https://disabled.example/cb"]
disabled = true
"""
_POSTED = re.compile(
    r"/authorize\?client_id=[A-Za-z0-9._-]+&request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3A[A-Za-z0-9_-]{43}"
)
"""Where a posted request goes on: nothing of what was sent but the client stands in it."""
REFUSALS = frozenset({"request refused", "authorization refused", "error page"})
CLIENT_SIDES: Mapping[str, ClientSide] = {
    **relying_party.CLIENT_SIDES,
    "fapi": ClientSide(client_id="fapi", redirect_uri="https://fapi.example/cb", key=CLIENT_KEY),
    "signer": ClientSide(client_id="signer", redirect_uri="https://signer.example/cb", key=CLIENT_KEY),
}
Pairs = list[tuple[str, str]]
Rows = dict[str, list[tuple[Any, ...]]]


@dataclass(kw_only=True)
class Target:
    """A provider on SQLite whose every row can be read before and after a blow."""

    provider: Provider
    eye: sqlite3.Connection
    """Sees every row that is committed."""
    device: ProofKey = field(default_factory=ProofKey)
    _seen: tuple[int, Rows] | None = field(default=None, repr=False)

    @cached_property
    def http(self) -> Any:
        """A program: no cookies, no redirects."""
        return self.provider.app.test_client(use_cookies=False)

    @cached_property
    def anna(self) -> Browser:
        """A browser with a live session of Anna, who has an account and a company."""
        return self.provider.browser().first_login()

    @property
    def now(self) -> int:
        """Seconds since 1970, by the provider's clock."""
        return int(self.provider.clock().timestamp())

    # --- rows -------------------------------------------------------------------------------------------------------

    def rows(self) -> Rows:
        """Everything that is stored, but for the incidents: an error page's own note. Read only when somebody has written."""
        version = int(self.eye.execute("PRAGMA data_version").fetchone()[0])
        if self._seen is None or self._seen[0] != version:
            found = {name: self.eye.execute(f"SELECT * FROM {name}").fetchall() for name in self.tables}
            self._seen = version, found
        return self._seen[1]

    @cached_property
    def tables(self) -> tuple[str, ...]:
        names = self.eye.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        return tuple(name for (name,) in names if name != "incidents")

    @contextmanager
    def unchanged(self, may_change: frozenset[str] = frozenset()) -> Iterator[None]:
        """Whatever happens inside leaves no trace in the database."""
        before = self.rows()
        yield
        after = self.rows()
        changed = {name for name in self.tables if before is not after and before[name] != after[name]}
        assert changed <= may_change, f"rows changed in {changed}"

    def strike(
        self,
        send: Callable[[], TestResponse],
        *,
        status: int | set[int],
        error: str | set[str] | None = None,
        told: int | None = 1,
        may_change: frozenset[str] = frozenset(),
    ) -> TestResponse:
        """Send one request that must be refused and give the answer.

        `told` counts the lines about the refusal; None when the answer is no refusal of the protocol (a 404).
        """
        with self.unchanged(may_change), capture_logs() as lines:
            response = send()
        allowed = status if isinstance(status, set) else {status}
        assert response.status_code in allowed, f"{response.status_code} {response.get_data(as_text=True)[:300]}"
        self.check_answer(response)
        if told is not None:
            refusals = [line for line in lines if line["event"] in REFUSALS]
            assert len(refusals) == told, lines
        if error is not None:
            assert error_in(response) in ({error} if isinstance(error, str) else error)
        return response

    def check_answer(self, response: TestResponse) -> None:
        """What holds for every answer to anybody."""
        assert response.status_code < 500, response.get_data(as_text=True)[:500]
        location = response.headers.get("Location")
        assert location is None or self.is_ours(location), f"sent to {location}"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        check_answer(response)

    def is_ours(self, location: str) -> bool:
        """Whether the address is a page of ours, or one that a client registered with parameters of ours behind it."""
        if "\r" in location or "\n" in location:
            return False
        if location.startswith(
            ("/signin/", "/logout?", "/approvals/", "/authorize?client_id=own-pages&")
        ) or location in {
            "/logout",
            "/confirm-email?done=1",
        }:
            return True
        if location.startswith("/not-me?case="):
            return True
        if _POSTED.fullmatch(location):
            return True
        return any(
            location == known or location.startswith((f"{known}?", f"{known}&")) for known in self.registered_addresses
        )

    @cached_property
    def registered_addresses(self) -> frozenset[str]:
        clients = self.provider.parts.clients.all()
        return frozenset(
            address
            for client in clients
            for address in (
                *client.redirect_uris,
                *client.post_logout_redirect_uris,
                client.client_uri,
                client.initiate_login_uri,
            )
            if address
        )

    # --- honest requests, to be spoilt ------------------------------------------------------------------------------

    def question(self, client_id: str = "minasidor", /, **changes: str | None) -> dict[str, str]:
        """The parameters of an authorization request; None leaves one out."""
        return CLIENT_SIDES[client_id].authorization_request(**changes)

    def credentials(self, client_id: str = "minasidor") -> dict[str, str]:
        """Fresh ones, as form members."""
        return CLIENT_SIDES[client_id].credentials(self.provider.clock())

    def code_form(self, code: str, client_id: str = "minasidor", /, **changes: str | None) -> dict[str, str]:
        return CLIENT_SIDES[client_id].code_form(code, **changes)

    def redeem(self, code: str, by: str = "minasidor", /, **changes: str | None) -> TestResponse:
        """Exchange a code of MinaSidor's in the name of a client."""
        return self.post("/token", present({**self.credentials(by), **self.code_form(code), **changes}))

    def get(self, path: str, query: Mapping[str, str] | Pairs | str = "", **headers: str) -> TestResponse:
        """A program's GET; the query as pairs, or as it stands."""
        text = query if isinstance(query, str) else urlencode(query, encoding="utf-8")
        answer: TestResponse = self.http.get(path, query_string=text, headers=headers, base_url=ISSUER)
        return answer

    def post(
        self,
        path: str,
        form: Mapping[str, str] | Pairs | bytes,
        headers: Mapping[str, str] | Pairs | None = None,
        content_type: str | None = FORM,
    ) -> TestResponse:
        """A program's POST."""
        body = form if isinstance(form, bytes) else urlencode(form).encode()
        answer: TestResponse = self.http.post(
            path, data=body, headers=headers, content_type=content_type, base_url=ISSUER
        )
        return answer

    def code(self, client_id: str = "minasidor", /, **changes: str | None) -> str:
        """A fresh code of Anna's; the clock stands still, so that it stays fresh."""
        browser = self.anna.open(self.question(client_id, **changes))
        if browser.left_to is None and browser.step == "consent":
            browser.submit("/consent", answer="allow")
        return browser.answer["code"]


def error_in(response: TestResponse) -> str | None:
    """The error's word: in the redirect, in JSON, or None."""
    location = response.headers.get("Location")
    if location is not None:
        return parse_qs(urlsplit(location).query).get("error", [None])[0]
    if response.mimetype == "application/json":
        found: str | None = json.loads(response.get_data()).get("error")
        return found
    return None


def toml_jwk(key: ECKey) -> str:
    return "\n".join(f'{name} = "{value}"' for name, value in key.as_dict(private=False).items())


def add_clients(directory: Path) -> None:
    """The kinds of client that the common provider lacks."""
    for name, text in (("fapi", FAPI), ("signer", SIGNER), ("disabled", BLOCKED)):
        (directory / f"clients/{name}.toml").write_text(text.format(jwk=toml_jwk(CLIENT_KEY)), encoding="utf-8")


@contextmanager
def running_target(directory: Path, files: Path, template: Path, more: str = "") -> Iterator[Target]:
    """Copy keys, clients and an empty database into the directory and start a provider on them."""
    shutil.copytree(files, directory)
    add_clients(directory)
    shutil.copy(template, directory / "idp.db")
    url = f"sqlite:///{directory / 'idp.db'}"
    (directory / "idp.toml").write_text(SETTINGS.format(database_url=url) + more, encoding="utf-8")
    with closing(sqlite3.connect(directory / "idp.db")) as eye:
        for provider in run_provider(directory):
            with provider.parts.database.unit_of_work():
                provider.parts.store.heartbeats.note("node-1.a", provider.clock())
            yield Target(provider=provider, eye=eye)
