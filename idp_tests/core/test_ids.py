from datetime import timedelta

from idp.core.ids import new_id
from idp_tests.builders import NOW


def test_ids_are_of_their_own_and_go_up_with_time() -> None:
    ids = [new_id(NOW + timedelta(milliseconds=n)) for n in range(100)]
    assert ids == sorted(ids)
    assert len({new_id(NOW) for _ in range(100)}) == 100
    assert all(len(one) == 32 and int(one, 16) for one in ids)
