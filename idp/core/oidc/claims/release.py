"""Release: what a client learns about a person, and where (OpenID Connect Core 5.3.2, 5.4, 5.5).

Nothing beyond the subject and the login is given unless it was asked for by scope or by the `claims` parameter and the
client may have it; what is not known is left out.
"""

from typing import Any

from idp.core.oidc.claims.claim import Place
from idp.core.oidc.claims.source import Recipient, Source
from idp.core.oidc.claims.table import CLAIMS, opened_by
from idp.core.oidc.claims.values import without_unknown

_OF_EVERY_LOGIN = tuple(claim for claim in CLAIMS.values() if claim.place is Place.EVERY_ID_TOKEN)
_OF_SOME_LOGINS = tuple(claim for claim in CLAIMS.values() if claim.place is Place.SOME_ID_TOKENS)
_OF_THE_PERSON = tuple(claim for claim in CLAIMS.values() if claim.place is not Place.EVERY_ID_TOKEN)


def event_claims(source: Source, client: Recipient) -> dict[str, Any]:
    """When, how and by whom the person was identified: of that event, however old it is (OpenID Connect Core 12.2)."""
    told = (*_OF_EVERY_LOGIN, *_OF_SOME_LOGINS) if client.told_of_provider else _OF_EVERY_LOGIN
    return without_unknown({claim.name: claim.value(source, client) for claim in told})


def id_token_claims(source: Source, client: Recipient, scope: frozenset[str]) -> dict[str, Any]:
    """What the ID Token says about the person: by scope a little, by the `claims` parameter what was requested."""
    opened, requested = opened_by(scope), source.requested_claims.get("id_token") or {}
    names = {
        claim.name
        for claim in _OF_THE_PERSON
        if (claim.place is Place.BOTH and claim.name in opened)
        or (claim.place is not Place.ONLY_USERINFO and claim.name in requested)
    }
    return _give(source, client, names)


def userinfo_claims(source: Source, client: Recipient, scope: frozenset[str]) -> dict[str, Any]:
    """What UserInfo says about the person, without the subject (OpenID Connect Core 5.3.2)."""
    return _give(source, client, opened_by(scope) | (source.requested_claims.get("userinfo") or {}).keys())


def _give(source: Source, client: Recipient, names: set[str] | frozenset[str]) -> dict[str, Any]:
    """By the rule that filters the `claims` parameter."""
    return without_unknown(
        {
            claim.name: claim.value(source, client)
            for claim in _OF_THE_PERSON
            if claim.name in names and claim.may_be_asked_by(client)
        }
    )
