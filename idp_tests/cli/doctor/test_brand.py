"""The brand: texts in both languages."""

from idp.cli.doctor.finding import Grade
from idp_tests.cli.doctor.looking import findings
from idp_tests.cli.installation import Installation


def test_every_text_is_there_in_both_languages(installed: Installation) -> None:
    assert findings(installed)["texts"].grade is Grade.OK
