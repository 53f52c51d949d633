"""Audit events of clients that register themselves; as those in `events.py`, which has all of them together."""

from idp.core.audit_log import Event, event


@event("initial_token.issued")
class InitialTokenIssued(Event):
    """An operator permitted somebody to register clients."""

    initial_token_id: str
    operator: str
    uses: int | None


@event("initial_token.revoked")
class InitialTokenRevoked(Event):
    """An operator took a permission to register clients back."""

    initial_token_id: str
    operator: str


@event("client.registered")
class ClientRegistered(Event):
    """A client registered itself (RFC 7591)."""

    client_id: str
    initial_token_id: str
    security_profile: str


@event("client.registration_refused")
class ClientRegistrationRefused(Event):
    """A client's metadata was refused at registration, because of one member."""

    initial_token_id: str
    member: str


@event("client.changed")
class ClientChanged(Event):
    """A client replaced its metadata (RFC 7592 2.2)."""

    client_id: str
    initial_token_id: str
    security_profile: str
    secret_issued: bool


@event("client.change_refused")
class ClientChangeRefused(Event):
    """A client's new metadata was refused, because of one member."""

    client_id: str
    member: str


@event("client.deleted")
class ClientDeleted(Event):
    """A client that had registered itself was deleted, with its grants and consents (RFC 7592 2.3)."""

    client_id: str
    initial_token_id: str
    security_profile: str
    grants_revoked: int
    consents_withdrawn: int


CLIENT_EVENTS: tuple[type[Event], ...] = (
    InitialTokenIssued,
    InitialTokenRevoked,
    ClientRegistered,
    ClientRegistrationRefused,
    ClientChanged,
    ClientChangeRefused,
    ClientDeleted,
)
"""Every type above."""
