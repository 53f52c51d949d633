"""Mail: the server is asked, and who is told of nothing should know it."""

from idp.cli.doctor.finding import Grade
from idp_tests.cli.doctor.looking import findings
from idp_tests.cli.installation import Installation


def test_a_provider_that_writes_to_nobody_is_warned_of(installed: Installation) -> None:
    installed.change('folder = "mail"', "")
    assert findings(installed)["mail"].grade is Grade.WARN


def test_a_mail_server_that_is_down_is_a_failure(installed: Installation) -> None:
    installed.change('folder = "mail"', 'smtp_host = "127.0.0.1"\nsmtp_port = 1')
    found = findings(installed)["mail"]
    assert found.grade is Grade.FAIL
    assert found.seen == "127.0.0.1:1: ConnectionRefusedError"
    assert found.remedy


def test_a_folder_that_cannot_be_written_is_a_failure(installed: Installation) -> None:
    (installed.directory / "mail").write_text("", encoding="utf-8")
    assert findings(installed)["mail"].grade is Grade.FAIL


def test_a_password_file_that_cannot_be_read_is_a_failure_that_names_it(installed: Installation) -> None:
    (installed.directory / "password.txt").write_bytes(b"l\xf6sen")
    installed.change(
        'folder = "mail"', 'smtp_host = "127.0.0.1"\nsmtp_port = 1\nuser = "u"\npassword_file = "password.txt"'
    )
    found = findings(installed)["mail"]
    assert found.grade is Grade.FAIL
    assert "password.txt: is not UTF-8" in found.seen
