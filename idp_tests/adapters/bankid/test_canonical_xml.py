"""Only XML that is its own canonical form is read."""

import pytest

from idp.adapters.bankid.canonical_xml import DEPTH_LIMIT, SIZE_LIMIT, read_canonical_xml

PROLOGUE = b'<?xml version="1.0" encoding="UTF-8" standalone="no"?>'


def test_elements_keep_their_exact_bytes() -> None:
    root = read_canonical_xml(PROLOGUE + b'<a xmlns="urn:x" Id="1"><b>text</b><c></c></a>')
    assert root.attributes == {"xmlns": "urn:x", "Id": "1"}
    assert root.child_names() == ["b", "c"]
    assert [element.raw for element in root.walk()] == [
        b'<a xmlns="urn:x" Id="1"><b>text</b><c></c></a>',
        b"<b>text</b>",
        b"<c></c>",
    ]


def test_text_is_given_without_its_escapes() -> None:
    assert read_canonical_xml("<a>å &lt;&amp;&gt;&#xD;</a>".encode()).text == "å <&>\r"


def test_an_only_child_is_found() -> None:
    root = read_canonical_xml(b"<a><b>1</b><c></c><c></c></a>")
    assert root.only("b").text == "1"
    for name in ("c", "d"):
        with pytest.raises(ValueError, match=f"exactly one {name}"):
            root.only(name)


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"text",
        b"<a>",
        b"</a>",
        b"<a></b>",
        b"<a></a><b></b>",
        b"<a></a> ",
        b" <a></a>",
        b"<a/>",
        b"<a ></a>",
        b"<a b='1'></a>",
        b'<a  b="1"></a>',
        b'<a b="1" b="1"></a>',
        b'<a c="1" b="1"></a>',
        b'<a b="1" xmlns="urn:x"></a>',
        b'<a b="&amp;"></a>',
        b"<x:a></x:a>",
        b"<a>text<b></b></a>",
        b"<a><b></b>text</a>",
        b"<a>\n<b></b></a>",
        b"<a>&quot;</a>",
        b"<a>&x;</a>",
        b"<a>&amp</a>",
        b"<a>&#13;</a>",
        b"<a>\r</a>",
        b"<a>></a>",
        b"<a>\xff</a>",
        b"<a><!-- c --></a>",
        b"<a><![CDATA[c]]></a>",
        b"<a><?pi?></a>",
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        PROLOGUE + PROLOGUE + b"<a></a>",
        b'<?xml version="1.1"?><a></a>',
        b"\xef\xbb\xbf<a></a>",
        b"<a>" * (DEPTH_LIMIT + 1) + b"</a>" * (DEPTH_LIMIT + 1),
        b"<a>" + b"x" * SIZE_LIMIT + b"</a>",
    ],
)
def test_anything_else_is_refused(document: bytes) -> None:
    with pytest.raises(ValueError):
        read_canonical_xml(document)
