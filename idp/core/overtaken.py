"""Overtaken: another request was first; the one lost race of the sign-in, so that no caller can drop it."""


class Overtaken(Exception):
    """What this request was about to change has been changed since it was read; nothing that it wrote may stand.

    The web floor rolls back and sends the person to the dispatcher, which reads everything afresh.
    """
