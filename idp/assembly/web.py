"""The views: every endpoint and page, made from a provider and given what it uses."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flask import Blueprint

from idp.assembly.clients import own_pages
from idp.assembly.personal_data import periods
from idp.assembly.provider import Provider
from idp.assembly.step_order import STEPS, StepWithPage, make_bankid_status
from idp.core.identification.bankid.come_back import ComeBack
from idp.core.oidc.discovery import check_metadata
from idp.core.oidc.keys.algorithms import SIGNING_ALGS
from idp.core.signin.enter_interaction import EnterInteraction
from idp.core.signin.next_step import Flow
from idp.misconfiguration import Misconfiguration
from idp.web.account.approval import AnswerApproval
from idp.web.account.confirm_email import ConfirmEmail
from idp.web.account.disown_login import DisownLogin
from idp.web.account.freeze_link import FreezeLinkPage
from idp.web.account.invitation import TakeInvitationPage
from idp.web.account.own_login import OwnLogin
from idp.web.answer import ClientAnswers
from idp.web.brand_files import BrandFiles
from idp.web.cookies import Cookies
from idp.web.error_handlers import ErrorHandlers
from idp.web.error_page import ErrorPage
from idp.web.health import Health
from idp.web.home import Home
from idp.web.journeys import ReadBrowserJourney
from idp.web.oidc.authorize import AuthorizationEndpoint
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
from idp.web.own_services import OwnServices
from idp.web.pages import Pages
from idp.web.personal_data import PersonalData
from idp.web.signin.bankid.address_probe import AddressProbeEndpoint
from idp.web.signin.bankid.order import BankIdOrder
from idp.web.signin.dispatcher import Dispatcher
from idp.web.signin.identify_again import IdentifyAgainButton
from idp.web.signin.interaction_pages import InteractionPages
from idp.web.signin.leave import LeaveButton
from idp.web.signin.new_customer import NewCustomerButtons
from idp.web.signin.return_to_app import ReturnToAppPage
from idp.web.signin.stay import StayButton
from idp.web.static_files import StaticFiles
from idp.web.view import View

STATIC_FILES: Final = StaticFiles()


@dataclass(frozen=True, slots=True, kw_only=True)
class Views:
    """What an application serves, and what stands around every view."""

    error_handlers: ErrorHandlers
    discovery: Discovery
    protocol: Sequence[Blueprint]
    """Called by programs, or cross-site by design: they have their own proofs instead of a CSRF token."""
    for_people: Sequence[Blueprint]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shared:
    """What several views use."""

    pages: Pages
    cookies: Cookies
    client_answers: ClientAnswers
    flow: Flow
    read_journey: ReadBrowserJourney


def make_views(provider: Provider, steps: Sequence[StepWithPage] = STEPS) -> Views:
    """Make every view. Raises what the provider's parts raise."""
    pages = make_pages(provider)
    cookies = pages.cookies
    shared = _Shared(
        pages=pages,
        cookies=cookies,
        client_answers=ClientAnswers(pages=pages, clients=provider.clients),
        flow=Flow([each.step for each in steps]),
        read_journey=ReadBrowserJourney(read=provider.sign_in.read_journey, cookies=cookies),
    )
    return Views(
        error_handlers=_error_handlers(provider, shared),
        discovery=(discovery := _discovery(provider)),
        protocol=_protocol(provider, shared, discovery),
        for_people=[
            view.blueprint() for view in (*_sign_in(provider, shared, steps), *_around_the_sign_in(provider, shared))
        ],
    )


def make_pages(provider: Provider) -> Pages:
    """What shows every page."""
    settings = provider.settings
    return Pages(
        brand=settings.brand,
        brand_files=BrandFiles.of(settings.brand),
        catalogs=provider.catalogs,
        cookies=Cookies(secure=settings.secure_cookies),
        services=OwnServices(clients=provider.clients, issuer=settings.issuer),
        notice=lambda language: settings.notice.text(language, provider.clock()),
        test_mode=settings.is_sandbox,
        static=STATIC_FILES.release,
    )


def _error_handlers(provider: Provider, shared: _Shared) -> ErrorHandlers:
    return ErrorHandlers(
        page=make_error_page(provider),
        client_answers=shared.client_answers,
        interactions=provider.store.interactions,
        cookies=shared.cookies,
        transaction=provider.database,
        outages=provider.database.outages,
        issuer=provider.settings.issuer,
        clock=provider.clock,
        explains=provider.explains_refusals,
    )


def make_error_page(provider: Provider) -> ErrorPage:
    """What every error is told on."""
    return ErrorPage(
        pages=make_pages(provider),
        clients=provider.clients,
        incidents=provider.store.incidents,
        issuer=provider.settings.issuer,
        clock=provider.clock,
    )


def _protocol(provider: Provider, shared: _Shared, discovery: Discovery) -> Sequence[Blueprint]:
    clock = provider.clock
    views: tuple[View, ...] = (
        _authorization_endpoint(provider, shared),
        *_endpoints(provider),
        discovery,
        _health(provider),
        STATIC_FILES,
        AddressProbeEndpoint(
            probe=provider.address_probe,
            caller_address=provider.caller_address,
            issuer=provider.settings.issuer,
            clock=clock,
        ),
    )
    if provider.settings.dynamic_registration.enabled:
        registration = provider.dynamic_registration
        views += (
            RegistrationEndpoint(
                register_client=registration.register_client,
                configure_client=registration.configure_client,
                remove_client=registration.remove_client,
                clock=clock,
            ),
        )
    return [view.blueprint() for view in views]


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


def _discovery(provider: Provider) -> Discovery:
    settings = provider.settings
    discovery = Discovery(
        issuer=settings.issuer,
        acrs=provider.acrs,
        policy_uri=settings.brand.privacy_url or None,
        registration=settings.dynamic_registration.enabled,
        keys=provider.keys,
        clock=provider.clock,
    )
    _check(discovery)
    return discovery


def _health(provider: Provider) -> Health:
    return Health(
        checks={
            "database": provider.database.is_writable,
            "schema": provider.installation.serves_this_program,
            "keys": lambda: bool(provider.keys.keyring.algs(provider.clock())),
            "secrets": lambda: not provider.own_secrets.differences(),
            "collector": lambda: provider.collector_watch.is_at_work(provider.clock()),
        }
    )


def _check(discovery: Discovery) -> None:
    """Let an independent reader judge what we tell relying parties, before any of them reads it.

    With every algorithm, for a key that is missing is the operator's to make, and no reason to serve nobody.
    """
    try:
        check_metadata(discovery.document(SIGNING_ALGS))
    except ValueError as mistake:
        raise Misconfiguration(f"the discovery document would not be valid: {mistake}") from None


def _authorization_endpoint(provider: Provider, shared: _Shared) -> View:
    return AuthorizationEndpoint(
        read_request=provider.oidc.read_request,
        keep_posted_request=provider.oidc.keep_posted_request,
        read_journey=shared.read_journey,
        flow=shared.flow,
        answer=provider.sign_in.answer,
        open_interaction=provider.sign_in.open_interaction,
        client_answers=shared.client_answers,
        pages=shared.pages,
        cookies=shared.cookies,
        closed_now=provider.settings.notice.closed_now,
        clock=provider.clock,
    )


def _sign_in(provider: Provider, shared: _Shared, steps: Sequence[StepWithPage]) -> Sequence[View]:
    """The pages of the steps, and what stands around them."""
    sign_in, store, settings = provider.sign_in, provider.store, provider.settings
    pages = InteractionPages(
        pages=shared.pages,
        cookies=shared.cookies,
        interactions=store.interactions,
        clients=provider.clients,
        read_journey=shared.read_journey,
        enter_interaction=EnterInteraction(clients=provider.clients, flow=shared.flow, note_use=sign_in.note_use),
        lifetime=sign_in.lifetime,
        issuer=settings.issuer,
        clock=provider.clock,
    )
    return (
        Dispatcher(
            pages=pages,
            identify=sign_in.identify,
            require_step=sign_in.require_step,
            answer=sign_in.answer,
            client_answers=shared.client_answers,
            caller_address=provider.caller_address,
        ),
        *(each.make_page(provider, pages) for each in steps),
        BankIdOrder(
            pages=pages,
            orders=store.orders,
            method=provider.bankid_method,
            status=make_bankid_status(provider, pages),
            caller_address=provider.caller_address,
            probe=provider.address_probe,
            come_back=ComeBack(orders=store.orders, audit=store.audit),
        ),
        ReturnToAppPage(pages=pages, answer=sign_in.answer, client_answers=shared.client_answers),
        NewCustomerButtons(
            pages=pages,
            ask=sign_in.ask_for_new_customer,
            decline=sign_in.decline_new_customer,
            take_back=sign_in.take_back_customer,
        ),
        IdentifyAgainButton(pages=pages, identify_again=sign_in.identify_again),
        LeaveButton(pages=pages, leave=sign_in.leave),
        StayButton(pages=pages),
    )


def _around_the_sign_in(provider: Provider, shared: _Shared) -> Sequence[View]:
    """The pages that belong to no login under way."""
    accounts, pages = provider.accounts, shared.pages
    own_login = OwnLogin(
        client=own_pages(provider.settings),
        sessions=provider.store.sessions,
        cookies=shared.cookies,
        session_idle=provider.settings.sign_in.session_idle,
    )
    return (
        Logout(
            requests=provider.oidc.logout_requests,
            log_out=accounts.log_out,
            pages=pages,
            cookies=shared.cookies,
            issuer=provider.settings.issuer,
            clock=provider.clock,
        ),
        Home(pages=pages),
        PersonalData(pages=pages, periods=periods(provider.settings)),
        pages.brand_files,
        ConfirmEmail(confirm=accounts.confirm_email, pages=pages, clock=provider.clock),
        DisownLogin(disown=accounts.disown_login, pages=pages, clock=provider.clock),
        own_login,
        TakeInvitationPage(
            invitations=provider.store.invitations,
            take=accounts.take_invitation,
            own_login=own_login,
            pages=pages,
            clock=provider.clock,
        ),
        AnswerApproval(decide=accounts.decide_approval, own_login=own_login, pages=pages, clock=provider.clock),
        FreezeLinkPage(
            freeze=accounts.freeze_link, incidents=provider.store.incidents, pages=pages, clock=provider.clock
        ),
    )
