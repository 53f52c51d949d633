"""Journey: what one request, one browser and one person amount to right now; an immutable snapshot that steps read."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from idp.core.identification.verdict import Verdict
from idp.core.linking.second_person import SecondPerson
from idp.core.oidc.authorize.authorization_request import AuthorizationRequest
from idp.core.oidc.clients.client import Client
from idp.core.people.person import LinkedCustomer, Person
from idp.core.signin.interaction import Interaction
from idp.core.signin.session import Session

TAKE_BACK_WITHIN: Final = timedelta(hours=1)
NEW_CUSTOMER: Final = "new_customer"
NO_NEW_CUSTOMER: Final = "no_new_customer"
"""What the person asked for on a page, and took back, in the interaction's `passed`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """Read together by the web floor; the steps decide over it without asking anybody."""

    request: AuthorizationRequest
    client: Client
    session: Session | None
    """A live session of the client's SSO group, or the one this interaction started."""
    interaction: Interaction | None
    """None on the fast path: the request has met a session and no page was needed so far."""
    person: Person | None
    """Who was identified, when that person has an account."""
    subject: str | None
    """The person's `sub` as this client knows it."""
    allowed_scope: frozenset[str]
    """What the person allowed this client earlier; empty for first-party clients, who need no consent."""
    remembered_customer_id: str | None = None
    """The company chosen last time on this device."""

    @property
    def ongoing(self) -> Interaction:
        """The interaction whose page this is. Raises AssertionError on the fast path, which has none."""
        if self.interaction is None:
            raise AssertionError("only a page has an interaction")
        return self.interaction

    @property
    def person_id(self) -> str | None:
        """Who is here, when that person has an account."""
        return self.person.id if self.person else None

    @property
    def authentication_id(self) -> str | None:
        """Of the identification that says who is here, in this interaction or in the session it met."""
        if self.interaction and self.interaction.identified:
            return self.interaction.identified.authentication_id
        return self.session.authentication.id if self.session else None

    @property
    def identified_at(self) -> datetime | None:
        """When a method of identification last said who this is, in this interaction or in the session it met."""
        if self.interaction and self.interaction.identified:
            return self.interaction.identified.at
        return self.session.authentication.at if self.session else None

    @property
    def needs_second_proof(self) -> bool:
        """Whether the last identification is worth a login, and no link without more."""
        return self.verdict is not None and self.verdict.is_at_least(Verdict.STEP_UP)

    @property
    def verdict(self) -> Verdict | None:
        """What that identification is worth; None while nobody is identified."""
        identified = self.interaction.identified if self.interaction else None
        if identified is not None:
            return identified.verdict
        return self.session.verdict if self.session is not None else None

    @property
    def name(self) -> str:
        """Of the person who was identified, as the method said it or the account has it; empty for nobody."""
        identified = self.interaction.identified if self.interaction else None
        if identified is not None and identified.pending is not None:
            return identified.pending.profile.name
        return self.person.name if self.person else ""

    @property
    def first_name(self) -> str | None:
        """What the person is called, where that is known."""
        identified = self.interaction.identified if self.interaction else None
        given = identified.pending.profile.given_name if identified and identified.pending else None
        if given is None and self.person is not None:
            given = self.person.given_name
        return given.split()[0].title() if given and given.split() else None

    @property
    def is_another_person(self) -> bool:
        """Whether the client names somebody else than the person who is here."""
        hinted = self.request.hinted_sub
        return hinted is not None and self.subject is not None and hinted != self.subject

    @property
    def registered_at(self) -> datetime | None:
        """When the account was made, in this interaction or before."""
        return self.person.registered_at if self.person else None

    @property
    def is_first_login(self) -> bool:
        """Whether the paper's numbers of its steps are true: a number is proved, an account made, and BankID used again.

        Somebody who has an account or a link skips one of these.
        """
        interaction, person = self.ongoing, self.person
        if interaction.linked is not None or interaction.registered_at is not None:
            return True
        return person is None or (person.contact is None and not person.links)

    def has_passed(self, step: str) -> bool:
        """The person who is here now did what this step asks for, in this interaction.

        An interaction can change hands: an answer from before the last identification may be somebody else's.
        """
        passed_at = self.interaction.passed.get(step) if self.interaction else None
        return passed_at is not None and self.identified_at is not None and passed_at >= self.identified_at

    @property
    def is_proved_linked(self) -> bool:
        """The person has a customer, or has just proved one and is about to register.

        With an account the links themselves count: a pair proves nothing to a person who was shut out of the customer.
        """
        if self.person is not None and (self.person.links or self.person.contact is not None):
            return bool(self.person.links)
        linked = self.interaction.linked if self.interaction else None
        return linked is not None and linked.waits_for is None

    @property
    def second_proof(self) -> SecondPerson | None:
        """The policy that asks this person for more than the right claim that was made."""
        linked = self.interaction.linked if self.interaction else None
        if linked is None or (self.person is not None and self.person.link_to(linked.customer_id) is not None):
            return None
        return linked.waits_for

    @property
    def new_customer_wanted_at(self) -> datetime | None:
        """When the client or the person asked for one more company; None when that is done, or the person thought better of it.

        A comparison of times, as for logging in again: a reload, the back button and another tab find the same answer.
        """
        if self.person is None or self.person.contact is None or not self.person.links:
            return None
        passed = self.interaction.passed if self.interaction else {}
        asked = [self.request.arrived_at] if self.request.wants_new_customer else []
        asked += [passed[NEW_CUSTOMER]] if NEW_CUSTOMER in passed else []
        done = [link.linked_at for link in self.person.links if link.linked_at is not None]
        done += [passed[NO_NEW_CUSTOMER]] if NO_NEW_CUSTOMER in passed else []
        linked = self.interaction.linked if self.interaction else None
        done += [linked.at] if linked is not None and linked.waits_for is None else []
        wanted_at = max(asked, default=None)
        return None if wanted_at is None or any(at >= wanted_at for at in done) else wanted_at

    @property
    def linked_lately(self) -> tuple[LinkedCustomer, ...]:
        """Companies that the person has been linked to lately: what may still be taken back here."""
        if self.person is None or self.interaction is None:
            return ()
        since = self.lately
        return tuple(link for link in self.person.links if link.linked_at is not None and link.linked_at >= since)

    @property
    def lately(self) -> datetime:
        """Since when a link counts as just made: in this login, or in one that has just led to the service."""
        return self.ongoing.arrived_at - TAKE_BACK_WITHIN

    @property
    def customer_id(self) -> str | None:
        """The active customer of this login: the only one, the one chosen now, or the one remembered."""
        if self.person is None or not self.person.links:
            return None
        if len(self.person.links) == 1:
            return self.person.links[0].customer_id
        chosen = self.interaction.chosen_customer_id if self.interaction else None
        wanted = chosen or self.remembered_customer_id
        return wanted if wanted and self.person.link_to(wanted) else None
