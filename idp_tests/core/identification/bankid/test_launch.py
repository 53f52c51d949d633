"""Opening the BankID app on the person's own device, and coming back."""

from idp.core.identification.bankid.launch import (
    Browser,
    DeviceGuess,
    Family,
    Platform,
    comes_back,
    find_return_url,
    open_link,
    read_browser,
)
from idp_tests.cases import each

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
ANDROID = "Mozilla/5.0 (Linux; Android 15; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) "
IPHONE_SAFARI = IPHONE + "Version/18.3 Mobile/15E148 Safari/604.1"
IPHONE_CHROME = IPHONE + "CriOS/133.0.6943.33 Mobile/15E148 Safari/604.1"
IPHONE_FIREFOX = IPHONE + "FxiOS/135.0 Mobile/15E148 Safari/605.1.15"
IPHONE_OPERA = IPHONE + "Version/18.3 Mobile/15E148 Safari/604.1 OPT/5.2.0"
IPHONE_EDGE = IPHONE + "Version/18.0 EdgiOS/133.0.3065.39 Mobile/15E148 Safari/604.1"
IPHONE_DUCKDUCKGO = IPHONE + "Version/18.3 Mobile/15E148 DuckDuckGo/7 Safari/605.1.15"
IPHONE_UNKNOWN = IPHONE + "Mobile/15E148 Safari/604.1"
IPHONE_FACEBOOK = IPHONE + "Mobile/22D60 Safari/604.1 [FBAN/FBIOS;FBAV/498.0.0.54.103;FBBV/695870612;FBDV/iPhone15,3]"
IPHONE_WEB_VIEW = IPHONE + "Mobile/15E148"
ANDROID_CHROME = ANDROID + "Chrome/133.0.0.0 Mobile Safari/537.36"
ANDROID_SAMSUNG = ANDROID + "SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36"
ANDROID_WEB_VIEW = ANDROID.replace("SM-S921B)", "SM-S921B; wv)") + "Version/4.0 Chrome/133.0.0.0 Mobile Safari/537.36"
ANDROID_INSTAGRAM = ANDROID + "Chrome/133.0.0.0 Mobile Safari/537.36 Instagram 368.0.0.46.96 Android"
MAC_SAFARI = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Safari/605.1.15"
LINUX_CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/133.0.0.0 Safari/537.36"
WINDOWS_EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/133.0.0.0 Safari/537.36 Edg/133.0.0.0"

BACK = "https://login.example.se/signin/abc/bankid/back"
VIRTUAL_PHONE = "http://localhost:8003/"


@each(
    "user_agent, platform, family",
    [
        (IPHONE_SAFARI, Platform.IOS, Family.SAFARI),
        (IPHONE_CHROME, Platform.IOS, Family.CHROME),
        (IPHONE_FIREFOX, Platform.IOS, Family.FIREFOX),
        (IPHONE_OPERA, Platform.IOS, Family.OPERA),
        (IPHONE_EDGE, Platform.IOS, Family.EDGE),
        (IPHONE_DUCKDUCKGO, Platform.IOS, Family.DUCKDUCKGO),
        (IPHONE_UNKNOWN, Platform.IOS, Family.OTHER),
        (ANDROID_CHROME, Platform.ANDROID, Family.OTHER),
        (ANDROID_SAMSUNG, Platform.ANDROID, Family.SAMSUNG),
        (MAC_SAFARI, Platform.COMPUTER, Family.OTHER),
        (WINDOWS_EDGE, Platform.COMPUTER, Family.OTHER),
        ("", Platform.COMPUTER, Family.OTHER),
    ],
)
def test_a_browser_is_recognised(user_agent: str, platform: Platform, family: Family) -> None:
    assert read_browser(user_agent) == Browser(platform=platform, family=family, embedded=False)


def test_an_ipad_that_claims_to_be_a_mac_is_told_by_its_touch_points() -> None:
    assert read_browser(MAC_SAFARI, touch_points=5).platform is Platform.IOS
    assert read_browser(MAC_SAFARI, touch_points=1).platform is Platform.COMPUTER
    assert read_browser(WINDOWS_EDGE, touch_points=10).platform is Platform.COMPUTER


def test_a_phone_that_asks_for_desktop_sites_is_told_by_its_touch_points() -> None:
    assert read_browser(LINUX_CHROME, touch_points=5).platform is Platform.ANDROID
    assert read_browser(LINUX_CHROME, touch_points=0).platform is Platform.COMPUTER


@each("user_agent", [IPHONE_FACEBOOK, IPHONE_WEB_VIEW, ANDROID_WEB_VIEW, ANDROID_INSTAGRAM])
def test_bankid_cannot_start_from_a_web_view_inside_another_app(user_agent: str) -> None:
    assert not read_browser(user_agent).can_start_bankid


@each("user_agent", [IPHONE_SAFARI, IPHONE_EDGE, ANDROID_CHROME, WINDOWS_EDGE, ""])
def test_bankid_can_start_from_a_browser(user_agent: str) -> None:
    assert read_browser(user_agent).can_start_bankid


@each(
    "user_agent, guess",
    [
        (IPHONE_SAFARI, DeviceGuess.PHONE),
        (ANDROID_CHROME, DeviceGuess.PHONE),
        (WINDOWS_EDGE, DeviceGuess.COMPUTER),
        ("curl/8", DeviceGuess.COMPUTER),
    ],
)
def test_the_likely_way_is_offered_first(user_agent: str, guess: DeviceGuess) -> None:
    assert read_browser(user_agent).device_guess is guess


@each(
    "user_agent, base",
    [
        (IPHONE_SAFARI, "https://app.bankid.com/"),
        (IPHONE_CHROME, "https://app.bankid.com/"),
        (ANDROID_CHROME, "https://app.bankid.com/"),
        (ANDROID_SAMSUNG, "bankid:///"),
        (WINDOWS_EDGE, "bankid:///"),
        (MAC_SAFARI, "bankid:///"),
    ],
)
def test_the_link_opens_the_app_on_this_platform(user_agent: str, base: str) -> None:
    assert open_link(read_browser(user_agent), "7c40-b5c9") == f"{base}?autostarttoken=7c40-b5c9&redirect=null"


@each("user_agent", [IPHONE_SAFARI, ANDROID_SAMSUNG, WINDOWS_EDGE])
def test_a_virtual_phone_is_opened_by_its_own_address(user_agent: str) -> None:
    link = open_link(read_browser(user_agent), "t", launch_url=VIRTUAL_PHONE)
    assert link == "http://localhost:8003/?autostarttoken=t&redirect=null"


def test_a_launch_address_may_have_a_query_of_its_own() -> None:
    link = open_link(read_browser(""), "t", launch_url="http://localhost:8003/?phone=2")
    assert link == "http://localhost:8003/?phone=2&autostarttoken=t&redirect=null"


def test_a_token_cannot_add_parameters_to_the_link() -> None:
    assert open_link(read_browser(IPHONE_SAFARI), "a&b=c").endswith("?autostarttoken=a%26b%3Dc&redirect=null")


REST = "login.example.se/signin/abc/bankid/back?n=secret"
QUOTED = "https%3A%2F%2Flogin.example.se%2Fsignin%2Fabc%2Fbankid%2Fback%3Fn%3Dsecret"


@each(
    "user_agent, url",
    {
        "iOS Safari": (IPHONE_SAFARI, f"https://{REST}"),
        "iOS Chrome": (IPHONE_CHROME, f"googlechromes://{REST}"),
        "iOS Firefox": (IPHONE_FIREFOX, f"firefox://open-url?url={QUOTED}"),
        "iOS Opera": (IPHONE_OPERA, f"touch-https://{REST}"),
        "iOS Edge": (IPHONE_EDGE, f"microsoft-edge-https://{REST}"),
        "iOS DuckDuckGo": (IPHONE_DUCKDUCKGO, f"ddgQuickLink://{REST}"),
        "iOS unknown": (IPHONE_UNKNOWN, f"https://{REST}"),
        "Android Chrome": (ANDROID_CHROME, f"https://{REST}"),
        "Android Samsung": (ANDROID_SAMSUNG, f"https://{REST}"),
        "Windows": (WINDOWS_EDGE, None),
        "Mac": (MAC_SAFARI, None),
        "nobody": ("", None),
    },
)
def test_the_app_comes_back_with_the_nonce_wherever_it_comes_back(user_agent: str, url: str | None) -> None:
    browser = read_browser(user_agent)
    assert find_return_url(browser, back_url=BACK, nonce="secret") == url
    assert comes_back(browser) is (url is not None)


@each("user_agent", [IPHONE_SAFARI, IPHONE_CHROME, ANDROID_CHROME, WINDOWS_EDGE])
def test_a_virtual_phone_always_comes_back_with_the_nonce(user_agent: str) -> None:
    url = find_return_url(read_browser(user_agent), back_url=BACK, nonce="a/b", launch_url=VIRTUAL_PHONE)
    assert url == f"{BACK}?n=a%2Fb"


def test_the_nonce_joins_a_query_that_is_there_already() -> None:
    url = find_return_url(read_browser(IPHONE_SAFARI), back_url=f"{BACK}?lang=en", nonce="x")
    assert url == f"{BACK}?lang=en&n=x"


def test_a_browsers_scheme_needs_an_https_address() -> None:
    back = BACK.replace("https:", "http:")
    assert find_return_url(read_browser(IPHONE_CHROME), back_url=back, nonce="x") == f"{back}?n=x"


def test_a_missing_slash_does_not_make_bankids_own_address_a_virtual_phone() -> None:
    browser = read_browser(WINDOWS_EDGE)
    assert find_return_url(browser, back_url=BACK, nonce="x", launch_url="https://app.bankid.com") is None
    assert open_link(browser, "t", launch_url="https://app.bankid.com").startswith("bankid:///?")
