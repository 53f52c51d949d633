"""`idp doctor`: everything that keeps the provider from working, or soon will, with what to do about it.

Each module looks at one thing, and is given just that; `checks.py` says which, in which order.
"""
