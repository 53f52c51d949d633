"""A relying party that calls the endpoints as programs do; what it sends is the test's to say."""

import base64
import html
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from werkzeug.test import TestResponse

from idp.core.oidc.clients.client import Client, SecurityProfile
from idp.core.oidc.keys import jose
from idp.core.oidc.keys.algorithms import SIGNING_ALGS
from idp_tests.provider import ISSUER, PARTNER_SECRET, Browser, Provider, credentials
from idp_tests.tokens import ProofKey

FORM = "application/x-www-form-urlencoded"


def change(provider: Provider, client_id: str, **members: Any) -> Client:
    """Change a client's registration while the provider runs."""
    registry = provider.parts.clients
    known = {client.client_id: client for client in registry.all()}
    changed = replace(known[client_id], **members)
    registry.replace({**known, changed.client_id: changed})
    return changed


def become_fapi2(provider: Provider) -> Client:
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

    def __init__(self, provider: Provider, client_id: str = "minasidor") -> None:
        self.provider = provider
        self.client_id = client_id
        self.http = provider.app.test_client(use_cookies=False)

    @property
    def credentials(self) -> dict[str, str]:
        """Fresh ones, as form members."""
        return credentials(self.client_id, self.provider.clock())

    def post(
        self,
        path: str,
        form: Mapping[str, str] | list[tuple[str, str]] | bytes,
        headers: Mapping[str, str] | list[tuple[str, str]] | None = None,
        content_type: str = FORM,
    ) -> TestResponse:
        pairs = list(form.items()) if isinstance(form, Mapping) else form
        body = pairs if isinstance(pairs, bytes) else urlencode(pairs).encode()
        return self.http.post(path, data=body, headers=headers, content_type=content_type, base_url=ISSUER)

    def call(self, path: str, headers: Mapping[str, str] | None = None, **form: str) -> TestResponse:
        """Post a form with this client's credentials."""
        return self.post(path, {**self.credentials, **form}, headers)

    def refresh(self, refresh_token: str, headers: Mapping[str, str] | None = None, **form: str) -> TestResponse:
        return self.call("/token", headers, grant_type="refresh_token", refresh_token=refresh_token, **form)

    def userinfo(self, access_token: str, scheme: str = "Bearer", **headers: str) -> TestResponse:
        return self.http.get(
            "/userinfo", headers={"Authorization": f"{scheme} {access_token}", **headers}, base_url=ISSUER
        )

    def read(self, token: str) -> jose.Claims:
        """Verify a token with the published keys."""
        published = self.http.get("/jwks.json", base_url=ISSUER)
        keys = jose.read_key_set(json.loads(published.get_data()))
        return jose.verify(token, keys=keys, algs=frozenset(SIGNING_ALGS), typ=None)


def code_form(browser: Browser, **changes: str) -> dict[str, str]:
    """The form that redeems the browser's code, without credentials; an empty value leaves a member out."""
    assert browser.left_to is not None
    form = {
        "grant_type": "authorization_code",
        "code": browser.answer["code"],
        "redirect_uri": browser.left_to.partition("?")[0],
        "code_verifier": browser.verifier,
        **changes,
    }
    return {name: value for name, value in form.items() if value}


def press_continue(browser: Browser) -> Browser:
    """Press the button that hands a native app its answer."""
    link = re.search(r'<a [^>]*id="continue" href="([^"]+)"', browser.page)
    assert link is not None, f"no way on at {browser.path}"
    browser.left_to = html.unescape(link[1])
    return browser


def basic(client_id: str = "partner", secret: str = PARTNER_SECRET) -> dict[str, str]:
    encoded = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    return {"Authorization": f"Basic {encoded}"}


def userinfo_proof(device: ProofKey, provider: Provider, access_token: str, **changes: Any) -> str:
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
