"""Random requests at every endpoint: whatever comes, the answer is one that we chose.

Four properties of one request each. The ordinary run tries some hundred; `./dev test --fuzz` tries five thousand of each.
"""

import secrets
from collections import Counter
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from idp.adapters.database.engine import unit_of_work
from idp_tests.attacks.forgeries import Honest
from idp_tests.attacks.stages import Stage, stage, stranger
from idp_tests.attacks.target import CLIENT_SIDES, Target
from idp_tests.client_side import by_assertion
from idp_tests.fuzz.strange import METHODS, dump, header_members, headers, members, pairs, spoilt, values
from idp_tests.provider import ISSUER
from idp_tests.relying_party import CLIENT_KEY, PARTNER_SECRET

LONG = pytest.mark.timeout(3_600)
RANDOM = settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]
)
PATHS = (
    "/authorize", "/par", "/token", "/userinfo", "/introspect", "/revoke", "/logout", "/logout/answer", "/jwks.json",
    "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/livez", "/readyz", "/register", "/",
    "/signin/x", "/signin/x/bankid", "/signin/x/bankid/start", "/signin/x/bankid/status",
    "/signin/x/bankid/cancel", "/signin/x/bankid/back", "/signin/x/link", "/signin/x/register", "/signin/x/choose",
    "/signin/x/consent", "/signin/x/return_to_app", "/signin/x/leave", "/signin/x/again", "/static/idp.css",
)  # fmt: skip
KINDS = (
    "application/x-www-form-urlencoded",
    "application/json",
    "multipart/form-data; boundary=x",
    "text/plain",
    "",
    "å",
)


def encoded(found: list[tuple[str, str]]) -> str:
    return urlencode(found, errors="surrogatepass")


def check(target: Target, response: TestResponse) -> None:
    target.check_answer(response)
    text = response.get_data(as_text=True)
    assert "Traceback" not in text
    assert PARTNER_SECRET not in text


@LONG
@RANDOM
@given(
    path=st.one_of(st.sampled_from(PATHS), values.map(lambda text: "/" + text)),
    method=st.sampled_from(METHODS),
    query=pairs,
    body=st.one_of(st.binary(max_size=200), pairs.map(lambda found: encoded(found).encode())),
    kind=st.sampled_from(KINDS),
    sent=headers,
)
def test_any_request_at_any_path_gets_an_answer_of_ours(
    target: Target, path: str, method: str, query: Any, body: bytes, kind: str, sent: Any
) -> None:
    response = target.http.open(
        path.replace("?", "%3F").replace("#", "%23"),
        method=method,
        query_string=encoded(query),
        data=body,
        headers={"Content-Type": kind.encode().decode("latin-1"), **sent},
        base_url=ISSUER,
        buffered=True,  # a file of ours is read and closed, whatever the method
    )
    check(target, response)


@LONG
@RANDOM
@given(data=st.data(), sent=headers)
def test_any_authorization_request_is_answered_at_a_registered_address_or_here(
    target: Target, data: st.DataObject, sent: Any
) -> None:
    """Near to an honest one, with and without a session, by GET and by POST, and in a request object."""
    client_id = data.draw(st.sampled_from(("minasidor", "mittprezero", "partner", "signer", "fapi")))
    question = data.draw(spoilt(target.question(client_id)))
    if data.draw(st.booleans()):
        claims = {
            "iss": "signer",
            "aud": ISSUER,
            "exp": target.now + 60,
            **target.question("signer"),
            **data.draw(members),
        }
        header = {"alg": "ES256", **data.draw(header_members)}
        question = [*target.question("signer").items(), ("request", jws(header, claims))]
    http = target.anna.client if data.draw(st.booleans()) else target.http
    if data.draw(st.booleans()):
        response = http.get("/authorize", query_string=encoded(question), headers=sent, base_url=ISSUER)
    else:
        kind = {"Content-Type": "application/x-www-form-urlencoded", **sent}
        response = http.post("/authorize", data=encoded(question).encode(), headers=kind, base_url=ISSUER)
        if response.headers.get("Location", "").startswith("/authorize?"):
            check(target, response)
            response = http.get(response.headers["Location"], headers=sent, base_url=ISSUER)
    check(target, response)
    logout = data.draw(spoilt({"client_id": "minasidor", "post_logout_redirect_uri": "https://minasidor.example/bye"}))
    check(target, target.http.get("/logout", query_string=encoded(logout), headers=sent, base_url=ISSUER))


def jws(header: Any, claims: Any) -> str:
    """Signed with the clients' key, as far as JSON can say it at all."""
    return Honest(header={}, claims={}, key=CLIENT_KEY).sign(dump(header), dump(claims))


@LONG
@RANDOM
@given(data=st.data(), sent=headers)
def test_any_call_of_a_program_is_answered_in_json(target: Target, data: st.DataObject, sent: Any) -> None:
    """With the right credentials most of the time, so that what stands behind them is reached."""
    path = data.draw(st.sampled_from(("/token", "/par", "/introspect", "/revoke", "/userinfo")))
    by_secret = {"client_id": "partner", "client_secret": PARTNER_SECRET}
    by_name = {"client_id": "mittprezero"}
    claims = CLIENT_SIDES["minasidor"].assertion_claims(target.provider.clock(), jti=secrets.token_hex(8))
    by_key = by_assertion(jws({"alg": "ES256", **data.draw(header_members)}, {**claims, **data.draw(members)}))
    who = data.draw(st.sampled_from((by_secret, by_name, by_key)))
    wish = data.draw(
        st.sampled_from(
            (
                target.code_form(known(target)["code"], "partner"),
                {"grant_type": "refresh_token", "refresh_token": known(target)["refresh_token"], "scope": "openid"},
                target.question("partner", client_id=None),
                {"token": known(target)["access_token"], "token_type_hint": "access_token"},
                {"access_token": known(target)["access_token"]},
            )
        )
    )
    form = [*who.items(), *data.draw(spoilt(wish))]
    claims = target.device.claims(target.provider.clock(), htu=f"{ISSUER}{path}")
    header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": CLIENT_KEY.as_dict(private=False), **data.draw(header_members)}
    proof = jws(header, {**claims, **data.draw(members)})
    given_headers = {"Content-Type": "application/x-www-form-urlencoded", **sent}
    if data.draw(st.booleans()):
        given_headers["DPoP"] = proof
    response = target.http.post(path, data=encoded(form).encode(), headers=given_headers, base_url=ISSUER)
    check(target, response)
    if response.status_code >= 400:
        assert response.get_json()["error"]


def known(target: Target) -> dict[str, str]:
    """A code and tokens that were real once; random calls may use them up."""
    found: dict[str, str] = target.provider.app.extensions.setdefault("fuzz", {})
    if not found:
        found |= {
            "code": target.code("minasidor"),
            "refresh_token": "rt_" + "A" * 50,
            "access_token": target.redeem(target.code("minasidor")).get_json()["access_token"],
        }
    return found


class Pages:
    """Browsers at the pages of the sign-in; one that moved on is replaced."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.open: dict[str, Stage] = {}
        self.visits: Counter[str] = Counter()

    def at(self, name: str) -> Stage:
        """Every hundredth visit a new one, before the old one has waited too long."""
        self.visits[name] += 1
        if name in self.open and self.visits[name] % 100 == 0:
            self.forget(name)
        if name not in self.open:
            self.open[name] = self._make(name)
        return self.open[name]

    def forget(self, name: str) -> None:
        """Its order is given up, so that the collector has time for the next one's."""
        provider = self.target.provider
        interaction_id = self.open.pop(name).action.split("/")[2]
        with provider.app.app_context(), unit_of_work():
            provider.parts.store.orders.drop(interaction_id, provider.clock())
        provider.collect()

    def _make(self, name: str) -> Stage:
        provider = self.target.provider
        client_id = "partner" if name == "consent" else "minasidor"
        browser = provider.browser().authorize(client_id, scope="openid email")
        if name in {"link", "register", "consent"}:
            browser.identify(stranger())
        if name == "register":
            browser.link("10012346", "7569")
        fields = {
            "start": {"launch": "qr"},
            "link": {"customer_number": "10012345", "last_four": "0680"},
            "register": {"name": "Test Testsson", "phone": "070-174 06 05", "email": "t@example.se"},
            "consent": {"answer": "allow"},
        }.get(name, {})
        ending = {"start": "/bankid/start", "cancel": "/bankid/cancel"}.get(name, f"/{name}")
        return stage(browser, ending, **fields)


@pytest.fixture(scope="module")
def pages(target: Target) -> Pages:
    return Pages(target)


@LONG
@RANDOM
@given(
    data=st.data(),
    name=st.sampled_from(("start", "cancel", "link", "register", "consent")),
    query=pairs,
    sent=headers,
)
def test_any_form_of_a_page_is_answered_by_a_page(
    target: Target, pages: Pages, data: st.DataObject, name: str, query: Any, sent: Any
) -> None:
    """With the form's own token most of the time."""
    here = pages.at(name)
    form = data.draw(spoilt(here.fields))
    more = {key: value for key, value in sent.items() if key not in {"Cookie", "Host"}}
    response = here.browser.client.post(
        here.action,
        data=encoded(form).encode(),
        query_string=encoded(query),
        headers={**here.browser.headers, "Content-Type": "application/x-www-form-urlencoded", **more},
        base_url=ISSUER,
    )
    check(target, response)
    if name == "start":
        target.provider.collect()
    elif response.status_code == 303:
        pages.forget(name)
    base = "/".join(here.action.split("/")[:3])
    page = data.draw(
        st.sampled_from(("", "/bankid", "/bankid/status", "/bankid/back", "/link", "/register", "/consent"))
    )
    shown = here.browser.client.get(f"{base}{page}", query_string=encoded(query), headers=more, base_url=ISSUER)
    check(target, shown)
