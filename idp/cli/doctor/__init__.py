"""`idp doctor`: everything that keeps the provider from working, or soon will, with what to do about it.

Each room looks at one thing; `examination.py` says which, in which order.
"""
