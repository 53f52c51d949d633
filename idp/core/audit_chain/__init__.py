"""The chain of the audit log: what makes each change of it visible to who holds the secret, and what is proved to who does not."""
