"""The brand: texts in both languages, help on every page, and what everybody is told."""

from datetime import timedelta

from idp.cli.doctor.finding import Grade
from idp_tests.cases import each
from idp_tests.cli.doctor.looking import NOW, findings
from idp_tests.cli.doctor.test_mode import in_production
from idp_tests.cli.installation import Installation

LINKS = """[brand]
support_phone = "0771-00 00 00"
help_url = "https://example.se/help"
privacy_url = "https://example.se/privacy"
accessibility_url = "https://example.se/accessibility"
[mail]"""


def test_every_text_is_there_in_both_languages(installed: Installation) -> None:
    assert findings(installed)["texts"].grade is Grade.OK


def test_a_sandbox_may_do_without_links(installed: Installation) -> None:
    assert findings(installed)["help"].grade is Grade.WARN


@each("link", ["support_phone", "help_url", "accessibility_url"])
def test_production_without_help_or_accessibility_fails(installed: Installation, link: str) -> None:
    original = installed.settings.read_text(encoding="utf-8")
    in_production(installed)
    installed.change("[mail]", LINKS)
    assert findings(installed)["help"].grade is Grade.OK
    installed.change(f"{link} =", f"# {link} =")
    found = findings(installed)["help"]
    assert (found.grade, f"brand.{link}" in found.seen) == (Grade.FAIL, True)
    installed.settings.write_text(original, encoding="utf-8")


def test_what_everybody_is_told_is_said_here_too(installed: Installation) -> None:
    later = (NOW + timedelta(hours=1)).isoformat()
    told = f'[notice]\nsv = "Vi byter nät."\nen = "New network."\nclosed_from = {NOW.isoformat()}\nclosed_until = {later}\n'
    installed.change("[mail]", f"{told}[mail]")
    found = findings(installed)
    assert "Vi byter nät." in found["notice"].seen
    assert found["planned stop"].grade is Grade.WARN


def test_colours_that_somebody_could_not_read_fail(installed: Installation) -> None:
    assert findings(installed)["colours"].grade is Grade.OK
    installed.change("[mail]", '[brand]\ncolours = { accent = "#ffee00" }\n[mail]')
    found = findings(installed)
    assert found["colours"].grade is Grade.FAIL
    assert found["dark colours"].grade is Grade.WARN


def test_a_picture_that_is_not_there_fails(installed: Installation) -> None:
    installed.change("[mail]", '[brand]\nlogo = "nowhere.svg"\n[mail]')
    assert findings(installed)["colours"].grade is Grade.FAIL


def test_texts_of_ones_own_that_cannot_be_used_fail(installed: Installation) -> None:
    installed.change("[mail]", '[brand]\ntexts = "nowhere"\n[mail]')
    assert findings(installed)["texts"].grade is Grade.FAIL
