"""Pushed request: a client hands over its authorization request ahead and gets a reference for the browser (RFC 9126)."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from idp.core.oidc.authorize.checks import check, check_for_browser
from idp.core.oidc.authorize.request_object import PARAMETERS
from idp.core.oidc.authorize.validation_context import (
    REQUEST_URI_PREFIX,
    RequestEnvironment,
    RequestProblem,
    ValidationContext,
    reference_hash,
)
from idp.core.oidc.clients.client import Client
from idp.core.oidc.errors import Refused
from idp.core.oidc.parameters import RawParameters

LIFETIME = timedelta(seconds=90)
"""From the push to the browser's first arrival, which gives the reference the life of the login that begins then, so
that a reload still works; below ten minutes (FAPI 2.0 Security Profile 5.3.2.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PushedReference:
    """What the client puts into the browser's address instead of its request."""

    request_uri: str
    expires_in: int
    """Seconds."""


@dataclass(frozen=True, slots=True)
class PushRequest:
    """Check a request as the authorization endpoint would, and keep its parameters under a fresh reference."""

    environment: RequestEnvironment

    def __call__(
        self, parameters: RawParameters, now: datetime, *, client: Client, dpop_jkt: str | None
    ) -> PushedReference:
        """Raises Refused.

        `client` has authenticated; `dpop_jkt` is the thumbprint of the key that it proved beside the request, to which
        the code will be bound (RFC 9449 10.1). The parameters are checked once more when the browser arrives, since
        the client's file may have changed.
        """
        context = ValidationContext(environment=self.environment, parameters=parameters, now=now, sender=client)
        try:
            request = check(context).request
        except RequestProblem as problem:
            raise Refused(
                code=problem.code, description=problem.description, detail=problem.detail, diagnosis=problem.diagnosis
            ) from None
        if dpop_jkt is not None and request.dpop_jkt not in {None, dpop_jkt}:
            raise Refused(code="invalid_dpop_proof", description="dpop_jkt is not the key of the proof")
        proved = [("dpop_jkt", dpop_jkt)] if dpop_jkt is not None and request.dpop_jkt is None else []
        return PushedReference(request_uri=_keep(context, proved), expires_in=int(LIFETIME.total_seconds()))


@dataclass(frozen=True, slots=True)
class KeepPostedRequest:
    """Check a request that a browser posted and keep it, for the GET that goes on with it."""

    environment: RequestEnvironment

    def __call__(self, parameters: RawParameters, now: datetime) -> Mapping[str, str]:
        """The parameters of that GET: they name the request without repeating any of it.

        A request that the client pushed keeps its own reference. Raises Displayed and Redirected as `ReadRequest` does.
        """
        context = ValidationContext(environment=self.environment, parameters=parameters, now=now)
        client = check_for_browser(context).client
        request_uri = parameters.find("request_uri") if context.pushed else None
        return {"client_id": client.client_id, "request_uri": request_uri or _keep(context, [])}


def _keep(context: ValidationContext, proved: Sequence[tuple[str, str]]) -> str:
    request_uri = f"{REQUEST_URI_PREFIX}{secrets.token_urlsafe(32)}"
    kept = [(name, value) for name, value in context.parameters.pairs if name in PARAMETERS and value]
    context.environment.pushed_requests.push(
        reference_hash(request_uri),
        context.client.client_id,
        {"parameters": [*kept, *proved], "signed": context.signed},
        context.now + LIFETIME,
    )
    return request_uri
