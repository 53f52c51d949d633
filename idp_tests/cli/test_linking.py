"""`idp linking`: a company that guessers have shut is opened again, one try at a time."""

import pytest

from idp_tests.builders import an_organisation_number
from idp_tests.cli.installation import Installation
from idp_tests.cli.seeds import add_anna
from idp_tests.provider import Provider, restarted
from idp_tests.scripted_bankid import BO


def test_a_company_that_nobody_has_tried_has_all_its_tries(installed: Installation) -> None:
    add_anna(installed)
    assert installed.done("linking", "show", "10012345") == "four-digits: 5 left\nwhole-number: 30 left\n"


def test_a_company_that_was_used_up_is_opened_by_one_try(provider: Provider) -> None:
    desk = Installation(provider.directory)
    with restarted(provider, linking={"company_whole_numbers_per_year": 1}) as guessed:
        guessed.browser().authorize().identify(BO).link("10012345", an_organisation_number(1))
        shut = guessed.browser().authorize().identify().link("10012345", "556016-0680")
        assert shut.status == 429
        assert desk.done("linking", "show", "10012345").splitlines()[1].startswith("whole-number: 29 left")
        desk.done("linking", "unlock", "10012345", "whole-number", "--case", "K-17")
        assert guessed.browser().authorize().identify().link("10012345", "556016-0680").step == "register"
    assert provider.scalar("SELECT count(*) FROM audit WHERE event = 'link.unlocked'") == 1


def test_no_more_is_given_back_than_was_tried(installed: Installation) -> None:
    add_anna(installed)
    assert installed.done("linking", "unlock", "10012345", "four-digits", "--case", "1") == "four-digits: 5 left\n"


@pytest.mark.parametrize("case", ["", "a b", "x" * 41])
def test_a_case_is_one_word(installed: Installation, case: str) -> None:
    assert installed.run("linking", "unlock", "10012345", "four-digits", "--case", case).exit_code == 2


def test_an_unknown_number_is_exit_code_two(installed: Installation) -> None:
    for words in (("show", "99999999"), ("unlock", "99999999", "four-digits", "--case", "1")):
        result = installed.run("linking", *words)
        assert result.exit_code == 2
        assert "no customer has this number" in result.stderr
