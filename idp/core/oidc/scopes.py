"""Scopes: the words a client may ask with, and what each of them opens."""

from collections.abc import Mapping
from dataclasses import dataclass

NATURAL_PERSON_INFO = "https://id.oidc.se/scope/naturalPersonInfo"
NATURAL_PERSON_NUMBER = "https://id.oidc.se/scope/naturalPersonNumber"
OFFLINE_ACCESS = "offline_access"
CUSTOMER = "customer"

MAX_SCOPES = 50
"""So many words are read of a request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """One word of the `scope` parameter."""

    personal_number: bool = False
    """Opens the personal identity number, so the client's file must allow that as well."""


SCOPES: Mapping[str, Scope] = {
    "openid": Scope(),
    "profile": Scope(),
    "email": Scope(),
    "phone": Scope(),
    OFFLINE_ACCESS: Scope(),
    CUSTOMER: Scope(),
    NATURAL_PERSON_INFO: Scope(),
    NATURAL_PERSON_NUMBER: Scope(personal_number=True),
}
"""In the order of the discovery document (OpenID Connect Core 5.4; Claims and Scopes for the Swedish profile 3)."""
