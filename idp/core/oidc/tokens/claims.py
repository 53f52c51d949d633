"""Claims: what a client learns about a person, and where (OpenID Connect Core 5; Claims and Scopes for the Swedish profile).

Nothing beyond the subject and the authentication event is given unless it was asked for by scope or by the `claims`
parameter and the client may have it; what is not known is left out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
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
from idp.core.oidc.claims.claims_request import SCOPES_OF, may_ask
from idp.core.oidc.clients.client import Client, EmailClaim
from idp.core.oidc.scopes import CUSTOMER
from idp.core.oidc.tokens.grant import LiveGrant
from idp.core.people.customer import LinkedCustomer
from idp.core.people.personal_number import PersonalNumber

BANKID_PROVIDER = "https://www.bankid.com"
"""Who identified the person."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim about a person: its value, and where a scope puts it."""

    value: Callable[[LiveGrant, Client], Any]
    """None: unknown, so left out."""
    in_id_token: bool = False
    """A scope that opens it puts it in the ID Token, too."""


def _org_number(live: LiveGrant, client: Client) -> str | None:
    return _shown_org_number(live.customer, client) if live.customer else None


def _shown_org_number(customer: LinkedCustomer, client: Client) -> str | None:
    """A sole trader's organisation number is a personal number, and needs the same permission."""
    number = customer.organisation_number
    return None if number.is_sole_trader and not client.personal_number_allowed else number.digits


def _customers(live: LiveGrant, client: Client) -> list[dict[str, Any]]:
    return [
        _without_unknown(
            {
                "customer_number": str(link.number),
                "org_number": _shown_org_number(link, client),
                "org_name": link.name,
                "role": link.role.value,
                "linked_at": _seconds(link.linked_at),
            }
        )
        for link in (live.person.links if client.first_party else filter(None, [live.customer]))
    ]


def _email(live: LiveGrant, client: Client) -> str | None:
    hidden = client.email_claim is EmailClaim.VERIFIED_ONLY and not live.email_confirmed
    return None if hidden or live.person.contact is None else str(live.person.contact.email)


def _phone(live: LiveGrant, _: Client) -> str | None:
    return str(live.person.contact.phone) if live.person.contact else None


def _identity_number(live: LiveGrant, *, coordination: bool) -> str | None:
    digits = live.personal_number
    if digits is None or PersonalNumber(digits).is_coordination_number is not coordination:
        return None
    return digits


CLAIMS: Mapping[str, Claim] = {
    "name": Claim(lambda live, _: live.person.name),
    "given_name": Claim(lambda live, _: live.person.given_name),
    "family_name": Claim(lambda live, _: live.person.surname),
    "updated_at": Claim(lambda live, _: _seconds(live.person.registered_at)),
    "birthdate": Claim(lambda live, _: live.person.birthdate and live.person.birthdate.isoformat()),
    "email": Claim(_email),
    "email_verified": Claim(lambda live, client: None if _email(live, client) is None else live.email_confirmed),
    "phone_number": Claim(_phone),
    "phone_number_verified": Claim(lambda live, client: None if _phone(live, client) is None else False),
    "customer_number": Claim(lambda live, _: str(live.customer.number) if live.customer else None, in_id_token=True),
    ORG_NUMBER_CLAIM: Claim(_org_number, in_id_token=True),
    ORG_NAME_CLAIM: Claim(lambda live, _: live.customer.name if live.customer else None),
    "link_assurance": Claim(lambda live, _: live.customer.assurance.value if live.customer else None),
    "customers": Claim(_customers),
    PERSONAL_NUMBER_CLAIM: Claim(lambda live, _: _identity_number(live, coordination=False), in_id_token=True),
    COORDINATION_NUMBER_CLAIM: Claim(lambda live, _: _identity_number(live, coordination=True), in_id_token=True),
    DEVICE_IP_CLAIM: Claim(lambda live, _: live.authentication.device_ip or None),
    VALID_FROM_CLAIM: Claim(lambda live, _: _seconds(live.authentication.credential_valid_from)),
    VALID_TO_CLAIM: Claim(lambda live, _: _seconds(live.authentication.credential_valid_to)),
    USER_SIGNATURE_CLAIM: Claim(lambda live, _: live.evidence.signature if live.evidence else None),
    AUTHN_EVIDENCE_CLAIM: Claim(lambda live, _: live.evidence.ocsp if live.evidence else None),
}
"""Every claim about a person that we know; those of the event are always in the ID Token (see `event_claims`)."""

_NOT_IN_ID_TOKENS = frozenset({"customers", USER_SIGNATURE_CLAIM, AUTHN_EVIDENCE_CLAIM})
"""Too large for a token; UserInfo has them."""


def event_claims(live: LiveGrant) -> dict[str, Any]:
    """When, how and by whom the person was identified: of that event, however old it is (OpenID Connect Core 12.2)."""
    event = live.authentication
    claims = {
        "auth_time": int(event.at.timestamp()),
        "acr": event.acr,
        "amr": list(event.amr),
        "sid": live.grant.sid,
        "txn": event.txn,
        AUTHN_PROVIDER_CLAIM: BANKID_PROVIDER,
    }
    return _without_unknown(claims)


def id_token_claims(live: LiveGrant, client: Client, scope: frozenset[str]) -> dict[str, Any]:
    """What the ID Token says about the person: by scope a little, by the `claims` parameter what was asked."""
    by_scope = {name for name in _opened_by(scope) if CLAIMS[name].in_id_token}
    asked = by_scope | (live.grant.claims.get("id_token") or {}).keys()
    return _give(live, client, frozenset(asked - _NOT_IN_ID_TOKENS))


def userinfo_claims(live: LiveGrant, client: Client, scope: frozenset[str]) -> dict[str, Any]:
    """What UserInfo says about the person, without the subject (OpenID Connect Core 5.3.2)."""
    return _give(live, client, frozenset(_opened_by(scope) | (live.grant.claims.get("userinfo") or {}).keys()))


def _opened_by(scope: frozenset[str]) -> set[str]:
    return {name for name, scopes in SCOPES_OF.items() if not scope.isdisjoint(scopes)}


def wants_customers(claims: Mapping[str, Any], scope: frozenset[str]) -> bool:
    """Whether UserInfo needs all of the person's customers."""
    return CUSTOMER in scope or "customers" in (claims.get("userinfo") or {})


def _give(live: LiveGrant, client: Client, names: frozenset[str]) -> dict[str, Any]:
    """By the rule that filters the `claims` parameter."""
    return _without_unknown(
        {name: claim.value(live, client) for name, claim in CLAIMS.items() if name in names and may_ask(name, client)}
    )


def _without_unknown(claims: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in claims.items() if value is not None}


def _seconds(at: datetime | None) -> int | None:
    return int(at.timestamp()) if at else None
