"""What people see: texts in both languages, and where help is found."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from idp.brand import Brand
from idp.cli.doctor.finding import Finding, Grade
from idp.settings import Settings
from idp.web.brand_files import BrandFiles
from idp.web.language import Catalogs
from idp.web.theme import Theme

_LINKS: Final = ("support_phone", "help_url", "accessibility_url")
"""What every page offers; the law asks for the last one (DOS-lagen 10 §, EN 301 549). What it asks for about personal data
(GDPR 13) is there by itself."""


def look_at_colours(brand: Brand) -> Iterator[Finding]:
    """The company's own colours can be read by everybody; pictures can be shown, or the first that cannot is the finding."""
    BrandFiles.of(brand)
    faint = list(Theme.of(brand).too_faint())
    for line in faint:
        yield Finding(Grade.FAIL, "colours", line, remedy="change brand.colours or brand.dark_colours")
    if not faint:
        yield Finding(Grade.OK, "colours", "stand out from each other, on light screens and dark ones (WCAG 2.2 AA)")
    if brand.colours and not brand.dark_colours:
        yield Finding(Grade.WARN, "dark colours", "are still the product's", remedy="name them in brand.dark_colours")
    if brand.logo and not brand.dark_logo:
        yield Finding(Grade.WARN, "dark logo", "the logo is shown on dark ground too", remedy="name brand.dark_logo")


def look_at_links(settings: Settings) -> Iterator[Finding]:
    """In production, pages without help and without what the law asks for are a failure."""
    brand = settings.brand
    missing = [f"brand.{name}" for name in _LINKS if not getattr(brand, name)]
    if not missing:
        yield Finding(Grade.OK, "help", "customer service, help, privacy and accessibility are on every page")
        return
    grade = Grade.WARN if settings.is_sandbox else Grade.FAIL
    seen = f"people find nothing at the foot of the pages for {', '.join(missing)}"
    yield Finding(grade, "help", seen, remedy="name them in the settings")


def look_at_notice(settings: Settings, now: datetime) -> Iterator[Finding]:
    """What everybody is told just now, and a planned stop that is on or ahead."""
    notice, brand = settings.notice, settings.brand
    if text := notice.text("sv", now):
        yield Finding(Grade.WARN, "notice", f"every page says: {text}")
    if notice.closed_from and notice.closed_until and now < notice.closed_until:
        seen = f"no login begins from {brand.local(notice.closed_from)} to {brand.local(notice.closed_until)}"
        yield Finding(Grade.WARN, "planned stop", seen)


def look_at_texts(*catalogs: Catalogs) -> Iterator[Finding]:
    """A text that is missing in one language raises, as does one of the company's own that cannot be used."""
    count = sum(len(each.texts["sv"]) for each in catalogs)
    yield Finding(Grade.OK, "texts", f"{count} in Swedish and English, none missing")
