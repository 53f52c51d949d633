from typing import Any

import pytest
from flask import Flask

from idp.web.cookies import Cookie, Cookies, digest
from idp.web.journeys import ReadBrowserJourney
from idp_tests.builders import NOW, a_client, a_request, an_interaction
from idp_tests.recorder import Recorder

COOKIES = Cookies(secure=True)
SESSION = COOKIES.name(Cookie.SESSION, "prezero")


@pytest.mark.parametrize(
    ("sent", "session", "customer"),
    [
        ("", None, None),
        (f"{SESSION}=secret", digest("secret"), None),
        (f"{COOKIES.name(Cookie.SESSION, 'other')}=secret; __Host-customer=c1", None, "c1"),
    ],
)
def test_a_journey_is_read_by_the_hash_of_the_groups_session_cookie_and_by_the_company_chosen_last(
    sent: str, session: str | None, customer: str | None
) -> None:
    named: dict[str, Any] = {}
    ports = Recorder({"read": lambda *_: None})
    read: Any = ports.function("read")
    with Flask(__name__).test_request_context("/", headers={"Cookie": sent}):
        ports.answers["read"] = lambda *_, **more: named.update(more)
        ReadBrowserJourney(read=read, cookies=COOKIES)(a_request(), a_client(), an_interaction(), NOW)
    assert named == {"session_cookie_hash": session, "remembered_customer_id": customer, "now": NOW}
    assert ports.arguments("read") == (a_request(), a_client(), an_interaction())
