"""MinaSidor, a confidential web relying party: a customer portal that knows its provider by the discovery address alone.

It owns its pages, its client key and its local logins. It knows nothing of how people identify themselves.
"""
