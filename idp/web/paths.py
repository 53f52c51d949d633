"""Paths: what the variable part of an address of ours may hold; everything else is no page (RFC 3986 2.3)."""

from flask import Flask
from werkzeug.routing import Map, UnicodeConverter


class Name(UnicodeConverter):
    """An id as we make them: unreserved characters, and no more of them than any id has.

    A NUL character or half of one would travel on to a database that cannot hold it.
    """

    regex = r"[A-Za-z0-9._~-]{1,128}"

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map)
        self.regex = Name.regex  # the framework's own is made from a length


def install(app: Flask) -> None:
    """Read every variable part this way; comes before the routes that have one."""
    app.url_map.converters["default"] = Name


PERSONAL_DATA = "/personal-data"
"""What is kept about people, and why."""
