"""Values: how the value of a claim is found; None where it is not known."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from idp.core.oidc.claims.source import Recipient, Source
from idp.core.people.customer import LinkedCustomer
from idp.core.people.identity import SIGNATURE_EVIDENCE, SWEDISH_PERSONAL_NUMBER
from idp.core.people.personal_number import PersonalNumber


def org_number(source: Source, client: Recipient) -> str | None:
    return _shown_org_number(source.customer, client) if source.customer else None


def customers(source: Source, client: Recipient) -> list[dict[str, Any]]:
    return [
        without_unknown(
            {
                "customer_number": str(link.number),
                "org_number": _shown_org_number(link, client),
                "org_name": link.name,
                "role": link.role.value,
                "linked_at": seconds(link.linked_at),
            }
        )
        for link in (source.person.links if client.first_party else filter(None, [source.customer]))
    ]


def fresh_link(source: Source, _: Recipient) -> bool | None:
    """Whether those concerned may not have read of the link yet: a reason to wait with what cannot be undone."""
    until = source.customer.fresh_until if source.customer else None
    return None if until is None else source.read_at < until


def email(source: Source, client: Recipient) -> str | None:
    """Others may take an address that somebody typed for a proof of who it is: libraries pass over `email_verified`."""
    contact = source.person.contact
    told = source.person.email_confirmed or client.unconfirmed_contact_allowed
    return str(contact.email) if contact and told else None


def email_verified(source: Source, client: Recipient) -> bool | None:
    return None if email(source, client) is None else source.person.email_confirmed


def phone_number(source: Source, client: Recipient) -> str | None:
    contact = source.person.contact
    return str(contact.phone) if contact and client.unconfirmed_contact_allowed else None


def phone_number_verified(source: Source, client: Recipient) -> bool | None:
    """Nobody has ever proved a number to us."""
    return None if phone_number(source, client) is None else False


def identity_number(source: Source, *, coordination: bool) -> str | None:
    identity = source.identity
    if identity is None or identity.scheme != SWEDISH_PERSONAL_NUMBER:
        return None
    return identity.key if PersonalNumber(identity.key).is_coordination_number is coordination else None


def signature_evidence(source: Source, part: str) -> str | None:
    evidence = source.evidence
    return evidence.parts.get(part) if evidence is not None and evidence.kind == SIGNATURE_EVIDENCE else None


def without_unknown(claims: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in claims.items() if value is not None}


def seconds(at: datetime | None) -> int | None:
    """A NumericDate (RFC 7519 2)."""
    return int(at.timestamp()) if at else None


def _shown_org_number(customer: LinkedCustomer, client: Recipient) -> str | None:
    """A sole trader's organisation number is a personal number, and needs the same permission."""
    number = customer.organisation_number
    return None if number.is_sole_trader and not client.personal_number_allowed else number.digits
