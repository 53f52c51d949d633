#!/bin/sh
# Makes what must exist before the first start: the database password and the provider's keys. Safe to run again.
set -eu
umask 077
if [ ! -s /database-password/password ]; then
  python -c 'import secrets; print(secrets.token_urlsafe(32))' > /database-password/password
fi
exec python -m idp --config /etc/idp/idp.toml keys init
