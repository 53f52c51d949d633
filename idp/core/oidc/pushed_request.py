"""Pushed request: a client hands over its authorization request ahead and gets a reference for the browser (RFC 9126)."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from joserfc.jwk import Key

from idp.core.oidc.client import Client
from idp.core.oidc.errors import Refused
from idp.core.oidc.parameters import RawParameters
from idp.core.oidc.ports import Clients, PushedRequests, SeenIds
from idp.core.oidc.request import check
from idp.core.oidc.request_draft import (
    REQUEST_URI_PREFIX,
    Circumstances,
    Draft,
    RequestProblem,
    reference_hash,
)
from idp.core.oidc.request_object import PARAMETERS

LIFETIME = timedelta(seconds=90)
"""From the push to the browser's first arrival, which gives the reference the life of the login that begins then, so
that a reload still works; below ten minutes (FAPI 2.0 Security Profile 5.3.2.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PushedReference:
    """What the client puts into the browser's address instead of its request."""

    request_uri: str
    expires_in: int
    """Seconds."""


def push_request(
    raw: RawParameters,
    *,
    client: Client,
    dpop_jkt: str | None,
    clients: Clients,
    pushed_requests: PushedRequests,
    seen_ids: SeenIds,
    hint_keys: Sequence[Key],
    issuer: str,
    acr: str,
    now: datetime,
) -> PushedReference:
    """Check the request as the authorization endpoint would, and keep its parameters under a fresh reference.

    `client` has authenticated; `dpop_jkt` is the thumbprint of the key that it proved beside the request, to which the
    code will be bound (RFC 9449 10.1). The parameters are checked once more when the browser arrives, since the
    client's file may have changed. Raises Refused.
    """
    here = Circumstances(
        issuer=issuer,
        acr=acr,
        clients=clients,
        pushed_requests=pushed_requests,
        seen_ids=seen_ids,
        hint_keys=hint_keys,
        now=now,
    )
    draft = Draft(circumstances=here, raw=raw, sender=client)
    try:
        checked = check(draft)
    except RequestProblem as problem:
        raise Refused(code=problem.code, description=problem.description, detail=problem.detail) from None
    if dpop_jkt is not None and checked.dpop_jkt not in {None, dpop_jkt}:
        raise Refused(code="invalid_dpop_proof", description="dpop_jkt is not the key of the proof")
    request_uri = f"{REQUEST_URI_PREFIX}{secrets.token_urlsafe(32)}"
    kept = [(name, value) for name, value in draft.raw.pairs if name in PARAMETERS and value]
    if dpop_jkt is not None and checked.dpop_jkt is None:
        kept.append(("dpop_jkt", dpop_jkt))
    stored = {"parameters": kept, "signed": draft.signed}
    pushed_requests.push(reference_hash(request_uri), client.client_id, stored, now + LIFETIME)
    return PushedReference(request_uri=request_uri, expires_in=int(LIFETIME.total_seconds()))
