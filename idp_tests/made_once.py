"""What is costly and the same for every provider is made once per process: keys, routes, templates, translations, statements."""

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from jinja2.bccache import Bucket, BytecodeCache
from joserfc.jwk import Key
from sqlalchemy import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from idp.adapters.database import engine as database_engine
from idp.core.oidc.keys.keyring import import_private_key
from idp.web.language import Catalogs


class CompiledTemplates(BytecodeCache):
    """Each provider has its own templates, compiled from the same files."""

    def __init__(self) -> None:
        self.compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """A bucket's key is the template's name, its checksum is of the source."""
        known = self.compiled.get(f"{bucket.key}.{bucket.checksum}")
        if known is not None:
            bucket.bytecode_from_string(known)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.compiled[f"{bucket.key}.{bucket.checksum}"] = bucket.bytecode_to_string()


TEMPLATES = CompiledTemplates()


@cache
def _parsed_key(alg: str, jwk: str) -> Key:
    return import_private_key(alg, json.loads(jwk))


@pytest.fixture(scope="session", autouse=True)
def _keys_parsed_once() -> Iterator[None]:
    """A key's text always gives the same key, and checking an RSA key takes longer than most tests.

    Changed files are seen at once; a running provider looks once a second.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("idp.adapters.keys.files.LOOK_SECONDS", 0)
        patch.setattr(
            "idp.adapters.keys.directory.import_private_key",
            lambda alg, jwk: _parsed_key(alg, json.dumps(jwk, sort_keys=True)),
        )
        yield


@pytest.fixture(scope="session", autouse=True)
def _routes_compiled_once() -> Iterator[None]:
    """What builds a route's addresses depends on its text alone, and compiling it takes most of an application's start."""
    compile_builder = Rule._compile_builder
    builders: dict[object, Callable[..., tuple[str, str]]] = {}

    def find_or_compile(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = (tuple(rule._trace), append_unknown, repr(rule.defaults))
        if key not in builders:
            builders[key] = compile_builder(rule, append_unknown)
        return builders[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", find_or_compile)
        yield


@cache
def catalogs() -> Catalogs:
    """Nobody changes them, and reading them takes a fifth of the time that a provider takes."""
    return Catalogs.load()


@pytest.fixture(scope="session", autouse=True)
def _statements_compiled_once() -> Iterator[None]:
    """A statement's text is the same for every engine of one kind, and each test opens an engine: they share the texts.

    SQLAlchemy keeps them per engine, by the dialect's identity.
    """
    compiled: LRUCache[Any, Any] = LRUCache(1000)
    listen = database_engine.listen

    def listen_and_share(engine: Engine) -> None:
        listen(engine)
        engine._compiled_cache = compiled

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DefaultDialect, "__hash__", lambda dialect: hash(type(dialect)))
        patch.setattr(DefaultDialect, "__eq__", lambda dialect, other: type(dialect) is type(other))
        patch.setattr(database_engine, "listen", listen_and_share)
        yield
