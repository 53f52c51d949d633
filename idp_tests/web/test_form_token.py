"""The form token: required of every change but those of programs, whatever is added later."""

import pytest
from flask import Blueprint, Flask
from flask_wtf.csrf import generate_csrf
from werkzeug.test import TestResponse

from idp.web import form_token


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__)
    app.config["SECRET_KEY"] = "of a test"
    form_token.install(app, exempt=["programs"])
    for name in ("programs", "pages"):
        routes = Blueprint(name, name)
        routes.route(f"/{name}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])(lambda: "done")
        app.register_blueprint(routes)
    app.add_url_rule("/token", "token", generate_csrf)
    app.add_url_rule("/bare", "programs-too", lambda: "done", methods=["POST"])
    return app


def send(app: Flask, method: str, path: str, **form: str) -> TestResponse:
    return app.test_client().open(path, method=method, data=form)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(("path", "status"), [("/pages", 400), ("/programs", 200)])
def test_a_change_without_a_token_is_refused_where_people_are(app: Flask, method: str, path: str, status: int) -> None:
    assert send(app, method, path).status_code == status


def test_a_route_of_no_blueprint_is_for_people(app: Flask) -> None:
    assert send(app, "POST", "/bare").status_code == 400


def test_reading_takes_no_token_and_no_address_is_no_form(app: Flask) -> None:
    assert send(app, "GET", "/pages").status_code == 200
    assert send(app, "POST", "/nowhere").status_code == 404
    assert send(app, "POST", "/token").status_code == 405


def test_a_token_counts_for_the_browser_that_it_was_made_for(app: Flask) -> None:
    mine, another = app.test_client(), app.test_client()
    token = mine.get("/token").get_data(as_text=True)
    another.get("/token")
    assert mine.post("/pages", data={"csrf_token": token}).status_code == 200
    assert another.post("/pages", data={"csrf_token": token}).status_code == 400
