"""Linking a person to a customer: what is claimed, how it is proved, and how often it may be tried. Knows no browser."""
