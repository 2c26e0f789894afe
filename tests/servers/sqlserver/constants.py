"""What a session says of itself: global variables and functions without a table behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.servers.sqlserver.conversion import Value
from tests.servers.sqlserver.prelogin import VERSION
from tests.servers.sqlserver.sqltype import BIGINT, INT, NVARCHAR_MAX, SYSNAME, SqlType

_NUMBER = ".".join(map(str, VERSION))
BANNER = f"Microsoft SQL Server 2022 (RTM) - {_NUMBER} (X64) emulated at the level of the protocol"
_PROPERTIES: Mapping[str, str] = {
    "productversion": f"{_NUMBER}.0",
    "productlevel": "RTM",
    "edition": "Developer Edition (64-bit)",
    "engineedition": "3",
    "collation": "SQL_Latin1_General_CP1_CI_AS",
    "servername": "emulated",
    "machinename": "emulated",
}


@dataclass(frozen=True)
class Facts:
    """Of one session at one moment."""

    session: int
    user: str
    database: str
    transactions: int
    rows: int

    def variable(self, name: str) -> tuple[Value, SqlType] | None:
        """@@name."""
        known: dict[str, tuple[Value, SqlType]] = {
            "version": (BANNER, NVARCHAR_MAX),
            "spid": (self.session, SqlType("smallint")),
            "trancount": (self.transactions, INT),
            "rowcount": (self.rows, INT),
            "servername": ("emulated", SYSNAME),
            "servicename": ("MSSQLSERVER", SYSNAME),
            "language": ("us_english", SYSNAME),
            "max_precision": (38, SqlType("tinyint")),
            "microsoftversion": (VERSION[0] << 24 | VERSION[2], INT),
            "options": (5432, INT),
            "error": (0, INT),
        }
        return known.get(name.lower())

    def function(self, name: str, argument: str) -> tuple[Value, SqlType] | None:
        match name.lower():
            case "serverproperty":
                return _PROPERTIES.get(argument.lower()), SYSNAME
            case "db_name":
                return self.database, SYSNAME
            case "schema_name":
                return "dbo", SYSNAME
            case "user_name" | "current_user":
                return "dbo" if self.user == "sa" else self.user, SYSNAME
            case "suser_name" | "suser_sname" | "original_login":
                return self.user, SYSNAME
            case "host_name" | "app_name":
                return "", SYSNAME
            case "is_srvrolemember":
                return int(self.user == "sa"), INT
            case "scope_identity":
                return None, BIGINT
            case _:
                return None
