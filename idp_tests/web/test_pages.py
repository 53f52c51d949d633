from datetime import timedelta

from idp.assembly.web import make_pages
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
    ],
)
def test_a_wait_is_said_in_words_and_never_too_short(provider: Provider, wait: timedelta, words: str) -> None:
    pages = make_pages(provider.parts)
    assert pages.wait_in_words("sv", wait) == words
