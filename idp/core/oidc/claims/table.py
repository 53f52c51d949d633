"""The table of claims: every one that we give, with its scopes, its place, who may ask, and the words of the consent page.

(OpenID Connect Core 5.1, 5.4; Claims and Scopes for the Swedish OpenID Connect Profile.) Everything else about claims
follows from it: what discovery lists, what the `claims` parameter may name, what is read with a grant.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from idp.core.oidc.claims import values
from idp.core.oidc.claims.claim import Claim, Needs, Permission, Place
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
from idp.core.oidc.claims.scopes import CUSTOMER, NATURAL_PERSON_INFO, NATURAL_PERSON_NUMBER, SCOPES
from idp.core.oidc.claims.source import Recipient
from idp.core.oidc.claims.values import seconds

_PERSON = ("profile", NATURAL_PERSON_INFO)
_EVENT: Mapping[str, Any] = {"place": Place.EVERY_ID_TOKEN, "permission": Permission.EVERYBODY}
_NUMBER: Mapping[str, Any] = {
    "place": Place.BOTH,
    "scopes": (NATURAL_PERSON_NUMBER,),
    "permission": Permission.PERSONAL_NUMBER,
    "consent": ("personal_number",),
    "needs": Needs.PERSONAL_NUMBER,
}

_ROWS = (
    # about the login; `sub` is the token's own
    Claim(name="sub", value=lambda *_: None, **_EVENT),
    Claim(name="auth_time", value=lambda source, _: seconds(source.authentication.at), **_EVENT),
    Claim(name="acr", value=lambda source, _: source.authentication.acr, **_EVENT),
    Claim(name="amr", value=lambda source, _: list(source.authentication.amr), **_EVENT),
    Claim(name="sid", value=lambda source, _: source.sid, **_EVENT),
    Claim(name="txn", value=lambda source, _: source.authentication.txn, **_EVENT),
    Claim(
        name=AUTHN_PROVIDER_CLAIM,
        value=lambda source, _: source.authentication.provider,
        place=Place.SOME_ID_TOKENS,
        permission=Permission.EVERYBODY,
    ),
    # about the person
    Claim(name="name", value=lambda source, _: source.person.name or None, scopes=_PERSON, consent=("name",)),
    Claim(
        name="given_name", value=lambda source, _: source.person.given_name or None, scopes=_PERSON, consent=("name",)
    ),
    Claim(name="family_name", value=lambda source, _: source.person.surname or None, scopes=_PERSON, consent=("name",)),
    Claim(
        name="birthdate",
        value=lambda source, _: source.person.birthdate and source.person.birthdate.isoformat(),
        scopes=_PERSON,
        consent=("birthdate",),
    ),
    Claim(name="updated_at", value=lambda source, _: seconds(source.person.registered_at), scopes=("profile",)),
    Claim(name="email", value=values.email, scopes=("email",), consent=("email",)),
    Claim(name="email_verified", value=values.email_verified, scopes=("email",)),
    Claim(name="phone_number", value=values.phone_number, scopes=("phone",), consent=("phone",)),
    Claim(name="phone_number_verified", value=values.phone_number_verified, scopes=("phone",)),
    # about the company for which the person acts
    Claim(
        name="customer_number",
        value=lambda source, _: str(source.customer.number) if source.customer else None,
        place=Place.BOTH,
        scopes=(CUSTOMER,),
        consent=("customer",),
    ),
    Claim(name=ORG_NUMBER_CLAIM, value=values.org_number, place=Place.BOTH, scopes=(CUSTOMER,), consent=("customer",)),
    Claim(
        name=ORG_NAME_CLAIM,
        value=lambda source, _: source.customer.name if source.customer else None,
        scopes=(CUSTOMER,),
        consent=("customer",),
    ),
    Claim(
        name="link_assurance",
        value=lambda source, _: source.customer.assurance.value if source.customer else None,
        scopes=(CUSTOMER,),
        consent=("customer",),
    ),
    Claim(name="fresh_link", value=values.fresh_link, scopes=(CUSTOMER,), consent=("customer",)),
    Claim(
        name="customers",
        value=values.customers,
        place=Place.ONLY_USERINFO,
        scopes=(CUSTOMER,),
        consent=("customer",),
        needs=Needs.CUSTOMERS,
    ),
    # a person has one of these two; a client may have both or none
    Claim(name=PERSONAL_NUMBER_CLAIM, value=lambda s, _: values.identity_number(s, coordination=False), **_NUMBER),
    Claim(name=COORDINATION_NUMBER_CLAIM, value=lambda s, _: values.identity_number(s, coordination=True), **_NUMBER),
    # what proves the login; how long a BankID is valid says nothing about its holder, a signature says whose it is
    Claim(
        name=DEVICE_IP_CLAIM,
        value=lambda source, _: source.authentication.device_ip or None,
        permission=Permission.EVIDENCE,
        consent=("device",),
    ),
    Claim(
        name=VALID_FROM_CLAIM,
        value=lambda source, _: seconds(source.authentication.credential_valid_from),
        permission=Permission.EVIDENCE,
    ),
    Claim(
        name=VALID_TO_CLAIM,
        value=lambda source, _: seconds(source.authentication.credential_valid_to),
        permission=Permission.EVIDENCE,
    ),
    Claim(
        name=USER_SIGNATURE_CLAIM,
        value=lambda source, _: values.signature_evidence(source, "signature"),
        place=Place.ONLY_USERINFO,
        permission=Permission.EVIDENCE,
        consent=("signature", "personal_number"),
        needs=Needs.EVIDENCE,
    ),
    Claim(
        name=AUTHN_EVIDENCE_CLAIM,
        value=lambda source, _: values.signature_evidence(source, "ocsp"),
        place=Place.ONLY_USERINFO,
        permission=Permission.EVIDENCE,
        consent=("signature",),
        needs=Needs.EVIDENCE,
    ),
)

CLAIMS: Mapping[str, Claim] = {claim.name: claim for claim in _ROWS}
"""By name."""


def may_ask(name: str, client: Recipient) -> bool:
    """True when there is such a claim and the client's file allows it."""
    claim = CLAIMS.get(name)
    return claim is not None and claim.may_be_asked_by(client)


@lru_cache(maxsize=256)
@lru_cache(maxsize=1024)
def opened_by(scope: frozenset[str]) -> frozenset[str]:
    """The claims that these scopes open (OpenID Connect Core 5.4)."""
    return frozenset(claim.name for claim in _ROWS if not scope.isdisjoint(claim.scopes))


def scope_needs_personal_number_allowed(scope: str) -> bool:
    """Whether a client's file must allow the personal number to have this scope."""
    return any(CLAIMS[name].permission is Permission.PERSONAL_NUMBER for name in opened_by(frozenset({scope})))


OPEN_SCOPES = tuple(scope for scope in SCOPES if not scope_needs_personal_number_allowed(scope))
"""Those that need no permission: all that a client that registers itself may ask for."""


def needs(scope: Iterable[str], requested: Mapping[str, Any]) -> frozenset[Needs]:
    """What has to be read to answer these scopes and this `claims` parameter."""
    opened = opened_by(frozenset(scope))
    by_name = _named(requested, "id_token"), _named(requested, "userinfo")
    return frozenset(
        claim.needs
        for claim in _WITH_NEEDS
        if claim.needs is not None
        if claim.name in opened
        or claim.name in by_name[1]
        or (claim.name in by_name[0] and claim.place is not Place.ONLY_USERINFO)
    )


_WITH_NEEDS = tuple(claim for claim in _ROWS if claim.needs is not None)


def _named(requested: Mapping[str, Any], place: str) -> Mapping[str, Any]:
    return requested.get(place) or {}


def consent_word(name: str) -> str | None:
    """The word with which a person is asked about a claim requested by name: its scope, or itself where none opens it.

    None for claims that nobody is asked about.
    """
    claim = CLAIMS[name]
    if claim.scopes:
        return claim.scopes[0]
    return name if claim.consent else None


def consent_items(words: frozenset[str]) -> tuple[str, ...]:
    """What scopes and consent words mean for a person, as keys of the consent page's words, each once."""
    items = [
        item for word in (*SCOPES, *CLAIMS) if word in words for item in (*SCOPES.get(word, ()), *_consent_of(word))
    ]
    return tuple(dict.fromkeys(items))


def _consent_of(word: str) -> list[str]:
    claims = [CLAIMS[word]] if word in CLAIMS else [claim for claim in _ROWS if word in claim.scopes]
    return [item for claim in claims for item in claim.consent]
