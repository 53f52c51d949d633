from idp_tests.provider import Provider


def test_the_address_alone_says_where_one_is_and_where_one_can_go(provider: Provider) -> None:
    page = provider.browser().get("/").page
    assert "<h1>Inloggning hos PreZero</h1>" in page
    assert 'class="button" href="https://minasidor.example/"' in page


def test_the_address_alone_speaks_both_languages(provider: Provider) -> None:
    assert "<h1>Login at PreZero</h1>" in provider.browser().get("/?lang=en").page


def test_without_services_the_address_alone_still_offers_help(provider: Provider) -> None:
    provider.parts.clients.replace({})
    assert 'class="button" id="call" href="tel:0771000000"' in provider.browser().get("/").page
