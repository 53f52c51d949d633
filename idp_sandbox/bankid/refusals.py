"""Refusals: how the Relying Party API says no, and how the phone says no."""

from collections.abc import Mapping


class Refused(Exception):
    """An error answer of the API: HTTP status, errorCode, and details for the caller's log."""

    def __init__(self, status: int, code: str, details: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(details)
        self.status, self.code, self.details = status, code, details
        self.headers = dict(headers or {})


class InvalidParameters(Refused):
    """400 invalidParameters."""

    def __init__(self, details: str) -> None:
        super().__init__(400, "invalidParameters", details)


class PhoneRefused(Exception):
    """The phone cannot do what was asked: a stable word for programs and a Swedish sentence for the person."""

    def __init__(self, word: str, text: str) -> None:
        super().__init__(word)
        self.word, self.text = word, text
