"""The relying party of every room: it makes a client's calls, in this process or over the network, and keeps no cookies."""

import html
import re
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlencode

import requests
from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, KeySet
from werkzeug import Request, Response
from werkzeug.test import Client as HttpClient
from werkzeug.test import TestResponse

from idp.core.oidc.clients.client import AuthMethod, Client, SecurityProfile
from idp.core.oidc.keys import jose
from idp.core.oidc.keys.algorithms import SIGNING_ALGS
from idp_tests.client_side import ISSUER, ClientSide, ProofKey, basic_header
from idp_tests.patience import PATIENCE

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from idp_tests.browser import Browser
    from idp_tests.provider import Provider

FORM = "application/x-www-form-urlencoded"
_OF_THE_CONNECTION = frozenset({"Connection", "Content-Encoding", "Transfer-Encoding"})
PARTNER_SECRET = "partner-secret-of-256-bits-for-tests-only-000"


CLIENT_KEY = ECKey.generate_key("P-256", private=True)
CLIENT_SIDES: Mapping[str, ClientSide] = {
    one.client_id: one
    for one in (
        ClientSide(client_id="minasidor", redirect_uri="https://minasidor.example/cb", key=CLIENT_KEY),
        ClientSide(client_id="mittprezero", redirect_uri="https://app.example/cb", method=AuthMethod.NONE),
        ClientSide(
            client_id="partner",
            redirect_uri="https://partner.example/cb",
            method=AuthMethod.CLIENT_SECRET_POST,
            secret=PARTNER_SECRET,
        ),
    )
}
"""What the clients of every provider in this process know of themselves."""


def client_side(client_id: str) -> ClientSide:
    """What a client knows of itself; the partner's, under another name, where it came later."""
    return CLIENT_SIDES.get(client_id) or replace(CLIENT_SIDES["partner"], client_id=client_id)


class Reached(Protocol):
    """A provider as its clients reach it."""

    @property
    def issuer(self) -> str: ...
    @property
    def clock(self) -> Callable[[], datetime]: ...
    def calls(self) -> HttpClient: ...


@dataclass(frozen=True, kw_only=True)
class OverNetwork:
    """A provider that runs elsewhere; `verify` is what `requests` is to trust, the headers are sent with every call."""

    issuer: str
    verify: str | bool = True
    headers: Mapping[str, str] = field(default_factory=dict)

    def clock(self) -> datetime:
        return datetime.now(UTC)

    def calls(self) -> HttpClient:
        return HttpClient(self._forward, use_cookies=False)

    def _forward(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        asked = Request(environ)
        sent = {
            name: value for name, value in asked.headers.items() if value and name not in {"Host", "Content-Length"}
        }
        told = requests.request(
            asked.method,
            self.issuer + asked.full_path.removesuffix("?"),
            data=asked.get_data(),
            headers={**sent, **self.headers},
            verify=self.verify,
            timeout=PATIENCE,
            allow_redirects=False,
        )
        kept = [(name, value) for name, value in told.headers.items() if name not in _OF_THE_CONNECTION]
        return Response(told.content, told.status_code, kept)(environ, start_response)


def change(provider: "Provider", client_id: str, **members: Any) -> Client:
    """Change a client's registration while the provider runs."""
    registry = provider.parts.clients
    known = {client.client_id: client for client in registry.all()}
    changed = replace(known[client_id], **members)
    registry.replace({**known, changed.client_id: changed})
    return changed


def become_fapi2(provider: "Provider") -> Client:
    """MinaSidor under the FAPI 2.0 Security Profile."""
    return change(
        provider,
        "minasidor",
        security_profile=SecurityProfile.FAPI2,
        dpop_bound_access_tokens=True,
        token_endpoint_auth_signing_algs=frozenset({"PS256", "ES256", "EdDSA"}),
        assertion_audiences=frozenset({ISSUER}),
        grant_types=frozenset({"authorization_code", "refresh_token"}),
    )


class RelyingParty:
    """Calls from a server or an app: no cookies, no redirects."""

    def __init__(self, provider: Reached, client: str | ClientSide = "minasidor") -> None:
        self.provider = provider
        self.client = client_side(client) if isinstance(client, str) else client
        self.http = provider.calls()

    @cached_property
    def metadata(self) -> Mapping[str, Any]:
        """The discovery document."""
        answer = self.http.get("/.well-known/openid-configuration", base_url=self.provider.issuer)
        found: dict[str, Any] = answer.get_json()
        return found

    @property
    def credentials(self) -> dict[str, str]:
        """Fresh ones, as form members."""
        return self.client.credentials(self.provider.clock())

    def post(
        self,
        path: str,
        form: Mapping[str, str] | list[tuple[str, str]] | bytes,
        headers: Mapping[str, str] | list[tuple[str, str]] | None = None,
        content_type: str = FORM,
    ) -> TestResponse:
        pairs = list(form.items()) if isinstance(form, Mapping) else form
        body = pairs if isinstance(pairs, bytes) else urlencode(pairs).encode()
        return self.http.post(
            path, data=body, headers=headers, content_type=content_type, base_url=self.provider.issuer
        )

    def call(self, path: str, headers: Mapping[str, str] | None = None, **form: str) -> TestResponse:
        """Post a form with this client's credentials."""
        return self.post(path, {**self.credentials, **form}, {**self.client.headers, **(headers or {})})

    def push(self, headers: Mapping[str, str] | None = None, /, **changes: str | None) -> TestResponse:
        """Push a plain authorization request (RFC 9126 2.1)."""
        return self.call("/par", headers, **self.client.authorization_request(**changes))

    def redeem(self, form: Mapping[str, str], headers: Mapping[str, str] | None = None) -> TestResponse:
        """Send the form that redeems a code, with this client's credentials where the form has none."""
        return self.post("/token", {**self.credentials, **form}, {**self.client.headers, **(headers or {})})

    def refresh(self, refresh_token: str, headers: Mapping[str, str] | None = None, **form: str) -> TestResponse:
        return self.call("/token", headers, grant_type="refresh_token", refresh_token=refresh_token, **form)

    def userinfo(self, access_token: str, scheme: str = "Bearer", **headers: str) -> TestResponse:
        bearer = {"Authorization": f"{scheme} {access_token}", **headers}
        return self.http.get("/userinfo", headers=bearer, base_url=self.provider.issuer)

    def read(self, token: str) -> jose.Claims:
        """Let joserfc verify a token with the published keys."""
        published = self.http.get("/jwks.json", base_url=self.provider.issuer)
        keys = KeySet.import_key_set(published.get_json())
        with warnings.catch_warnings(action="ignore", category=SecurityWarning):  # EdDSA has a new name (RFC 9864)
            read = jwt.decode(token, keys, algorithms=sorted(SIGNING_ALGS))
        return jose.Claims(header=read.header, members=read.claims)


def press_continue(browser: "Browser") -> "Browser":
    """Press the button that hands a native app its answer."""
    link = re.search(r'<a [^>]*id="continue" href="([^"]+)"', browser.page)
    assert link is not None, f"no way on at {browser.path}"
    browser.left_to = html.unescape(link[1])
    return browser


def basic(client_id: str = "partner", secret: str = PARTNER_SECRET) -> dict[str, str]:
    return basic_header(client_id, secret)


def userinfo_proof(device: ProofKey, provider: "Provider", access_token: str, **changes: Any) -> str:
    """A proof for GET /userinfo."""
    members: dict[str, Any] = {"htm": "GET", "htu": f"{ISSUER}/userinfo", **changes}
    return device.proof(provider.clock(), access_token=access_token, **members)


def error_of(response: TestResponse) -> str:
    """The error word of a refusal, checked for what every refusal has."""
    assert response.headers["Cache-Control"] == "no-store"
    assert response.mimetype == "application/json"
    body = response.get_json()
    assert set(body) == {"error", "error_description", "error_code"}
    assert body["error_description"].isascii()
    assert body["error_code"] == response.headers["Error-Code"]
    return str(body["error"])
