"""What follows from a client's members alone."""

from idp_tests.authorization_requests import an_rp

ISSUER = "https://id.example"


def test_only_a_waiver_or_a_nonce_where_that_is_enough_replaces_pkce() -> None:
    assert not an_rp().may_do_without_pkce("n")
    assert an_rp(require_pkce=False).may_do_without_pkce(None)
    assert an_rp(nonce_may_replace_pkce=True).may_do_without_pkce("n")
    assert not an_rp(nonce_may_replace_pkce=True).may_do_without_pkce(None)


def test_a_login_begins_again_at_the_clients_start_link_which_is_told_who_asks() -> None:
    """OpenID Connect Core 4: `iss` is required there."""
    client = an_rp(initiate_login_uri="https://rp.example/start", client_uri="https://rp.example/")
    assert client.start_address(ISSUER) == "https://rp.example/start?iss=https%3A%2F%2Fid.example"


def test_a_start_link_keeps_the_query_it_has() -> None:
    client = an_rp(initiate_login_uri="https://rp.example/start?a=b")
    assert client.start_address(ISSUER) == "https://rp.example/start?a=b&iss=https%3A%2F%2Fid.example"


def test_without_a_start_link_the_clients_own_page_is_the_place() -> None:
    assert an_rp(client_uri="https://rp.example/").start_address(ISSUER) == "https://rp.example/"
    assert an_rp(client_uri=None).start_address(ISSUER) is None
