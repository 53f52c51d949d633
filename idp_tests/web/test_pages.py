from datetime import timedelta

from idp.assembly.web import make_pages
from idp.core.languages import Language
from idp.web.language import Catalogs
from idp.web.pages import customer_service
from idp_tests.cases import each
from idp_tests.provider import Provider


@each(
    "wait, words",
    [
        (timedelta(), "en sekund"),
        (timedelta(seconds=20), "20 sekunder"),
        (timedelta(seconds=61), "61 sekunder"),
        (timedelta(minutes=2), "2 minuter"),
        (timedelta(minutes=89, seconds=1), "90 minuter"),
        (timedelta(minutes=90), "2 timmar"),
        (timedelta(hours=23, minutes=59), "24 timmar"),
        (timedelta(hours=36), "2 dygn"),
        (timedelta(days=299, minutes=1), "300 dygn"),
    ],
)
def test_a_wait_is_said_in_words_and_never_too_short(provider: Provider, wait: timedelta, words: str) -> None:
    pages = make_pages(provider.parts)
    assert pages.wait_in_words("sv", wait) == words


@each(
    "language, html, plain",
    [
        (
            "sv",
            'Ring kundservice på <a class="number" href="tel:0771000000">0771-00 00 00</a>, så hjälper vi dig.',
            "Ring kundservice på 0771-00 00 00, så hjälper vi dig.",
        ),
        (
            "en",
            'Call customer service on <a class="number" href="tel:0771000000">0771-00 00 00</a> and we will help.',
            "Call customer service on 0771-00 00 00 and we will help.",
        ),
    ],
)
def test_customer_service_is_a_number_to_tap_where_it_is_said(
    provider: Provider, language: Language, html: str, plain: str
) -> None:
    pages = make_pages(provider.parts)
    phone, link = pages.brand.support_phone, pages.phone_link
    t = pages.catalogs.translator(language, customer_service=customer_service(pages.catalogs, language, phone, link))
    assert t("error.blocked.text") == html
    assert pages.say(language, "error.blocked.text") == plain


def test_customer_service_without_a_number_is_still_named() -> None:
    catalogs = Catalogs.load()
    t = catalogs.translator("sv", customer_service=customer_service(catalogs, "sv", ""))
    assert t("error.blocked.text") == "Ring kundservice, så hjälper vi dig."
