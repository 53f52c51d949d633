"""The page on personal data: what is kept, why, who sees it and how long, from the inventory and the settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, Response

from idp.core.languages import Language
from idp.core.personal_data.classification import Kept
from idp.core.personal_data.inventory import INVENTORY
from idp.core.personal_data.summary import Summary, summaries
from idp.web.pages import Pages
from idp.web.paths import PERSONAL_DATA

_YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Told:
    """One kind of data in the person's words."""

    name: str
    answers: Sequence[tuple[str, Sequence[str]]]
    """Key of a question, and what is answered."""
    outlives_erasure: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalData:
    """What GDPR 13 and 14 ask for, made anew at each request: it is short, and seldom read."""

    pages: Pages
    periods: Mapping[Kept, timedelta]
    """As the settings and the sweeper have them; what has no period ends with something that a person knows."""

    def blueprint(self) -> Blueprint:
        routes = Blueprint("personal_data", __name__)
        routes.get(PERSONAL_DATA)(self.page)
        return routes

    def page(self) -> Response:
        language = self.pages.language()
        told = [self._told(language, each) for each in summaries(INVENTORY.values())]
        return self.pages.show("personal_data.html", language, told=told)

    def _told(self, language: Language, summary: Summary) -> Told:
        def say(key: str, /, **values: object) -> str:
            return self.pages.say(language, f"personal_data.{key}", **values)

        return Told(
            name=say(f"datum.{summary.datum}"),
            answers=(
                ("why", [say(f"why.{each}") for each in summary.why]),
                ("seen", [say(f"seen.{each}") for each in summary.seen]),
                ("kept", [self._kept(language, each) for each in summary.kept]),
                ("form", [say(f"form.{each.name.lower()}") for each in summary.kinds]),
            ),
            outlives_erasure=summary.outlives_erasure,
        )

    def _kept(self, language: Language, kept: Kept) -> str:
        period = self.periods.get(kept)
        in_words = self._in_words(language, period) if period else ""
        return self.pages.say(language, f"personal_data.kept.{kept}", period=in_words)

    def _in_words(self, language: Language, period: timedelta) -> str:
        """A year as a year; otherwise as any other wait."""
        years, rest = divmod(period, _YEAR)
        if years and not rest:
            return self.pages.say(language, f"personal_data.period.year{'' if years == 1 else 's'}", n=years)
        return self.pages.wait_in_words(language, period)
