"""Source: what claims are made of, and Recipient: what decides which of them a client gets."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from idp.core.oidc.claims.authentication import Authentication
from idp.core.people.identity import Evidence, Identity
from idp.core.people.person import LinkedCustomer, Person


class Recipient(Protocol):
    """What a client's file says about claims."""

    @property
    def scopes(self) -> frozenset[str]: ...
    @property
    def first_party(self) -> bool: ...
    @property
    def told_of_provider(self) -> bool: ...
    @property
    def personal_number_allowed(self) -> bool: ...
    @property
    def evidence_claims_allowed(self) -> bool: ...
    @property
    def unconfirmed_contact_allowed(self) -> bool: ...


class Source(Protocol):
    """What is known about a person and a login."""

    @property
    def person(self) -> Person:
        """`links` is empty unless `Needs.CUSTOMERS` was read."""

    @property
    def customer(self) -> LinkedCustomer | None:
        """The active customer."""

    @property
    def authentication(self) -> Authentication: ...
    @property
    def read_at(self) -> datetime:
        """When this was so."""

    @property
    def sid(self) -> str | None:
        """The session id that this client knows (OpenID Connect Back-Channel Logout 2.1)."""

    @property
    def identity(self) -> Identity | None:
        """By which the person was identified, when `Needs.PERSONAL_NUMBER` was read."""

    @property
    def evidence(self) -> Evidence | None:
        """When `Needs.EVIDENCE` was read."""

    @property
    def requested_claims(self) -> Mapping[str, Any]:
        """The `claims` parameter, {"id_token": …, "userinfo": …}, filtered to what the client may have."""
