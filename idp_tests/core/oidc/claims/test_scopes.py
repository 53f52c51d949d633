"""The words a client may ask with."""

import re

from idp.core.oidc.claims.scopes import MAX_SCOPES, SCOPES
from idp.core.oidc.discovery import metadata


def test_discovery_lists_them_in_this_order() -> None:
    told = metadata(issuer="https://id.example", acrs=("a",), signing_algs=["RS256"])
    assert told["scopes_supported"] == list(SCOPES)
    assert told["scopes_supported"][0] == "openid"


def test_all_of_them_fit_into_one_request() -> None:
    assert len(SCOPES) < MAX_SCOPES
    assert all(re.fullmatch(r"[\x21\x23-\x5b\x5d-\x7e]+", scope) for scope in SCOPES)  # RFC 6749 3.3
