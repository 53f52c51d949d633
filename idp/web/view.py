"""A view: endpoints or pages, given what they use, so that its fields show what it can do."""

from typing import Protocol

from flask import Blueprint


class View(Protocol):
    """Made by the assembly."""

    def blueprint(self) -> Blueprint:
        """Its routes."""
