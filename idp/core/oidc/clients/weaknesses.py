"""Weaknesses: what a client may choose but should be looked at twice."""

from collections.abc import Callable

from idp.core.oidc.clients.client import Client


def weaknesses_of(client: Client) -> list[str]:
    """What is allowed but should be looked at twice."""
    return [text for is_weak, text in _WEAK if is_weak(client)]


def _has_own_scheme(client: Client) -> bool:
    return any(not uri.startswith(("https://", "http://")) for uri in client.redirect_uris)


_WEAK: tuple[tuple[Callable[[Client], bool], str], ...] = (
    (lambda client: len(client.client_secret_hashes) > 1, "two secrets are valid: remove the old one"),
    (lambda client: bool(client.client_secret_hashes), "a shared secret: private_key_jwt cannot leak from our side"),
    (lambda client: not client.require_pkce, "PKCE is not required: only for a client that cannot be changed"),
    (_has_own_scheme, "a redirect address with a private-use scheme: another app can claim it; prefer claimed https"),
    (
        lambda client: client.unconfirmed_contact_allowed and not client.first_party,
        "unconfirmed_contact_allowed: it gets addresses that somebody merely typed, and must never know people by them",
    ),
    (lambda client: client.personal_number_allowed, "it can get the personal identity number"),
    (
        lambda client: client.is_public and not client.dpop_bound_access_tokens and client.refresh_lifetime is not None,
        "a public client with refresh tokens and without DPoP: a stolen token can be used once",
    ),
    (
        lambda client: any(uri.startswith("http://") for uri in client.redirect_uris) and not client.is_native,
        "a redirect address without https",
    ),
    (
        lambda client: client.client_uri is None and client.initiate_login_uri is None,
        "no address where people can start: a login that ran out of time has no way back; set client_uri or initiate_login_uri",
    ),
)
