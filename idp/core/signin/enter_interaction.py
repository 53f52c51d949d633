"""Enter an interaction: where its person stands now, or why the login cannot go on."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from idp.core.oidc.clients.client import Client
from idp.core.oidc.clients.ports import Clients
from idp.core.oidc.clients.redirect_uri import is_registered
from idp.core.signin.interaction import Interaction
from idp.core.signin.journey import Journey
from idp.core.signin.next_step import Flow, RequiredStep
from idp.core.signin.note_use import NoteUse


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """The login goes on, or is over."""

    journey: Journey
    required: RequiredStep | None
    """The step that the person is at; None when the client can be answered, or has been."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientGone:
    """The client was removed or disabled since it asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedirectUriGone:
    """The client may not be answered at this address any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountBlocked:
    """The person's account was suspended meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterInteraction:
    """Everything may have changed between two pages, so each page asks again."""

    clients: Clients
    flow: Flow
    note_use: NoteUse

    def __call__(
        self, interaction: Interaction, read_journey: Callable[[Client], Journey], now: datetime, *, by_person: bool
    ) -> Entered | ClientGone | RedirectUriGone | AccountBlocked:
        """`by_person` is False for what a page's script asks by itself, which keeps no session from idling out."""
        client = self.clients.find(interaction.client_id)
        if client is None or client.disabled:
            return ClientGone()
        if not is_registered(client, interaction.request.redirect_uri):
            return RedirectUriGone()
        journey = read_journey(client)
        if by_person:
            self.note_use(journey.session, now)
        if journey.person is not None and journey.person.is_blocked:
            return AccountBlocked()
        is_over = interaction.outcome is not None
        return Entered(journey=journey, required=None if is_over else self.flow.next_step(journey))
