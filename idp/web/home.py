"""The page at `/`: says where one is, and which services one can go to."""

from dataclasses import dataclass

from flask import Blueprint, Response

from idp.web.pages import Pages


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """What a person finds who types the address or shortens it."""

    pages: Pages

    def blueprint(self) -> Blueprint:
        routes = Blueprint("home", __name__)
        routes.get("/")(self.page)
        return routes

    def page(self) -> Response:
        return self.pages.show("home.html", self.pages.language())
