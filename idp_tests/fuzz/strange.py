"""Strange input: values, parameters, headers and tokens as nobody honest sends them, near enough to be read."""

import json
import string
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

NASTY = (
    "", " ", "\0", "\r\n", "'", '"', "<", ">", "&", "%", "%00", "%ff", "\\", "/", "//", "..", "{}", "[]", "null", "true", "NaN", "-1",
    "0", "1e999", "9" * 40, "😀", "å", "\ud7ff", "\ue000", "\ufffe", "\uffff", "\u202e", "\u2028", "\ufeff", "ﬁ", "İ", "ſ", "K",
    "'; DROP TABLE people; --", "${jndi:ldap://x}", "{{7*7}}", "<script>", "javascript:x", "http://", "https://[", "https://x:99999",
    "urn:ietf:params:oauth:request_uri:x", "a.b.c", "..", "eyJhbGciOiJub25lIn0..", "at_", "rt_AAAA", "ac_AAAA", "x" * 3_000, "none",
    "S256", "plain", "code", "openid", "login", "none login", "form_post", "fragment", "sv", "en-GB", "*", "1970-01-01",
)  # fmt: skip
PARAMETERS = (
    "client_id", "response_type", "redirect_uri", "scope", "state", "nonce", "code_challenge", "code_challenge_method",
    "response_mode", "prompt", "max_age", "display", "ui_locales", "claims_locales", "acr_values", "login_hint", "id_token_hint",
    "claims", "request", "request_uri", "registration", "resource", "dpop_jkt", "https://id.oidc.se/param/userMessage", "grant_type",
    "code", "code_verifier", "refresh_token", "client_secret", "client_assertion", "client_assertion_type", "token",
    "token_type_hint", "access_token", "post_logout_redirect_uri", "logout_hint", "lang", "n", "stop", "other", "answer", "launch",
    "customer", "customer_number", "last_four", "name", "phone", "email", "remember", "step", "csrf_token",
)  # fmt: skip
HEADERS = (
    "Accept", "Accept-Language", "Accept-Encoding", "Authorization", "Content-Type", "Cookie", "DPoP", "Forwarded", "Host",
    "If-None-Match", "If-Modified-Since", "Origin", "Range", "Referer", "Sec-Fetch-Site", "User-Agent", "X-Forwarded-For",
    "X-Forwarded-Host", "X-Forwarded-Proto", "X-HTTP-Method-Override", "Access-Control-Request-Method",
)  # fmt: skip
METHODS = ("GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE")

values = st.one_of(
    st.sampled_from(NASTY),
    st.text(max_size=60),
    st.text(alphabet=string.printable, max_size=200),
    st.lists(st.sampled_from(NASTY), min_size=2, max_size=4).map("".join),
    st.integers().map(str),
    st.floats().map(str),
)
names = st.one_of(st.sampled_from(PARAMETERS), st.sampled_from(PARAMETERS), st.text(max_size=12))
pairs = st.lists(st.tuples(names, values), max_size=6)
headers = st.lists(
    st.tuples(
        st.sampled_from(HEADERS), st.one_of(values, st.sampled_from(("application/json", "text/html", "*/*", "null")))
    ),
    max_size=3,
).map(lambda found: {name: _header(value) for name, value in found})
json_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=20),
        st.sampled_from(NASTY),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.one_of(st.sampled_from(PARAMETERS), st.text(max_size=8)), inner, max_size=4)
    ),
    max_leaves=8,
)  # fmt: skip
members = st.dictionaries(
    st.sampled_from(("iss", "sub", "aud", "exp", "nbf", "iat", "jti", "htm", "htu", "ath", "nonce", "cnf", "events", "sid", *PARAMETERS[:24])),
    json_values,
    max_size=5,
)  # fmt: skip
header_members = st.dictionaries(
    st.sampled_from(("alg", "typ", "kid", "jwk", "jku", "x5c", "x5u", "crit", "b64", "zip", "cty", "enc", "p2c")),
    st.one_of(json_values, st.sampled_from(("ES256", "none", "HS256", "RS256", "PS256", "EdDSA", "dpop+jwt", "at+jwt", "JWT"))),
    max_size=3,
)  # fmt: skip


def _header(value: str) -> str:
    """What a server hands to an application: Latin-1 without line ends."""
    return value.encode("utf-8", "replace").decode("latin-1").replace("\r", "").replace("\n", "").replace("\0", "")


@st.composite
def spoilt(draw: st.DrawFn, honest: Mapping[str, str]) -> list[tuple[str, str]]:
    """An honest form with some members changed, left out, repeated or joined by strangers."""
    kept = {name: value for name, value in honest.items() if draw(st.integers(0, 9)) > 0}
    changed = draw(st.dictionaries(st.sampled_from(sorted(honest) or ["x"]), values, max_size=2))
    return [*{**kept, **changed}.items(), *draw(pairs)]


def dump(value: Any) -> str:
    return json.dumps(value)
