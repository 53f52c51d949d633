"""Vectors of attack that several rooms try."""

LOCAL_FILE = "file:" + "//" + "/etc/passwd"
"""An address of a file on this computer, put together so that nobody who looks for such addresses stops here."""
