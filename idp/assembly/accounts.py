"""The use cases about an account."""

from dataclasses import dataclass

from idp.adapters.keys.files import KeyFiles
from idp.assembly.store import Store
from idp.core.accounts.block import Block, Unblock
from idp.core.accounts.confirm_email import ConfirmEmail
from idp.core.accounts.disown_login import DisownLogin
from idp.core.accounts.end_access import EndAccess
from idp.core.accounts.end_link import EndLink, KeepOut
from idp.core.accounts.end_logins import EndLogins
from idp.core.accounts.erase import Erase
from idp.core.accounts.export_person import ExportPerson
from idp.core.accounts.finish_erasures import FinishErasures
from idp.core.accounts.freeze_link import FreezeLink
from idp.core.accounts.leave_customer import LeaveCustomer
from idp.core.accounts.open_account import OpenAccount
from idp.core.accounts.withdraw_consent import WithdrawConsent
from idp.core.evidence.ports import Evidence
from idp.core.linking.approval import DecideApproval
from idp.core.linking.invitation import Invite
from idp.core.linking.link_person import LinkPerson
from idp.core.linking.second_person import SecondProof
from idp.core.linking.take_invitation import TakeAsPerson
from idp.core.linking.tell_of_link import TellOfLink
from idp.core.oidc.clients.ports import Clients
from idp.core.oidc.logout.end_session import EndSession
from idp.core.oidc.logout.log_out import LogOut
from idp.core.oidc.tokens.token_issuer import TokenIssuer
from idp.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """What may be done to an account, by whichever entrance."""

    second_proof: SecondProof
    link_person: LinkPerson
    open_account: OpenAccount
    block: Block
    unblock: Unblock
    erase: Erase
    export_person: ExportPerson
    finish_erasures: FinishErasures
    end_session: EndSession
    log_out: LogOut
    end_access: EndAccess
    end_link: EndLink
    keep_out: KeepOut
    freeze_link: FreezeLink
    leave_customer: LeaveCustomer
    withdraw_consent: WithdrawConsent
    confirm_email: ConfirmEmail
    disown_login: DisownLogin
    decide_approval: DecideApproval
    invite: Invite
    take_invitation: TakeAsPerson


def _tell_of_link(store: Store, settings: Settings) -> TellOfLink:
    return TellOfLink(
        links=store.links,
        freeze_secrets=store.freeze_secrets,
        outbox=store.outbox,
        freeze_within=settings.linking.freeze_within,
        by_sms=settings.sms.leaves,
    )


def make_accounts(store: Store, clients: Clients, keys: KeyFiles, evidence: Evidence, settings: Settings) -> Accounts:
    """Make every use case."""
    people, links, grants, audit = store.people, store.links, store.grants, store.audit

    def token_issuer() -> TokenIssuer:
        return TokenIssuer.of(settings.issuer, keys)

    end_session = EndSession(
        sessions=store.sessions,
        grants=grants,
        outbox=store.outbox,
        clients=clients,
        audit=audit,
        token_issuer=token_issuer,
    )
    end_logins = EndLogins(sessions=store.sessions, end_session=end_session)
    end_access = EndAccess(people=people, sessions=store.sessions, grants=grants, end_session=end_session)
    second_proof = SecondProof(links=links, policy=settings.linking.second_person)
    link_person = LinkPerson(
        links=links,
        tell=_tell_of_link(store, settings),
        evidence=evidence,
        audit=audit,
        second_proof=second_proof,
        fresh_for=settings.linking.fresh_for,
    )
    return Accounts(
        second_proof=second_proof,
        link_person=link_person,
        open_account=OpenAccount(
            people=people,
            numbers=store.customers,
            second_proof=second_proof,
            link_person=link_person,
            outbox=store.outbox,
            evidence=evidence,
            audit=audit,
        ),
        block=Block(people=people, grants=grants, end_logins=end_logins, audit=audit),
        unblock=Unblock(people=people, audit=audit),
        erase=Erase(
            people=people,
            traces=store.traces,
            grants=grants,
            end_logins=end_logins,
            end_session=end_session,
            audit=audit,
        ),
        finish_erasures=FinishErasures(keyless=store.keyless, grants=grants, audit=audit),
        export_person=ExportPerson(people=people, extracts=store.extracts, audit=audit),
        end_session=end_session,
        log_out=LogOut(
            clients=clients,
            grants=grants,
            sessions=store.sessions,
            people=people,
            end_session=end_session,
            token_issuer=token_issuer,
        ),
        end_access=end_access,
        end_link=EndLink(people=people, links=links, grants=grants, audit=audit),
        keep_out=KeepOut(people=people, links=links, grants=grants, audit=audit),
        freeze_link=FreezeLink(
            secrets=store.freeze_secrets,
            links=links,
            people=people,
            contacts=store.customers,
            grants=grants,
            end_logins=end_logins,
            outbox=store.outbox,
            evidence=evidence,
            audit=audit,
        ),
        leave_customer=LeaveCustomer(links=links, access=end_access, outbox=store.outbox, audit=audit),
        withdraw_consent=WithdrawConsent(consents=store.consents, grants=grants, audit=audit),
        confirm_email=ConfirmEmail(people=people, audit=audit, keys=keys),
        disown_login=DisownLogin(
            devices=store.known_devices,
            people=people,
            grants=grants,
            end_logins=end_logins,
            cases=store.incidents,
            audit=audit,
            keys=keys,
        ),
        invite=Invite(
            invitations=store.invitations,
            contacts=store.customers,
            budgets=store.budgets,
            outbox=store.outbox,
            audit=audit,
        ),
        take_invitation=TakeAsPerson(invitations=store.invitations, people=people, link_person=link_person),
        decide_approval=DecideApproval(approvals=store.approvals, outbox=store.outbox, audit=audit),
    )
