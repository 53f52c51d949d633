"""Logout: what a client may ask for, which sessions end, and how every client is told."""
