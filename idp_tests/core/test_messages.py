from idp.core.messages import Message, OutgoingEmail, Undelivered
from idp_tests.builders import NOW


def test_what_was_not_delivered_says_why_and_whether_another_try_is_worth_it() -> None:
    assert (Undelivered("timeout").reason, Undelivered("timeout").final) == ("timeout", False)
    assert Undelivered("no_such_client", final=True).final
    assert str(Undelivered("timeout")) == "timeout"


def test_a_log_that_prints_a_message_tells_nobody_what_it_says_or_to_whom() -> None:
    message = Message(id="m1", kind="mail.x", key="k", payload={"to": "canary@example.se"}, created_at=NOW, tries=0)
    email = OutgoingEmail(id="m1", to="canary@example.se", subject="canary", text="canary", written_at=NOW)
    assert "canary" not in f"{message!r} {email!r}"
