"""The `claims` parameter: single claims asked for by name, with `essential` and values (OpenID Connect Core 5.5).

Unknown claims and claims that the client may not have are dropped in silence, as the specification asks; what stands
in a request afterwards may be answered. Text that is not what 5.5 describes is refused, so that its developer notices.
"""

from collections.abc import Mapping
from typing import Any

from idp.core.oidc.claims.source import Recipient
from idp.core.oidc.claims.table import may_ask
from idp.core.oidc.strict_json import read_object

MAX_LENGTH = 8_192
MAX_CLAIMS = 100
MAX_VALUES = 20


class ClaimsRefused(ValueError):
    """The parameter is not what OpenID Connect Core 5.5 describes; the reason is a constant text."""


def read_claims(text: str, client: Recipient) -> dict[str, dict[str, Any]]:
    """Read the parameter into {"id_token": …, "userinfo": …} with only what this client may ask for.

    Each claim has None or some of `essential`, `value`, `values`. Raises ClaimsRefused.
    """
    if len(text) > MAX_LENGTH:
        raise ClaimsRefused("the claims parameter is too long")
    try:
        requested = read_object(text)
    except ValueError:
        raise ClaimsRefused("the claims parameter is not a JSON object") from None
    places = [place for place in ("id_token", "userinfo") if requested.get(place) is not None]
    return {place: _read_place(requested[place], client) for place in places}


def _read_place(members: object, client: Recipient) -> dict[str, Any]:
    if not isinstance(members, dict) or len(members) > MAX_CLAIMS:
        raise ClaimsRefused("id_token and userinfo must be objects with at most 100 claims")
    return {name: _read_claim(request) for name, request in members.items() if may_ask(name, client)}


def _read_claim(request: object) -> dict[str, Any] | None:
    if request is None:
        return None
    if not isinstance(request, dict):
        raise ClaimsRefused("a claim must be null or an object")
    if not isinstance(request.get("essential", False), bool):
        raise ClaimsRefused("essential must be a truth value")
    values = request.get("values", [])
    if not isinstance(values, list) or len(values) > MAX_VALUES:
        raise ClaimsRefused("values must be a list of at most 20 entries")
    if not all(isinstance(value, str | int | float) for value in [*values, request.get("value", "")]):
        raise ClaimsRefused("a value must be a text, a number or a truth value")
    return {name: request[name] for name in ("essential", "value", "values") if name in request}


def find_essential_acrs(claims: Mapping[str, Any]) -> frozenset[str]:
    """The `acr` values of which one is essential (OpenID Connect Core 5.5.1.1); empty when nothing is demanded."""
    request = claims.get("id_token", {}).get("acr")
    if not request or not request.get("essential"):
        return frozenset()
    return frozenset(
        str(value) for value in [*request.get("values", []), *([request["value"]] if "value" in request else [])]
    )
