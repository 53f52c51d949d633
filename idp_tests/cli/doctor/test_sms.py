"""Text messages: the gateway is asked, and nobody is written to."""

from idp.cli.doctor.finding import Grade
from idp_tests.cli.doctor.looking import findings
from idp_tests.cli.installation import Installation


def test_no_text_messages_are_a_choice(installed: Installation) -> None:
    assert findings(installed)["sms"].grade is Grade.OK


def test_a_gateway_that_is_down_is_a_failure(installed: Installation) -> None:
    installed.change("[mail]", '[sms]\ngateway = "http://127.0.0.1:1/sms"\n\n[mail]')
    found = findings(installed)["sms"]
    assert found.grade is Grade.FAIL
    assert found.seen == "http://127.0.0.1:1/sms: ConnectionError"
    assert found.remedy


def test_a_folder_that_can_be_written_is_fine(installed: Installation) -> None:
    installed.change("[mail]", '[sms]\nfolder = "sms"\n\n[mail]')
    assert findings(installed)["sms"].grade is Grade.OK
