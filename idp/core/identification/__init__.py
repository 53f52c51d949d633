"""Identification: how a person proves who it is, whatever the method. It knows no browser and no authorization request."""
