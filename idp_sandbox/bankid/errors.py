"""Errors: how the Relying Party API refuses a call, and how the phone refuses a person."""

from collections.abc import Mapping


class ApiError(Exception):
    """An error answer of the API: HTTP status, errorCode, and details for the caller's log."""

    def __init__(self, status: int, code: str, details: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(details)
        self.status, self.code, self.details = status, code, details
        self.headers = dict(headers or {})


class InvalidParameters(ApiError):
    """400 invalidParameters."""

    def __init__(self, details: str) -> None:
        super().__init__(400, "invalidParameters", details)


class PhoneError(Exception):
    """The phone cannot do what was asked for: a stable code for programs and a Swedish sentence for the person."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(code)
        self.code, self.text = code, text
