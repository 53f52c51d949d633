"""`idp linking`: a company that guessers have shut is opened again, one try at a time."""

import pytest

from idp_tests.builders import an_organisation_number
from idp_tests.cli.installation import Installation
from idp_tests.cli.seeds import add_anna
from idp_tests.provider import Provider, restarted
from idp_tests.scripted_bankid import BO


def test_a_company_that_nobody_has_tried_has_all_its_tries(installed: Installation) -> None:
    add_anna(installed)
    shown = installed.done("linking", "show", "10012345")
    assert shown == "company-four-digits: 5 left\ncompany-whole-number: 30 left\n"


def test_a_company_that_was_used_up_is_opened_by_one_try_when_a_second_operator_asks_for_it(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T-C13 of the security specification."""
    desk = Installation(provider.directory)
    unlock = ("linking", "unlock", "10012345", "company-whole-number", "--case", "K-17")
    with restarted(provider, linking={"company_whole_numbers_per_year": 1}) as guessed:
        guessed.browser().authorize().identify(BO).link("10012345", an_organisation_number(1))
        shut = guessed.browser().authorize().identify().link("10012345", "556016-0680")
        assert shut.status == 429
        assert desk.done("linking", "show", "10012345").splitlines()[1].startswith("company-whole-number: 29 left")
        for _ in range(2):
            assert desk.run(*unlock).exit_code == 1
        assert guessed.browser().authorize().identify().link("10012345", "556016-0680").status == 429
        monkeypatch.setenv("LOGNAME", "another")
        desk.done(*unlock)
        assert guessed.browser().authorize().identify().link("10012345", "556016-0680").step == "register"
    assert provider.scalar("SELECT count(*) FROM audit WHERE event = 'link.unlocked'") == 1


def test_who_waits_reads_a_code_by_which_support_finds_the_tries_and_gives_one_back(provider: Provider) -> None:
    desk = Installation(provider.directory)
    browser = provider.browser().authorize().identify()
    for serial in range(6):
        browser.get(f"{browser.base}/link").link(f"1001234{serial}", an_organisation_number(serial))
    assert browser.status == 429
    code = browser.page.partition('id="error-code">')[2].partition("<")[0]
    shown = desk.done("linking", "show", code)
    assert "person-year: 15 left\n" in shown
    assert f"{code}  whole-number  person-paused  from 127.0.0.0/24" in shown
    assert "customer none: nobody has the number" in shown
    assert "199001012385" not in shown
    assert "linking" in desk.done("explain", code)
    desk.done("linking", "unlock", code, "person-day", "--case", "K-18")
    assert provider.browser().authorize().identify().link("10012345", "5560160680").step == "register"


def test_no_more_is_given_back_than_was_tried(installed: Installation) -> None:
    add_anna(installed)
    done = installed.done("linking", "unlock", "10012345", "company-four-digits", "--case", "1")
    assert done == "company-four-digits: 5 left\n"


def test_a_company_has_no_tries_of_a_person(installed: Installation) -> None:
    add_anna(installed)
    result = installed.run("linking", "unlock", "10012345", "person-day", "--case", "1")
    assert result.exit_code == 2
    assert "has no tries of this kind" in result.stderr


@pytest.mark.parametrize("case", ["", "a b", "x" * 41])
def test_a_case_is_one_word(installed: Installation, case: str) -> None:
    assert installed.run("linking", "unlock", "10012345", "company-four-digits", "--case", case).exit_code == 2


def test_an_unknown_number_is_exit_code_two(installed: Installation) -> None:
    for words in (("show", "99999999"), ("unlock", "99999999", "company-four-digits", "--case", "1")):
        result = installed.run("linking", *words)
        assert result.exit_code == 2
        assert "no customer this number" in result.stderr
