"""A connection goes from PRELOGIN over TLS and login to messages that are answered one by one."""

from __future__ import annotations

import socket
import ssl
import struct
import traceback
from collections.abc import Mapping
from enum import IntEnum

from tests.servers.sqlserver import prelogin
from tests.servers.sqlserver.call import Call, Procedure, read_calls
from tests.servers.sqlserver.failure import SqlError, login_failed, not_emulated
from tests.servers.sqlserver.instance import Instance
from tests.servers.sqlserver.login import read_login
from tests.servers.sqlserver.packets import Kind, Packets
from tests.servers.sqlserver.parameter import Parameter
from tests.servers.sqlserver.prelogin import Encryption
from tests.servers.sqlserver.reader import Reader
from tests.servers.sqlserver.result import Interrupted
from tests.servers.sqlserver.session import Session, names_of
from tests.servers.sqlserver.tokens import Done, Status, done, failed, logged_in, returned, status_of_call
from tests.servers.sqlserver.typeinfo import type_info


class Request(IntEnum):
    """Of a transaction manager (MS-TDS 2.2.6.8)."""

    BEGIN = 5
    COMMIT = 7
    ROLLBACK = 8


class Connection:
    """One client's.

    Args:
        accepted: the socket.
        instance: what sessions share.
        context: for TLS.
        number: of the session.
    """

    def __init__(
        self, accepted: socket.socket, instance: Instance, context: ssl.SSLContext, number: int
    ) -> None:
        self._packets = Packets(accepted, number)
        self._instance = instance
        self._context = context
        self._number = number
        self._prepared: dict[int, tuple[str, str]] = {}

    def serve(self) -> None:
        """Until the client leaves.

        Raises:
            OSError: it left without a word, does not trust the certificate, or may not log in.
        """
        session = self._open()
        try:
            while True:
                kind, message = self._packets.receive()
                self._answer(session, kind, message)
        finally:
            session.close()

    def _open(self) -> Session:
        _, message = self._packets.receive()
        wanted = prelogin.wanted_encryption(message)
        agreed = Encryption.ON if wanted == Encryption.REQUIRED else wanted
        self._packets.send(prelogin.answer(agreed))
        if agreed != Encryption.NOT_SUPPORTED:
            self._packets.encrypt(self._context)
        _, message = self._packets.receive()
        if agreed == Encryption.LOGIN_ONLY:
            self._packets.decrypt()
        login = read_login(message)
        try:
            if not self._instance.principals.accepts(login.user, login.password):
                raise login_failed(login.user)
            database = self._instance.database(login.database, login.user)
        except SqlError as error:
            self._packets.send(failed(error) + done(Done.BATCH, Status.ERROR))
            raise ConnectionError(str(error)) from None
        self._packets.send(logged_in(database.name, login.packet_size))
        self._packets.size = login.packet_size
        return Session(self._instance, database, login.user, self._packets, self._number)

    def _answer(self, session: Session, kind: int, message: bytes) -> None:
        try:
            match kind:
                case Kind.BATCH:
                    text = message[_headers(message) :].decode("utf-16-le")
                    session.run(text, {}, Done.BATCH, last=True)
                case Kind.CALL:
                    calls = list(read_calls(Reader(message, _headers(message))))
                    for place, call in enumerate(calls, 1):
                        self._call(session, call, Status.FINAL if place == len(calls) else Status.MORE)
                case Kind.TRANSACTION:
                    self._transaction(session, Reader(message, _headers(message)))
                case Kind.ATTENTION:
                    self._packets.write(done(Done.BATCH, Status.ATTENTION))
                case _:
                    raise not_emulated(f"messages of the kind {kind}")
        except SqlError as error:
            self._packets.write(failed(error) + done(Done.BATCH, Status.ERROR))
        except Interrupted:
            self._packets.receive()
            self._packets.write(done(Done.BATCH, Status.ATTENTION))
        except OSError:
            raise
        except Exception as error:  # noqa: BLE001  # a client must see what this server can't do, not a lost connection
            traceback.print_exc()
            self._packets.write(failed(not_emulated(repr(error))) + done(Done.BATCH, Status.ERROR))
        self._packets.finish()

    def _transaction(self, session: Session, reader: Reader) -> None:
        match reader.number(2):
            case Request.BEGIN:
                said = session.transaction.begin()
            case Request.COMMIT:
                said = session.transaction.commit()
            case Request.ROLLBACK:
                said = session.transaction.rollback()
            case other:
                raise not_emulated(f"the request {other} of a transaction manager")
        self._packets.write(said + done(Done.BATCH))

    def _call(self, session: Session, call: Call, more: Status) -> None:
        values = call.parameters
        prepared = None
        match call.procedure:
            case Procedure.EXECUTESQL:
                declared = _text(values[1]) if len(values) > 1 else ""
                well = self._run(session, _text(values[0]), declared, values[2:])
            case Procedure.PREPEXEC:
                prepared = self._prepare(_text(values[2]), _text(values[1]))
                well = self._run(session, _text(values[2]), _text(values[1]), values[3:])
            case Procedure.PREPARE:
                prepared = self._prepare(_text(values[2]), _text(values[1]))
                well = True
            case Procedure.EXECUTE:
                statement, declared = self._prepared_as(values[0])
                well = self._run(session, statement, declared, values[1:])
            case Procedure.UNPREPARE:
                self._prepared.pop(_number(values[0]), None)
                well = True
            case "sp_reset_connection":
                session.transaction.rollback()
                well = True
            case "sp_datatype_info_100" | "sp_datatype_info_90" | "sp_datatype_info":
                well = session.run(type_info(_number(values[0])), {}, Done.INSIDE, last=False)
            case other:
                error = SqlError(2812, f"Could not find stored procedure '{other}'.")
                self._packets.write(failed(error) + done(Done.CALL, Status.ERROR | more))
                return
        said = status_of_call(0 if well else 1)
        if prepared is not None:
            said += returned("", prepared)
        self._packets.write(said + done(Done.CALL, more if well else more | Status.ERROR))

    def _run(self, session: Session, statement: str, declared: str, values: tuple[Parameter, ...]) -> bool:
        names = list(names_of(declared))
        parameters: Mapping[str, Parameter] = {
            (value.name.lstrip("@") or names[place]).lower(): value for place, value in enumerate(values)
        }
        return session.run(statement, parameters, Done.INSIDE, last=False)

    def _prepare(self, statement: str, declared: str) -> int:
        handle = len(self._prepared) + 1
        while handle in self._prepared:
            handle += 1
        self._prepared[handle] = (statement, declared)
        return handle

    def _prepared_as(self, handle: Parameter) -> tuple[str, str]:
        found = self._prepared.get(_number(handle))
        if found is None:
            raise SqlError(8179, f"Could not find prepared statement with handle {_number(handle)}.")
        return found


def _headers(message: bytes) -> int:
    """The size of what stands before the request (ALL_HEADERS)."""
    (size,) = struct.unpack_from("<I", message)
    return int(size)


def _text(parameter: Parameter) -> str:
    return parameter.value if isinstance(parameter.value, str) else ""


def _number(parameter: Parameter) -> int:
    return parameter.value if isinstance(parameter.value, int) else 0
