"""The provider's keys and secrets in files."""
