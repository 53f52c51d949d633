"""Scopes: the words a client may ask with. What each opens is in the table of claims."""

from collections.abc import Mapping

NATURAL_PERSON_INFO = "https://id.oidc.se/scope/naturalPersonInfo"
NATURAL_PERSON_NUMBER = "https://id.oidc.se/scope/naturalPersonNumber"
OFFLINE_ACCESS = "offline_access"
CUSTOMER = "customer"
EMAIL = "email"
PHONE = "phone"

MAX_SCOPES = 50
"""So many words are read of a request."""

SCOPES: Mapping[str, tuple[str, ...]] = {
    "openid": ("identity",),
    "profile": (),
    EMAIL: (),
    PHONE: (),
    OFFLINE_ACCESS: ("offline",),
    CUSTOMER: (),
    NATURAL_PERSON_INFO: (),
    NATURAL_PERSON_NUMBER: (),
}
"""In the order of the discovery document (OpenID Connect Core 5.4; Claims and Scopes for the Swedish profile 3), with
what the scope itself means on the consent page, beside the claims that it opens."""
