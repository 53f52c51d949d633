"""The `claims` parameter: single claims asked for by name, with `essential` and values (OpenID Connect Core 5.5).

Unknown claims and claims that the client may not have are dropped in silence, as the specification asks; what stands
in a request afterwards may be answered. Text that is not what 5.5 describes is refused, so that its developer notices.
"""

from collections.abc import Mapping
from typing import Any

from idp.core.oidc.claims.claim_names import (
    AUTHN_EVIDENCE_CLAIM,
    AUTHN_PROVIDER_CLAIM,
    COORDINATION_NUMBER_CLAIM,
    DEVICE_IP_CLAIM,
    ORG_NAME_CLAIM,
    ORG_NUMBER_CLAIM,
    PERSONAL_NUMBER_CLAIM,
    USER_SIGNATURE_CLAIM,
    VALID_FROM_CLAIM,
    VALID_TO_CLAIM,
)
from idp.core.oidc.clients.client import Client
from idp.core.oidc.scopes import CUSTOMER, NATURAL_PERSON_INFO, NATURAL_PERSON_NUMBER
from idp.core.oidc.strict_json import read_object

MAX_LENGTH = 8_192
MAX_CLAIMS = 100
MAX_VALUES = 20

IDENTITY_NUMBERS = frozenset({PERSONAL_NUMBER_CLAIM, COORDINATION_NUMBER_CLAIM})
"""A person has one of them; a client may have both or none."""

_PERSON = ("profile", NATURAL_PERSON_INFO)
SCOPES_OF: Mapping[str, tuple[str, ...]] = {
    "name": _PERSON,
    "given_name": _PERSON,
    "family_name": _PERSON,
    "birthdate": _PERSON,
    "updated_at": ("profile",),
    "email": ("email",),
    "email_verified": ("email",),
    "phone_number": ("phone",),
    "phone_number_verified": ("phone",),
    "customer_number": (CUSTOMER,),
    "customers": (CUSTOMER,),
    "link_assurance": (CUSTOMER,),
    ORG_NUMBER_CLAIM: (CUSTOMER,),
    ORG_NAME_CLAIM: (CUSTOMER,),
    PERSONAL_NUMBER_CLAIM: (NATURAL_PERSON_NUMBER,),
    COORDINATION_NUMBER_CLAIM: (NATURAL_PERSON_NUMBER,),
}
"""Claims about the person, and the scopes that open each; a client may ask for a claim whose scope its file allows."""

EVENT_CLAIMS = frozenset({"sub", "auth_time", "acr", "amr", "sid", "txn", AUTHN_PROVIDER_CLAIM})
"""About the login or the subject; every client may ask."""

_ABOUT_THE_PERSON = frozenset({DEVICE_IP_CLAIM, USER_SIGNATURE_CLAIM, AUTHN_EVIDENCE_CLAIM})
"""Of what proves the login, what a third party's person is asked about; how long a BankID is valid says nothing about
its holder."""

EVIDENCE_CLAIMS = _ABOUT_THE_PERSON | {VALID_FROM_CLAIM, VALID_TO_CLAIM}
"""What proves the login; only for clients with `evidence_claims_allowed`."""

CLAIMS = (*EVENT_CLAIMS, *SCOPES_OF, *EVIDENCE_CLAIMS)
"""Every claim that can be asked for."""


class ClaimsRefused(ValueError):
    """The parameter is not what OpenID Connect Core 5.5 describes; the reason is a constant text."""


def read_claims(text: str, client: Client) -> dict[str, dict[str, Any]]:
    """Read the parameter into {"id_token": …, "userinfo": …} with only what this client may ask for.

    Each claim has None or some of `essential`, `value`, `values`. Raises ClaimsRefused.
    """
    if len(text) > MAX_LENGTH:
        raise ClaimsRefused("the claims parameter is too long")
    try:
        asked = read_object(text)
    except ValueError:
        raise ClaimsRefused("the claims parameter is not a JSON object") from None
    places = [place for place in ("id_token", "userinfo") if asked.get(place) is not None]
    return {place: _read_place(asked[place], client) for place in places}


def _read_place(members: object, client: Client) -> dict[str, Any]:
    if not isinstance(members, dict) or len(members) > MAX_CLAIMS:
        raise ClaimsRefused("id_token and userinfo must be objects with at most 100 claims")
    return {name: _read_claim(wish) for name, wish in members.items() if may_ask(name, client)}


def _read_claim(wish: object) -> dict[str, Any] | None:
    if wish is None:
        return None
    if not isinstance(wish, dict):
        raise ClaimsRefused("a claim must be null or an object")
    if not isinstance(wish.get("essential", False), bool):
        raise ClaimsRefused("essential must be a truth value")
    values = wish.get("values", [])
    if not isinstance(values, list) or len(values) > MAX_VALUES:
        raise ClaimsRefused("values must be a list of at most 20 entries")
    if not all(isinstance(value, str | int | float) for value in [*values, wish.get("value", "")]):
        raise ClaimsRefused("a value must be a text, a number or a truth value")
    return {name: wish[name] for name in ("essential", "value", "values") if name in wish}


def may_ask(claim: str, client: Client) -> bool:
    """True when the client's file allows the claim."""
    if claim in IDENTITY_NUMBERS and not client.personal_number_allowed:
        return False
    if claim in EVIDENCE_CLAIMS:
        return client.evidence_claims_allowed
    return claim in EVENT_CLAIMS or any(scope in client.scopes for scope in SCOPES_OF.get(claim, ()))


def find_essential_acrs(claims: Mapping[str, Any]) -> frozenset[str]:
    """The `acr` values of which one is essential (OpenID Connect Core 5.5.1.1); empty when nothing is demanded."""
    wish = claims.get("id_token", {}).get("acr")
    if not wish or not wish.get("essential"):
        return frozenset()
    return frozenset(str(value) for value in [*wish.get("values", []), *([wish["value"]] if "value" in wish else [])])


def scope_of(claim: str) -> str | None:
    """The word with which a person is asked about a claim: its scope, or its own name where no scope opens it.

    None for claims that are not about the person.
    """
    if claim in _ABOUT_THE_PERSON:
        return claim
    return SCOPES_OF[claim][0] if claim in SCOPES_OF else None
