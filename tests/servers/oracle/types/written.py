"""A value as TO_CHAR writes it, in the few formats that are known here; any other is refused.

Source: Oracle's SQL language reference, "Format Models": TM9 leaves the zero before a point away and goes over to an exponent
beyond 64 characters; SYYYY has a blank or a minus before it.
"""

from __future__ import annotations

import re
from decimal import Decimal

from tests.servers.oracle.types import decimals
from tests.servers.oracle.types.moment import Moment
from tests.servers.oracle.types.oratype import Kind

_LONGEST = 64
_ELEMENT = re.compile(r"SYYYY|YYYY|MM|DD|HH24|MI|SS|FF\d|TZH|TZM|[-/:. ]")
_PARTS = re.compile(r"(-?)(\d+)-(\d+)-(\d+) (\d+):(\d+):(\d+)\.(\d+)(?: ([+-]\d\d):(\d\d))?")


def written(data: bytes, kind: str, form: str) -> str:
    """Args:
        data: as it stands on the wire.
        kind: the name of its type.
        form: the second argument of TO_CHAR.

    Raises:
        ValueError: the format is not known here.
    """
    if Kind[kind] in {Kind.NUMBER, Kind.FLOAT}:
        if form.upper() != "TM9":
            raise ValueError(form)
        return _number(decimals.decoded(data))
    return _moment(Moment.of_wire(data), form.upper())


def _number(value: Decimal) -> str:
    value = value.normalize(decimals.EXACT)
    text = re.sub(r"^(-?)0\.", r"\1.", decimals.plain(value))
    return text if len(text) <= _LONGEST else f"{value:E}"


def _moment(moment: Moment, form: str) -> str:
    elements = _ELEMENT.findall(form)
    found = _PARTS.fullmatch(str(moment))
    if "".join(elements) != form or found is None:
        raise ValueError(form)
    sign, year, month, day, hour, minute, second, fraction, zone, zone_minute = found.groups()
    parts = {
        "SYYYY": f"{sign or ' '}{year}",
        "YYYY": year,
        "MM": month,
        "DD": day,
        "HH24": hour,
        "MI": minute,
        "SS": second,
        "TZH": zone or "",
        "TZM": zone_minute or "",
    }
    return "".join(
        fraction[: int(one[2:])] if one.startswith("FF") else parts.get(one, one) for one in elements
    )
