"""The composition root: settings and a clock become a provider, and nothing else makes an adapter.

`provider.py` says what there is; each part is made, and its libraries are imported, when somebody first uses it, so that a
command costs only what it needs. `store.py` is what lies in the database. `web.py` and `jobs.py` make what is served to browsers
and what runs without one.
"""
