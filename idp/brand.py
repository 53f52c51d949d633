"""Brand: whose login people see, and what everybody is told for a while."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AwareDatetime, Field, field_validator, model_validator

from idp.settings_fields import Table, path_beside

Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
"""As in `#0b5a5f`."""


class Brand(Table):
    """What people see."""

    name: str = "PreZero"
    """Name of the company in texts and titles."""
    time_zone: str = "Europe/Stockholm"
    """In which people are told times; a name of the IANA time zone database."""
    support_phone: str = ""
    """Customer service, shown on every page; empty hides it."""
    help_url: str = ""
    """Footer link; empty hides it, which `idp doctor` fails in production."""
    privacy_url: str = ""
    """Footer link, and where the person who registers reads what becomes of the data (GDPR 13). Empty: our own page,
    which says what is really kept; `texts` may replace its words (`personal_data.…`), too."""
    accessibility_url: str = ""
    """Footer link, to what the company says about accessibility."""
    logo: Path | None = None
    """Picture at the top of every page in place of the name: SVG, PNG or WebP."""
    dark_logo: Path | None = None
    """The same for people whose screens are dark."""
    icon: Path | None = None
    """Picture in the browser's tab: SVG, PNG or ICO."""
    colours: Mapping[str, Colour] = {}
    """Colours in place of the product's, such as { accent = "#0b5a5f" }; the names are in `idp/web/static/idp.css`.
    `idp doctor` measures their contrast."""
    dark_colours: Mapping[str, Colour] = {}
    """The same for people whose screens are dark."""
    texts: Path | None = None
    """Directory with `sv.po` and `en.po`, whose texts replace those of the product."""

    _paths = field_validator("logo", "dark_logo", "icon", "texts")(
        lambda value, info: value and path_beside(value, info)
    )

    @field_validator("help_url", "privacy_url", "accessibility_url")
    @classmethod
    def _link_is_an_address(cls, value: str) -> str:
        if value and not value.startswith(("https://", "http://")):
            raise ValueError("must begin with https://")
        return value

    @field_validator("time_zone")
    @classmethod
    def _time_zone_is_known(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("must be a time zone that this machine knows, such as Europe/Stockholm") from None
        return value

    def local(self, moment: datetime) -> str:
        """A moment as people are told it, such as `2025-05-05 14:03`, whatever the time zone of the machine."""
        return moment.astimezone(ZoneInfo(self.time_zone)).strftime("%Y-%m-%d %H:%M")


class Notice(Table):
    """What everybody is told for a while ("driftinformation"), and a planned stop of the login. It counts after SIGHUP."""

    sv: str = ""
    """Shown at the top of every page, in Swedish; empty: nothing."""
    en: str = ""
    """The same in English."""
    shown_from: AwareDatetime | None = None
    """Not before, such as 2026-05-05T20:00:00+02:00. None: at once."""
    shown_until: AwareDatetime | None = None
    """Not after. None: until it is taken away."""
    closed_from: AwareDatetime | None = None
    """From then on no login begins; people who are logged in, or in the middle of it, go on."""
    closed_until: AwareDatetime | None = None
    """When logins begin again; people are told."""

    @model_validator(mode="after")
    def _everybody_can_read_it(self) -> "Notice":
        if bool(self.sv) != bool(self.en):
            raise ValueError(f"{'en' if self.sv else 'sv'}: is missing; a notice is in both languages")
        if (self.closed_from is None) != (self.closed_until is None):
            raise ValueError("closed_until: belongs together with closed_from")
        if self.closed_from and self.closed_until and self.closed_until <= self.closed_from:
            raise ValueError("closed_until: must be after closed_from")
        return self

    def text(self, language: str, now: datetime) -> str | None:
        """What to say now."""
        is_early = self.shown_from is not None and now < self.shown_from
        is_late = self.shown_until is not None and now >= self.shown_until
        return None if is_early or is_late else {"sv": self.sv, "en": self.en}[language] or None

    def closed_now(self, now: datetime) -> datetime | None:
        """When the login opens again; None while it is open."""
        if self.closed_from is None or self.closed_until is None:
            return None
        return self.closed_until if self.closed_from <= now < self.closed_until else None
