"""Keys and signatures: the algorithms, JSON Web Signatures, and the provider's signing keys."""
