"""Rows that a test needs before its own story begins: valid by default, override by name."""

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from ipaddress import ip_network
from typing import Any

from flask import Flask
from sqlalchemy import insert

from idp.adapters.database.accounts import encrypt_profile
from idp.adapters.database.engine import connection, unit_of_work
from idp.adapters.database.identities import Identities
from idp.adapters.database.interactions import DatabaseInteractions
from idp.adapters.database.person_keys import PersonKeys
from idp.adapters.database.tables import authentications, customer_numbers, customers, links, people
from idp.core.identification.verdict import Verdict
from idp.core.ids import new_id
from idp.core.linking.attempts import Attempt, Result, Tier
from idp.core.oidc.claims.authentication import Authentication
from idp.core.oidc.clients.client import SecurityProfile
from idp.core.oidc.dynamic_registration.registered_client import InitialToken, RegisteredClient
from idp.core.oidc.tokens.grant import Grant
from idp.core.overtaken import Overtaken
from idp.core.people.person import Person, Profile
from idp.core.signin.interaction import Interaction
from idp.core.signin.session import Session
from idp_tests.builders import a_request, an_identity
from idp_tests.databases import CIPHER, NOW, PEPPER


def add_person(
    number: str = "199001010017", *, name: str = "Anna Andersson", email: str | None = None, **columns: Any
) -> Person:
    person_id, sub = new_id(NOW), secrets.token_hex(16)
    given_name, _, surname = name.partition(" ")
    profile = Profile(name=name, given_name=given_name, surname=surname, birthdate=date(1990, 1, 1))
    wrapped = CIPHER.make_person_key(person_id)
    own = CIPHER.of_person(person_id, wrapped)
    row = {
        "id": person_id,
        "sub": sub,
        "profile_encrypted": encrypt_profile(own, person_id, profile),
        "created_at": NOW,
    }
    if email is not None:
        contact = {"name": name, "phone": "+46701740605", "email": email}
        row |= {"contact_encrypted": own.encrypt_json(f"people.contact.{person_id}", contact), "registered_at": NOW}
    connection().execute(insert(people), row | columns)
    PersonKeys(CIPHER).keep(person_id, wrapped)
    Identities(CIPHER, PEPPER).add(person_id, own, an_identity(number), NOW)
    return Person(
        id=person_id,
        sub=sub,
        name=name,
        given_name=given_name,
        surname=surname,
        birthdate=date(1990, 1, 1),
        blocked_at=columns.get("blocked_at"),
    )


def add_authentication(person: Person | None) -> Authentication:
    event = Authentication(
        id=new_id(NOW),
        person_id=person.id if person else "",
        at=NOW,
        method="bankid",
        provider="https://www.bankid.com",
        acr="urn:acr",
        amr=("swk", "user"),
        txn=secrets.token_hex(16),
        device_ip="192.0.2.7",
    )
    cipher = PersonKeys(CIPHER).hold(person.id) if person else CIPHER
    row = {
        "id": event.id,
        "person_id": event.person_id or None,
        "at": event.at,
        "method": event.method,
        "provider": event.provider,
        "acr": event.acr,
        "amr": event.amr,
        "txn": event.txn,
        "verdict": Verdict.ALLOW.value,
        "device_ip_encrypted": cipher.encrypt_text(f"authentications.device_ip.{event.id}", event.device_ip),
    }
    connection().execute(insert(authentications), row)
    return event


def add_customer(
    *,
    number: str = "123456",
    organisation_number: str = "5560160680",
    name: str = "Bolaget AB",
    active: bool = True,
    contact_email: str | None = None,
) -> str:
    customer_id = new_id(NOW)
    row = {
        "id": customer_id,
        "name": name,
        "city": "Malmö",
        "organisation_number_hash": PEPPER.hash("customers.organisation_number", organisation_number),
        "organisation_number_encrypted": CIPHER.encrypt_text(
            f"customers.organisation_number.{customer_id}", organisation_number
        ),
        "reached_by": ("email",) if contact_email else (),
        "contact_encrypted": CIPHER.encrypt_json(
            f"customers.contact.{customer_id}", {"email": contact_email, "phone": None}
        ),
        "active": active,
        "updated_at": NOW,
    }
    connection().execute(insert(customers), row)
    proof = PEPPER.hash("customers.last_four", f"{number}|{organisation_number[-4:]}")
    numbered = {"number": number, "customer_id": customer_id, "last_four_hash": proof, "state": "active"}
    connection().execute(insert(customer_numbers), numbered)
    return customer_id


def an_attempt(**changes: Any) -> Attempt:
    members: dict[str, Any] = {
        "at": NOW,
        "reference": "ABCD2345",
        "identity": an_identity(),
        "person_id": None,
        "authentication_id": "a" * 32,
        "verdict": "allow",
        "interaction_id": "i" * 22,
        "number": "10012345",
        "customer_id": "c" * 32,
        "tier": Tier.FOUR_DIGITS,
        "result": Result.MISMATCH,
        "network": ip_network("192.0.2.0/24"),
    }
    return Attempt(**members | changes)


def add_link(person: Person, customer_id: str, **columns: Any) -> str:
    link_id = new_id(NOW)
    row = {
        "id": link_id,
        "person_id": person.id,
        "customer_id": customer_id,
        "number": "123456",
        "role": "user",
        "assurance": "legacy_knowledge",
        "linked_at": NOW,
        "fresh_until": NOW,
    }
    connection().execute(insert(links), row | columns)
    return link_id


def a_grant(person: Person, event: Authentication, **fields: Any) -> Grant:
    grant = Grant(
        id=new_id(NOW),
        client_id="minasidor",
        person_id=person.id,
        authentication_id=event.id,
        session_id="s" * 32,
        sid="sid-1",
        scope=("openid", "profile"),
        claims={"userinfo": {"email": None}},
        resources=("https://api.example.se",),
        redirect_uri="https://minasidor.example.se/cb",
        nonce="n-0S6_WzA2Mj",
        code_challenge="E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        issued_at=NOW,
        code_expires_at=NOW + timedelta(seconds=60),
        refresh_expires_at=NOW + timedelta(hours=8),
        expires_at=NOW + timedelta(hours=9),
    )
    return replace(grant, **fields)


def an_interaction(**fields: Any) -> Interaction:
    interaction = Interaction(
        id=secrets.token_urlsafe(24),
        client_id="minasidor",
        request=a_request(hinted_sub="canary-hint"),
        language="sv",
        arrived_at=NOW,
        acted_at=NOW,
        expires_at=NOW + timedelta(minutes=30),
        version=0,
    )
    return replace(interaction, **fields)


def open_interaction(browser_hash: str = "b" * 43, **fields: Any) -> Interaction:
    interaction = an_interaction(**fields)
    DatabaseInteractions(CIPHER).open(interaction, browser_hash)
    return interaction


def a_session(person: Person, event: Authentication, **fields: Any) -> Session:
    session = Session(
        id=new_id(NOW),
        person=person,
        authentication=event,
        verdict=Verdict.ALLOW,
        sso_group="prezero",
        started_at=NOW,
        seen_at=NOW,
        expires_at=NOW + timedelta(minutes=60),
    )
    return replace(session, **fields)


def an_initial_token(**fields: Any) -> InitialToken:
    token = InitialToken(id="i" * 16, note="The partner", created_at=NOW, expires_at=NOW + timedelta(days=7))
    return replace(token, **fields)


def a_registered_client(**fields: Any) -> RegisteredClient:
    client = RegisteredClient(
        client_id=f"dcr-{secrets.token_hex(16)}",
        initial_token_id="i" * 16,
        security_profile=SecurityProfile.THIRD_PARTY,
        metadata={
            "client_name": "Partner",
            "redirect_uris": ["https://rp.example/cb"],
            "subject_type": "pairwise",
            "token_endpoint_auth_method": "none",
        },
        access_token_hash="a" * 64,
        registered_at=NOW,
    )
    return replace(client, **fields)


def race(app: Flask, attempt: Callable[[], Any], *, runners: int = 50) -> list[Any]:
    """Run the same attempt in this many threads, each in its own unit of work; gives every outcome."""

    def run(_: int) -> Any:
        with app.app_context(), unit_of_work():
            return attempt()

    with ThreadPoolExecutor(runners) as threads:
        return list(threads.map(run, range(runners)))


def not_overtaken(write: Callable[[], object]) -> bool:
    """Whether the write was the first of its kind."""
    try:
        write()
    except Overtaken:
        return False
    return True
