"""Claim: what a row of the table says."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from idp.core.oidc.claims.source import Recipient, Source


class Place(Enum):
    """Where a claim is given."""

    EVERY_ID_TOKEN = auto()
    """About the login: in every ID Token, asked for or not, and never at UserInfo."""
    SOME_ID_TOKENS = auto()
    """About the login: in every ID Token of the clients whose profile says so; of others where it was requested by name."""
    USERINFO = auto()
    """A scope puts it at UserInfo; a request by name puts it where it was requested."""
    BOTH = auto()
    """A scope puts it in the ID Token, too."""
    ONLY_USERINFO = auto()
    """Too large for a token, however it was requested."""


class Permission(Enum):
    """Which clients may ask for a claim."""

    EVERYBODY = auto()
    SCOPE = auto()
    """Those whose file allows one of its scopes."""
    PERSONAL_NUMBER = auto()
    """The same, and the file says `personal_number_allowed`."""
    EVIDENCE = auto()
    """Those whose file says `evidence_claims_allowed`."""


class Needs(Enum):
    """What has to be read beside a grant to know a claim's value."""

    PERSONAL_NUMBER = auto()
    CUSTOMERS = auto()
    EVIDENCE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One claim, with everything that is to be known about it."""

    name: str
    value: Callable[[Source, Recipient], Any]
    """None: unknown, so left out."""
    place: Place = Place.USERINFO
    scopes: tuple[str, ...] = ()
    """Each opens the claim; the first is the word that stands for it when it was requested by name."""
    permission: Permission = Permission.SCOPE
    consent: tuple[str, ...] = ()
    """What a person is asked, as keys of the consent page's words; empty: nothing about this claim."""
    needs: Needs | None = None

    def may_be_asked_by(self, client: Recipient) -> bool:
        """True when the client's file allows the claim."""
        match self.permission:
            case Permission.EVERYBODY:
                return True
            case Permission.EVIDENCE:
                return client.evidence_claims_allowed
            case Permission.PERSONAL_NUMBER:
                return client.personal_number_allowed and not client.scopes.isdisjoint(self.scopes)
            case Permission.SCOPE:
                return not client.scopes.isdisjoint(self.scopes)
