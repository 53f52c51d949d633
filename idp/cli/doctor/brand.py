"""What people see: texts in both languages."""

from collections.abc import Iterator
from datetime import datetime

from idp.assembly.provider import Provider
from idp.cli.doctor.finding import Finding, Grade
from idp.jobs.emails import TRANSLATIONS
from idp.web.language import Catalogs


def look_at_texts(_provider: Provider, _now: datetime) -> Iterator[Finding]:
    """A text that is missing in one language raises."""
    count = sum(len(Catalogs.load(*place).texts["sv"]) for place in ((), (TRANSLATIONS,)))
    yield Finding(Grade.OK, "texts", f"{count} in Swedish and English, none missing")
