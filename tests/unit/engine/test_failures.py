"""Whatever fails, people read one cause and a next step: no traceback, no secret."""

from __future__ import annotations

import pytest

from databridge.engine.failures import told_plainly
from databridge.model.diagnostic import DatabridgeError, Diagnostic, ExitCode
from databridge.model.resource import TableResource
from databridge.model.source import SqlSource
from databridge.secrets.redaction import Redaction
from tests.support.workbench import Workbench

SECRET = "s3cr&t/word"
REDACTION = Redaction(lambda: (SECRET,))


class StepFailed(Exception):
    """As dlt's own: it names the step and carries the cause."""

    def __init__(self, step: str, exception: Exception) -> None:
        super().__init__(f"a long story about {step}, with <function> at 0x7f and {SECRET}")
        self.step, self.exception = step, exception


def told(error: Exception) -> Diagnostic:
    with pytest.raises(DatabridgeError) as raised, told_plainly(REDACTION):
        raise error
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__
    return raised.value.diagnostics[0]


def test_the_root_cause_is_what_is_told() -> None:
    try:
        try:
            raise OSError("no space left on device")
        except OSError as error:
            raise RuntimeError("wrapped") from error
    except RuntimeError as wrapped:
        problem = told(StepFailed("load", wrapped))
    assert problem.code == "DB503"
    assert problem.summary == "the load step failed: no space left on device"
    assert "long story" not in str(problem)


def test_only_a_destination_that_lacks_a_table_is_told_of_a_reset() -> None:
    lost = RuntimeError("[TABLE_OR_VIEW_NOT_FOUND] The table `raw`.`orders` cannot be found.")
    assert "databridge reset" in told(StepFailed("load", lost)).hint
    assert "databridge reset" not in told(StepFailed("extract", lost)).hint
    assert "databridge reset" not in told(StepFailed("load", OSError("no space left on device"))).hint


def test_a_cause_without_words_is_named() -> None:
    assert told(KeyError()).summary == "the load failed: KeyError"


def chained(first: Exception, then: Exception, *, replacing: bool) -> Exception:
    """The second of two exceptions, raised from the first or in place of it."""
    if replacing:
        then.__context__, then.__suppress_context__ = first, True
    else:
        then.__cause__ = first
    return then


def test_a_cause_without_words_gives_way_to_one_that_has_some() -> None:
    error = chained(StopIteration(), ValueError("the file has no end"), replacing=False)
    assert told(StepFailed("extract", error)).summary == "the extract step failed: the file has no end"


def test_what_an_error_was_raised_in_place_of_is_not_told() -> None:
    conversion = ArithmeticError("[<class 'decimal.ConversionSyntax'>]")
    error = chained(conversion, ValueError("'text' is no number"), replacing=True)
    assert told(StepFailed("extract", error)).summary == "the extract step failed: 'text' is no number"


def test_our_own_error_comes_through_with_its_exit_code() -> None:
    ours = DatabridgeError.of("DB520", f"does not fit: {SECRET}", hint="Mend it.", exit_code=ExitCode.LOCKED)
    with pytest.raises(DatabridgeError) as raised, told_plainly(REDACTION):
        raise ours
    assert raised.value.exit_code is ExitCode.LOCKED
    assert raised.value.diagnostics[0].summary == "does not fit: ***"
    inside = told(StepFailed("extract", ours))
    assert (inside.code, inside.hint) == ("DB520", "Mend it.")
    assert SECRET not in str(inside)


@pytest.mark.parametrize("length", [1, 30, 1000])
def test_no_secret_is_told_wherever_it_stands(length: int) -> None:
    """Also where the text is cut: half a secret is still one."""
    for place in range(max(0, 200 - length - len(SECRET)), 210, 3):
        problem = told(ValueError(f"{'x' * place}{SECRET}{'y' * length}"))
        said = f"{problem.summary} {problem.detail} {problem.hint}"
        assert not any(SECRET[:n] in said for n in range(4, len(SECRET) + 1)), said


def test_lines_are_joined_and_long_causes_cut() -> None:
    problem = told(ValueError("first line\n  second line" + " and more" * 500))
    assert "\n" not in problem.summary + problem.detail
    assert "first line second line" in problem.summary
    assert len(problem.summary) < 300
    assert len(problem.detail) < 700


def test_an_unreachable_database_tells_no_password(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABRIDGE_SECRET_DB_PASSWORD", SECRET)
    monkeypatch.setenv("DB_PASSWORD", SECRET)
    source = SqlSource(type="sql", url="sqlite+pysqlite:////nowhere/${secret.db_password}/x.db")
    with pytest.raises(DatabridgeError) as raised:
        bench.load(TableResource(name="t"), source=source)
    problem = raised.value.diagnostics[0]
    assert problem.code == "DB550"
    assert "the source sqlite /nowhere/" in problem.summary
    assert SECRET not in str(problem)


@pytest.mark.parametrize("url", ["nonsense", "klingon://x/y", "postgresql+nodriver://x/y"])
def test_an_unusable_url_is_told(bench: Workbench, url: str) -> None:
    with pytest.raises(DatabridgeError) as raised:
        bench.load(TableResource(name="t"), source=SqlSource(type="sql", url=url))
    assert raised.value.diagnostics[0].code == "DB512"


@pytest.mark.parametrize(
    "words",
    [
        "COPY INTO t FROM 's3://b/x' WITH(CREDENTIAL(\n AWS_ACCESS_KEY='AKIAmade',\n AWS_SECRET_KEY = 'made-up')) FILEFORMAT = PARQUET",
        "[PARSE_SYNTAX_ERROR] near WITH(CREDENTIAL(AZURE_SAS_TOKEN='sv=1&sig=made-up'))",
        "cut off: AWS_SESSION_TOKEN='made-up and so on",
        "GET https://account.blob.core.windows.net/c?sv=1&sig=made-up&se=2 failed",
        "<AuthenticationErrorDetail>sig=made-up</AuthenticationErrorDetail>",
    ],
)
def test_what_dlt_makes_of_a_secret_is_struck_out_too(words: str) -> None:
    shown = str(told(StepFailed("load", ValueError(words))))
    assert "made" not in shown
    assert "***" in shown
