"""A plan's relying parties: files dropped beside the others, and what such a client sends, gets and redeems.

The clients here are those that a certification suite brings: two with a secret, one with a key, and three under FAPI 2.0.
No line of the product knows them.
"""

import base64
import hashlib
import html
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc.jwk import ECKey, Key
from werkzeug.http import parse_cookie
from werkzeug.test import TestResponse

from idp.core.identification.bankid.api import User
from idp.core.oidc.clients.client import AuthMethod
from idp.core.oidc.clients.registry import ClientRegistry
from idp_tests.browser import Browser
from idp_tests.client_side import ClientSide, ProofKey
from idp_tests.provider import ISSUER, Provider
from idp_tests.relying_party import FORM, RelyingParty
from idp_tests.scripted_bankid import ANNA

SECRET = "a-secret-of-256-bits-that-only-tests-know-00"
KEY = ECKey.generate_key("P-256", {"kid": "suite"})
SECOND_KEY = ECKey.generate_key("P-256", {"kid": "suite-2"})

CONFIDENTIAL = """
client_name = "{name}"
security_profile = "third_party"
first_party = true
require_customer_link = false
require_pkce = false
redirect_uris = ["{redirect_uri}"]
post_logout_redirect_uris = ["https://{name}.example/bye"]
backchannel_logout_uri = "https://{name}.example/backchannel"
initiate_login_uri = "https://{name}.example/login"
scope = "openid profile email phone offline_access"
token_endpoint_auth_method = "{method}"
{credentials}
"""
FAPI = """
client_name = "{name}"
security_profile = "fapi2"
first_party = true
require_customer_link = false
redirect_uris = ["{redirect_uri}"]
scope = "openid profile email offline_access"
{extra}
{credentials}
"""


@dataclass(frozen=True, kw_only=True)
class PlanClient(ClientSide):
    """What the suite's configuration says about one of its clients."""

    key: Key = field(default_factory=lambda: KEY, repr=False)
    secret: str = field(default=SECRET, repr=False)

    def file(self) -> str:
        """Its file in the directory of clients."""
        members = self.key.as_dict(private=False)
        jwk = "[[jwks.keys]]\n" + "\n".join(f'{name} = "{value}"' for name, value in members.items())
        secret = f'client_secret_hash = "{hashlib.sha256(self.secret.encode()).hexdigest()}"'
        template = FAPI if self.client_id.startswith("fapi") else CONFIDENTIAL
        return template.format(
            name=self.client_id,
            redirect_uri=self.redirect_uri,
            method=self.method,
            credentials=jwk if self.method is AuthMethod.PRIVATE_KEY_JWT else secret,
            extra="require_signed_request_object = true" if self.client_id == "fapi-signed" else "",
        )


BASIC = PlanClient(client_id="basic", redirect_uri="https://basic.example/cb", method=AuthMethod.CLIENT_SECRET_BASIC)
POST = PlanClient(
    client_id="post", redirect_uri="https://post.example/cb?a=b&c=d", method=AuthMethod.CLIENT_SECRET_POST
)
KEYED = PlanClient(client_id="keyed", redirect_uri="https://keyed.example/cb")
FAPI_FIRST = PlanClient(client_id="fapi", redirect_uri="https://fapi.example/cb")
FAPI_SECOND = PlanClient(client_id="fapi-second", redirect_uri="https://fapi-second.example/cb?a=b", key=SECOND_KEY)
FAPI_SIGNED = PlanClient(client_id="fapi-signed", redirect_uri="https://fapi-signed.example/cb")
CLIENTS = (BASIC, POST, KEYED, FAPI_FIRST, FAPI_SECOND, FAPI_SIGNED)


def drop_files(directory: Path) -> None:
    """Add the clients the way an operator does."""
    for client in CLIENTS:
        (directory / f"{client.client_id}.toml").write_text(client.file(), encoding="utf-8")


def registry_of(provider: Provider) -> ClientRegistry:
    return provider.parts.clients


class Visitor(Browser):
    """A person's browser at one of the plan's clients, and that client behind it.

    `mode` is the response mode asked for, `hint` an ID Token that the client keeps; `reply` is what arrived at the client's address, however it travelled.
    """

    def __init__(self, provider: Provider, client: PlanClient = BASIC, mode: str | None = None) -> None:
        super().__init__(provider, {})
        self.plan = client
        self.hint = ""
        self.mode = mode
        self.rp = RelyingParty(provider, client)
        self.pkce: str | None = None
        """The verifier, where the plan has one."""

    # --- asking -----------------------------------------------------------------------------------------------------

    def question(self, **changes: str | None) -> dict[str, str]:
        """The parameters of the plan's plain request; None leaves one out."""
        fresh = {"state": secrets.token_hex(5), "nonce": secrets.token_hex(5), "response_mode": self.mode}
        self.asked = self.plan.authorization_request(self.pkce, **{**fresh, **changes})
        return self.asked

    def ask(self, **changes: str | None) -> Self:
        """Send the browser to us with a plain request."""
        return self.open(self.question(**changes))

    def ask_by_post(self, **changes: str | None) -> Self:
        """The same by a form on the client's own page: such a POST carries no SameSite=Lax cookie."""
        stranger = self.provider.app.test_client()
        response = stranger.post("/authorize", data=self.question(**changes), headers=self.headers, base_url=ISSUER)
        for header in response.headers.getlist("Set-Cookie"):
            for name, value in parse_cookie(header.partition(";")[0]).items():
                self.client.set_cookie(name, value or "", domain="id.example", secure=True)
        self._follow(response, "/authorize")
        return self

    def log_in(self, user: User = ANNA) -> Self:
        """Identify where BankID is asked for, and allow where consent is."""
        if self.step == "bankid" and self.left_to is None:
            self.identify(user)
        if self.step == "consent" and self.left_to is None:
            self.submit("/consent", answer="allow")
        return self

    # --- the answer -------------------------------------------------------------------------------------------------

    @property
    def reply(self) -> dict[str, str]:
        """The authorization response's members, each once, at the address that the client registered."""
        address, pairs = self._posted() if self.mode == "form_post" else self._redirected()
        assert address == self.plan.redirect_uri
        names = [name for name, _ in pairs]
        assert len(names) == len(set(names))
        reply = dict(pairs)
        assert reply["iss"] == ISSUER
        assert reply.get("state") == self.asked.get("state")
        return reply

    def _redirected(self) -> tuple[str, list[tuple[str, str]]]:
        assert self.left_to is not None, f"still here: {self.path} {self.status}"
        own = parse_qsl(urlsplit(self.plan.redirect_uri).query)
        pairs = parse_qsl(urlsplit(self.left_to).query, keep_blank_values=True, strict_parsing=True)
        assert self.left_to.startswith(self.plan.redirect_uri)
        assert "#" not in self.left_to
        assert pairs[: len(own)] == own
        return self.plan.redirect_uri, pairs[len(own) :]

    def _posted(self) -> tuple[str, list[tuple[str, str]]]:
        """The form that posts itself; nothing stands in any address (OAuth 2.0 Form Post Response Mode 2)."""
        assert self.left_to is None
        found = re.search(r'<form id="form-post" method="post" action="([^"]*)">(.*?)</form>', self.page, re.DOTALL)
        assert found is not None, f"no answer at {self.path} {self.status}"
        action = html.unescape(found[1])
        policy = self.response.headers["Content-Security-Policy"]
        assert f"form-action 'self' https://{urlsplit(action).netloc};" in policy
        assert self.response.headers["Cache-Control"] == "no-store"
        fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', found[2])
        return action, [(html.unescape(name), html.unescape(value)) for name, value in fields]

    @property
    def is_displayed(self) -> bool:
        """An error page of ours, and nobody sent anywhere."""
        return (self.status, self.left_to, "form-post" in self.page) == (400, None, False)

    # --- the token endpoint -----------------------------------------------------------------------------------------

    def call(self, path: str, headers: Mapping[str, str] | None = None, /, **form: str) -> TestResponse:
        """Post a form with this client's credentials."""
        return self.rp.call(path, headers, **form)

    def code_form(self, **changes: str) -> dict[str, str]:
        """What redeems the code of the reply; an empty value leaves a member out."""
        wanted = {name: value or None for name, value in changes.items()}
        return self.plan.code_form(wanted.pop("code", None) or self.reply["code"], self.pkce, **wanted)

    def exchange(self, **changes: Any) -> TestResponse:
        return self.call("/token", **self.code_form(**changes))

    def tokens(self, **changes: Any) -> dict[str, Any]:
        """The token response of a whole login that worked, its ID Token checked as a client has to."""
        response = self.exchange(**changes)
        assert response.status_code == 200, response.get_data(as_text=True)
        tokens: dict[str, Any] = response.get_json()
        assert (response.headers["Cache-Control"], tokens["token_type"]) == ("no-store", "Bearer")
        self.check_id_token(tokens["id_token"], tokens["access_token"])
        return tokens

    def check_id_token(self, id_token: str, access_token: str) -> dict[str, Any]:
        """OpenID Connect Core 3.1.3.7; gives the claims."""
        read = self.rp.read(id_token)
        claims, now = dict(read.members), int(self.provider.clock().timestamp())
        assert (claims["iss"], claims["aud"], claims.get("nonce")) == (
            ISSUER,
            self.plan.client_id,
            self.asked.get("nonce"),
        )
        assert read.header["kid"]
        assert claims["iat"] <= now < claims["exp"] <= now + 300
        assert claims["auth_time"] <= now
        if read.header["alg"].endswith("256"):
            half = hashlib.sha256(access_token.encode()).digest()[:16]
            assert claims["at_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()
        return claims

    def claims(self, tokens: Mapping[str, Any]) -> dict[str, Any]:
        """What an ID Token says."""
        return dict(self.rp.read(tokens["id_token"]).members)

    def userinfo(self, tokens: Mapping[str, Any]) -> dict[str, Any]:
        response = self.rp.userinfo(tokens["access_token"])
        assert response.status_code == 200, response.get_data(as_text=True)
        return dict(response.get_json())


class FapiVisitor(Visitor):
    """The same under FAPI 2.0: requests are pushed, tokens are bound to `device`."""

    def __init__(self, provider: Provider, client: PlanClient = FAPI_FIRST) -> None:
        super().__init__(provider, client)
        self.device = ProofKey()
        self.pkce = self.verifier

    def proof(self, path: str = "/token", device: ProofKey | None = None, **changes: Any) -> dict[str, str]:
        """A fresh DPoP header for an endpoint."""
        members = {"htu": f"{ISSUER}{path}", **changes}
        return {"DPoP": (device or self.device).proof(self.provider.clock(), **members)}

    def push(
        self,
        *extra: tuple[str, str],
        headers: Mapping[str, str] | None = None,
        credentials: Mapping[str, str] | None = None,
        signed: Mapping[str, Any] | None = None,
        **changes: str | None,
    ) -> TestResponse:
        """Push the plain request; `signed` puts it into a request object with these changes."""
        question: Mapping[str, str] = self.question(**changes)
        own = credentials if credentials is not None else self.rp.credentials
        if signed is not None:
            inside = self.plan.request_object(self.provider.clock(), **{**question, **signed})
            question = {"client_id": self.plan.client_id, "request": inside}
        body = urlencode([*own.items(), *question.items(), *extra]).encode()
        return self.rp.post("/par", body, headers, FORM)

    def reference(self, *extra: tuple[str, str], **changes: Any) -> str:
        """The request_uri of a push that worked."""
        response = self.push(*extra, **changes)
        assert response.status_code == 201, response.get_data(as_text=True)
        answer = response.get_json()
        assert 5 <= answer["expires_in"] < 600
        return str(answer["request_uri"])

    def visit(self, request_uri: str, **beside: str) -> Self:
        """Send the browser to us with a reference."""
        return self.open({"client_id": self.plan.client_id, "request_uri": request_uri, **beside})

    def login(self, *extra: tuple[str, str], **changes: Any) -> Self:
        """Push, visit and identify."""
        return self.visit(self.reference(*extra, **changes)).log_in()

    def exchange(
        self,
        *,
        headers: Mapping[str, str] | None = None,
        credentials: Mapping[str, str] | None = None,
        **changes: Any,
    ) -> TestResponse:
        """Redeem the code of the reply with a proof of the device."""
        own = credentials if credentials is not None else self.rp.credentials
        sent = headers if headers is not None else self.proof()
        return self.rp.post("/token", {**own, **self.code_form(**changes)}, sent)

    def tokens(self, **changes: Any) -> dict[str, Any]:
        response = self.exchange(**changes)
        assert response.status_code == 200, response.get_data(as_text=True)
        tokens: dict[str, Any] = json.loads(response.get_data())
        assert tokens["token_type"] == "DPoP"
        self.check_id_token(tokens["id_token"], tokens["access_token"])
        return tokens

    def userinfo_answer(self, access_token: str, scheme: str = "DPoP", **changes: Any) -> TestResponse:
        """Call UserInfo with a fresh proof of the device, spoilt by the changes."""
        members: dict[str, Any] = {"htm": "GET", "htu": f"{ISSUER}/userinfo", **changes}
        proof = self.device.proof(self.provider.clock(), access_token=access_token, **members)
        return self.rp.userinfo(access_token, scheme, DPoP=proof)
