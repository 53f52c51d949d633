"""Grants and what refers to them: codes, ID tokens, access and refresh tokens, and the endpoints that read them."""
