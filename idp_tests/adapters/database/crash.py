"""A program for the tests of processes: `crash.py URL VERB GRANT` remembers an assertion, uses a code and dies, or many processes share the work."""

import os
import signal
import sys
from datetime import timedelta

from idp.adapters.database.engine import database, unit_of_work
from idp.adapters.database.grants import DatabaseGrants
from idp.adapters.database.seen_ids import DatabaseSeenIds
from idp_tests.databases import CIPHER, NOW, bare_app, be_patient

LATER = NOW + timedelta(seconds=5)


def main(url: str, verb: str, argument: str) -> None:
    be_patient()
    app = bare_app(url)
    match verb:
        case "die_before_commit" | "die_after_commit":
            with app.app_context():
                assert DatabaseSeenIds().remember("client_assertion", "minasidor", "1", LATER)
                assert DatabaseGrants(CIPHER).redeem_code(argument, "minasidor", LATER, dpop_jkt=None) is not None
                if verb == "die_after_commit":
                    database.session.commit()
                os.kill(os.getpid(), signal.SIGKILL)
        case "remember":
            first = 0
            for number in range(int(argument)):
                with unit_of_work(app):
                    first += DatabaseSeenIds().remember("dpop", "one", str(number), LATER)
            print(first)
        case _:
            raise SystemExit(2)


main(*sys.argv[1:])
