"""Bearer: how an access token is presented at a resource, and how a resource says no (RFC 6750; RFC 9449 7)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from idp.core.oidc.errors import ErrorCode, Refused
from idp.core.oidc.keys.algorithms import FAPI_ALGS


class Scheme(StrEnum):
    """The two ways of presenting an access token."""

    BEARER = "Bearer"
    DPOP = "DPoP"


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentedToken:
    """An access token as it came, not yet believed."""

    scheme: Scheme
    value: str = field(repr=False)


def read_presented(authorization: str | None, in_body: Sequence[str], *, issuer: str) -> PresentedToken:
    """Take the token from the Authorization header or, as the only other way, from a form body (RFC 6750 2).

    Raises Refused: 401 without an error code when there is none, 400 when it comes twice or unreadably.
    """
    if authorization is None and not in_body:
        raise Refused(
            code="invalid_token",
            description="An access token is needed",
            status=401,
            headers={"WWW-Authenticate": challenge(issuer)},
        )
    if len(in_body) + (authorization is not None) > 1:
        raise refuse_access(issuer, "invalid_request", "The access token comes in more than one way")
    if authorization is None:
        return PresentedToken(scheme=Scheme.BEARER, value=in_body[0])
    name, _, value = authorization.partition(" ")
    scheme = next((one for one in Scheme if one.lower() == name.lower()), None)
    if scheme is None or not value.strip(" ") or " " in value.strip(" "):
        raise refuse_access(issuer, "invalid_request", "The Authorization header cannot be read")
    return PresentedToken(scheme=scheme, value=value.strip(" "))


def challenge(issuer: str, error: ErrorCode | None = None, scheme: Scheme | None = None) -> str:
    """The WWW-Authenticate header: for one scheme, or for both (RFC 6750 3; RFC 9449 7.1)."""
    told = f', error="{error}"' if error else ""
    bearer = f'Bearer realm="{issuer}"{told}'
    dpop = f'DPoP realm="{issuer}", algs="{" ".join(FAPI_ALGS)}"{told}'
    match scheme:
        case Scheme.BEARER:
            return bearer
        case Scheme.DPOP:
            return dpop
        case None:
            return f"{bearer}, {dpop}"


_STATUS = {"invalid_request": 400, "insufficient_scope": 403}


def refuse_access(
    issuer: str, error: ErrorCode, description: str, *, scheme: Scheme | None = None, detail: str = ""
) -> Refused:
    """The refusal of a resource, with the status that belongs to its error (RFC 6750 3.1)."""
    return Refused(
        code=error,
        description=description,
        detail=detail,
        status=_STATUS.get(error, 401),
        headers={"WWW-Authenticate": challenge(issuer, error, scheme)},
    )
