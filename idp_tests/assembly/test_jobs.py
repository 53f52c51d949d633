from idp.assembly.jobs import make_collector, make_delivery, make_expiry_warnings, make_worker
from idp.core.messages import MAIL_KINDS, NEW_USER_SMS_KIND
from idp.core.oidc.logout.end_session import BACKCHANNEL_KIND
from idp_tests.provider import Provider


def test_one_process_runs_every_job_over_both_queues(provider: Provider) -> None:
    worker = make_worker(provider.parts, "node.1")
    assert worker.jobs.keys() == {"collector", "outbox", "sweeper", "anchoring", "expiry", "unused accounts"}
    assert worker.queues == {"orders": provider.parts.store.orders, "messages": provider.parts.store.outbox}


def test_every_kind_of_message_has_who_delivers_it(provider: Provider) -> None:
    kinds = make_delivery(provider.parts, "node.1").deliver.keys()
    assert kinds == {*MAIL_KINDS, NEW_USER_SMS_KIND, BACKCHANNEL_KIND}


def test_the_collector_speaks_to_the_providers_own_bankid(provider: Provider) -> None:
    collector = make_collector(provider.parts, "node.1")
    assert (collector.bankid, collector.worker) == (provider.parts.bankid, "node.1")
    assert collector.orders is provider.parts.store.orders
    assert collector.chain.total_seconds() == provider.settings.bankid.chain_seconds


def test_everything_that_ends_is_warned_of(provider: Provider) -> None:
    looks = make_expiry_warnings(provider.parts).look
    assert looks.keys() == {"BankID certificate", "TLS certificate", "signing keys", "client keys"}
    found = {name: list(look(provider.clock())) for name, look in looks.items()}
    assert [one.what for one in found["BankID certificate"]] == ["BankID certificate"]
    assert found["TLS certificate"] == []
