"""ID token hint: an ID Token of ours, brought back by the client that got it, however old it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from joserfc.jwk import Key

from idp.core.oidc.keys.algorithms import SIGNING_ALGS
from idp.core.oidc.keys.jose import JoseRefused, verify

MAX_LENGTH = 8_192


@dataclass(frozen=True, slots=True, kw_only=True)
class IdTokenHint:
    """What the hint says: about whom, to whom, and in which session."""

    sub: str
    """As the client knows the subject."""
    client_id: str
    sid: str | None


def read_id_token_hint(hint: str, *, keys: Sequence[Key], issuer: str, client_id: str | None = None) -> IdTokenHint:
    """Verify that we signed the ID Token, for `client_id` when it is given; `exp` is ignored (OIDC Core 3.1.2.1).

    Only an ID Token counts: an access token or logout token of ours under the same key is refused by its type.
    Raises JoseRefused.
    """
    claims = verify(hint, keys=keys, algs=SIGNING_ALGS, typ=frozenset({"jwt", None}), max_length=MAX_LENGTH)
    audiences = claims.audiences()
    if claims.text("iss") != issuer:
        raise JoseRefused("iss is not this provider")
    if len(audiences) != 1 or client_id not in {None, audiences[0]}:
        raise JoseRefused("aud is not this client")
    if "events" in claims.members or "auth_time" not in claims.members:
        raise JoseRefused("this is no ID Token")
    return IdTokenHint(sub=claims.text("sub"), client_id=audiences[0], sid=claims.find_text("sid"))
