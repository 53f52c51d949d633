"""The use cases of the sign-in."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

from idp.assembly.accounts import Accounts
from idp.assembly.store import Store
from idp.core.evidence.ports import Evidence
from idp.core.identification.method import AnyMethod
from idp.core.linking.contact_code import CodeLimits
from idp.core.linking.limits import LinkingLimits
from idp.core.linking.prove_claim import ProveClaim
from idp.core.linking.support import GiveTryBack, LookAtTries
from idp.core.oidc.keys.ports import Keys
from idp.core.signin.accept_proof import AcceptProof
from idp.core.signin.answer import Answer
from idp.core.signin.identify import Identify, LoginPolicy
from idp.core.signin.identify_again import IdentifyAgain
from idp.core.signin.interaction import InteractionLifetime
from idp.core.signin.leave import Leave
from idp.core.signin.new_customer import AskForNewCustomer, DeclineNewCustomer, TakeBackCustomer
from idp.core.signin.note_use import NoteUse
from idp.core.signin.open_interaction import OpenInteraction
from idp.core.signin.read_journey import ReadJourney
from idp.core.signin.require_step import RequireStep
from idp.core.signin.steps.approval import AskForApproval, FollowApproval
from idp.core.signin.steps.choose_customer import SelectCustomer
from idp.core.signin.steps.consent import DecideConsent
from idp.core.signin.steps.contact_code import EnterContactCode, SendContactCode
from idp.core.signin.steps.invitation import TakeInvitation
from idp.core.signin.steps.link_customer import ClaimCustomer
from idp.core.signin.steps.register import SubmitContact
from idp.core.signin.tell_of_login import TellOfLogin
from idp.settings import Settings
from idp.settings_linking import Linking


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """What may happen on the way through one request, by whichever page."""

    lifetime: InteractionLifetime
    open_interaction: OpenInteraction
    read_journey: ReadJourney
    note_use: NoteUse
    require_step: RequireStep
    identify: Identify
    claim_customer: ClaimCustomer
    ask_for_approval: AskForApproval
    follow_approval: FollowApproval
    take_invitation: TakeInvitation
    send_contact_code: SendContactCode
    enter_contact_code: EnterContactCode
    submit_contact: SubmitContact
    select_customer: SelectCustomer
    decide_consent: DecideConsent
    identify_again: IdentifyAgain
    ask_for_new_customer: AskForNewCustomer
    decline_new_customer: DeclineNewCustomer
    take_back_customer: TakeBackCustomer
    leave: Leave
    answer: Answer


def make_sign_in(
    settings: Settings,
    store: Store,
    keys: Keys,
    methods: Sequence[AnyMethod],
    accounts: Accounts,
    evidence: Evidence,
) -> SignIn:
    """Make every use case."""
    chosen, interactions, people, audit = settings.sign_in, store.interactions, store.people, store.audit
    lifetime = InteractionLifetime(idle=chosen.interaction_idle, absolute=chosen.interaction_absolute)
    prove, code_limits = _prove_claim(settings, store), CodeLimits(**settings.contact_codes.model_dump())
    accept_proof = AcceptProof(
        second_proof=accounts.second_proof, link_person=accounts.link_person, interactions=interactions, audit=audit
    )
    return SignIn(
        lifetime=lifetime,
        open_interaction=OpenInteraction(
            interactions=interactions, pushed_requests=store.pushed_requests, lifetime=lifetime
        ),
        read_journey=ReadJourney(
            sessions=store.sessions,
            people=people,
            consents=store.consents,
            keys=keys,
            session_idle=chosen.session_idle,
        ),
        note_use=NoteUse(sessions=store.sessions),
        require_step=RequireStep(audit=audit),
        identify=Identify(
            methods=methods,
            people=people,
            interactions=interactions,
            sessions=store.sessions,
            end_session=accounts.end_session,
            tell_of_login=TellOfLogin(
                devices=store.known_devices, budgets=store.budgets, outbox=store.outbox, audit=audit
            ),
            evidence=evidence,
            audit=audit,
            policy=LoginPolicy(session_life=chosen.session_absolute),
        ),
        claim_customer=ClaimCustomer(
            prove=prove,
            attempts=store.attempts,
            accept_proof=accept_proof,
            people=people,
            interactions=interactions,
            audit=audit,
        ),
        ask_for_approval=AskForApproval(
            approvals=store.approvals,
            deciders_of=store.links,
            budgets=store.budgets,
            interactions=interactions,
            people=people,
            outbox=store.outbox,
            audit=audit,
        ),
        follow_approval=FollowApproval(
            accept_proof=accept_proof,
            approvals=store.approvals,
            interactions=interactions,
            people=people,
            policy=settings.linking.second_person,
        ),
        take_invitation=TakeInvitation(
            accept_proof=accept_proof, invitations=store.invitations, interactions=interactions, people=people
        ),
        send_contact_code=SendContactCode(
            prove=prove,
            customers=store.customers,
            contacts=store.customers,
            budgets=store.budgets,
            limits=code_limits,
            interactions=interactions,
            people=people,
            outbox=store.outbox,
            audit=audit,
            keys=keys,
        ),
        enter_contact_code=EnterContactCode(
            accept_proof=accept_proof,
            customers=store.customers,
            budgets=store.budgets,
            limits=code_limits,
            interactions=interactions,
            people=people,
            audit=audit,
            keys=keys,
        ),
        submit_contact=SubmitContact(
            open_account=accounts.open_account, interactions=interactions, end_session=accounts.end_session
        ),
        select_customer=SelectCustomer(interactions=interactions),
        decide_consent=DecideConsent(
            interactions=interactions,
            consents=store.consents,
            evidence=evidence,
            audit=audit,
            lifetime=chosen.consent_lifetime,
        ),
        identify_again=IdentifyAgain(interactions=interactions),
        ask_for_new_customer=AskForNewCustomer(interactions=interactions),
        decline_new_customer=DeclineNewCustomer(interactions=interactions),
        take_back_customer=TakeBackCustomer(interactions=interactions, leave=accounts.leave_customer),
        leave=Leave(interactions=interactions, methods=methods, audit=audit),
        answer=Answer(interactions=interactions, grants=store.grants, audit=audit, keys=keys, issuer=settings.issuer),
    )


def _prove_claim(settings: Settings, store: Store) -> ProveClaim:
    return ProveClaim(
        customers=store.customers,
        budgets=store.budgets,
        attempts=store.attempts,
        pattern=settings.linking.customer_number_pattern,
        limits=linking_limits(settings.linking),
        untold=settings.linking.untold,
        by_sms=settings.sms.leaves,
    )


def make_give_try_back(settings: Settings, store: Store) -> GiveTryBack:
    """What the support desk may do for a company that was guessed at, and for a person who ran out of tries."""
    look = LookAtTries(
        customers=store.customers,
        people=store.people,
        attempts=store.attempts,
        budgets=store.budgets,
        limits=linking_limits(settings.linking),
    )
    return GiveTryBack(
        look=look, contacts=store.customers, unlocks=store.unlocks, outbox=store.outbox, audit=store.audit
    )


def linking_limits(chosen: Linking) -> LinkingLimits:
    """As the settings have them, under the same names."""
    return LinkingLimits(**chosen.model_dump(include={each.name for each in fields(LinkingLimits)}))
