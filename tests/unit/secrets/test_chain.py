"""Where secrets come from, and what is said when they don't; never their values."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import pytest

from databridge.model.diagnostic import DatabridgeError
from databridge.model.secret import Secrets
from databridge.secrets.chain import SecretsChain, secret_chain
from databridge.secrets.environment import variable

ENVIRON = {"DATABRIDGE_SECRET_ERP_PASSWORD": "hush-env", "ERP_PASSWORD": "not-ours"}


def toml(root: Path, content: str | bytes) -> None:
    folder = root / ".dlt"
    folder.mkdir()
    (folder / "secrets.toml").write_bytes(content.encode() if isinstance(content, str) else content)


def refusal(chain: SecretsChain, template: str) -> DatabridgeError:
    with pytest.raises(DatabridgeError) as caught:
        chain.fill(template)
    return caught.value


def test_a_chain_is_what_the_model_asks_for(tmp_path: Path) -> None:
    secrets: Secrets = secret_chain(tmp_path, ENVIRON)

    assert secrets.fill("a ${secret.erp_password} b").reveal() == "a hush-env b"
    assert secrets.fill("a ${secrets.erp_password} b").reveal() == "a hush-env b"
    assert secrets.fill("nothing ${var.x}").reveal() == "nothing ${var.x}"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("erp_password", "DATABRIDGE_SECRET_ERP_PASSWORD"),
        ("erp.password", "DATABRIDGE_SECRET_ERP_PASSWORD"),
        ("Erp-Password2", "DATABRIDGE_SECRET_ERP_PASSWORD2"),
    ],
)
def test_the_variable_of_a_secret(name: str, expected: str) -> None:
    assert variable(name) == expected


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    toml(tmp_path, '[databridge.secrets]\nerp_password = "hush-file"\nother = "hush-other"\n')
    chain = secret_chain(tmp_path, ENVIRON)

    assert chain.fill("${secret.erp_password}/${secret.other}").reveal() == "hush-env/hush-other"


def test_an_empty_variable_is_none(tmp_path: Path) -> None:
    toml(tmp_path, '[databridge.secrets]\na = "hush-file"\nb = ""\n')
    chain = secret_chain(tmp_path, {"DATABRIDGE_SECRET_A": "", "DATABRIDGE_SECRET_B": ""})

    assert chain.fill("${secret.a}").reveal() == "hush-file"
    assert "DATABRIDGE_SECRET_B (empty)" in refusal(chain, "${secret.b}").diagnostics[0].detail


@pytest.mark.parametrize(
    "content",
    [
        '[databridge.secrets]\n"erp.password" = "hush-file"\n',
        '[databridge.secrets]\nerp.password = "hush-file"\n',
        '[databridge.secrets.erp]\npassword = "hush-file"\n',
        'databridge.secrets.erp.password = "hush-file"\n',
    ],
)
def test_a_name_with_dots_may_be_one_key_or_tables(tmp_path: Path, content: str) -> None:
    toml(tmp_path, content)

    assert secret_chain(tmp_path, {}).fill("${secret.erp.password}").reveal() == "hush-file"


def test_a_value_that_looks_like_a_reference_or_a_pattern_is_put_in_as_it_is(tmp_path: Path) -> None:
    environ = {"DATABRIDGE_SECRET_A": r"${secret.b}\1\g<0>", "DATABRIDGE_SECRET_B": "hush"}

    assert secret_chain(tmp_path, environ).fill("<${secret.a}>").reveal() == r"<${secret.b}\1\g<0>>"


def test_a_missing_secret_names_each_place_in_order_and_the_ways_out(tmp_path: Path) -> None:
    problem = refusal(secret_chain(tmp_path, ENVIRON), "x ${secret.dbx-token}").diagnostics[0]

    assert problem.code == "DB451"
    assert problem.summary == "The secret `dbx-token` is missing"
    assert problem.detail == (
        "Looked at, in this order: environment variable DATABRIDGE_SECRET_DBX_TOKEN (not set); "
        "key `dbx-token` of [databridge.secrets] in .dlt/secrets.toml (no such file)."
    )
    assert problem.hint == (
        "Set the environment variable DATABRIDGE_SECRET_DBX_TOKEN, "
        "or add `dbx-token` to [databridge.secrets] in .dlt/secrets.toml."
    )


def test_a_file_without_the_secret_is_said_to_be_there(tmp_path: Path) -> None:
    toml(tmp_path, '[sources]\na = "hush"\n')

    assert (
        "secrets.toml (not there)" in refusal(secret_chain(tmp_path, {}), "${secret.a}").diagnostics[0].detail
    )


def test_all_missing_secrets_are_told_at_once_and_each_once(tmp_path: Path) -> None:
    error = refusal(
        secret_chain(tmp_path, ENVIRON), "${secret.b}${secret.erp_password}${secret.a}${secret.b}"
    )

    assert [problem.summary for problem in error.diagnostics] == [
        "The secret `b` is missing",
        "The secret `a` is missing",
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ('[databridge.secrets]\na = "hush\n', "DB452"),
        ("[databridge.secrets]\na = hush\n", "DB452"),
        ('[databridge.secrets]\na = "x"\nhush = 1\nhush = 2\n', "DB452"),
        ("[databridge.secrets]\na = {hush = 1, hush = 2}\n", "DB452"),
        (b'[databridge.secrets]\na = "hush\xff"\n', "DB452"),
        ("[databridge.secrets]\na = 90210\n", "DB453"),
        ("[databridge.secrets]\na = false\n", "DB453"),
        ('[databridge.secrets.a]\nb = "hush"\n', "DB453"),
    ],
)
def test_a_file_that_can_not_be_used_is_told_without_its_content(
    tmp_path: Path, content: str | bytes, code: str
) -> None:
    toml(tmp_path, content)

    error = refusal(secret_chain(tmp_path, {}), "${secret.a}")

    problem = error.diagnostics[0]
    assert problem.code == code
    assert ".dlt/secrets.toml" in problem.summary
    assert "hush" not in repr(problem)
    assert "90210" not in repr(problem)
    assert error.__cause__ is None


def test_a_syntax_error_has_its_place(tmp_path: Path) -> None:
    toml(tmp_path, "[databridge.secrets]\na = hush\n")

    where = refusal(secret_chain(tmp_path, {}), "${secret.a}").diagnostics[0].where

    assert where
    assert str(where) == ".dlt/secrets.toml:2:5"


def test_the_file_is_not_read_where_the_environment_has_all(tmp_path: Path) -> None:
    toml(tmp_path, "broken")

    assert secret_chain(tmp_path, ENVIRON).fill("${secret.erp_password}").reveal() == "hush-env"


def test_only_what_was_given_out_is_known(tmp_path: Path) -> None:
    environ = ENVIRON | {"DATABRIDGE_SECRET_B": "hush-b"}
    chain = secret_chain(tmp_path, environ)
    assert chain.known_values() == ()

    chain.fill("${secret.erp_password}")

    assert chain.known_values() == ("hush-env",)


def test_neither_the_chain_nor_what_it_gives_shows_a_value(tmp_path: Path) -> None:
    chain = secret_chain(tmp_path, ENVIRON)
    given = chain.fill("${secret.erp_password}")

    for shown in (repr(chain), str(chain), repr(given), str(given), f"{given}"):
        assert "hush" not in shown
    for leak in (pickle.dumps, copy.copy):
        with pytest.raises(TypeError):
            leak(given)
