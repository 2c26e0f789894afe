"""A database is the same place whoever logs in, by whatever driver; another file, host, port or database is another."""

from __future__ import annotations

import pytest

from databridge.model.destination import SqlDestination

PLACE = {"type": "sql", "dialect": "postgresql", "host": "db.local", "database": "dwh"}


def at(url: str) -> SqlDestination:
    return SqlDestination(type="sql", url=url)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://loader:${secret.pw}@db.local/dwh",
        "postgresql+psycopg2://other:${secret.pw}@db.local/dwh?sslmode=require",
        "postgresql+psycopg://${secret.user}:${secret.pw}@DB.local:5432/dwh",
        "postgresql+psycopg://db.local/dwh",
    ],
)
def test_the_way_there_does_not_count(url: str) -> None:
    assert at(url).identity == PLACE
    assert at(url).title == "postgresql db.local/dwh"
    assert at(url).exclusive_key is None


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://loader@other/dwh",
        "postgresql+psycopg://loader@db.local:5433/dwh",
        "postgresql+psycopg://loader@db.local/other",
        "mysql+pymysql://loader@db.local/dwh",
    ],
)
def test_another_place_is_another(url: str) -> None:
    assert at(url).identity != PLACE


def test_a_file_takes_one_writer_however_its_path_is_written() -> None:
    file = at("sqlite:///./data//dwh.db")

    assert file.identity == {"type": "sql", "dialect": "sqlite", "path": "data/dwh.db"}
    assert file.exclusive_key == at("sqlite:///data/dwh.db").exclusive_key == "sqlite:data/dwh.db"
    assert at("sqlite:////srv/dwh.db").path == "/srv/dwh.db"


def test_a_text_that_is_no_url_is_no_place_and_no_failure() -> None:
    assert at("${secret.url}").title == " /"
