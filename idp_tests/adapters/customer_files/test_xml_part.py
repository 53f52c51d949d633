"""Parts of office documents: whatever they hold, reading them takes little and comes to an end."""

import io
from collections.abc import Mapping

import pytest

from idp.adapters.customer_files import xml_part
from idp.adapters.customer_files.table import UnreadableFileError
from idp.adapters.customer_files.xml_part import read_part
from idp_tests.vectors import LOCAL_FILE


def heard(content: bytes) -> list[str]:
    told: list[str] = []

    def start(name: str, attributes: Mapping[str, str]) -> None:
        told.append(f"<{name} {dict(attributes)}>")

    for _ in read_part(io.BytesIO(content), start, lambda name: told.append(f"</{name}>"), told.append):
        pass
    return told


def test_names_come_without_their_prefix() -> None:
    assert heard(b'<x:a xmlns:x="n"><x:b y="1">text</x:b></x:a>') == [
        "<a {'xmlns:x': 'n'}>",
        "<b {'y': '1'}>",
        "text",
        "</b>",
        "</a>",
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"<a>",
        b"<a></b>",
        b"",
        b"\x00",
        b"<!DOCTYPE a><a/>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        f'<!DOCTYPE a SYSTEM "{LOCAL_FILE}"><a/>'.encode(),
    ],
)
def test_what_is_not_well_formed_or_has_a_document_type_is_damaged(content: bytes) -> None:
    with pytest.raises(UnreadableFileError, match="damaged"):
        heard(content)


@pytest.mark.parametrize(
    "content",
    [
        b"<a>" * 101,
        b"<a>" + b"".join(b"<n%d/>" % at for at in range(xml_part._MOST_NAMES + 2)) + b" " * 100_000 + b"</a>",
        b"<a>" + b"".join(b'<n x%d="1"/>' % at for at in range(xml_part._MOST_NAMES + 2)) + b" " * 100_000 + b"</a>",
        b'<a b="' + b"c" * (xml_part._LONGEST_TOKEN + 200_000),
        b"<!--" + b"c" * (xml_part._LONGEST_TOKEN + 200_000),
    ],
)
def test_what_a_parser_would_keep_is_bounded(content: bytes) -> None:
    with pytest.raises(UnreadableFileError, match="far larger"):
        heard(content)
