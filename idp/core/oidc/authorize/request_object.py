"""Request object: authorization parameters signed by the client, by value (RFC 9101; OpenID Connect Core 6.1)."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from idp.core.oidc.authorize.user_message import USER_MESSAGE
from idp.core.oidc.clients.client import Client
from idp.core.oidc.clients.ports import SeenIds
from idp.core.oidc.clients.profile import profile_of
from idp.core.oidc.keys.jose import Claims, JoseRefused, read_key_set, verify
from idp.core.oidc.parameters import RawParameters

LEEWAY = timedelta(seconds=15)
"""Clocks differ; a request object may come 10 seconds before its `nbf`, not 60."""
LONGEST = timedelta(minutes=5)

_TYPES = frozenset({"oauth-authz-req+jwt", "jwt", None})
_JWT_CLAIMS = frozenset({"iss", "aud", "exp", "nbf", "iat", "jti", "sub"})
_OBJECTS = frozenset({"claims", USER_MESSAGE})
_NEVER_INSIDE = ("request", "request_uri", "client_secret", "client_assertion")


def read_request_object(
    request_object: str, client: Client, *, issuer: str, seen_ids: SeenIds, now: datetime
) -> RawParameters:
    """Verify who signed it, for whom and until when, and give the parameters as if they stood in the request.

    Raises JoseRefused for everything else. A `jti` is accepted once.
    """
    keys = read_key_set(client.jwks)
    signed = verify(request_object, keys=keys, algs=client.request_object_signing_algs, typ=_TYPES)
    _check_envelope(signed, client, issuer, now)
    parameters = RawParameters.of(
        (name, value)
        for name, member in signed.members.items()
        if name not in _JWT_CLAIMS
        for value in _as_parameters(name, member)
    )
    _check_once(signed, client, seen_ids)
    return parameters


def merge(outside: RawParameters, inside: RawParameters, client: Client) -> RawParameters:
    """Join what was signed with what was not.

    A client whose requests must be signed is answered by the signed part alone (RFC 9101 6.3); for the others a
    parameter outside counts where the signed part is silent (OpenID Connect Core 6.1).
    """
    stands_alone = client.require_signed_request_object or profile_of(client).signed_part_stands_alone
    counting = {"client_id"} if stands_alone else outside.values.keys() - {"request"}
    unsigned = {name: values for name, values in outside.values.items() if name in counting}
    return RawParameters({**unsigned, **inside.values})


def _check_envelope(signed: Claims, client: Client, issuer: str, now: datetime) -> None:
    if signed.find_text("iss") not in {None, client.client_id}:
        raise JoseRefused("iss is not the client")
    if signed.find_text("client_id") not in {None, client.client_id}:
        raise JoseRefused("client_id is not the client")
    if issuer not in signed.audiences():
        raise JoseRefused("aud is not this provider")
    if any(name in signed.members for name in _NEVER_INSIDE):
        raise JoseRefused("a member has no place in a request object")
    required = ("exp", "nbf") if profile_of(client).request_objects_have_a_beginning else ("exp",)
    signed.check_times(now, leeway=LEEWAY, longest=LONGEST, required=required)
    not_before = signed.find_seconds("nbf")
    if not_before is not None and not_before < (now - timedelta(minutes=60)).timestamp():
        raise JoseRefused("nbf is more than an hour ago")


def _check_once(signed: Claims, client: Client, seen_ids: SeenIds) -> None:
    jti = signed.find_text("jti")
    if jti is None:
        return
    if len(jti) > 256:
        raise JoseRefused("jti is too long")
    expires_at = datetime.fromtimestamp(signed.seconds("exp"), UTC) + LEEWAY
    if not seen_ids.remember("request_object", client.client_id, jti, expires_at):
        raise JoseRefused("jti was used before")


def _as_parameters(name: str, member: Any) -> tuple[str, ...]:
    """A member as the parameter it stands for; JSON's own types are read only where they mean something."""
    if isinstance(member, str):
        value = member
    elif name == "max_age" and isinstance(member, int) and not isinstance(member, bool):
        value = str(member)
    elif name in _OBJECTS and isinstance(member, Mapping):
        value = json.dumps(member, ensure_ascii=False)
    elif name == "resource" and isinstance(member, list) and all(isinstance(entry, str) for entry in member):
        return tuple(member)
    elif name in PARAMETERS:
        raise JoseRefused("a member is of the wrong type")
    else:
        return ()
    return (value,)


PARAMETERS = frozenset(
    {
        "client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce", "code_challenge",
        "code_challenge_method", "prompt", "max_age", "customer", "display", "ui_locales", "acr_values", "login_hint",
        "id_token_hint", "claims", "resource", "dpop_jkt", USER_MESSAGE,
    }
)  # fmt: skip
"""Members that we read; an unknown one may be of any type and is left out."""
