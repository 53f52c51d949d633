"""An API that checks at+jwt and one that introspects: both believe the same token, and neither anything else."""

from typing import Any

import pytest
from joserfc.jwk import KeySet

from idp_tests.relying_parties.api.weights import API, TokenRefused, ask, check_signed
from idp_tests.relying_parties.conftest import Parties
from idp_tests.relying_parties.person import Person
from idp_tests.relying_party import RelyingParty

CALLBACK = "https://dispatch.example/callback"


@pytest.fixture(scope="module")
def channel(parties: Parties) -> RelyingParty:
    return parties.relying_party("dispatch", CALLBACK)


@pytest.fixture(scope="module")
def tokens(parties: Parties, channel: RelyingParty) -> dict[str, Any]:
    """What the application got for the API."""
    return log_in(Person(parties.world), channel, resource=API)


def log_in(person: Person, channel: RelyingParty, **parameters: str) -> dict[str, Any]:
    asked = channel.client.authorization_request(scope="openid customer offline_access", **parameters)
    person.ask(channel.metadata["authorization_endpoint"], **asked)
    answer = channel.redeem(channel.client.code_form(person.answer["code"], **parameters))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


@pytest.fixture(scope="module")
def keys(channel: RelyingParty) -> KeySet:
    return KeySet.import_key_set(channel.http.get("/jwks.json").get_json())


def test_an_api_checks_a_signed_access_token_by_itself(parties: Parties, tokens: dict[str, Any], keys: KeySet) -> None:
    claims = check_signed(tokens["access_token"], keys, parties.issuer)
    assert (claims["client_id"], claims["aud"]) == ("dispatch", API)
    assert "customer" in claims["scope"].split()


def test_an_api_that_asks_learns_the_same(parties: Parties, tokens: dict[str, Any], channel: RelyingParty) -> None:
    endpoint = channel.metadata["introspection_endpoint"]
    answer = ask(tokens["access_token"], endpoint, parties.secrets["weights"], parties.world.trusted)
    assert answer["client_id"] == "dispatch"
    assert answer["customer_number"]


def test_neither_believes_an_id_token(
    parties: Parties, tokens: dict[str, Any], keys: KeySet, channel: RelyingParty
) -> None:
    with pytest.raises(TokenRefused):
        check_signed(tokens["id_token"], keys, parties.issuer)
    with pytest.raises(TokenRefused):
        ask(
            tokens["id_token"],
            channel.metadata["introspection_endpoint"],
            parties.secrets["weights"],
            parties.world.trusted,
        )


def test_neither_believes_a_token_for_somebody_else(
    parties: Parties, person: Person, keys: KeySet, channel: RelyingParty
) -> None:
    other = log_in(person, channel)["access_token"]
    with pytest.raises(TokenRefused):
        check_signed(other, keys, parties.issuer)
    with pytest.raises(TokenRefused):
        ask(other, channel.metadata["introspection_endpoint"], parties.secrets["weights"], parties.world.trusted)


def test_only_the_api_that_asks_learns_of_a_revocation_at_once(
    parties: Parties, person: Person, keys: KeySet, channel: RelyingParty
) -> None:
    """A signed token counts until it expires, ten minutes at most; who needs more asks."""
    tokens = log_in(person, channel, resource=API)
    channel.call("/revoke", token=tokens["refresh_token"])
    assert check_signed(tokens["access_token"], keys, parties.issuer)
    with pytest.raises(TokenRefused):
        ask(
            tokens["access_token"],
            channel.metadata["introspection_endpoint"],
            parties.secrets["weights"],
            parties.world.trusted,
        )
