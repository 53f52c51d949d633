"""Ids in addresses: what we make passes, everything else is no page and reaches no database."""

import pytest
from flask import Flask

from idp.web import paths
from idp_tests.cases import each


@pytest.fixture
def app() -> Flask:
    bare = Flask("paths")
    paths.install(bare)

    @bare.get("/things/<thing>/part")
    def part(thing: str) -> str:
        return thing

    return bare


@each("thing", ["byYHzBqlmyf3pce1BG15xA", "019df8026600278351c74bb95e3186c7", "minasidor", "a.b_c~d-e", "x" * 128])
def test_an_id_of_ours_is_read(app: Flask, thing: str) -> None:
    assert app.test_client().get(f"/things/{thing}/part").text == thing


@each("thing", ["%00", "a%00b", "%ff", "å", "%2f", "a%20b", "x" * 129, "'", "a;b", "%0a", "*"])
def test_anything_else_is_no_page(app: Flask, thing: str) -> None:
    assert app.test_client().get(f"/things/{thing}/part").status_code == 404
