import pytest

from idp.core.oidc.errors import Refused
from idp.core.oidc.form import Form


def test_a_parameter_is_read_by_name() -> None:
    form = Form.read([("a", "1"), ("b", "")])
    assert (form.find("a"), form.find("b"), form.find("c")) == ("1", None, None)


def test_a_missing_parameter_is_named() -> None:
    with pytest.raises(Refused) as caught:
        Form.read([("code", "")]).get("code")
    assert (caught.value.code, caught.value.status) == ("invalid_request", 400)
    assert "code" in caught.value.description


@pytest.mark.parametrize("name", ["grant_type", "code", "client_id", "client_secret", "scope", "anything"])
@pytest.mark.parametrize("values", [("x", "x"), ("x", "y"), ("x", ""), ("", "")])
def test_no_parameter_may_stand_twice(name: str, values: tuple[str, str]) -> None:
    with pytest.raises(Refused) as caught:
        Form.read([(name, value) for value in values])
    assert caught.value.code == "invalid_request"
    assert name not in caught.value.description


def test_resource_may_stand_several_times() -> None:
    assert Form.read([("resource", "a"), ("resource", ""), ("resource", "b")]).all("resource") == ("a", "b")
