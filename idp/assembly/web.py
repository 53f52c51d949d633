"""The views: every endpoint and page, made from a provider and given what it uses."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from flask import Blueprint

from idp.assembly.provider import Provider
from idp.core.oidc.discovery import check_metadata
from idp.core.oidc.keys.algorithms import SIGNING_ALGS
from idp.misconfiguration import Misconfiguration
from idp.web.account.confirm_email import ConfirmEmail
from idp.web.cookies import Cookies
from idp.web.health import Health
from idp.web.language import Catalogs
from idp.web.oidc import authorize
from idp.web.oidc.client_requests import ClientRequests
from idp.web.oidc.cors import Cors
from idp.web.oidc.discovery import Discovery
from idp.web.oidc.dynamic_registration import RegistrationEndpoint
from idp.web.oidc.introspection import IntrospectionEndpoint
from idp.web.oidc.logout import Logout
from idp.web.oidc.par import PushedRequestEndpoint
from idp.web.oidc.revocation import RevocationEndpoint
from idp.web.oidc.token import TokenEndpoint
from idp.web.oidc.userinfo import UserInfoEndpoint
from idp.web.pages import Pages
from idp.web.services import Services
from idp.web.signin import bankid_login, choose_customer, consent, handover, leave, link_customer, register
from idp.web.signin import next as dispatcher


class View(Protocol):
    """Endpoints or pages, given what they use."""

    def blueprint(self) -> Blueprint:
        """Their routes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Views:
    """What an application serves, and what stands around every view."""

    pages: Pages
    services: Services
    """For views that are not given what they use yet."""
    protocol: Sequence[Blueprint]
    """Called by programs, or cross-site by design: they have their own proofs instead of a CSRF token."""
    for_people: Sequence[Blueprint]


def make_views(provider: Provider) -> Views:
    """Make every view. Raises what the provider's parts raise."""
    cookies = Cookies(secure=provider.settings.secure_cookies)
    pages = Pages(
        brand=provider.settings.brand,
        catalogs=Catalogs.load(),
        cookies=cookies,
        test_mode=provider.settings.is_sandbox,
    )
    return Views(
        pages=pages,
        services=_services(provider, cookies, pages),
        protocol=_protocol(provider),
        for_people=_for_people(provider, pages),
    )


def _protocol(provider: Provider) -> Sequence[Blueprint]:
    clock = provider.clock
    views = (*_endpoints(provider), *_published(provider))
    if provider.settings.registration.enabled:
        registration = provider.registration
        views += (
            RegistrationEndpoint(
                register_client=registration.register_client,
                configure_client=registration.configure_client,
                remove_client=registration.remove_client,
                clock=clock,
            ),
        )
    return (authorize.blueprint, *(view.blueprint() for view in views))


def _endpoints(provider: Provider) -> tuple[View, ...]:
    """What clients call."""
    oidc, clock, cors = provider.oidc, provider.clock, Cors(clients=provider.clients)
    requests = ClientRequests(
        authenticate=oidc.authenticate_client, verify_proof=oidc.verify_proof, issuer=provider.settings.issuer
    )
    return (
        PushedRequestEndpoint(requests=requests, push_request=oidc.push_request, cors=cors, clock=clock),
        TokenEndpoint(requests=requests, answer=oidc.answer_token_request, cors=cors, clock=clock),
        UserInfoEndpoint(requests=requests, read=oidc.read_user_info, cors=cors, clock=clock),
        IntrospectionEndpoint(requests=requests, introspect=oidc.introspect, clock=clock),
        RevocationEndpoint(requests=requests, revoke=oidc.revoke_token, cors=cors, clock=clock),
    )


def _published(provider: Provider) -> tuple[View, ...]:
    """What anybody may read."""
    settings = provider.settings
    discovery = Discovery(
        issuer=settings.issuer,
        acr=settings.bankid.acr,
        policy_uri=settings.brand.privacy_url or None,
        registration=settings.registration.enabled,
        keys=provider.keys,
        clock=provider.clock,
    )
    _check(discovery)
    return (
        discovery,
        Health(checks={"database": provider.database.is_writable, "keys": lambda: bool(provider.keys.keyring.keys)}),
    )


def _check(discovery: Discovery) -> None:
    """Let an independent reader judge what we tell relying parties, before any of them reads it.

    With every algorithm, for a key that is missing is the operator's to make, and no reason to serve nobody.
    """
    try:
        check_metadata(discovery.document(SIGNING_ALGS))
    except ValueError as mistake:
        raise Misconfiguration(f"the discovery document would not be valid: {mistake}") from None


def _for_people(provider: Provider, pages: Pages) -> Sequence[Blueprint]:
    store, accounts = provider.store, provider.accounts
    logout = Logout(
        requests=provider.oidc.logout_requests,
        clients=provider.clients,
        sessions=store.sessions,
        people=store.people,
        end_session=accounts.end_session,
        pages=pages,
        cookies=pages.cookies,
        issuer=provider.settings.issuer,
        clock=provider.clock,
    )
    confirm_email = ConfirmEmail(confirm=accounts.confirm_email, pages=pages, clock=provider.clock)
    return (
        dispatcher.blueprint,
        bankid_login.blueprint,
        link_customer.blueprint,
        register.blueprint,
        choose_customer.blueprint,
        consent.blueprint,
        handover.blueprint,
        leave.blueprint,
        logout.blueprint(),
        confirm_email.blueprint(),
    )


def _services(provider: Provider, cookies: Cookies, pages: Pages) -> Services:
    store = provider.store
    return Services(
        settings=provider.settings,
        clients=provider.clients,
        grants=store.grants,
        initial_tokens=store.initial_tokens,
        registered_clients=provider.registered_clients,
        pushed_requests=store.pushed_requests,
        seen_ids=store.seen_ids,
        outbox=store.outbox,
        interactions=store.interactions,
        orders=store.orders,
        sessions=store.sessions,
        end_session=provider.accounts.end_session,
        people=store.people,
        customers=store.customers,
        links=store.links,
        budgets=store.budgets,
        consents=store.consents,
        audit=store.audit,
        incidents=store.incidents,
        evidence=provider.evidence,
        keys=provider.keys,
        catalogs=pages.catalogs,
        cookies=cookies,
        unit_of_work=provider.database,
        clock=provider.clock,
    )
