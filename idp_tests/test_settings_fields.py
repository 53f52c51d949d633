"""What settings are made of."""

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError, field_validator

from idp.settings_fields import SessionTime, Table, path_beside


class Example(Table):
    """A table."""

    file: Path = Path("file")
    """A file."""
    time: SessionTime = timedelta(minutes=5)
    """A time."""

    _paths = field_validator("file")(path_beside)


def test_a_path_is_beside_the_settings_unless_it_is_whole() -> None:
    context = {"base": Path("/etc/idp")}
    assert Example.model_validate({}, context=context).file == Path("/etc/idp/file")
    assert Example.model_validate({"file": "/srv/file"}, context=context).file == Path("/srv/file")
    assert Example().file == Path("file")


@pytest.mark.parametrize("wrong", [{"fil": "x"}, {"time": "PT1S"}, {"time": "P31D"}])
def test_unknown_keys_and_times_out_of_bounds_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Example.model_validate(wrong)


def test_a_keys_docstring_is_its_comment() -> None:
    assert Example.model_fields["file"].description == "A file."
