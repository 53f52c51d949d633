"""The frame around every page: whose login this is, and where help is found."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from idp.core.languages import Language


@dataclass(frozen=True, slots=True)
class Service:
    """A service of the house's own that a person can go to."""

    name: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What `base.html` needs on each page; links that are None are left out."""

    language: Language
    organisation: str = "PreZero"
    phone: str | None = None
    phone_link: str | None = None
    """`tel:` address of the number above."""
    help_url: str | None = None
    privacy_url: str | None = None
    """The company's own page, or ours."""
    accessibility_url: str | None = None
    other_language_url: str | None = None
    """This same page in the other language, such as `?lang=en`."""
    services: Callable[[], Sequence[Service]] = tuple
    """The house's own services, looked up only by a page that leads there."""
    notice: str | None = None
    """What everybody is told at the moment."""
    test_mode: bool = False
    static: str = "/static"
    theme: str | None = None
    """Style sheet with the company's own colours."""
    logo: str | None = None
    """Picture in place of the organisation's name."""
    dark_logo: str | None = None
    icon: str | None = None
    """Picture in the browser's tab, in place of ours."""
