"""Pages: how a template is shown in the person's language, inside the common frame."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any
from urllib.parse import urlencode

from flask import Response, current_app, g, make_response, render_template, request
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup, escape

from idp.brand import Brand
from idp.core.languages import Language
from idp.web.brand_files import BrandFiles
from idp.web.cookies import Cookie, Cookies
from idp.web.frame import Frame, Service
from idp.web.language import Catalogs, choose_language, is_language
from idp.web.paths import PERSONAL_DATA

_UNITS = (("day", 86400, 129600), ("hour", 3600, 5400), ("minute", 60, 90), ("second", 1, 0))
"""Of waits: name, length in seconds, and from how many seconds on a wait is told in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Shows templates."""

    brand: Brand
    brand_files: BrandFiles
    catalogs: Catalogs
    cookies: Cookies
    services: Callable[[Language], Sequence[Service]]
    """The house's own, for pages that nothing else leads on from."""
    notice: Callable[[Language], str | None]
    """What everybody is told at the moment."""
    test_mode: bool
    """Whether each page says that nothing here is real."""
    static: str = "/static"
    """What the addresses of scripts and style sheets begin with."""

    def language(self, ui_locales: str | None = None) -> Language:
        """The language of this request: the link just pressed, what the client asked for, the saved choice, the browser's."""
        pressed = request.args.get("lang", "")
        if is_language(pressed):
            return pressed
        if "language" in g and is_language(g.language):
            return g.language
        saved = self.cookies.read(request, Cookie.LANGUAGE)
        return choose_language(ui_locales, saved, request.headers.get("Accept-Language"))

    def show(
        self,
        template: str,
        language: Language,
        *,
        http_status: int = 200,
        same_page: Sequence[tuple[str, str]] = (),
        **context: Any,
    ) -> Response:
        """Render a template.

        `same_page` are the parameters without which the link to the other language would lead to another page.
        """
        brand = self.brand
        support = customer_service(self.catalogs, language, brand.support_phone, self.phone_link)
        translate = self.catalogs.translator(language, organisation=brand.name, customer_service=support)
        frame = self._frame(language, same_page)
        page = render_template(template, frame=frame, t=translate, csrf_token=generate_csrf(), **context)
        response = make_response(page, http_status)
        response.headers["Content-Language"] = language
        pressed = request.args.get("lang", "")
        if is_language(pressed):
            self.cookies.write(response, Cookie.LANGUAGE, pressed)
        return response

    @property
    def phone_link(self) -> str | None:
        """`tel:` address of customer service; None when no number is configured."""
        digits = "".join(char for char in self.brand.support_phone if char in "+0123456789")
        return f"tel:{digits}" if digits else None

    def _frame(self, language: Language, same_page: Sequence[tuple[str, str]]) -> Frame:
        brand, other = self.brand, "en" if language == "sv" else "sv"
        return Frame(
            language=language,
            organisation=brand.name,
            phone=brand.support_phone or None,
            phone_link=self.phone_link,
            help_url=brand.help_url or None,
            privacy_url=brand.privacy_url or PERSONAL_DATA,
            accessibility_url=brand.accessibility_url or None,
            other_language_url=f"?{urlencode([*same_page, ('lang', other)])}" if _can_be_shown_again() else None,
            services=lambda: self.services(language),
            notice=self.notice(language),
            theme=self.brand_files.address("theme.css"),
            logo=self.brand_files.address("logo"),
            dark_logo=self.brand_files.address("dark_logo"),
            icon=self.brand_files.address("icon"),
            test_mode=self.test_mode,
            static=self.static,
        )

    def say(self, language: Language, key: str, /, **values: object) -> str:
        """One text outside of a template."""
        support = customer_service(self.catalogs, language, self.brand.support_phone)
        return self.catalogs.translate(language, key, organisation=self.brand.name, customer_service=support, **values)

    def wait_in_words(self, language: Language, wait: timedelta) -> str:
        """How long to wait, in the largest unit that says it without a lie: rounded up, never down."""
        for unit, length, from_here in _UNITS:
            if wait.total_seconds() >= from_here:
                count = max(1, ceil(wait.total_seconds() / length))
                return self.say(language, f"time.{unit}" if count == 1 else f"time.{unit}s", n=count)
        raise AssertionError("every wait is at least no wait")

    def moment_in_words(self, language: Language, moment: datetime, now: datetime) -> str:
        """When: a time of day, with its date unless that is today's."""
        (today, _), (date, time) = (self.brand.local(each).split(" ") for each in (now, moment))
        if date == today:
            return self.say(language, "time.today", time=time)
        return self.say(language, "time.another_day", date=date, time=time)


def customer_service(catalogs: Catalogs, language: Language, phone: str, link: str | None = None) -> str:
    """Customer service inside a sentence, with its number where there is one; with a link it is HTML, to be tapped."""
    if not phone:
        return catalogs.translate(language, "frame.customer_service")
    number = Markup('<a class="number" href="{}">{}</a>').format(link, phone) if link else phone
    text = catalogs.translate(language, "frame.customer_service_phone", phone="{}")
    return escape(text).format(number) if link else text.format(number)


def speak(language: Language) -> None:
    """Whatever this request still shows, an error too, is in this language: the one of the login under way."""
    g.language = language


def _can_be_shown_again() -> bool:
    """Whether this address shows a page when it is followed; what a form of a sign-in is answered with often does."""
    if request.method == "GET":
        return True
    if request.url_rule is None or not request.path.startswith("/signin/"):
        return False  # without a rule even the Host may be none, and could not be asked for another
    routes = current_app.create_url_adapter(request)
    return routes is not None and routes.test(request.path, method="GET")
