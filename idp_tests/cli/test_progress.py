"""The progress bar: nothing where nobody looks."""

import pytest

from idp.cli.progress import bar


def test_nothing_is_written_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with bar("Reading") as progress:
        progress(1, 2)
        progress(2, 0)
    assert capsys.readouterr() == ("", "")
