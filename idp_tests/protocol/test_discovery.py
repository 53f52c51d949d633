"""Discovery is true: everything that the document lists works, and what it does not list is refused.

The Config plan's module and the discovery modules of the logout plans are here as well.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from authlib.oauth2 import rfc8414, rfc9101, rfc9207
from authlib.oidc import rpinitiated
from authlib.oidc.discovery import OpenIDProviderMetadata
from joserfc.jwk import ECKey, OctKey, RSAKey
from werkzeug.test import TestResponse

from idp.core.identification.bankid.order_request import BankIdKind
from idp.core.identification.bankid.trust import SignedFacts
from idp.core.oidc.claims.scopes import SCOPES
from idp.core.oidc.clients.client import AuthMethod, SubjectType
from idp.core.oidc.clients.metadata import MetadataProblems, read_client
from idp_tests.cases import each
from idp_tests.client_side import ProofKey, by_assertion, sign_raw
from idp_tests.protocol.plan import BASIC, FAPI_FIRST, KEY, KEYED, POST, SECRET, FapiVisitor, Visitor, registry_of
from idp_tests.provider import ISSUER, Provider, restarted
from idp_tests.relying_party import basic, change, error_of
from idp_tests.scripted_bankid import ANNA
from idp_tests.tokens import CLIENT_KEYS

WELL_KNOWN = "/.well-known/openid-configuration"
PATHS = [WELL_KNOWN, "/.well-known/oauth-authorization-server", "/jwks.json"]
PUBLIC = {"keys": [key.as_dict(private=False) for key in (*CLIENT_KEYS.values(), KEY)]}
WEAK_ALGS = ("none", "HS256", "RS384", "RS512", "ES384", "PS512")


def fetch(op: Provider, path: str = WELL_KNOWN, method: str = "GET", **headers: str) -> TestResponse:
    return op.app.test_client().open(path, method=method, base_url=ISSUER, headers=headers)


@pytest.fixture
def told(op: Provider) -> dict[str, Any]:
    """The document as a client reads it."""
    return dict(fetch(op).get_json())


def a_weak_token(alg: str, claims: Mapping[str, Any], **header: Any) -> str:
    """Claims under an algorithm that nobody may use, signed as well as it can be."""
    key: Any
    match alg:
        case "none":
            head = base64.urlsafe_b64encode(json.dumps({"alg": "none", **header}).encode()).rstrip(b"=").decode()
            body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
            return f"{head}.{body}."
        case "HS256":
            key = OctKey.import_key(SECRET)
        case "ES384":
            key = ECKey.generate_key("P-384")
        case _:
            key = CLIENT_KEYS["RS256"]
    return sign_raw({"alg": alg, **header}, claims, key, alg)


# --- the document -------------------------------------------------------------------------------------------------------


def test_the_document_is_what_a_client_needs_to_begin(op: Provider, told: dict[str, Any]) -> None:
    """oidcc-discovery-endpoint-verification."""
    assert told["issuer"] == ISSUER
    addresses = [value for name, value in told.items() if name.endswith(("_endpoint", "_uri"))]
    assert len(addresses) >= 8
    assert all(address.startswith(f"{ISSUER}/") for address in addresses)
    assert "openid" in told["scopes_supported"]
    assert "RS256" in told["id_token_signing_alg_values_supported"]
    assert told["claims_parameter_supported"] is True
    keys = fetch(op, told["jwks_uri"].removeprefix(ISSUER)).get_json()["keys"]
    assert {key["use"] for key in keys} == {"sig"}
    assert len({key["kid"] for key in keys}) == len(keys)
    assert not any({"d", "p", "q", "k"} & key.keys() for key in keys)


def test_the_document_tells_of_every_logout(told: dict[str, Any]) -> None:
    """oidcc-rp-initiated-, oidcc-backchannel- and oidcc-frontchannel-logout-discovery-endpoint-verification."""
    assert told["end_session_endpoint"] == f"{ISSUER}/logout"
    for way in ("backchannel", "frontchannel"):
        assert told[f"{way}_logout_supported"] is True
        assert told[f"{way}_logout_session_supported"] is True


@each("path", PATHS[:2])
def test_independent_validators_accept_the_document(op: Provider, path: str) -> None:
    document = fetch(op, path).get_json()
    extensions = [
        rfc9101.AuthorizationServerMetadata,
        rfc9207.AuthorizationServerMetadata,
        rpinitiated.OpenIDProviderMetadata,
    ]
    OpenIDProviderMetadata(document).validate(metadata_classes=extensions)
    rfc8414.AuthorizationServerMetadata(document).validate(metadata_classes=extensions[:2])
    with pytest.raises(ValueError, match="jwks_uri"):
        OpenIDProviderMetadata({**document, "jwks_uri": "http://id.example/keys"}).validate()


@each("path", PATHS)
def test_caches_get_what_they_need(op: Provider, path: str) -> None:
    first = fetch(op, path)
    assert first.headers["Cache-Control"] == "public, max-age=3600"
    head = fetch(op, path, "HEAD")
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["ETag"] == first.headers["ETag"]
    assert head.headers["Content-Length"] == str(len(first.data))
    for tag in (first.headers["ETag"], f"W/{first.headers['ETag']}", f'"x", {first.headers["ETag"]}', "*"):
        unchanged = fetch(op, path, **{"If-None-Match": tag})
        assert (unchanged.status_code, unchanged.data) == (304, b"")
        assert unchanged.headers["ETag"] == first.headers["ETag"]
    assert fetch(op, path, **{"If-None-Match": '"x"'}).data == first.data


@each("path", PATHS)
def test_no_host_changes_a_byte(op: Provider, path: str) -> None:
    honest = fetch(op, path).data
    for host in ("evil.example", "localhost:9999", "id.example.evil.example", "[::1]"):
        assert op.app.test_client().get(path, base_url=f"http://{host}").data == honest


def test_every_endpoint_is_listed_and_every_listed_one_answers(op: Provider, told: dict[str, Any]) -> None:
    listed = {value.removeprefix(ISSUER) for name, value in told.items() if name.endswith("_endpoint")}
    listed.add(told["jwks_uri"].removeprefix(ISSUER))
    protocol = {
        name for name, blueprint in op.app.blueprints.items() if blueprint.import_name.startswith("idp.web.oidc.")
    }
    served = {rule.rule for rule in op.app.url_map.iter_rules() if rule.endpoint.partition(".")[0] in protocol}
    assert served - listed == {*PATHS[:2], "/logout/answer"}
    for path in listed:
        assert {fetch(op, path).status_code, fetch(op, path, "POST").status_code} != {404}


def test_registration_is_listed_only_where_it_is_open(op: Provider, told: dict[str, Any]) -> None:
    assert "registration_endpoint" not in told
    assert fetch(op, "/register", "POST").status_code == 404


# --- the authorization endpoint -----------------------------------------------------------------------------------------


def test_the_listed_response_types_and_no_others(op: Provider, told: dict[str, Any]) -> None:
    for response_type in ("code", "token", "id_token", "code id_token", "code token", "id_token token", "none", "x"):
        visitor = Visitor(op).ask(response_type=response_type)
        if response_type in told["response_types_supported"]:
            visitor.log_in().tokens()
        else:
            assert visitor.reply["error"] == "unsupported_response_type"


def test_the_listed_response_modes_and_no_others(op: Provider, told: dict[str, Any]) -> None:
    for mode in ("query", "form_post", "fragment", "jwt", "query.jwt", "form_post.jwt", "web_message"):
        is_listed = mode in told["response_modes_supported"]
        visitor = Visitor(op, BASIC, mode if mode == "form_post" else None)
        visitor.ask(response_mode=mode)
        if is_listed:
            visitor.log_in().tokens()
        else:
            assert visitor.reply["error"] == "invalid_request"


def test_the_listed_challenge_methods_and_no_others(op: Provider, told: dict[str, Any]) -> None:
    for method in ("S256", "plain", "S512", "s256"):
        visitor = Visitor(op).ask(code_challenge="A" * 43, code_challenge_method=method)
        assert ("error" not in parse(visitor)) is (method in told["code_challenge_methods_supported"])


def parse(visitor: Visitor) -> dict[str, str]:
    """The client's answer, or nothing while the person is still with us."""
    return visitor.reply if visitor.left_to else {}


def test_the_listed_prompts_and_no_others(op: Provider, told: dict[str, Any]) -> None:
    """OpenID Connect Core 3.1.2.1; OpenID Connect Prompt Create 1.0."""
    for prompt in ("none", "login", "consent", "select_account", "create", "register", "LOGIN"):
        visitor = Visitor(op)
        visitor.ask().log_in()
        op.clock.advance(seconds=2)
        visitor.ask(prompt=prompt)
        if prompt not in told["prompt_values_supported"]:
            assert visitor.reply["error"] == "invalid_request"
            continue
        assert visitor.step == {"login": "bankid", "consent": "consent"}.get(prompt, visitor.step)
        visitor.log_in()
        assert visitor.reply["code"], prompt


def test_no_kind_of_display_is_listed_and_every_one_accepted(op: Provider, told: dict[str, Any]) -> None:
    """It is a wish (OpenID Connect Core 3.1.2.1), and our pages are the same for all."""
    assert "display_values_supported" not in told
    for display in ("page", "popup", "touch", "wap", "x"):
        assert Visitor(op).ask(display=display).step == "bankid"


def test_every_listed_language_is_spoken(op: Provider, told: dict[str, Any]) -> None:
    for language in told["ui_locales_supported"]:
        assert f'<html lang="{language}">' in Visitor(op).ask(ui_locales=language).page
    assert '<html lang="sv">' in Visitor(op).ask(ui_locales="fr de").page
    assert "fr" not in told["ui_locales_supported"]


def test_the_listed_level_can_be_demanded_and_no_other(op: Provider, told: dict[str, Any]) -> None:
    for acr in (*told["acr_values_supported"], "http://id.elegnamnden.se/loa/1.0/loa4"):
        claims = json.dumps({"id_token": {"acr": {"essential": True, "value": acr}}})
        visitor = Visitor(op).ask(claims=claims)
        if acr in told["acr_values_supported"]:
            assert visitor.claims(visitor.log_in().tokens())["acr"] == acr
        else:
            assert visitor.reply["error"] == "unmet_authentication_requirements"


def test_request_objects_by_value_and_never_by_reference(op: Provider, told: dict[str, Any]) -> None:
    assert (told["request_parameter_supported"], told["request_uri_parameter_supported"]) == (True, False)
    visitor = Visitor(op, KEYED).ask(request_uri="https://keyed.example/request")
    assert visitor.reply["error"] == "request_uri_not_supported"


def test_requests_are_signed_with_the_listed_algorithms_and_no_others(op: Provider, told: dict[str, Any]) -> None:
    algs = told["request_object_signing_alg_values_supported"]
    change(op, "keyed", request_object_signing_algs=frozenset(algs), jwks=PUBLIC)
    for alg in algs:
        visitor = Visitor(op, KEYED)
        inside = visitor.question()
        request = KEYED.request_object(op.clock(), alg=alg, key=CLIENT_KEYS[alg], **inside)
        visitor.open({"client_id": "keyed", "request": request, "scope": "openid", "response_type": "code"})
        visitor.log_in().tokens()
    claims = {"iss": "keyed", "aud": ISSUER, "exp": int(op.clock().timestamp()) + 60}
    for alg in WEAK_ALGS:
        assert alg not in algs
        visitor = Visitor(op, KEYED)
        assert visitor.ask(request=a_weak_token(alg, claims)).reply["error"] == "invalid_request_object"


def test_the_issuer_is_in_every_answer(op: Provider, told: dict[str, Any]) -> None:
    """RFC 9207: success and error, both modes; `reply` asserts it."""
    assert told["authorization_response_iss_parameter_supported"] is True
    for mode in (None, "form_post"):
        visitor = Visitor(op, BASIC, mode)
        assert visitor.ask(prompt="none").reply["error"] == "login_required"
        assert visitor.ask().log_in().reply["iss"] == ISSUER


def test_the_user_message_is_shown(op: Provider, told: dict[str, Any]) -> None:
    assert told["https://id.oidc.se/disco/userMessageSupported"] is True
    change(op, "basic", user_message_allowed=True)
    text = base64.b64encode("Godkänn avtal 4711".encode()).decode()
    message = json.dumps({"message#sv": text, "mime_type": "text/plain"})
    Visitor(op).ask(**{"https://id.oidc.se/param/userMessage": message}).start()
    assert "Godkänn avtal 4711" in op.bankid.requests[-1].user_visible_data


# --- the token endpoint and its kin -------------------------------------------------------------------------------------


def test_the_listed_grant_types_and_no_others(op: Provider, told: dict[str, Any]) -> None:
    assert set(told["grant_types_supported"]) == {"authorization_code", "refresh_token"}
    visitor = Visitor(op)
    tokens = visitor.ask().log_in().tokens()
    refreshed = visitor.call("/token", grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert refreshed.status_code == 200
    for grant_type in (
        "password",
        "client_credentials",
        "implicit",
        "urn:ietf:params:oauth:grant-type:device_code",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "urn:ietf:params:oauth:grant-type:token-exchange",
        "urn:openid:params:grant-type:ciba",
    ):
        refused = visitor.call("/token", grant_type=grant_type, username="a", password="b", scope="openid")
        assert (refused.status_code, error_of(refused)) == (400, "unsupported_grant_type")


@each("endpoint, path", [("token", "/token"), ("revocation", "/revoke"), ("introspection", "/introspect")])
def test_the_listed_ways_of_authenticating_and_no_others(
    op: Provider, told: dict[str, Any], endpoint: str, path: str
) -> None:
    methods = set(told[f"{endpoint}_endpoint_auth_methods_supported"])
    form = {"token": "x", "grant_type": "authorization_code"}
    known_by = {
        "client_secret_basic": Visitor(op, BASIC).call(path, **form),
        "client_secret_post": Visitor(op, POST).call(path, **form),
        "private_key_jwt": Visitor(op, KEYED).call(path, **form),
        "none": Visitor(op).rp.post(path, {"client_id": "mittprezero", **form}),
    }
    accepted = {method for method, response in known_by.items() if response.status_code != 401}
    assert accepted == methods
    assert methods <= set(AuthMethod)
    by_hmac = by_assertion(a_weak_token("HS256", BASIC.assertion_claims(op.clock())))
    refused = Visitor(op).rp.post(path, {**by_hmac, **form})
    assert (refused.status_code, error_of(refused)) == (401, "invalid_client")
    assert Visitor(op).rp.post(path, form, basic("basic", SECRET + "x")).status_code == 401


def test_assertions_are_signed_with_the_listed_algorithms_and_no_others(op: Provider, told: dict[str, Any]) -> None:
    algs = told["token_endpoint_auth_signing_alg_values_supported"]
    change(op, "keyed", token_endpoint_auth_signing_algs=frozenset(algs), jwks=PUBLIC)
    visitor = Visitor(op, KEYED)
    for alg in algs:
        credentials = by_assertion(KEYED.assertion(op.clock(), alg=alg, key=CLIENT_KEYS[alg]))
        assert error_of(visitor.rp.post("/token", credentials)) == "invalid_request"  # known; the rest is missing
    for alg in WEAK_ALGS:
        assert alg not in algs
        credentials = by_assertion(a_weak_token(alg, KEYED.assertion_claims(op.clock())))
        assert error_of(visitor.rp.post("/token", credentials)) == "invalid_client"


def test_proofs_are_signed_with_the_listed_algorithms_and_no_others(op: Provider, told: dict[str, Any]) -> None:
    algs = told["dpop_signing_alg_values_supported"]
    for alg in algs:
        fapi = FapiVisitor(op)
        fapi.device = ProofKey(alg)
        token = fapi.login(headers=fapi.proof("/par")).tokens()["access_token"]
        assert fapi.userinfo_answer(token).status_code == 200
    fapi = FapiVisitor(op)
    for alg in (*WEAK_ALGS, "RS256"):
        assert alg not in algs
        claims = fapi.device.claims(op.clock(), htu=f"{ISSUER}/par")
        key = ECKey.generate_key("P-384") if alg == "ES384" else RSAKey.generate_key(2048)
        proof = a_weak_token(alg, claims, typ="dpop+jwt", jwk=key.as_dict(private=False))
        refused = fapi.push(headers={"DPoP": proof})
        assert (refused.status_code, error_of(refused)) == (400, "invalid_dpop_proof"), alg


# --- what we sign -------------------------------------------------------------------------------------------------------


def test_id_tokens_come_with_every_listed_algorithm(op: Provider, told: dict[str, Any]) -> None:
    for alg in told["id_token_signing_alg_values_supported"]:
        change(op, "basic", id_token_signed_response_alg=alg)
        visitor = Visitor(op)
        assert visitor.rp.read(visitor.ask().log_in().tokens()["id_token"]).header["alg"] == alg


def test_userinfo_comes_with_every_listed_algorithm(op: Provider, told: dict[str, Any]) -> None:
    for alg in told["userinfo_signing_alg_values_supported"]:
        change(op, "basic", userinfo_signed_response_alg=alg)
        visitor = Visitor(op)
        answer = visitor.rp.userinfo(visitor.ask().log_in().tokens()["access_token"])
        assert answer.mimetype == "application/jwt"
        assert visitor.rp.read(answer.get_data(as_text=True)).header["alg"] == alg


def test_introspection_comes_with_every_listed_algorithm(op: Provider, told: dict[str, Any]) -> None:
    signed = "application/token-introspection+jwt"
    for alg in told["introspection_signing_alg_values_supported"]:
        change(op, "basic", introspection_signed_response_alg=alg)
        visitor = Visitor(op)
        token = visitor.ask().log_in().tokens()["access_token"]
        answer = visitor.call("/introspect", {"Accept": signed}, token=token)
        assert answer.mimetype == signed
        read = visitor.rp.read(answer.get_data(as_text=True))
        assert (read.header["alg"], read.members["token_introspection"]["active"]) == (alg, True)


@each("member", ["id_token", "userinfo", "introspection"])
@each("alg", WEAK_ALGS)
def test_no_client_gets_an_algorithm_that_is_not_listed(told: dict[str, Any], member: str, alg: str) -> None:
    assert alg not in told[f"{member}_signing_alg_values_supported"]
    metadata = {
        "client_name": "RP",
        "security_profile": "third_party",
        "redirect_uris": ["https://rp.example/cb"],
        "jwks": PUBLIC,
    }
    read_client("rp", metadata, issuer=ISSUER, sandbox=False)
    with pytest.raises(MetadataProblems, match=f"{member}_signed_response_alg"):
        read_client("rp", {**metadata, f"{member}_signed_response_alg": alg}, issuer=ISSUER, sandbox=False)


# --- scopes, claims, subjects -------------------------------------------------------------------------------------------


def test_the_listed_scopes_and_no_others(op: Provider, told: dict[str, Any]) -> None:
    """A scope that is not listed is ignored, and the answer says so (RFC 6749 3.3)."""
    change(op, "basic", scopes=frozenset(SCOPES), personal_number_allowed=True)
    visitor = Visitor(op)
    unknown = ["address", "groups", "offline", "https://id.oidc.se/scope/sign"]
    tokens = visitor.ask(scope=" ".join([*told["scopes_supported"], *unknown])).log_in().tokens()
    assert tokens["scope"].split() == told["scopes_supported"]


class ReadableEvidence:
    """Satisfies the port `EvidenceReader`: a signature whose certificate says from when and until when it holds."""

    def read(self, completion: Any, *, visible: str, hidden: bytes | None, at: datetime) -> SignedFacts:
        return SignedFacts(
            kind=BankIdKind.MOBILE,
            valid_from=datetime(2025, 1, 1, tzinfo=UTC),
            valid_to=datetime(2027, 1, 1, tzinfo=UTC),
            chain_validated=False,
        )


def test_every_listed_claim_can_be_had_and_no_other(op: Provider, told: dict[str, Any]) -> None:
    """By name, at both places; only one of the two identity numbers exists for a person."""
    listed = set(told["claims_supported"])
    with restarted(op, evidence=ReadableEvidence()) as known:
        change(
            known,
            "basic",
            scopes=frozenset(SCOPES),
            personal_number_allowed=True,
            evidence_claims_allowed=True,
            require_customer_link=True,
        )
        wanted = dict.fromkeys([*listed, "gender", "picture", "address", "https://id.oidc.se/claim/userCertificate"])
        visitor = Visitor(known).ask(claims=json.dumps({"id_token": wanted, "userinfo": wanted})).log_in()
        tokens = visitor.tokens()
        everything = {**visitor.claims(tokens), **visitor.userinfo(tokens)}
    assert listed - everything.keys() == {"https://id.oidc.se/claim/coordinationNumber"}
    assert everything.keys() - listed == {"aud", "exp", "iat", "at_hash", "nonce"}
    assert everything["https://id.oidc.se/claim/personalIdentityNumber"] == ANNA.personal_number


def test_a_coordination_number_is_the_other_listed_one(op: Provider) -> None:
    change(op, "basic", scopes=frozenset(SCOPES), personal_number_allowed=True)
    name = "https://id.oidc.se/claim/coordinationNumber"
    visitor = Visitor(op).ask(claims=json.dumps({"userinfo": {name: None}}))
    visitor.log_in(replace(ANNA, personal_number="197010632391"))
    assert visitor.userinfo(visitor.tokens())[name] == "197010632391"


def test_the_listed_kinds_of_subject(op: Provider, told: dict[str, Any]) -> None:
    assert set(told["subject_types_supported"]) == set(SubjectType)
    subjects: dict[tuple[str, str], str] = {}
    for client_id, client in (("basic", BASIC), ("post", POST)):
        for kind in SubjectType:
            change(op, client_id, subject_type=kind)
            visitor = Visitor(op, client)
            subjects[client_id, kind] = visitor.claims(visitor.ask().log_in().tokens())["sub"]
    assert subjects["basic", "public"] == subjects["post", "public"]
    assert subjects["basic", "pairwise"] != subjects["post", "pairwise"]
    assert len(set(subjects.values())) == 3


def test_pushing_is_possible_for_everybody_and_required_for_some(op: Provider, told: dict[str, Any]) -> None:
    assert told["require_pushed_authorization_requests"] is False
    visitor = Visitor(op)
    pushed = visitor.call("/par", **visitor.question())
    assert pushed.status_code == 201
    visitor.open({"client_id": "basic", "request_uri": pushed.get_json()["request_uri"]}).log_in().tokens()
    assert registry_of(op).find(FAPI_FIRST.client_id).require_pushed_authorization_requests  # type: ignore[union-attr]
