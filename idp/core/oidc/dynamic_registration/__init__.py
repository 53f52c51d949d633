"""Clients that register themselves (RFC 7591, RFC 7592): strangers' JSON, and what they can never be."""
