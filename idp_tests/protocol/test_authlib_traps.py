"""Mistakes that a provider makes easily: those found in Authlib's server side, tried over HTTP on ours.

The table in README.md says which test holds which row; rows that other rooms hold already are not repeated here.
"""

import ast
import base64
import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

from idp_tests.cases import each
from idp_tests.client_side import by_assertion
from idp_tests.patience import PATIENCE
from idp_tests.protocol.plan import BASIC, KEYED, SECRET, FapiVisitor, Visitor
from idp_tests.provider import ISSUER, Provider
from idp_tests.relying_party import RelyingParty, change, error_of, press_continue

ROOT = Path(__file__).parents[2]
REVIEWED = "1.9.9"
"""The version whose behaviour the table describes."""


# --- PKCE -----------------------------------------------------------------------------------------------------------


@each("client_id", ["minasidor", "mittprezero", "partner"])
@each(
    "pkce",
    {
        "no method": {"code_challenge_method": ""},
        "plain": {"code_challenge_method": "plain"},
        "no challenge": {"code_challenge": "", "code_challenge_method": ""},
        "method alone": {"code_challenge": ""},
    },
)
def test_every_client_proves_possession_by_s256_or_is_told_at_once(
    op: Provider, client_id: str, pkce: dict[str, str]
) -> None:
    """A1 and A2: before anybody identifies, confidential clients too."""
    assert op.browser().authorize(client_id, **pkce).answer["error"] == "invalid_request"


def test_a_waiver_is_no_way_back_to_plain(op: Provider) -> None:
    """A1: a client that may do without PKCE may not do it badly."""
    verifier = "v" * 43
    for pkce in ({"code_challenge": verifier}, {"code_challenge": verifier, "code_challenge_method": "plain"}):
        assert Visitor(op).ask(**pkce).reply["error"] == "invalid_request"


# --- input that reaches an error's text -----------------------------------------------------------------------------

ODD = ['"', "\\", "åäö", "\r\nLocation: https://evil.example", "\x7f", "\u202e", "%", "a" * 3000]


@each("text", ODD, name=ascii)
@each(
    "name",
    ["redirect_uri", "response_type", "scope", "prompt", "display", "code_challenge_method", "claims", "client_id"],
)
def test_no_letter_makes_an_error_crash_or_echo(op: Provider, name: str, text: str) -> None:
    """A9."""
    canary = f"canary{text}canary"
    visitor = Visitor(op).ask(**{name: canary})
    assert visitor.status < 500
    seen = (visitor.left_to or "") + visitor.page
    assert "canary" not in seen
    assert "evil.example" not in seen


@each("text", ODD[:-1], name=ascii)
def test_no_letter_makes_the_token_endpoint_crash_or_echo(op: Provider, text: str) -> None:
    """A9 and A10."""
    visitor = Visitor(op)
    canary = f"canary{text}canary"
    for name in ("grant_type", "code", "code_verifier", "redirect_uri", "refresh_token", "scope", "client_id"):
        response = visitor.call("/token", **{"grant_type": "refresh_token", "refresh_token": "x", name: canary})
        assert response.status_code in {400, 401}
        assert "canary" not in response.get_data(as_text=True)


def b64(text: bytes) -> str:
    return base64.b64encode(text).decode()


@each(
    "header",
    [
        f"Basic {b64(b'basic:' + bytes([0xFF, 0xFE]))}",
        f"Basic {b64('basic:åäö'.encode())}",
        f"Basic {b64('basic:åäö'.encode('latin-1'))}",
        f"Basic {b64(b'basic:%ff%fe')}",
        f"Basic {b64(b'basic')}",
        f"Basic {b64(b'mittprezero:secret')}",
        f"Basic {b64(b'keyed:secret')}",
        "Basic ====",
        "Basic",
        "Digest x",
    ],
)
def test_no_credentials_make_us_crash(op: Provider, header: str) -> None:
    """A10."""
    response = Visitor(op).rp.post("/token", {"grant_type": "authorization_code"}, {"Authorization": header})
    assert (response.status_code, error_of(response)) == (401, "invalid_client")
    assert response.headers["WWW-Authenticate"].startswith(f'Basic realm="{ISSUER}"')


@each("secret", ["x", "åäö", "", "\u0000"])
def test_a_public_client_has_no_secret_to_compare(op: Provider, secret: str) -> None:
    """A10."""
    form = {"grant_type": "authorization_code", "client_id": "mittprezero", "client_secret": secret, "code": "x"}
    response = Visitor(op).rp.post("/token", form)
    assert response.status_code in {400, 401}


def test_a_proxy_that_ends_tls_needs_nothing_special(op: Provider) -> None:
    """A11: addresses are made from the settings, whatever the request's scheme and Host say."""
    visitor = Visitor(op)
    visitor.ask().log_in()
    headers = BASIC.headers
    response = visitor.rp.http.post(
        "/token", data=visitor.code_form(), headers=headers, base_url="http://10.0.0.7:8000"
    )
    tokens = response.get_json()
    assert visitor.claims(tokens)["iss"] == ISSUER
    fapi = FapiVisitor(op)
    proof = fapi.proof("/par")
    question = {**fapi.question(), **by_assertion(fapi.plan.assertion(op.clock()))}
    pushed = fapi.rp.http.post("/par", data=question, headers=proof, base_url="http://10.0.0.7:8000")
    assert pushed.status_code == 201


# --- the authorization response -------------------------------------------------------------------------------------


def test_every_refusal_names_issuer_and_state(op: Provider) -> None:
    """A12 and A15: `reply` asserts both; whichever check says no, in either mode."""
    for mode in (None, "form_post"):
        for spoilt in (
            {"prompt": "none"},
            {"prompt": "none login"},
            {"scope": "profile"},
            {"response_type": "token"},
            {"max_age": "-1"},
            {"claims": "[]"},
            {"id_token_hint": "x"},
            {"resource": "https://nowhere.example"},
            {"code_challenge": "short", "code_challenge_method": "S256"},
            {"request": "x"},
        ):
            visitor = Visitor(op, BASIC, mode).ask(**spoilt)
            assert "error" in visitor.reply
            assert "code" not in visitor.reply


def test_a_person_who_denies_is_told_with_the_state(op: Provider) -> None:
    """A15."""
    change(op, "basic", first_party=False)
    visitor = Visitor(op).ask(scope="openid profile", prompt="consent")
    visitor.identify()
    visitor.submit("/consent", answer="deny")
    assert visitor.reply["error"] == "access_denied"


def test_the_page_that_posts_itself_needs_no_inline_script(op: Provider) -> None:
    """A13: it works under our own policy, and by a button where there is no script."""
    page = Visitor(op, BASIC, "form_post").ask(prompt="none").page
    assert re.findall(r"<script(?![^>]* src=)", page) == []
    assert not re.search(r"\son\w+=", page)
    form = page.partition('<form id="form-post"')[2].partition("</form>")[0]
    assert 'type="submit"' in form


@each("wish", [{"prompt": "login"}, {"max_age": "0"}, {"prompt": "login consent"}])
def test_a_demand_for_a_fresh_login_is_met_by_one_login(op: Provider, wish: dict[str, str]) -> None:
    """A16: it does not stay a demand after the person has met it."""
    visitor = Visitor(op)
    visitor.ask().log_in()
    op.clock.advance(seconds=5)
    assert visitor.ask(**wish).step == "bankid"
    visitor.log_in()
    assert visitor.reply["code"]


# --- tokens ---------------------------------------------------------------------------------------------------------


def test_refreshing_tells_the_true_time_of_the_login(op: Provider) -> None:
    """A7: however often, and for an app whose refresh token rotates as well."""
    browser = press_continue(op.browser().authorize("mittprezero", scope="openid offline_access").identify())
    first = browser.redeem("mittprezero").get_json()
    app = RelyingParty(op, "mittprezero")
    told = dict(app.read(first["id_token"]).members)
    refresh_token = first["refresh_token"]
    for _ in range(3):
        op.clock.advance(minutes=7)
        tokens = app.refresh(refresh_token).get_json()
        refresh_token = tokens["refresh_token"]
        again = app.read(tokens["id_token"]).members
        assert [again[name] for name in ("auth_time", "acr", "amr", "sub")] == [
            told[name] for name in ("auth_time", "acr", "amr", "sub")
        ]
        assert again["iat"] > told["iat"]


def test_rotation_leaves_calls_under_way_alone(op: Provider) -> None:
    """A6."""
    browser = press_continue(op.browser().authorize("mittprezero", scope="openid offline_access").identify())
    first = browser.redeem("mittprezero").get_json()
    app = RelyingParty(op, "mittprezero")
    second = app.refresh(first["refresh_token"]).get_json()
    assert app.userinfo(first["access_token"]).status_code == 200
    assert app.userinfo(second["access_token"]).status_code == 200


def test_nothing_lives_for_days_unasked(op: Provider) -> None:
    """A25: ten minutes for access, a day for refresh, to the second."""
    visitor = Visitor(op)
    tokens = visitor.ask(scope="openid offline_access").log_in().tokens()
    assert tokens["expires_in"] == 600
    op.clock.advance(seconds=599)
    assert visitor.rp.userinfo(tokens["access_token"]).status_code == 200
    op.clock.advance(seconds=1)
    assert visitor.rp.userinfo(tokens["access_token"]).status_code == 401
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    op.clock.advance(hours=23)
    assert visitor.call("/token", **form).status_code == 200
    op.clock.advance(hours=1)
    assert error_of(visitor.call("/token", **form)) == "invalid_grant"


def test_no_claim_asked_for_replaces_one_of_the_protocol(op: Provider) -> None:
    """A24."""
    claims = '{"id_token": {"iss": {"value": "https://evil.example"}, "aud": {"value": "x"}, "exp": {"value": 1}}}'
    visitor = Visitor(op).ask(claims=claims).log_in()
    told = visitor.claims(visitor.tokens())
    assert (told["iss"], told["aud"]) == (ISSUER, "basic")
    assert isinstance(told["aud"], str)  # A22: our own logout reads it back as one text


@each("kind", ["id_token", "refresh_token", "code"])
def test_another_token_of_ours_is_no_access_token(op: Provider, kind: str) -> None:
    """A34."""
    visitor = Visitor(op)
    tokens = visitor.ask().log_in().tokens()
    text = {**tokens, "code": visitor.reply["code"]}[kind]
    response = visitor.rp.userinfo(text)
    assert (response.status_code, error_of(response)) == (401, "invalid_token")


# --- who calls ------------------------------------------------------------------------------------------------------


def test_a_client_proves_itself_in_one_way(op: Provider) -> None:
    """A29: two right proofs are one too many, and the refusal names no method."""
    visitor = Visitor(op)
    visitor.ask().log_in()
    headers = BASIC.headers
    both = [
        {"client_id": "basic", "client_secret": SECRET},
        by_assertion(KEYED.assertion(op.clock())),
    ]
    for form in both:
        response = visitor.rp.post("/token", {**visitor.code_form(), **form}, headers)
        assert (response.status_code, error_of(response)) == (400, "invalid_request")
    refused = visitor.rp.post("/token", visitor.code_form())
    assert (refused.status_code, error_of(refused)) == (401, "invalid_client")
    assert "client_secret" not in refused.get_data(as_text=True)
    assert visitor.exchange().status_code == 200


def test_credentials_are_decoded_as_forms_are(op: Provider) -> None:
    """RFC 6749 2.3.1: both halves of Basic are form-encoded; a secret with odd letters works."""
    import hashlib

    odd = "p%:å+ ä/=&"
    change(op, "basic", client_secret_hashes=(hashlib.sha256(odd.encode()).hexdigest(),))
    visitor = Visitor(op)
    visitor.ask().log_in()
    encoded = b64(f"basic:{quote(odd, safe='')}".encode())
    header = {"Authorization": f"Basic {encoded}"}
    assert visitor.rp.post("/token", visitor.code_form(), header).status_code == 200


# --- how Authlib is used --------------------------------------------------------------------------------------------


def imported_by(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def test_no_hook_grant_or_generator_of_authlib_runs_in_the_product() -> None:
    """A26, A27, A36 and everything else of its server side: we call it, it never calls us."""
    modules = sorted((ROOT / "idp").rglob("*.py"))
    assert len(modules) > 100
    users = {
        path.relative_to(ROOT).as_posix(): names
        for path in modules
        if (names := {name for name in imported_by(path) if name.split(".")[0] == "authlib"})
    }
    assert users == {
        # judges of metadata
        "idp/core/oidc/discovery.py": {
            "authlib.oauth2", "authlib.oauth2.rfc8414", "authlib.oidc", "authlib.oidc.discovery",
        },
        "idp/core/oidc/dynamic_registration/metadata.py": {"authlib.oauth2.rfc7591", "authlib.oidc.registration"},
        # arithmetic
        "idp/core/oidc/tokens/authorization_code.py": {"authlib.oauth2.rfc7636"},
        "idp/core/oidc/tokens/id_token.py": {"authlib.oidc.core.util"},
    }  # fmt: skip


def test_nothing_we_import_is_deprecated() -> None:
    """A35: the whole application loads with every warning an error."""
    command = [sys.executable, "-W", "error", "-c", "import idp.app, idp.cli.command, idp.jobs.worker"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_reviewed_version_is_the_installed_one() -> None:
    """An upgrade is deliberate: read what changed, go through the table, then change this number."""
    assert importlib.metadata.version("authlib") == REVIEWED
    lock = (ROOT / "requirements" / "run.txt").read_text(encoding="utf-8")
    assert f"authlib=={REVIEWED} " in lock
