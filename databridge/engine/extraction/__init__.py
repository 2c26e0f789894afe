"""How tables leave a database: as Arrow, in blocks of bounded size, with each value as it is there or not at all.

To add a database:

1. List its types in `databridge/model/NAMEtypes.py`, as `postgrestypes` does, and name them in `typematrix.SOURCES`.
2. Write `extraction/NAMEtypes.py`: which of the listed types a type of SQLAlchemy's is, and what is selected of it.
3. Write `extraction/NAME.py`: a subclass of dlt's `BaseTableLoader` whose `load_rows` yields Arrow tables, as `postgres`
   does. Which type each column is read as is in `sourcecolumn`, how text becomes that or an error in `csvrows`, how a
   query gets its parameters in `binding`.
4. Name its types in `dialects.DIALECTS`, with the statements that begin each transaction, and its loader in `loader_of`.
5. Say in `databridge/model/reading.py` which of its drivers the loader needs; all others take dlt's `pyarrow` backend.
6. Give it fields of its own in `databridge/model/source.py`, if it shall have a `type` beside `sql`.

Tests: the matrix names every boundary value that is tried, so a server for `tests/support` is all that they need.
"""
