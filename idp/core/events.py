"""Every audit event: what is written down about people and clients, one frozen type each.

An event says who, what and why, and never holds a secret, or a name, an address or a number of a person or a company: ids
find those while they are kept. Its docstring is the sentence that support reads.
"""

from idp.core.audit_log import Event, event
from idp.core.client_events import CLIENT_EVENTS
from idp.core.link_events import LINK_EVENTS
from idp.core.operator_events import OPERATOR_EVENTS

# --- one login


@event("bankid.wanted")
class BankIdWanted(Event):
    """A browser asked for a BankID order; the reason is why the login needed one."""

    identification_id: str
    order_id: str
    launch: str
    reason: str


@event("bankid.cancelled")
class BankIdCancelled(Event):
    """The person gave a BankID order up."""

    identification_id: str


@event("bankid.fixation_suspected")
class FixationSuspected(Event):
    """The BankID app returned to another browser than the one that had begun, so the order was ended (CWE-384)."""

    identification_id: str


@event("evidence.rejected")
class EvidenceRejected(Event):
    """The evidence of an identification does not prove what the method says."""

    reference: str
    reason: str


@event("evidence.sealed")
class EvidenceSealed(Event):
    """Evidence of an act was sealed and kept; the digest is that of its sealed text."""

    person_id: str | None
    reference: str
    kind: str
    sha256: str


@event("login.identified")
class LoginIdentified(Event):
    """Somebody was identified; without a person, it is somebody who has no account yet."""

    person_id: str | None
    client_id: str
    interaction_id: str
    authentication_id: str
    method: str
    verdict: str
    decided_by: str
    """What the verdict hung on, in a word of the method's."""


@event("login.rejected")
class LoginRejected(Event):
    """A completed identification was not accepted."""

    interaction_id: str
    reason: str
    person_id: str | None = None
    reference: str | None = None
    """The method's own name for the identification."""
    decided_by: str | None = None
    """What it hung on, in a word of the method's."""


@event("login.step_required")
class StepRequired(Event):
    """Somebody who is known was sent to a page of the login; the reason is why it was needed."""

    person_id: str | None
    client_id: str
    interaction_id: str
    step: str
    reason: str


@event("login.answered")
class LoginAnswered(Event):
    """The login was finished and the client got its code."""

    person_id: str
    client_id: str
    interaction_id: str
    grant_id: str
    authentication_id: str


@event("login.left")
class LoginLeft(Event):
    """The person gave the login up, and the client was told."""

    interaction_id: str
    client_id: str


@event("session.started")
class SessionStarted(Event):
    """A browser was logged in; the browser is the beginning of a hash."""

    person_id: str
    session_id: str
    browser: str


@event("login.told")
class LoginTold(Event):
    """The person was told of a login by e-mail; the reason is a new device, or a risk that the method of identification saw."""

    person_id: str
    session_id: str
    reason: str


@event("login.disowned")
class LoginDisowned(Event):
    """The person said, by the link in that e-mail, that the login was somebody else's; all sessions and tokens were ended."""

    person_id: str
    case_id: str
    sessions_ended: int
    grants_revoked: int


@event("session.ended")
class SessionEnded(Event):
    """A browser was logged out, with the tokens of that session, and the clients were told."""

    person_id: str
    session_id: str
    reason: str


# --- an account, its companies and what it allows


@event("account.registered")
class AccountRegistered(Event):
    """A user account was made or completed."""

    person_id: str
    authentication_id: str


@event("account.email_confirmed")
class EmailConfirmed(Event):
    """The person proved to read the e-mail address of the account."""

    person_id: str


@event("person.blocked")
class PersonBlocked(Event):
    """An operator suspended the account and ended its logins and tokens."""

    person_id: str
    operator: str
    reason: str


@event("person.unblocked")
class PersonUnblocked(Event):
    """An operator opened the account again."""

    person_id: str
    operator: str


@event("person.erased")
class PersonErased(Event):
    """The account was erased: nobody is found by this id any more, and the same BankID opens another account."""

    person_id: str
    operator: str
    case_id: str


@event("person.exported")
class PersonExported(Event):
    """An operator wrote all that is stored about the person into a file, for the person."""

    person_id: str
    operator: str
    case_id: str


@event("person.shown")
class PersonShown(Event):
    """An operator looked at the person's contact details unmasked."""

    person_id: str
    operator: str


@event("link.proved")
class LinkProved(Event):
    """The person proved an old customer number; without a person, the account is made next."""

    person_id: str | None
    client_id: str
    interaction_id: str
    customer_id: str


@event("link.made")
class LinkMade(Event):
    """The person is linked to a company from now on."""

    person_id: str
    customer_id: str


@event("link.refused")
class LinkRefused(Event):
    """A customer number and its digits did not belong together, or no longer; the guesser is one identity, account or not."""

    person_id: str | None
    client_id: str
    interaction_id: str
    guesser: str | None = None
    reference: str | None = None


@event("link.paused")
class LinkPaused(Event):
    """A try was not looked at, because there had been too many wrong ones."""

    person_id: str | None
    client_id: str
    interaction_id: str
    guesser: str
    reference: str


@event("link.shut_out")
class LinkShutOut(Event):
    """The person proved a customer number of a company that an operator keeps the person out of."""

    person_id: str
    customer_id: str


@event("link.unlocked")
class LinkUnlocked(Event):
    """An operator gave a company or a person one wrong try back; a year's tries only after another operator asked, too."""

    customer_id: str | None
    person_id: str | None
    guesser: str | None
    tries: str
    operator: str
    asked_first_by: str | None
    case_id: str


@event("link.ended")
class LinkEnded(Event):
    """An operator ended the person's link to a company; it may be made again."""

    person_id: str
    customer_id: str
    operator: str
    reason: str


@event("link.left")
class LinkLeft(Event):
    """The person ended the own link to a company; it may be made again."""

    person_id: str
    customer_id: str


@event("link.suspended")
class LinkSuspended(Event):
    """An operator ended the person's link to a company and keeps the person out of it."""

    person_id: str
    customer_id: str
    operator: str
    reason: str


@event("consent.allowed")
class ConsentAllowed(Event):
    """The person allowed a client what it asked for."""

    person_id: str
    client_id: str
    scope: tuple[str, ...]


@event("consent.denied")
class ConsentDenied(Event):
    """The person did not allow a client what it asked for."""

    person_id: str | None
    client_id: str
    interaction_id: str


@event("consent.withdrawn")
class ConsentWithdrawn(Event):
    """An operator took a consent back on the person's word, with the client's tokens."""

    person_id: str
    client_id: str
    operator: str


# --- tokens


@event("code.replayed")
class CodeReplayed(Event):
    """A client presented an authorization code a second time, so its grant was revoked (RFC 6749 4.1.2)."""

    client_id: str
    grant_id: str


@event("refresh_token.reused")
class RefreshTokenReused(Event):
    """A client presented a refresh token that had been replaced, so its grant was revoked (RFC 9700 4.14)."""

    person_id: str
    client_id: str
    grant_id: str
    generation: int


@event("grant.revoked")
class GrantRevoked(Event):
    """A client gave a token back, and with it the grant (RFC 7009)."""

    person_id: str
    client_id: str
    grant_id: str
    reason: str


# --- the customer register


@event("customers.imported")
class CustomersImported(Event):
    """An operator imported the customer register; counted are organisations, numbers that moved, and refused lines."""

    operator: str
    new: int
    changed: int
    closed: int
    moved: int
    refused: int


EVENTS: dict[str, type[Event]] = {
    each.name: each for each in (*Event.__subclasses__(), *LINK_EVENTS, *CLIENT_EVENTS, *OPERATOR_EVENTS)
}
"""Every type, by its name."""
