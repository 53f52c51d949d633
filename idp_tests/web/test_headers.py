import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from idp.web import headers


@pytest.fixture
def client() -> FlaskClient:
    app = Flask(__name__)
    app.config["PREFERRED_URL_SCHEME"] = "https"

    @app.get("/page")
    def page() -> str:
        return "<p>"

    @app.get("/form")
    def form() -> str:
        headers.allow_form_action("https://minasidor.example")
        headers.allow_form_action("https://app.example")
        return "<p>"

    @app.get("/frames")
    def frames() -> str:
        headers.allow_frames(["https://b.example", "https://a.example", "https://b.example"])
        return "<p>"

    @app.get("/json")
    def document() -> Response:
        response = Response("{}", mimetype="application/json")
        response.headers["Cache-Control"] = "public"
        return response

    headers.install(app)
    return app.test_client()


def test_a_page_loads_only_what_is_ours_and_is_framed_by_nobody(client: FlaskClient) -> None:
    found = client.get("/page").headers
    policy = found["Content-Security-Policy"].split("; ")
    for directive in (
        "default-src 'none'",
        "script-src 'self'",
        "form-action 'self'",
        "frame-src 'none'",
        "frame-ancestors 'none'",
    ):
        assert directive in policy
    assert (found["X-Frame-Options"], found["Cache-Control"]) == ("DENY", "no-store")
    assert (found["X-Content-Type-Options"], found["Referrer-Policy"]) == ("nosniff", "same-origin")
    assert "max-age=31536000" in found["Strict-Transport-Security"]


def test_a_form_may_end_at_the_addresses_that_its_page_named_and_only_there(client: FlaskClient) -> None:
    policy = client.get("/form").headers["Content-Security-Policy"].split("; ")
    assert "form-action 'self' https://minasidor.example https://app.example" in policy
    assert "form-action 'self'" in client.get("/page").headers["Content-Security-Policy"].split("; ")


def test_frames_are_loaded_from_the_clients_that_are_told_of_a_logout(client: FlaskClient) -> None:
    assert "frame-src https://a.example https://b.example" in client.get("/frames").headers["Content-Security-Policy"]


def test_what_a_view_decided_stays_and_what_is_no_page_has_no_policy(client: FlaskClient) -> None:
    found = client.get("/json").headers
    assert found["Cache-Control"] == "public"
    assert "Content-Security-Policy" not in found


def test_without_tls_no_browser_is_told_to_insist_on_it() -> None:
    app = Flask(__name__)
    app.get("/")(lambda: "")
    headers.install(app)
    assert "Strict-Transport-Security" not in app.test_client().get("/").headers
