"""Places for anchors of the audit log that the database's owner does not write to."""
