"""JSON lines are read exactly: a value is in its column what it is in the file, or the load is refused and names the line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import dlt
import pytest
from dlt.common.destination import DestinationCapabilitiesContext
from dlt.common.schema.typing import TColumnSchema

from databridge.engine.jsonfit import JsonFitter
from databridge.engine.jsonlines import read_jsonl
from databridge.engine.jsonplace import Places
from databridge.model.diagnostic import DatabridgeError
from databridge.model.resource import Column, FileResource, SchemaContract
from tests.support.workbench import Workbench

pytestmark = pytest.mark.filterwarnings("default")  # dlt's own warnings are not ours to fail on

FILES = FileResource(name="f", glob="*")
BIG = 2**63
LONG = "12345678901234567.89"


def fitter(**declared: TColumnSchema) -> JsonFitter:
    capabilities = DestinationCapabilitiesContext.generic_capabilities()
    return JsonFitter(Places(dlt.Schema("any"), "f", declared), capabilities, "evolve")


def declaring(**columns: Mapping[str, object]) -> FileResource:
    return FILES.model_copy(update={"columns": {n: Column.model_validate(c) for n, c in columns.items()}})


def flat(chunks: Iterable[list[dict[str, object]]]) -> list[dict[str, object]]:
    return [row for chunk in chunks for row in chunk]


def read(tmp_path: Path, content: str | bytes, **declared: TColumnSchema) -> list[dict[str, object]]:
    file = tmp_path / "f.jsonl"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return flat(read_jsonl(file, fitter(**declared)))


def refusal(bench: Workbench, resource: FileResource = FILES) -> tuple[str, str, str]:
    with pytest.raises(DatabridgeError) as raised:
        bench.load(resource)
    (told,) = raised.value.diagnostics
    return told.code, told.summary, told.hint


def test_nested_and_blank_lines(tmp_path: Path) -> None:
    content = '\ufeff{"id": 1, "of": {"a": [1, {"b": null}]}}\r\n\n  \n {"id": 9007199254740993, "t": "ü"} '
    assert read(tmp_path, content) == [{"id": 1, "of": {"a": [1, {"b": None}]}}, {"id": 2**53 + 1, "t": "ü"}]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "Line 3: "),
        ("[1]", "Line 3: no JSON object"),
        ("5", "Line 3: no JSON object"),
        ('{"id": 1} {"id": 2}', "Line 3: Extra data"),
        ("\xff", "Line 3: "),
        ('{"v": NaN}', "Line 3: NaN is no JSON"),
        ('{"v": [-Infinity]}', "Line 3: -Infinity is no JSON"),
        ('{"v": {"a": 1, "b": 2, "a": 1}}', "Line 3: the key `a` occurs twice"),
        (r'{"v": "\ud800"}', "Line 3: half a surrogate pair"),
        (r'{"v": ["\uf0265"]}', "Line 3: a text begins with U+F026"),
        ('{"v": ' + "[" * 10_000 + "]" * 10_000 + "}", "Line 3: "),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, told: str) -> None:
    with pytest.raises(DatabridgeError) as raised:
        read(tmp_path, b'{"id": 1}\n\n' + line.encode("latin-1") + b'\n{"id": 2}\n')
    problem = raised.value.diagnostics[0]
    assert (problem.code, problem.summary) == ("DB522", "`f.jsonl` can't be read as it is")
    assert problem.detail.startswith(told)


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        ({"data_type": "decimal", "precision": 38, "scale": 9}, LONG, Decimal(LONG)),
        ({"data_type": "decimal", "precision": 38, "scale": 9}, f'"{LONG}"', Decimal(LONG)),
        ({"data_type": "decimal", "precision": 38, "scale": 0}, str(10**37), Decimal(10**37)),
        ({"data_type": "decimal", "precision": 5, "scale": 2}, "1.5", Decimal("1.50")),
        ({"data_type": "decimal", "precision": 5, "scale": 2}, "1.5e2", Decimal(150)),
        ({"data_type": "text"}, LONG, LONG),
        ({"data_type": "text"}, str(BIG), str(BIG)),
        ({"data_type": "text"}, "1.50", "1.50"),
        ({"data_type": "text"}, "1e400", "1e400"),
        ({"data_type": "text"}, "true", "true"),
        ({"data_type": "text"}, '"2026-01-02T10:00:00.123456789Z"', "2026-01-02T10:00:00.123456789Z"),
        ({"data_type": "bigint"}, "5.0", 5),
        ({"data_type": "bigint"}, '"7"', 7),
        ({"data_type": "bigint"}, str(-BIG), -BIG),
        ({"data_type": "double"}, "0.10000000000000001", 0.1),
        ({"data_type": "double"}, str(2**53), float(2**53)),
        ({"data_type": "double"}, '"1.5"', 1.5),
        ({"data_type": "bool"}, "true", True),
        ({"data_type": "date"}, '"2026-01-02"', date(2026, 1, 2)),
        ({"data_type": "time"}, '"10:00:00.5"', time(10, 0, 0, 500_000)),
        ({"data_type": "timestamp"}, '"2026-01-02"', datetime(2026, 1, 2, tzinfo=UTC)),
        ({"data_type": "timestamp"}, '"2026-01-02T10:00:00"', datetime(2026, 1, 2, 10, tzinfo=UTC)),
        ({"data_type": "timestamp"}, '"2026-01-02T10:00:00.1234560+02"', datetime(2026, 1, 2, 8, 0, 0, 123456, UTC)),
        ({"data_type": "binary"}, '"AP8="', b"\x00\xff"),
    ],
)  # fmt: skip
def test_kept_in_a_declared_column(
    bench: Workbench, column: dict[str, object], text: str, value: object
) -> None:
    bench.landing("1.jsonl", f'{{"id": 1, "v": {text}}}\n{{"id": 2}}\n')
    bench.load(declaring(v=column))
    bench.landing("2.jsonl", f'{{"id": 3, "v": {text}}}\n')
    bench.load(declaring(v=column))
    assert bench.rows("f", "id", "v") == [(1, value), (2, None), (3, value)]


REFUSED = [
    ("decimal", LONG + "0000000001"),
    ("decimal", '"12.5 EUR"'),
    ("decimal", "true"),
    ("decimal", "1e40"),
    ("bigint", "5.5"),
    ("bigint", str(BIG)),
    ("bigint", '"007"'),
    ("bigint", "1e400"),
    ("bigint", "true"),
    ("double", "9007199254740993"),
    ("double", LONG),
    ("double", "1e400"),
    ("double", '"x"'),
    ("bool", "2"),
    ("bool", "1"),
    ("bool", '"true"'),
    ("date", '"2026-01-02T10:00:00"'),
    ("date", "5"),
    ("date", '"02.01.2026"'),
    ("time", '"10:00:00.1234567"'),
    ("time", '"10:00Z"'),
    ("timestamp", '"2026-01-02T10:00:00.1234567Z"'),
    ("timestamp", "5"),
    ("timestamp", '"5"'),
    ("timestamp", '"2026"'),
    ("timestamp", "1767348000.5"),
    ("binary", '"no base64"'),
    ("binary", "5"),
]


@pytest.mark.parametrize(("data_type", "text"), REFUSED)
def test_what_does_not_fit_a_declared_column_is_refused(tmp_path: Path, data_type: str, text: str) -> None:
    column: TColumnSchema = {"data_type": data_type}  # type: ignore[typeddict-item]  # a parameter
    with pytest.raises(DatabridgeError) as raised:
        read(tmp_path, f'{{"id": 1}}\n{{"id": 2, "v": {text}}}\n', v=column)
    told = raised.value.diagnostics[0]
    assert told.code == "DB520"
    assert told.summary.startswith(f"f.jsonl, line 2: column `v` is declared {data_type}")
    assert "`" + text.strip('"') + "`" in told.summary


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("1.5", "9007199254740993"),
        ("true", "2"),
        ('"2026-01-02T10:00:00Z"', "5"),
        ('"2026-01-02T10:00:00Z"', '"2026-01-02T10:00:00.123456789Z"'),
        ("1", '"007"'),
        ("1", "1.5"),
        ("1", str(BIG)),
    ],
)
def test_what_does_not_fit_the_table_is_refused(bench: Workbench, first: str, then: str) -> None:
    bench.landing("1.jsonl", f'{{"v": {first}}}\n')
    bench.load(FILES)
    bench.landing("2.jsonl", f'{{"v": {first}}}\n{{"v": {then}}}\n')
    code, summary, _ = refusal(bench)
    assert code == "DB520"
    assert summary.startswith("2.jsonl, line 2: column `v` has in its table ")
    assert len(bench.rows("f", "v")) == 1


@pytest.mark.parametrize(
    ("text", "advice", "value"),
    [
        (str(BIG), "{v: {data_type: decimal, precision: 38, scale: 0}}", Decimal(BIG)),
        (str(-(10**37)), "{v: {data_type: decimal, precision: 38, scale: 0}}", Decimal(-(10**37))),
        (str(10**50), "{v: {data_type: text}}", str(10**50)),
        (LONG, "{v: {data_type: decimal, precision: 38, scale: 2}}", Decimal(LONG)),
        ("1e400", "{v: {data_type: text}}", "1e400"),
    ],
)
def test_a_number_beyond_all_numbers_is_refused_and_the_hint_helps(
    bench: Workbench, text: str, advice: str, value: object
) -> None:
    bench.landing("1.jsonl", f'{{"v": 1}}\n{{"v": {text}}}\n')
    code, summary, hint = refusal(bench)
    assert code == "DB520"
    assert summary.startswith("1.jsonl, line 2: column `v` was taken for bigint, which `")
    assert advice in hint
    words = advice.strip("{}").removeprefix("v: {").split(", ")
    bench.load(declaring(v=dict(word.split(": ") for word in words)))
    assert value in [v for (v,) in bench.rows("f", "v")]


@pytest.mark.parametrize(
    ("line", "column"),
    [
        (f'{{"of": {{"a": {LONG}}}}}', "of.a"),
        (f'{{"steps": [{{"n": 1}}, {{"n": {BIG}}}]}}', "steps[].n"),
        (f'{{"steps": [1, {BIG}]}}', "steps[].value"),
        (f'{{"steps": [[1, {BIG}]]}}', "steps[].list[].value"),
    ],
)
def test_nested_values_are_looked_at_too(bench: Workbench, line: str, column: str) -> None:
    bench.landing("1.jsonl", line)
    code, summary, _ = refusal(bench)
    assert (code, f"`{column}`" in summary) == ("DB520", True)


def test_an_object_declared_as_json_keeps_its_numbers_or_is_refused(bench: Workbench) -> None:
    kept = declaring(v={"data_type": "json"})
    bench.landing("1.jsonl", '{"v": {"a": [1.50, 2, {"b": 0.1}]}}\n')
    bench.load(kept)
    assert bench.rows("f", "v") == [('{"a":[1.5,2,{"b":0.1}]}',)]
    bench.landing("2.jsonl", f'{{"v": {{"a": [{LONG}]}}}}\n')
    code, summary, _ = refusal(bench, kept)
    assert (code, LONG in summary) == ("DB520", True)


def test_unknown_columns_are_as_dlt_makes_them(bench: Workbench) -> None:
    """Values of several types in one new column each stand in a column of their type, none is made another."""
    bench.landing(
        "1.jsonl",
        '{"id": 1, "v": 1, "at": "2026-01-02T10:00:00Z", "steps": [1, "x"], "who": {"n": true}}\n'
        '{"id": 2, "v": "x", "at": 5, "steps": [{"n": 1}, {"n": 2.5}], "who": {"n": 2}}\n'
        '{"id": 3, "v": 1.5, "at": "soon"}\n',
    )
    bench.load(FILES)
    assert bench.rows("f", "id", "v", "v__v_text", "v__v_double") == [
        (1, 1, None, None),
        (2, None, "x", None),
        (3, None, None, 1.5),
    ]
    moment = datetime(2026, 1, 2, 10, tzinfo=UTC)
    assert bench.rows("f", "id", "at", "at__v_bigint", "at__v_text") == [
        (1, moment, None, None),
        (2, None, 5, None),
        (3, None, None, "soon"),
    ]
    assert bench.rows("f", "who__n", "who__n__v_bigint") == [(True, None), (None, 2), (None, None)]
    assert bench.rows("f__steps", "value", "value__v_text", "n", "n__v_double") == [
        (1, None, None, None),
        (None, "x", None, None),
        (None, None, 1, None),
        (None, None, None, 2.5),
    ]
    bench.landing("2.jsonl", '{"id": 4, "v": "y", "at": 6, "steps": ["z"]}\n')
    bench.load(FILES)
    assert bench.rows("f", "id", "v__v_text", "at__v_bigint")[-1] == (4, "y", 6)


@pytest.mark.parametrize(
    ("contract", "rows"),
    [("discard_value", [(1, True), (2, None), (3, False)]), ("discard_row", [(1, True), (3, False)])],
)
def test_what_the_contract_discards_is_not_made_another_value(
    bench: Workbench, contract: Any, rows: list[tuple[object, ...]]
) -> None:
    bench.landing("1.jsonl", '{"id": 1, "v": true}\n{"id": 2, "v": 2}\n{"id": 3, "v": false}\n')
    bench.load(FILES.model_copy(update={"schema_contract": SchemaContract(data_type=contract)}))
    assert bench.rows("f", "id", "v") == rows


def test_a_frozen_type_takes_no_other(bench: Workbench) -> None:
    bench.landing("1.jsonl", '{"v": 1}\n{"v": "x"}\n')
    code, summary, _ = refusal(
        bench, FILES.model_copy(update={"schema_contract": SchemaContract(data_type="freeze")})
    )
    assert (code, "line 2" in summary) == ("DB520", True)


@pytest.mark.parametrize(
    "line",
    ['{"Id": 1, "id": 2}', '{"Id": 1, "id": null}', '{"": 1, " ": null}', '{"A": {"x": 1}, "a": {"x": 2}}', '{"A": [1], "a": [2]}', '{"s": [{"N": 1, "n": 2}]}'],
)  # fmt: skip
def test_two_keys_of_one_column_are_refused(bench: Workbench, line: str) -> None:
    bench.landing("1.jsonl", f'{{"id": 1}}\n{{"Id": 2}}\n{line}\n')
    code, summary, _ = refusal(bench)
    assert code == "DB522"
    assert summary.startswith("1.jsonl, line 3: `")
    assert summary.endswith("are one column")
