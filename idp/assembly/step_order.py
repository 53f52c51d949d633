"""The steps of the sign-in with their pages: the one list, in the order that people take them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from idp.assembly.bankid import order_policy
from idp.assembly.provider import Provider
from idp.core.signin.step import Step
from idp.core.signin.steps.approval import WaitForApproval
from idp.core.signin.steps.choose_customer import ChooseCustomer
from idp.core.signin.steps.consent import Consent
from idp.core.signin.steps.contact_code import BringContactCode
from idp.core.signin.steps.invitation import BeInvited
from idp.core.signin.steps.link_customer import LinkCustomer
from idp.core.signin.steps.log_in import LogIn
from idp.core.signin.steps.register import Register
from idp.core.signin.steps.sign_in_again import SignInAgain
from idp.web.signin.approval import ApprovalPage
from idp.web.signin.bankid.log_in import BankIdPage
from idp.web.signin.bankid.status import BankIdStatus
from idp.web.signin.choose_customer import ChooseCustomerPage
from idp.web.signin.consent import ConsentPage
from idp.web.signin.contact_code import ContactCodePage
from idp.web.signin.interaction_pages import InteractionPages
from idp.web.signin.invitation import InvitationNeededPage
from idp.web.signin.link_customer import LinkCustomerPage
from idp.web.signin.register import RegisterPage
from idp.web.view import View


@dataclass(frozen=True, slots=True)
class StepWithPage:
    """A step, and what makes its page."""

    step: Step
    make_page: Callable[[Provider, InteractionPages], View]


_BANKID = LogIn("bankid")


def _log_in(provider: Provider, pages: InteractionPages) -> View:
    return _bankid_page(provider, pages, _BANKID.name, "signin/bankid/log_in.html")


def _link_customer(provider: Provider, pages: InteractionPages) -> View:
    return LinkCustomerPage(
        pages=pages,
        customers=provider.store.customers,
        claim=provider.sign_in.claim_customer,
        take_invitation=provider.sign_in.take_invitation,
        resume=provider.sign_in.follow_approval.resume,
        caller_address=provider.caller_address,
        number_pattern=provider.settings.linking.customer_number_pattern,
    )


def _contact_code(provider: Provider, pages: InteractionPages) -> View:
    return ContactCodePage(
        pages=pages,
        contacts=provider.store.customers,
        send_code=provider.sign_in.send_contact_code,
        enter_code=provider.sign_in.enter_contact_code,
        caller_address=provider.caller_address,
    )


def _approval(provider: Provider, pages: InteractionPages) -> View:
    return ApprovalPage(
        pages=pages,
        contacts=provider.store.customers,
        ask=provider.sign_in.ask_for_approval,
        follow=provider.sign_in.follow_approval,
    )


def _invitation(provider: Provider, pages: InteractionPages) -> View:
    return InvitationNeededPage(pages=pages, contacts=provider.store.customers)


def _register(provider: Provider, pages: InteractionPages) -> View:
    return RegisterPage(pages=pages, customers=provider.store.customers, submit_contact=provider.sign_in.submit_contact)


def _sign_in_again(provider: Provider, pages: InteractionPages) -> View:
    return _bankid_page(provider, pages, SignInAgain.name, "signin/bankid/sign_in_again.html")


def _choose_customer(provider: Provider, pages: InteractionPages) -> View:
    return ChooseCustomerPage(pages=pages, select=provider.sign_in.select_customer)


def _consent(provider: Provider, pages: InteractionPages) -> View:
    return ConsentPage(pages=pages, decide=provider.sign_in.decide_consent)


def _bankid_page(provider: Provider, pages: InteractionPages, step_name: str, template: str) -> View:
    return BankIdPage(
        pages=pages,
        orders=provider.store.orders,
        status=make_bankid_status(provider, pages),
        launch_url=provider.settings.bankid.launch_url,
        probe=provider.address_probe,
        probes=provider.settings.bankid.address_probes,
        step_name=step_name,
        is_first=step_name == _BANKID.name,
        template=template,
    )


def make_bankid_status(provider: Provider, pages: InteractionPages) -> BankIdStatus:
    """What the BankID page shows, and its script asks for."""
    return BankIdStatus(
        pages=pages.pages,
        cookies=pages.cookies,
        policy=order_policy(provider.settings),
        incidents=provider.store.incidents,
    )


STEPS: Sequence[StepWithPage] = (
    StepWithPage(_BANKID, _log_in),
    StepWithPage(LinkCustomer(), _link_customer),
    StepWithPage(BringContactCode(), _contact_code),
    StepWithPage(WaitForApproval(), _approval),
    StepWithPage(BeInvited(), _invitation),
    StepWithPage(Register(), _register),
    StepWithPage(SignInAgain(), _sign_in_again),
    StepWithPage(ChooseCustomer(), _choose_customer),
    StepWithPage(Consent(), _consent),
)
"""The leaflet: a step is added here."""
