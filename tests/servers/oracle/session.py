"""One connection: greeted, logged in, and then answered, request by request, until one side leaves."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from datetime import UTC, datetime

from tests.servers.oracle.cursor import Cursor
from tests.servers.oracle.database import Database
from tests.servers.oracle.failure import OracleError, not_understood, translated
from tests.servers.oracle.lobs import Lobs
from tests.servers.oracle.sql.translate import Speaker, is_query
from tests.servers.oracle.types.bound import Bound
from tests.servers.oracle.wire import request
from tests.servers.oracle.wire.answer import IN_TRANSACTION, NO_MORE_ROWS, finished, row_header, status
from tests.servers.oracle.wire.greeting import (
    DATA_TYPES,
    FUNCTION,
    PIGGYBACK,
    PROTOCOL,
    accept,
    data_types,
    protocol,
    refuse,
    send_reset,
    wish,
)
from tests.servers.oracle.wire.login import Login, attempt
from tests.servers.oracle.wire.packet import Hangup, Interrupted, Packets
from tests.servers.oracle.wire.reader import Reader
from tests.servers.oracle.wire.request import Option, Piggyback, Raw
from tests.servers.oracle.work import Work

_LOG = logging.getLogger(__name__)
_UNKNOWN_SERVICE, _UNKNOWN_SID = 12514, 12505
_LOGOFF = 9


class Session:
    def __init__(self, connection: socket.socket, database: Database) -> None:
        self._database = database
        self._packets = Packets(connection)
        self._reader = Reader(self._packets.data)
        self._lobs = Lobs()
        self._cursors: dict[int, Cursor] = {}
        self._made = 0
        self._login: Login | None = None
        self._user = ""
        self._begun: Work | None = None
        self._functions: dict[int, Callable[[], bytes]] = {
            4: lambda: self._execute_again(fetching=False),
            5: self._fetch,
            _LOGOFF: status,
            14: self._commit,
            15: self._rollback,
            78: lambda: self._execute_again(fetching=True),
            94: self._execute,
            96: lambda: self._lobs.carry_out(request.lob_request(self._reader)),
            115: self._prove,
            118: self._challenge,
            147: status,
        }

    def serve(self) -> None:
        """Until one side leaves."""
        try:
            if self._greet():
                while True:
                    try:
                        self._answer()
                    except Interrupted:
                        self._start_afresh()
        except (Hangup, OSError):
            pass
        finally:
            if self._begun:
                self._begun.close()

    def _greet(self) -> bool:
        wanted = wish(self._packets)
        if wanted.service is not None and wanted.service.upper() not in self._database.services:
            refuse(self._packets, _UNKNOWN_SERVICE)
        elif wanted.service is None and (wanted.sid or "").upper() not in self._database.services:
            refuse(self._packets, _UNKNOWN_SID)
        else:
            self._service = (wanted.service or wanted.sid or "").upper()
            accept(self._packets)
            return True
        return False

    def _start_afresh(self) -> None:
        """The client did not understand an answer: what was under way is given up."""
        send_reset(self._packets)
        cancelled = "ORA-01013: user requested cancel of current operation"
        self._packets.send_data(finished(error=1013, message=cancelled, flags=self._flags()))

    def _answer(self) -> None:
        message = self._reader.byte()
        while message == PIGGYBACK:
            self._piggyback()
            message = self._reader.byte()
        if message == PROTOCOL:
            self._reader.discard()
            answer = protocol()
        elif message == DATA_TYPES:
            self._reader.discard()
            answer = data_types()
        elif message == FUNCTION:
            answer = self._called(self._reader.byte())
        else:
            raise Hangup
        self._packets.send_data(answer)

    def _called(self, function: int) -> bytes:
        self._reader.byte()  # number of the request
        try:
            if function not in self._functions:
                self._reader.discard()
                raise not_understood(f"function {function}")
            return self._functions[function]()
        except (Interrupted, Hangup, OSError):
            raise
        except Exception as error:  # noqa: BLE001 - a server answers, whatever went wrong
            told = translated(error)
            _LOG.debug("refused", exc_info=error)
            return finished(error=told.number, message=str(told), position=told.position, flags=self._flags())

    def _piggyback(self) -> None:
        code = self._reader.byte()
        self._reader.byte()
        match code:
            case Piggyback.CLOSE_CURSORS:
                for identity in request.closed_cursors(self._reader):
                    self._cursors.pop(identity, None)
            case Piggyback.LOBS:
                request.freed_lobs(self._reader)
            case Piggyback.SET_SCHEMA:
                self._work.set_schema(request.new_schema(self._reader))
            case Piggyback.END_TO_END:
                request.end_to_end(self._reader)
            case _:
                raise Hangup

    def _challenge(self) -> bytes:
        asked = attempt(self._reader)
        self._user = asked.user[1:-1] if asked.user.startswith('"') else asked.user.upper()
        self._login = Login(self._database.catalog.password(self._user))
        return self._login.challenge()

    def _prove(self) -> bytes:
        answer = attempt(self._reader)
        if self._login is None:
            raise OracleError(1012, "not logged on")
        told = self._login.verdict(answer, self._service)
        speaker = Speaker(self._user, self._user, 0, self._service)
        cursor = self._database.connect()
        self._begun = Work(self._database.catalog, cursor, speaker, lambda: datetime.now(UTC))
        self._begun.set_zone(answer.values.get("AUTH_ALTER_SESSION", ""))
        return told

    @property
    def _work(self) -> Work:
        if self._begun is None:
            raise OracleError(1012, "not logged on")
        return self._begun

    def _commit(self) -> bytes:
        self._work.commit()
        return status()

    def _rollback(self) -> bytes:
        self._work.rollback()
        return status()

    def _execute(self) -> bytes:
        asked = request.execute(self._reader)
        rows = request.values(self._reader, asked.binds, asked.times)
        if asked.cursor:
            cursor = self._cursor(asked.cursor)
        else:
            self._made += 1
            cursor = self._cursors[self._made] = Cursor(self._made, asked.sql or "")
        if asked.options & Option.BATCH_ERRORS:
            raise not_understood("batch errors")
        if asked.binds:
            cursor.binds = asked.binds
        if asked.options & Option.DEFINE:
            cursor.defines = asked.defines
            cursor.prepare(self._lobs, self._work.speaker.offset)
            return self._rows(cursor, asked.rows if asked.options & Option.FETCH else 0)
        if asked.sql is not None:
            cursor.sql = asked.sql
        fetched = asked.rows if asked.options & Option.FETCH else 0
        return self._run(cursor, rows, fetched, commit=bool(asked.options & Option.COMMIT))

    def _execute_again(self, *, fetching: bool) -> bytes:
        cursor = self._cursor(self._reader.number())
        count = self._reader.number()
        self._reader.number()
        commit = bool(self._reader.number())
        rows = request.values(self._reader, cursor.binds, 1 if fetching else count)
        return self._run(cursor, rows, count if fetching else 0, commit=commit)

    def _run(self, cursor: Cursor, rows: list[list[Raw]], fetched: int, *, commit: bool) -> bytes:
        _LOG.debug("%s %s", cursor.sql, rows[:1])
        values = [[self._bound(raw) for raw in row] for row in rows]
        if not is_query(cursor.sql):
            changed = self._work.change(cursor.sql, values or [[]])
            if commit:
                self._work.commit()
            return finished(cursor=cursor.identity, rows=changed, flags=self._flags())
        cursor.result = self._work.query(cursor.sql, values[0] if values else [])
        cursor.prepare(self._lobs, self._work.speaker.offset)
        described = cursor.result.described()
        if (cursor.result.has_lobs and not cursor.defines) or not fetched:
            return described + finished(cursor=cursor.identity, flags=self._flags())
        return described + self._rows(cursor, fetched)

    def _bound(self, raw: Raw) -> Bound:
        if raw.field.wire in {112, 113}:
            return self._lobs.bound(raw.data, raw.field.form)
        return Bound(raw.field.wire, raw.field.form, raw.data)

    def _fetch(self) -> bytes:
        return self._rows(self._cursor(self._reader.number()), self._reader.number())

    def _rows(self, cursor: Cursor, count: int) -> bytes:
        result = cursor.result
        if result is None:
            raise OracleError(1002, "fetch out of sequence")
        if not count:
            return finished(cursor=cursor.identity, flags=self._flags())
        allowed = self._database.faults.drop(
            cursor.sql, result.taken, min(count, result.rows.num_rows - result.taken)
        )
        if allowed is not None:
            rows, _ = result.take(allowed, cursor.encoders)
            self._cut_off(row_header() + rows)
        rows, _ = result.take(count, cursor.encoders)
        error, message = (NO_MORE_ROWS, "ORA-01403: no data found") if result.exhausted else (0, "")
        end = finished(
            cursor=cursor.identity, rows=result.taken, flags=self._flags(), error=error, message=message
        )
        return row_header() + rows + end

    def _cut_off(self, data: bytes) -> None:
        """Send what there is, and no more."""
        self._packets.send_data(data)
        raise Hangup

    def _cursor(self, identity: int) -> Cursor:
        cursor = self._cursors.get(identity)
        if cursor is None:
            raise OracleError(1001, "invalid cursor")
        return cursor

    def _flags(self) -> int:
        return IN_TRANSACTION if self._begun and self._begun.in_transaction else 0
