"""A name in capitals and in small letters is one name, and never a changed one."""

from __future__ import annotations

import pytest
from sqlalchemy.dialects.oracle.base import RESERVED_WORDS, OracleDialect

from databridge.model.oraclename import RESERVED, oracle_name, oracle_named
from databridge.model.resource import Column, TableResource


def test_the_reserved_words_are_those_of_sqlalchemy() -> None:
    assert RESERVED == RESERVED_WORDS


@pytest.mark.parametrize("name", ["UPDATED_AT", "A1$", "SIZE", "_A", "1A", "N#", "Mixed", "ÄÖ", "A B", "$X"])
def test_what_oracle_shows_becomes_what_sqlalchemy_tells(name: str) -> None:
    assert oracle_name(name) == OracleDialect().normalize_name(name)


def test_all_names_of_a_resource_have_one_form() -> None:
    written = {
        "name": "ORDERS",
        "schema": "SALES",
        "mode": "merge",
        "cursor_field": "UPDATED_AT",
        "primary_key": ["ID"],
        "include_columns": ["ID", "UPDATED_AT"],
        "renamed_from": "other.p.BILLS",
        "columns": {"AMOUNT": {"data_type": "text"}},
    }
    resource = oracle_named(TableResource.model_validate(written))
    assert isinstance(resource, TableResource)
    assert (resource.name, resource.schema_name, resource.cursor_field) == ("orders", "sales", "updated_at")
    assert (resource.primary_key, resource.include_columns) == (("id",), ("id", "updated_at"))
    assert (resource.renamed_from, list(resource.columns)) == ("other.p.bills", ["amount"])
    assert oracle_named(resource) == resource


def test_columns_that_would_fall_together_stay() -> None:
    both = TableResource(name="t", columns={"A": Column(data_type="text"), "a": Column(data_type="bigint")})
    assert oracle_named(both) == both
