"""Overtaken: somebody else was first; the one lost race, so that no caller can drop it."""


class Overtaken(Exception):
    """What this request or worker was about to change has been changed since it was read; nothing that it wrote may stand.

    The web floor rolls back and sends the person to the dispatcher, which reads everything afresh. The jobs' loop rolls
    back, counts it and gives the lease back, if it is still held.
    """
