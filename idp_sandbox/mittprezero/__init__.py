"""MittPreZero, a public native relying party: stands in for the app on the phone, with the system browser beside it.

It owns the app's screens, its tokens and its OpenID Connect client, which is written by hand so that the provider
meets a second, independent reader of the specifications. It can keep no secret.
"""
