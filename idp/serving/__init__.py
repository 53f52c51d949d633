"""How requests come in: HTTP/1.1 read strictly and with deadlines, the WSGI application behind it, the processes that run.

It knows nothing of the provider: an application, listening sockets and programs to run are given to it.
"""
