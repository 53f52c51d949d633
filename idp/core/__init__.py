"""What the provider decides: values in, values out; no framework, no storage, no network, no log and no clock."""
