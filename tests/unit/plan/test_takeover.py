"""What a stack says of a dlt pipeline is what dlt recorded; where the record leaves a doubt, the resource is left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from databridge.model.destination import DuckDbDestination, FilesystemDestination
from databridge.model.foundpipeline import FoundPipeline
from databridge.model.marker import mark
from databridge.model.pipeline import DltNames
from databridge.model.recorded import CursorState, ResourceState, TableState
from databridge.model.resource import SchemaContract
from databridge.model.source import FilesystemSource, SqlSource
from databridge.model.stack import Desired
from databridge.plan.drafting import draft_of
from databridge.plan.identity import name_in_stack
from databridge.plan.takeover import Origin, Takeover, WorkingFolder, refusal, take_over
from tests.support.builders import (
    appended,
    cursor_state,
    desired,
    files,
    merged,
    owner,
    pipeline,
    record_of,
    stack,
    state_of,
    table,
)

HERE = DuckDbDestination(type="duckdb", path="warehouse.duckdb")
LAKE = FilesystemDestination(type="filesystem", bucket_url="file://lake")
ERP = Origin(SqlSource(type="sql", url="postgresql+psycopg://db/erp"))
LANDED = Origin(
    FilesystemSource(type="filesystem", bucket_url="file://landing"), globs={"orders": "orders/*.csv"}
)
AT = datetime(2024, 1, 2, tzinfo=UTC)
LISTED = ResourceState("filesystem_orders", cursors=(CursorState("modification_date", AT),))


def loaded(
    name: str = "orders",
    disposition: str = "append",
    *,
    key: str = "",
    columns: str = "id at",
    **more: object,
) -> TableState:
    whole: dict[str, object] = {
        "name": name,
        "resource": name,
        "write_disposition": disposition,
        "primary_key": tuple(key.split()),
        "columns": dict.fromkeys(columns.split(), "bigint"),
    }
    return TableState(**(whole | more))  # type: ignore[arg-type]  # each case names what it is about


def found(*tables: TableState, resources: tuple[ResourceState, ...] = (), **more: object) -> FoundPipeline:
    state = state_of(*resources, tables=tables)
    whole: dict[str, object] = {"name": "nightly", "dataset": "raw", "schema_name": "nightly", "state": state}
    return FoundPipeline(**(whole | more))  # type: ignore[arg-type]  # as above


def taken(origin: Origin, *tables: TableState, resources: tuple[ResourceState, ...] = ()) -> Takeover:
    return take_over(found(*tables, resources=resources), origin, HERE)


def reason(origin: Origin, *tables: TableState, resources: tuple[ResourceState, ...] = ()) -> str:
    whole = taken(origin, *tables, resources=resources)
    assert whole.resources == ()
    (left,) = whole.left_out
    return left.reason


class TestTable:
    def test_rows_past_a_cursor_are_appended(self) -> None:
        cursor = CursorState("at", AT, datetime(2023, 1, 1, tzinfo=UTC))
        whole = taken(ERP, loaded(key="id"), resources=(ResourceState("orders", cursors=(cursor,)),))
        assert whole.left_out == ()
        assert whole.resources == (
            appended(
                "orders",
                cursor_field="at",
                cursor_initial_value="2023-01-01 00:00:00+00:00",
                primary_key=["id"],
            ),
        )

    @pytest.mark.parametrize(
        ("initial", "written"), [(5, 5), (1.5, 1.5), (Decimal("1.10"), "1.10"), ("a", "a"), (None, None)]
    )
    def test_an_initial_value_is_one_that_a_stack_can_hold(self, initial: object, written: object) -> None:
        cursor = CursorState("at", None, initial)  # type: ignore[arg-type]  # a cursor's values
        (resource,) = taken(ERP, loaded(), resources=(ResourceState("orders", cursors=(cursor,)),)).resources
        assert resource == appended("orders", cursor_field="at", cursor_initial_value=written)

    def test_an_initial_value_has_a_zone_only_where_the_column_has(self) -> None:
        east = datetime(2023, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))
        state = ResourceState("orders", cursors=(CursorState("at", AT.replace(tzinfo=None), east),))
        (resource,) = taken(ERP, loaded(), resources=(state,)).resources
        assert resource == appended("orders", cursor_field="at", cursor_initial_value="2023-01-01 00:00:00")

    def test_rows_are_merged_by_key_with_a_cursor_or_without(self) -> None:
        whole = taken(
            ERP,
            loaded("orders", "merge", key="id"),
            loaded("items", "merge", key="at id"),
            resources=(cursor_state("orders", "at"),),
        )
        assert whole.resources == (
            table("items", mode="merge", primary_key=["at", "id"]),
            merged("orders", cursor_field="at", primary_key=["id"]),
        )

    def test_a_table_is_replaced(self) -> None:
        assert taken(ERP, loaded("orders", "replace")).resources == (
            table("orders", write_disposition="replace"),
        )

    def test_a_contract_goes_on(self) -> None:
        contract = {"columns": "freeze", "data_type": "discard_row"}
        (resource,) = taken(ERP, loaded("orders", "replace", contract=contract)).resources
        assert resource.schema_contract == SchemaContract(columns="freeze", data_type="discard_row")

    def test_of_several_cursors_the_one_of_the_last_load_counts(self) -> None:
        both = ResourceState("orders", cursors=(CursorState("id", 7), CursorState("at", AT)))
        assert "cursors `id` and `at`" in reason(ERP, loaded(), resources=(both,))
        (resource,) = taken(ERP, loaded(cursor_columns=("id",)), resources=(both,)).resources
        assert resource == appended("orders", cursor_field="id")

    def test_keys_are_called_as_the_source_calls_them(self) -> None:
        origin = replace(ERP, tables={"Orders": ("OrderId", "At")})
        one = loaded("orders", "merge", key="order_id", columns="order_id at", resource="Orders")
        (resource,) = taken(origin, one, resources=(cursor_state("Orders", "At"),)).resources
        assert resource == merged("Orders", primary_key=["OrderId"], cursor_field="At")

    @pytest.mark.parametrize(
        ("columns", "said"),
        [
            ({"other": ("id",)}, "the source has no table of that name"),
            ({"orders": ("at",)}, "`id` of its primary key is no column of the source's table"),
            ({"orders": ("id",)}, "its cursor `at` is no column of the source's table"),
        ],
    )
    def test_what_the_source_does_not_have_is_left_out(
        self, columns: dict[str, tuple[str, ...]], said: str
    ) -> None:
        origin = replace(ERP, tables=columns)
        assert said in reason(
            origin, loaded("orders", "merge", key="id"), resources=(cursor_state("orders", "at"),)
        )


class TestLeftOut:
    @pytest.mark.parametrize(
        ("one", "said"),
        [
            (loaded(), "it appends rows and has no cursor"),
            (loaded("orders", "skip"), "its write disposition is `skip`"),
            (loaded("orders", "merge"), "it merges, and has no primary key"),
            (loaded("orders", "merge", key="id", merge_hints=("merge_key at",)), "(merge_key at)"),
            (loaded("orders", "merge", merge_strategy="scd2"), "its merge strategy is `scd2`"),
            (loaded("orders", "replace", contract={"tables": "discard_row"}), "`tables: discard_row`"),
            (loaded("bestellungen", "replace", resource="orders"), "its table is called `bestellungen`"),
        ],
    )
    def test_what_no_stack_says(self, one: TableState, said: str) -> None:
        assert said in reason(ERP, one)

    @pytest.mark.parametrize(
        ("disposition", "cursor", "said"),
        [
            ("replace", CursorState("at", AT), "by the rows past its cursor `at`"),
            ("append", CursorState("$.meta.at", AT), "its cursor `$.meta.at` is no column of its table"),
            ("append", CursorState("gone", AT), "its cursor `gone` is no column of its table"),
            ("append", CursorState("id", 5, 9), "goes from greater values to smaller ones"),
        ],
    )
    def test_cursors_that_no_stack_has(self, disposition: str, cursor: CursorState, said: str) -> None:
        state = ResourceState("orders", cursors=(cursor,))
        assert said in reason(ERP, loaded("orders", disposition), resources=(state,))

    def test_state_that_only_its_code_understands(self) -> None:
        own = ResourceState("orders", own=("last_page",))
        assert "`last_page`" in reason(ERP, loaded("orders", "replace"), resources=(own,))
        whole = take_over(found(loaded("orders", "replace"), own=("seen",)), ERP, HERE)
        assert "`seen`" in whole.left_out[0].reason

    def test_what_fills_several_tables(self) -> None:
        tables = (loaded("a", "replace", resource="orders"), loaded("b", "replace", resource="orders"))
        assert "several tables (`a`, `b`)" in reason(ERP, *tables)

    def test_what_is_of_another_schema(self) -> None:
        whole = take_over(found(loaded("orders", "replace"), elsewhere={"crm": ("leads",)}), ERP, HERE)
        assert [(left.resource, "`crm`" in left.reason) for left in whole.left_out] == [("leads", True)]
        assert len(whole.resources) == 1

    def test_files_of_another_kind(self) -> None:
        one = found(loaded("orders", "replace"), foreign_files={"orders": "1.2.jsonl"})
        assert "`1.2.jsonl`" in take_over(one, ERP, LAKE).left_out[0].reason

    def test_a_folder_can_t_merge(self) -> None:
        whole = take_over(found(loaded("orders", "merge", key="id")), ERP, LAKE)
        assert "a `filesystem` destination can't" in whole.left_out[0].reason


class TestFiles:
    def test_new_files_are_known_by_what_was_listed(self) -> None:
        assert taken(LANDED, loaded(), resources=(LISTED,)).resources == (
            files("orders", glob="orders/*.csv"),
        )

    def test_new_files_are_merged(self) -> None:
        (resource,) = taken(LANDED, loaded("orders", "merge", key="id"), resources=(LISTED,)).resources
        assert resource == files("orders", glob="orders/*.csv", write_disposition="merge", primary_key=["id"])

    def test_all_files_are_merged_or_replace_the_table_each_time(self) -> None:
        assert taken(LANDED, loaded("orders", "merge", key="id")).resources == (
            files("orders", glob="orders/*.csv", mode="merge", primary_key=["id"]),
        )
        assert taken(LANDED, loaded("orders", "replace")).resources == (
            files("orders", glob="orders/*.csv", mode="snapshot", write_disposition="replace"),
        )

    def test_a_listing_without_a_name_is_that_of_the_only_reader(self) -> None:
        alone = ResourceState("filesystem", cursors=LISTED.cursors)
        assert taken(LANDED, loaded(), resources=(alone,)).resources
        two = taken(LANDED, loaded(), loaded("visits"), resources=(alone,))
        assert two.resources == ()

    def test_a_listing_is_of_the_reader_whose_name_it_bears(self) -> None:
        other = ResourceState("filesystem_old_orders", cursors=LISTED.cursors)
        whole = taken(LANDED, loaded(), loaded("old_orders"), resources=(other,))
        assert {left.resource: left.reason[:20] for left in whole.left_out} == {
            "old_orders": "dlt does not record ",
            "orders": "it is not recorded w",
        }

    def test_one_that_was_dropped_is_not_that_of_another(self) -> None:
        assert "not recorded which files" in reason(LANDED, loaded("visits"), resources=(LISTED,))

    @pytest.mark.parametrize(
        ("origin", "disposition", "resources", "said"),
        [
            (LANDED, "append", (), "not recorded which files were loaded"),
            (LANDED, "append", (replace(LISTED, counted=True),), "not recorded which files were loaded"),
            (LANDED, "append", (LISTED, ResourceState("orders", removed=True)), "not recorded which files"),
            (LANDED, "replace", (LISTED,), "replaces its table by the rows of new files"),
            (replace(LANDED, globs={}), "append", (LISTED,), "--glob orders="),
        ],
    )
    def test_what_can_t_be_told(
        self, origin: Origin, disposition: str, resources: tuple[ResourceState, ...], said: str
    ) -> None:
        assert said in reason(origin, loaded("orders", disposition), resources=resources)


class TestRefusal:
    NOBODY = desired()

    @pytest.mark.parametrize(
        ("one", "said"),
        [
            (found(), ""),
            (found(trouble="its state can't be understood"), "can't be understood"),
            (found(dataset="raw_20261126015212"), "`dev_mode`"),
            (found(dataset="Raw"), "a stack can't name its dataset `Raw`"),
            (found(naming="sql_cs_v1"), "`sql_cs_v1`"),
            (found(sharing=("weekly",)), "for it and weekly"),
        ],
    )
    def test_why_nothing_of_it_can_be_taken_over(self, one: FoundPipeline, said: str) -> None:
        why = refusal(one, self.NOBODY, HERE)
        assert (said in why, bool(why)) == (True, bool(said))

    def test_what_is_managed_or_written_already(self) -> None:
        mine: Desired = desired(stack(pipeline(table("orders"))))
        record = record_of(mine.stacks[0], mine.stacks[0].pipelines[0])
        managed = found(state=state_of(marker=mark(owner(), record)))
        assert "managed already, as sales.main" in refusal(managed, self.NOBODY, HERE)
        written = found(name="sales_main")
        assert refusal(written, mine, HERE) == "sales.main of the stacks stands for it already"
        assert refusal(replace(written, dataset="other"), mine, HERE) == ""

    def test_what_its_script_has_not_finished(self) -> None:
        one = found()
        assert one.state
        ahead = replace(one.state, version=one.state.version + 1)
        assert "wait in its working folder" in refusal(one, self.NOBODY, HERE, WorkingFolder(one.state, 1))
        assert "ahead of the destination" in refusal(one, self.NOBODY, HERE, WorkingFolder(ahead, 0))
        assert refusal(one, self.NOBODY, HERE, WorkingFolder(one.state, 0)) == ""


class TestDraft:
    def test_names_in_dlt_stand_where_they_are_not_minted(self) -> None:
        one = taken(ERP, loaded("orders", "replace"))
        (made,) = draft_of("erp", [one], source="erp", destination="here", looked=True).pipelines
        assert (made.name, made.dlt_names) == ("nightly", DltNames(pipeline_name="nightly"))
        minted = replace(one, found=replace(one.found, name="erp_load", schema_name="db"))
        (made,) = draft_of("erp", [minted], source="erp", destination="here", looked=True).pipelines
        assert (made.name, made.dlt_names) == (
            "erp_load",
            DltNames(pipeline_name="erp_load", schema_name="db"),
        )

    def test_the_same_pipeline_in_two_datasets_has_two_names(self) -> None:
        one = taken(ERP, loaded("orders", "replace"))
        other = replace(one, found=replace(one.found, dataset="raw_2"))
        draft = draft_of("erp", [one, other], source="erp", destination="here", looked=True)
        assert [each.name for each in draft.pipelines] == ["nightly_raw", "nightly_raw_2"]

    def test_what_is_left_out_is_said_there(self) -> None:
        one = taken(ERP, loaded("orders", "replace"), loaded("log"))
        (made,) = draft_of(
            "erp", [one, taken(ERP, loaded())], source="erp", destination="here", looked=True
        ).pipelines
        assert made.above[0].startswith("Left out: log: it appends rows")

    def test_keys_that_nobody_could_look_up_are_remarked(self) -> None:
        one = taken(ERP, loaded("orders", "merge", key="id"))
        for looked in (True, False):
            (made,) = draft_of("erp", [one], source="erp", destination="here", looked=looked).pipelines
            assert ("orders" in made.remarks) is not looked

    @pytest.mark.parametrize(
        ("name", "said"),
        [("Nightly-Load", "nightly_load"), ("a__b", "a_b"), ("1st", "dlt_1st"), ("__", "dlt")],
    )
    def test_a_name_is_one_that_stacks_accept(self, name: str, said: str) -> None:
        assert name_in_stack(name) == said
