"""A value fits its column without loss, or the load is refused; nothing in between."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from databridge.engine.fitting import Fitter
from databridge.model.diagnostic import DatabridgeError
from databridge.model.resource import Column, FileResource
from tests.support.workbench import Workbench

pytestmark = pytest.mark.filterwarnings("default")  # dlt's own warnings are not ours to fail on

NAIVE, AWARE = pa.timestamp("us"), pa.timestamp("us", "UTC")
MOMENT = datetime(2024, 2, 29, 12, 30, 0, 123_456)  # noqa: DTZ001
FILES = FileResource(name="f", glob="*")


def fitted(known: pa.DataType | None, values: list[object], have: pa.DataType) -> pa.Table:
    fitter = Fitter({"v": known} if known is not None else {}, frozenset(), str.lower)
    return fitter.fit(pa.table({"V": pa.array(values, have)}), "file.csv")


@pytest.mark.parametrize(
    ("known", "values", "have"),
    [
        (pa.int64(), [1, None], pa.int8()),
        (pa.int64(), [2**31], pa.uint32()),
        (pa.int64(), [-2.0, None], pa.float64()),
        (pa.int64(), [None], pa.null()),
        (pa.float64(), [2**53], pa.int64()),
        (pa.float64(), [0.5], pa.float32()),
        (pa.float64(), [Decimal("0.25")], pa.decimal128(5, 2)),
        (pa.decimal128(5, 2), [Decimal("1.5")], pa.decimal128(10, 4)),
        (pa.decimal128(5, 2), [7], pa.int64()),
        (pa.decimal128(20, 0), [2**64 - 1], pa.uint64()),
        (NAIVE, [MOMENT.replace(microsecond=0)], pa.timestamp("s")),
        (NAIVE, [MOMENT], pa.timestamp("ns")),
        (NAIVE, [date(2024, 2, 29)], pa.date32()),
        (AWARE, [MOMENT.replace(tzinfo=UTC)], pa.timestamp("us", "Europe/Berlin")),
        (AWARE, [MOMENT], NAIVE),
        (pa.date32(), [date(2024, 2, 29)], pa.date64()),
        (pa.string(), ["x"], pa.large_string()),
        (pa.string(), ["x"], pa.dictionary(pa.int8(), pa.string())),
        (pa.int64(), [5], pa.dictionary(pa.int8(), pa.int64())),
        (pa.binary(), [b"x"], pa.large_binary()),
    ],
)
def test_fits(known: pa.DataType, values: list[object], have: pa.DataType) -> None:
    table = fitted(known, values, have)
    assert table.schema.field("V").type == known
    assert table["V"].to_pylist() == [_as(known, value) for value in pa.array(values, have).to_pylist()]


def _as(kind: pa.DataType, value: object) -> object:
    """A date read as a moment is its midnight, and one without a zone is UTC where there are zones; for all others
    Python's own equality holds."""
    if isinstance(value, datetime) and pa.types.is_timestamp(kind) and kind.tz:
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date) and not isinstance(value, datetime) and pa.types.is_timestamp(kind):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001
    return value


@pytest.mark.parametrize(
    ("known", "values", "have"),
    [
        (pa.int64(), [1.5], pa.float64()),
        (pa.int64(), [2.0**63], pa.float64()),
        (pa.int64(), [2**63], pa.uint64()),
        (pa.int64(), ["1"], pa.string()),
        (pa.int64(), [True], pa.bool_()),
        (pa.float64(), [2**53 + 1], pa.int64()),
        (pa.float64(), [Decimal("0.12345678901234567890")], pa.decimal128(30, 20)),
        (pa.decimal128(5, 2), [Decimal("123.456")], pa.decimal128(6, 3)),
        (pa.decimal128(5, 2), [12345], pa.int64()),
        (pa.decimal128(5, 2), [0.125], pa.float64()),
        (pa.string(), [1], pa.int64()),
        (pa.string(), [date(2024, 2, 29)], pa.date32()),
        (pa.date32(), [MOMENT], NAIVE),
        (NAIVE, [MOMENT.replace(tzinfo=UTC)], AWARE),
        (NAIVE, [1], pa.int64()),
        (pa.bool_(), [1], pa.int64()),
        (pa.int64(), [[1]], pa.list_(pa.int64())),
    ],
)
def test_refused(known: pa.DataType, values: list[object], have: pa.DataType) -> None:
    with pytest.raises(DatabridgeError) as raised:
        fitted(known, values, have)
    told = raised.value.diagnostics[0]
    assert told.code == "DB520"
    assert "file.csv" in told.summary
    assert "`V` has in its table" in told.summary
    assert known == pa.string() or ("declare the type" in told.hint and "databridge reset" in told.hint)


def test_the_first_value_that_does_not_fit_is_told() -> None:
    with pytest.raises(DatabridgeError, match=r"`7\.5`"):
        fitted(pa.int64(), [*map(float, range(1000)), None, 7.5, 8.5], pa.float64())


@pytest.mark.parametrize(
    ("values", "have", "texts"),
    [
        ([1_709_208_000_123_456_789], pa.timestamp("ns", "UTC"), ["2024-02-29 12:00:00.123456789Z"]),
        ([1_709_208_000_123_456_789], pa.timestamp("ns"), ["2024-02-29 12:00:00.123456789"]),
        ([date(2024, 2, 29)], pa.date32(), ["2024-02-29"]),
        ([0.1, 1.0], pa.float64(), ["0.1", "1"]),
        ([2**64 - 1], pa.uint64(), [str(2**64 - 1)]),
        ([True], pa.bool_(), ["true"]),
    ],
)
def test_a_column_declared_as_text_takes_any_value(
    values: list[object], have: pa.DataType, texts: list[str]
) -> None:
    fitter = Fitter({}, frozenset(), str.lower, {"v": pa.string()})
    assert fitter.fit(pa.table({"V": pa.array(values, have)}), "f")["V"].to_pylist() == texts


@pytest.mark.parametrize("kind", [pa.timestamp("ns"), pa.timestamp("ns", "UTC"), pa.time64("ns")])
@pytest.mark.parametrize("how", ["first seen", "declared", "known"])
def test_refused_below_a_microsecond(kind: pa.DataType, how: str) -> None:
    coarse = pa.time64("us") if pa.types.is_time(kind) else pa.timestamp("us", kind.tz)
    declared = {"v": kind if kind.equals(pa.time64("ns")) else NAIVE} if how == "declared" else {}
    fitter = Fitter({"v": coarse} if how == "known" else {}, frozenset(), str.lower, declared)
    with pytest.raises(DatabridgeError, match="DB520"):
        fitter.fit(pa.table({"V": pa.array([1], kind)}), "file.parquet")


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(DatabridgeError, match="`Id` and `id` are one column") as raised:
        Fitter({}, frozenset(), str.lower).fit(pa.table({"Id": [1], "id": [2]}), "1.csv")
    assert raised.value.diagnostics[0].code == "DB522"


@pytest.mark.parametrize(
    ("have", "becomes"),
    [
        (pa.int32(), pa.int64()),
        (pa.uint64(), pa.decimal128(20, 0)),
        (pa.float32(), pa.float64()),
        (pa.timestamp("ms", "Asia/Tokyo"), AWARE),
        (pa.timestamp("s"), NAIVE),
        (pa.large_string(), pa.string()),
        (pa.null(), pa.null()),
        (pa.list_(pa.int64()), pa.list_(pa.int64())),
    ],
)
def test_a_column_first_seen_is_made_wide(have: pa.DataType, becomes: pa.DataType) -> None:
    assert fitted(None, [], have).schema.field("V").type == becomes


def test_the_first_table_sets_the_type_of_the_second() -> None:
    fitter = Fitter({}, frozenset(), str.lower)
    fitter.fit(pa.table({"v": [1]}), "1.parquet")
    with pytest.raises(DatabridgeError, match=r"2\.parquet"):
        fitter.fit(pa.table({"v": [1.5]}), "2.parquet")


@pytest.mark.parametrize("zone", [None, "UTC"])
def test_times_keep_their_zone_or_have_none_in_every_load(bench: Workbench, zone: str | None) -> None:
    for number in range(3):
        moment = datetime(2024, 2, 29, number, tzinfo=UTC if zone else None)
        pq.write_table(
            pa.table({"v": pa.array([moment], pa.timestamp("ms", zone))}),
            bench.landing(f"{number}.parquet", b""),
        )
        bench.load(FILES)
    assert bench.types("f") == {"v": "TIMESTAMP WITH TIME ZONE" if zone else "TIMESTAMP"}
    assert [v.hour for (v,) in bench.rows("f", "v") if isinstance(v, datetime)] == [0, 1, 2]


def test_a_declared_timestamp_takes_times_without_a_zone_too(bench: Workbench) -> None:
    declared = FILES.model_copy(update={"columns": {"at": Column(data_type="timestamp")}})
    bench.landing("1.csv", "at\n2024-02-29 12:00:00\n")
    bench.load(declared)
    bench.landing("2.csv", "at\n2024-02-29 13:00:00\n")
    bench.load(declared)
    assert [v.hour for (v,) in bench.rows("f", "at") if isinstance(v, datetime)] == [12, 13]


NANOSECONDS = 1_709_208_000_123_456_789


@pytest.mark.parametrize("zone", [None, "UTC"])
def test_nanoseconds_are_refused_and_the_hint_helps(bench: Workbench, zone: str | None) -> None:
    table = pa.table({"at": pa.array([NANOSECONDS, None], pa.timestamp("ns", zone))})
    pq.write_table(table, bench.landing("1.parquet", b""))
    with pytest.raises(DatabridgeError) as raised:
        bench.load(FILES)
    told = raised.value.diagnostics[0]
    assert told.code == "DB520"
    assert "its table" not in told.summary
    assert "12:00:00.123456789" in told.summary
    declared = {"data_type": "text"} if zone else {"data_type": "timestamp", "precision": 9}
    said = "{at: {" + ", ".join(f"{key}: {value}" for key, value in declared.items()) + "}}"
    assert said in told.hint
    resource = FILES.model_copy(update={"columns": {"at": Column.model_validate(declared)}})
    bench.load(resource)
    pq.write_table(table, bench.landing("2.parquet", b""))
    bench.load(resource)
    assert bench.types("f") == {"at": "VARCHAR" if zone else "TIMESTAMP_NS"}
    expected = "2024-02-29 12:00:00.123456789" + ("Z" if zone else "")
    assert [str(v) for (v,) in bench.texts("f", "at")] == [expected, expected, "None", "None"]


@pytest.mark.parametrize("zone", [None, "UTC"])
def test_moments_are_as_fine_as_they_are_declared(bench: Workbench, zone: str | None) -> None:
    declared = FILES.model_copy(update={"columns": {"at": Column(data_type="timestamp", precision=3)}})
    for number, (value, fits) in enumerate([(1_000, True), (2_000, True), (1, False)]):
        table = pa.table({"at": pa.array([value], pa.timestamp("us", zone))})
        pq.write_table(table, bench.landing(f"{number}.parquet", b""))
        if fits:
            bench.load(declared)
        else:
            with pytest.raises(DatabridgeError, match="DB520"):
                bench.load(declared)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_table_that_dlt_made_of_times_without_a_zone_goes_on(bench: Workbench, ending: str) -> None:
    """dlt stores them as UTC, in a column with a zone."""
    pq.write_table(
        pa.table({"at": pa.array([MOMENT], pa.timestamp("us", "UTC"))}), bench.landing("1.parquet", b"")
    )
    bench.load(FILES)
    assert bench.types("f") == {"at": "TIMESTAMP WITH TIME ZONE"}
    if ending == "csv":
        bench.landing("2.csv", f"at\n{MOMENT}\n")
    else:
        pq.write_table(pa.table({"at": pa.array([MOMENT], NAIVE)}), bench.landing("2.parquet", b""))
    bench.load(FILES)
    assert [v for (v,) in bench.rows("f", "at")] == [MOMENT.replace(tzinfo=UTC)] * 2


@pytest.mark.parametrize(
    ("first", "then", "fits"),
    [
        ([1], [2.0], True),
        ([1], [1.5], False),
        ([0.5], [2], True),
        ([0.5], [2**53 + 1], False),
        (["x"], [5], False),
        ([date(2024, 1, 1)], [MOMENT], False),
        ([MOMENT], [date(2024, 1, 1)], True),
        ([None], [5], True),
        ([5], [None], True),
        ([[1]], [["x"]], True),
    ],
)
def test_later_loads_fit_the_table_or_are_refused(
    bench: Workbench, first: list[object], then: list[object], fits: bool
) -> None:
    for number, values in enumerate((first, then)):
        pq.write_table(pa.table({"id": [number], "v": values}), bench.landing(f"{number}.parquet", b""))
        if number == 0 or fits:
            bench.load(FILES)
        else:
            with pytest.raises(DatabridgeError) as raised:
                bench.load(FILES)
            assert raised.value.diagnostics[0].code == "DB520"
    assert len(bench.rows("f", "id")) == 1 + fits
