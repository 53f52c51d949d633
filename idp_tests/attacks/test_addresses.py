"""What stands in the address line: doubled and encoded slashes lead nowhere, and to nobody else's host."""

from urllib.parse import unquote

from idp_tests.attacks.target import Target
from idp_tests.cases import each

PATHS = (
    "//signin//abc", "/signin//evil.example", "/signin/%2f%2fevil.example", "/signin/%2Fevil.example/bankid", "//evil.example/..",
    "/signin///evil.example/%2e%2e", "/logout//", "//authorize", "/authorize//", "//token", "/.well-known//openid-configuration",
)  # fmt: skip


@each("path", PATHS)
def test_a_doubled_slash_sends_nobody_to_the_host_that_the_caller_named(target: Target, path: str) -> None:
    """A permanent redirect to `Host` would be kept by caches and browsers."""
    with target.unchanged():
        asked = {"PATH_INFO": unquote(path)}  # as a server gives it; the test client would take //token for a host
        response = target.http.get("/", base_url="https://evil.example", environ_overrides=asked)
    assert response.status_code in {400, 404, 405}, response.headers.get("Location")
    assert "evil.example" not in str(response.headers)
