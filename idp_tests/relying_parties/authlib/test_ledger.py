"""Authlib's OAuth2Session as a confidential client, and joserfc as an independent judge of our tokens."""

import secrets
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import OpenIDProviderMetadata
from joserfc.errors import BadSignatureError
from joserfc.jwk import KeySet

from idp_tests.journeys.world import COMPANY, CUSTOMER
from idp_tests.patience import PATIENCE
from idp_tests.relying_parties.authlib.ledger import connect, read_id_token
from idp_tests.relying_parties.conftest import Parties
from idp_tests.relying_parties.person import Person

CALLBACK = "https://ledger.example/callback"


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """One login at Ledger: what was asked, what came, and the session that holds the tokens."""

    session: OAuth2Session
    person: Person
    nonce: str
    state: str
    answer: dict[str, str]
    tokens: dict[str, Any]


@pytest.fixture(scope="module")
def login(parties: Parties) -> Login:
    person = Person(parties.world)
    session = connect(parties.issuer, parties.keys["ledger"], CALLBACK, parties.world.trusted)
    verifier, nonce = generate_token(48), secrets.token_urlsafe(16)
    address, state = session.create_authorization_url(
        session.metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce
    )
    person.ask(address)
    tokens = session.fetch_token(
        session.metadata["token_endpoint"],
        grant_type="authorization_code",
        code=person.answer["code"],
        code_verifier=verifier,
    )
    return Login(session=session, person=person, nonce=nonce, state=state, answer=person.answer, tokens=dict(tokens))


def test_the_discovery_document_passes_authlibs_validation(parties: Parties) -> None:
    session = connect(parties.issuer, parties.keys["ledger"], CALLBACK, parties.world.trusted)
    OpenIDProviderMetadata(session.metadata).validate()


def test_the_answer_names_its_issuer_and_gives_the_state_back(parties: Parties, login: Login) -> None:
    assert login.person.walked == ["bankid"], "a client of our own asks for no consent"
    assert login.person.arrived_at == CALLBACK
    assert (login.answer["iss"], login.answer["state"]) == (parties.issuer, login.state)


def test_the_id_token_is_genuine_to_joserfc_and_complete_to_authlib(login: Login) -> None:
    claims = read_id_token(login.session, login.tokens["id_token"], login.nonce)
    judge = CodeIDToken(
        claims,
        {"alg": "ES256"},
        {"auth_time": {"essential": True}, "acr": {"essential": True}, "amr": {"essential": True}},
        {"nonce": login.nonce, "client_id": "ledger", "access_token": login.tokens["access_token"]},
    )
    judge.validate()
    assert claims["customer_number"] == CUSTOMER


def test_the_id_token_carries_no_personal_number(login: Login) -> None:
    claims = read_id_token(login.session, login.tokens["id_token"], login.nonce)
    assert "199001012385" not in str(claims)
    assert "9001012385" not in str(login.session.get(login.session.metadata["userinfo_endpoint"]).json())


def test_a_token_that_was_touched_is_refused(login: Login) -> None:
    head, claims, signature = login.tokens["id_token"].split(".")
    forged = ".".join((head, claims, signature[::-1]))
    with pytest.raises(BadSignatureError):
        read_id_token(login.session, forged, login.nonce)


def test_userinfo_says_for_which_company(login: Login) -> None:
    userinfo = login.session.get(login.session.metadata["userinfo_endpoint"]).json()
    assert userinfo["name"] == "Anna Andersson"
    assert userinfo["https://id.oidc.se/claim/orgName"] == COMPANY
    assert userinfo["email_verified"] is False


def test_the_key_is_the_only_way_in(parties: Parties, login: Login) -> None:
    """The same request without the assertion, as somebody who only knows the client_id would send it."""
    form = {"grant_type": "authorization_code", "code": login.answer["code"], "client_id": "ledger"}
    answer = requests.post(
        login.session.metadata["token_endpoint"], data=form, verify=parties.world.trusted, timeout=PATIENCE
    )
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_introspection_answers_authlibs_call_and_logout_ends_everything(parties: Parties, login: Login) -> None:
    session = login.session
    asked = session.introspect_token(session.metadata["introspection_endpoint"], token=login.tokens["access_token"])
    assert asked.json()["active"] is True
    login.person.ask(
        session.metadata["end_session_endpoint"],
        id_token_hint=login.tokens["id_token"],
        post_logout_redirect_uri="https://ledger.example/",
        state="bye",
    )
    assert (login.person.arrived_at, login.person.answer) == ("https://ledger.example/", {"state": "bye"})
    asked = session.introspect_token(session.metadata["introspection_endpoint"], token=login.tokens["access_token"])
    assert asked.json() == {"active": False}


def test_keys_are_published_for_every_algorithm_that_is_advertised(parties: Parties) -> None:
    session = connect(parties.issuer, parties.keys["ledger"], CALLBACK, parties.world.trusted)
    keys = KeySet.import_key_set(session.get(session.metadata["jwks_uri"], withhold_token=True).json())
    algs = {key.get("alg") for key in keys.as_dict()["keys"]}
    assert set(session.metadata["id_token_signing_alg_values_supported"]) <= algs
