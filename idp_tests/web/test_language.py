"""Which language a person gets."""

from hypothesis import given
from hypothesis import strategies as st

from idp.core.languages import LANGUAGES
from idp.web.language import choose_language
from idp_tests.cases import each


def test_the_clients_wish_comes_before_the_saved_choice() -> None:
    assert choose_language("en", "sv", "sv") == "en"


def test_the_saved_choice_comes_before_the_browsers_list() -> None:
    assert choose_language(None, "en", "sv") == "en"


def test_the_browsers_list_comes_before_swedish() -> None:
    assert choose_language(None, None, "en-GB") == "en"


def test_swedish_is_spoken_when_nobody_says_anything() -> None:
    assert choose_language(None, None, None) == "sv"


def test_the_first_language_we_speak_in_ui_locales_wins() -> None:
    assert choose_language("fi de en-US sv", None, None) == "en"


def test_ui_locales_we_do_not_speak_leave_the_choice_to_the_next() -> None:
    assert choose_language("fi", "en", "sv") == "en"


def test_a_cookie_with_anything_else_is_passed_over() -> None:
    assert choose_language(None, "../etc", "en") == "en"


@each(
    "header, language",
    [
        ("sv;q=0.3, en;q=0.8", "en"),
        ("fi, sv;q=0.9, en;q=0.8", "sv"),
        ("en;q=0, sv;q=0.1", "sv"),
        ("EN-us", "en"),
        ("sv-SE,en", "sv"),
        ("en;q=not-a-weight, sv;q=0.2", "sv"),
        ("*", "sv"),
        ("en ; q=0.5 , sv ; q=0.4", "en"),
        (",,;,", "sv"),
    ],
)
def test_accept_language_is_read_by_its_weights(header: str, language: str) -> None:
    assert choose_language(None, None, header) == language


@given(st.text(), st.text(), st.text())
def test_no_text_makes_it_fail(ui_locales: str, cookie: str, accept_language: str) -> None:
    assert choose_language(ui_locales, cookie, accept_language) in LANGUAGES
