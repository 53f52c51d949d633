from idp.core.signin.device import Device, recognise
from idp_tests.cases import each

_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "


@each(
    "user_agent, words",
    {
        "Chrome": (_WINDOWS + "Chrome/133.0.0.0 Safari/537.36", "Chrome, Windows"),
        "Edge": (_WINDOWS + "Chrome/133.0.0.0 Safari/537.36 Edg/133.0.0.0", "Microsoft Edge, Windows"),
        "Opera": (_WINDOWS + "Chrome/133.0.0.0 Safari/537.36 OPR/117.0.0.0", "Opera, Windows"),
        "Firefox": ("Mozilla/5.0 (X11; Linux x86_64; rv:135.0) Gecko/20100101 Firefox/135.0", "Firefox, Linux"),
        "Safari on a Mac": (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.3 Safari/605.1.15",
            "Safari, Mac",
        ),
        "Safari on an iPhone": (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Safari/604.1",
            "Safari, iPhone",
        ),
        "Chrome on an iPad": ("Mozilla/5.0 (iPad; CPU OS 17_5) CriOS/133.0 Safari/604.1", "Chrome, iPad"),
        "Samsung": (
            "Mozilla/5.0 (Linux; Android 14) SamsungBrowser/27.0 Chrome/125.0 Safari/537.36",
            "Samsung Internet, Android",
        ),
        "a system without a program": ("Mozilla/5.0 (Linux; Android 14)", "Android"),
        "nothing": ("", ""),
    },
)
def test_a_browser_is_told_in_names_that_people_know(user_agent: str, words: str) -> None:
    assert recognise(user_agent).in_words == words


def test_nothing_that_was_sent_is_ever_repeated() -> None:
    assert recognise("Vinn pris: https://evil.example") == Device(program=None, system=None)
