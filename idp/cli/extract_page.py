"""The page that `idp people export` writes: one HTML file without scripts, to be read, kept or printed by the person."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from markupsafe import Markup, escape

from idp.cli.extract_words import LABELS, PARTS, SECTIONS
from idp.core.accounts.export_person import Extract, Rows

_STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 48rem; margin: 0 auto; padding: 1.5rem; color: #1b1b1b; background: #fff; }
h1 { line-height: 1.2; } h2 { margin-top: 2.5rem; border-bottom: 2px solid #1b1b1b; }
dl { display: grid; grid-template-columns: minmax(8rem, 14rem) 1fr; gap: .25rem 1rem; border-top: 1px solid #bbb; padding-top: .75rem; }
dt { color: #4a4a4a; } dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .5rem; } }
@media (prefers-color-scheme: dark) { body { color: #eee; background: #161616; } h2 { border-color: #eee; } dt { color: #bbb; } }
"""
_PAGE = Markup(
    '<!doctype html>\n<html lang="sv"><head><meta charset="utf-8"><title>{title}</title>'
    '<meta name="viewport" content="width=device-width, initial-scale=1"><style>{style}</style></head>\n'
    "<body><main><h1>{title}</h1>\n<p>Uttaget {at}. Här står allt som {organisation} har sparat om dig för inloggningen. "
    "Samma uppgifter och våra interna id-nummer finns i den fil som är gjord för datorer (JSON).</p>\n"
    "{sections}</main></body></html>\n"
)


def extract_page(extract: Extract, *, organisation: str, local: Callable[[datetime], str]) -> str:
    """The whole file; `local` is a moment as the person's clock has it."""
    order = [*SECTIONS, *(table for table in extract.tables if table not in SECTIONS)]
    told = [(table, extract.tables[table]) for table in order if table in extract.tables]
    sections = Markup("\n").join(_section(table, rows, local) for table, rows in told)
    return str(
        _PAGE.format(
            title="Dina personuppgifter",
            style=Markup(_STYLE),  # noqa: S704 - ours
            at=local(extract.made_at),
            organisation=organisation,
            sections=sections,
        )
    )


def _section(table: str, rows: Rows, local: Callable[[datetime], str]) -> Markup:
    heading, explained = SECTIONS.get(table, (table, ""))
    told = Markup("").join(_row(row, local) for row in rows) or Markup("<p>Inget sparat.</p>")
    return Markup("<section><h2>{}</h2>\n<p>{}</p>\n{}</section>").format(heading, explained, told)


def _row(row: Mapping[str, Any], local: Callable[[datetime], str]) -> Markup:
    pairs = Markup("").join(
        Markup("<dt>{}</dt><dd>{}</dd>").format(label, value)
        for name, told in row.items()
        if name in LABELS and told is not None and told not in ([], {})
        for label, value in _lines(name, told, local)
    )
    return Markup("<dl>{}</dl>\n").format(pairs)


def _lines(name: str, told: object, local: Callable[[datetime], str]) -> Iterator[tuple[str, Markup]]:
    """A value under its label, or each of its members under its own."""
    if isinstance(told, Mapping):
        for member, value in told.items():
            if value is None or value in ([], {}):
                continue
            yield f"{LABELS[name]}: {PARTS.get(member, member)}", _said(member, value, local)
    else:
        yield LABELS[name], _said(name, told, local)


def _said(name: str, value: object, local: Callable[[datetime], str]) -> Markup:
    match value:
        case bool():
            return Markup("ja") if value else Markup("nej")
        case list() | tuple():
            return escape(", ".join(str(each) for each in value))
        case str() if name == "at" or name.endswith(("_at", "_until", "_since", "_from", "_to")):
            return escape(_moment(value, local))
        case _:
            return escape(value)


def _moment(text: str, local: Callable[[datetime], str]) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return local(moment) if moment.tzinfo else text
