"""Mail: who is told of nothing should know it."""

from idp.cli.doctor.finding import Grade
from idp_tests.cli.doctor.looking import findings
from idp_tests.cli.installation import Installation


def test_a_provider_that_writes_to_nobody_is_warned_of(installed: Installation) -> None:
    installed.change('folder = "mail"', "")
    assert findings(installed)["mail"].grade is Grade.WARN
