"""Evidence: what somebody did after being identified, sealed so that it can be verified for ten years, without us."""
