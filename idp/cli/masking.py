"""Names and addresses as a terminal may show them: enough to recognise somebody, too little to be worth copying."""


def initials(name: str) -> str:
    """Anna Maria Svensson as A. M. Svensson."""
    *given, surname = name.split() or [""]
    return " ".join([*(f"{word[0]}." for word in given), surname])


def masked_email(address: str) -> str:
    """anna@example.se as a…@example.se."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"


def masked_phone(number: str) -> str:
    """The last three digits."""
    return f"…{number[-3:]}"
