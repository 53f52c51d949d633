"""The playground, a confidential relying party for developers: it shows every request and answer of a login, decoded and explained.

It owns its pages, its credentials and the client files that developers try in it. It speaks HTTP only.
"""
