"""How the BankID app is opened on the person's own device, and how it finds the way back to the browser."""

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote, urlencode

DEFAULT_LAUNCH_URL = "https://app.bankid.com/"
"""BankID's own address for opening the app on a phone; any other address is a virtual phone that runs in the browser."""
DESKTOP_LAUNCH_URL = "bankid:///"
NONCE_PARAMETER = "n"


class DeviceGuess(StrEnum):
    """Which way is offered first: the QR code on a computer, the app on a phone or tablet."""

    COMPUTER = "computer"
    PHONE = "phone"


class Platform(StrEnum):
    """The operating systems whose ways of opening an app differ."""

    COMPUTER = "computer"
    ANDROID = "android"
    IOS = "ios"


class Family(StrEnum):
    """The browsers which need a special link or a special way back."""

    SAFARI = "safari"
    CHROME = "chrome"
    FIREFOX = "firefox"
    OPERA = "opera"
    EDGE = "edge"
    DUCKDUCKGO = "duckduckgo"
    SAMSUNG = "samsung"
    OTHER = "other"


_IN_APP_MARKS = (
    "FBAN/", "FBAV/", "FB_IAB/", "Instagram", "Snapchat", "Twitter for", "LinkedInApp", "Pinterest/", "Line/",
    "musical_ly", "BytedanceWebview", "trill_", "MicroMessenger", "; wv)",
)  # fmt: skip
_IOS_FAMILIES = (
    ("CriOS/", Family.CHROME),
    ("FxiOS/", Family.FIREFOX),
    ("OPT/", Family.OPERA),
    ("EdgiOS/", Family.EDGE),
    ("OPiOS/", Family.OTHER),
    ("OPX/", Family.OTHER),
    ("GSA/", Family.OTHER),
    ("DuckDuckGo/", Family.DUCKDUCKGO),
    ("Ddg/", Family.DUCKDUCKGO),
    ("YaBrowser/", Family.OTHER),
    ("UCBrowser/", Family.OTHER),
    ("Version/", Family.SAFARI),
)
_IOS_SCHEMES = {
    Family.CHROME: "googlechromes://{rest}",
    Family.EDGE: "microsoft-edge-https://{rest}",
    Family.OPERA: "touch-https://{rest}",
    Family.DUCKDUCKGO: "ddgQuickLink://{rest}",
    Family.FIREFOX: "firefox://open-url?url={quoted}",
}
"""How an address is opened in this browser and not in the person's default one; `rest` is the address after https://."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """What the user agent told about the browser; `embedded` is a web view inside another app."""

    platform: Platform
    family: Family
    embedded: bool

    @property
    def device_guess(self) -> DeviceGuess:
        """Which way to offer first."""
        return DeviceGuess.COMPUTER if self.platform is Platform.COMPUTER else DeviceGuess.PHONE

    @property
    def can_start_bankid(self) -> bool:
        """Whether a link can open the BankID app; a web view inside another app holds the person in."""
        return not self.embedded


def read_browser(user_agent: str, *, touch_points: int = 0) -> Browser:
    """Recognise the browser.

    `touch_points` is navigator.maxTouchPoints: it tells an iPad from the Mac, and an Android phone from the Linux computer,
    that they claim to be when the person asked for "desktop sites".
    """
    if any(mark in user_agent for mark in ("iPhone", "iPad", "iPod")) or (
        "Macintosh" in user_agent and touch_points > 1
    ):
        family = next((family for mark, family in _IOS_FAMILIES if mark in user_agent), Family.OTHER)
        embedded = _is_in_app(user_agent) or "Safari/" not in user_agent
        return Browser(platform=Platform.IOS, family=family, embedded=embedded)
    if "Android" in user_agent or ("X11; Linux" in user_agent and touch_points > 1):
        family = Family.SAMSUNG if "SamsungBrowser/" in user_agent else Family.OTHER
        return Browser(platform=Platform.ANDROID, family=family, embedded=_is_in_app(user_agent))
    return Browser(platform=Platform.COMPUTER, family=Family.OTHER, embedded=False)


def _is_in_app(user_agent: str) -> bool:
    return any(mark in user_agent for mark in _IN_APP_MARKS)


def open_link(browser: Browser, auto_start_token: str, *, launch_url: str = DEFAULT_LAUNCH_URL) -> str:
    """The address of the "Open BankID" link (BankID RP 6.0, autostart).

    `redirect=null` keeps older apps from guessing a way back; an order with a return URL ignores it. Samsung Internet shows
    BankID's web page instead of opening the app, so it gets the app's own scheme, as computers do.
    """
    scheme_needed = browser.platform is Platform.COMPUTER or browser.family is Family.SAMSUNG
    base = DESKTOP_LAUNCH_URL if scheme_needed and _is_bankids_own(launch_url) else launch_url
    query = urlencode({"autostarttoken": auto_start_token, "redirect": "null"}, quote_via=quote)
    return f"{base}{'&' if '?' in base else '?'}{query}"


def _is_bankids_own(launch_url: str) -> bool:
    return launch_url.rstrip("/") == DEFAULT_LAUNCH_URL.rstrip("/")


def comes_back(browser: Browser, *, launch_url: str = DEFAULT_LAUNCH_URL) -> bool:
    """Whether the BankID app opens an address when it is done: everywhere but on computers, where the page just goes on."""
    return browser.platform is not Platform.COMPUTER or not _is_bankids_own(launch_url)


def find_return_url(browser: Browser, *, back_url: str, nonce: str, launch_url: str = DEFAULT_LAUNCH_URL) -> str | None:
    """The returnUrl of a same-device order, or None on computers (BankID RP 6.0, return URL).

    `back_url` is our page of this sign-in, `nonce` at least 128 random bits kept with the order. QR orders have no way back:
    do not ask for one. An https address is opened by the person's default browser, on iOS and on Android. Browsers on iOS that
    have their own scheme get the whole address by it: a bare scheme would bring the tab back without the nonce.

    The nonce stands in the query, not in the fragment: it comes to the server together with the browser's cookie, in one
    request and without a script, which is the whole comparison. A fragment would save a reload in Safari only while the
    page still has the very same address. Nothing is lost by a nonce in a log: without the cookie it opens nothing.
    """
    if not comes_back(browser, launch_url=launch_url):
        return None
    address = f"{back_url}{'&' if '?' in back_url else '?'}{urlencode({NONCE_PARAMETER: nonce})}"
    scheme = _IOS_SCHEMES.get(browser.family) if browser.platform is Platform.IOS else None
    if scheme is None or not _is_bankids_own(launch_url) or not address.startswith("https://"):
        return address
    return scheme.format(rest=address.removeprefix("https://"), quoted=quote(address, safe=""))
