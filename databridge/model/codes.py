"""Every diagnostic's code means one kind of problem, for good: a code that falls out of use is not given to another.

DB0xx project and files, DB1xx stacks, DB2xx plan findings, DB3xx policies, DB4xx state and locks, DB5xx loading, DB6xx usage.
"""

from __future__ import annotations

CODES: dict[str, str] = {
    # Files of a project
    "DB001": "There is no project here",
    "DB002": "A file can't be read",
    "DB003": "A file is not UTF-8 text",
    "DB004": "A file is not well-formed YAML",
    "DB005": "A key is written twice",
    "DB006": "A feature of YAML that is not accepted here",
    "DB007": "A file is nested too deeply or grows too large",
    "DB008": "A file is empty or holds no mapping",
    # Targets, variables, secrets
    "DB011": "The target does not exist",
    "DB012": "No target is chosen",
    "DB021": "A variable is not defined",
    "DB022": "An environment variable is not set",
    "DB023": "Variables refer to each other in a circle",
    "DB024": "A reference is malformed",
    "DB025": "A variable given on the command line is not known",
    "DB031": "A secret is referred to where none may stand",
    "DB032": "A credential is written in plain text",
    # Shape of stacks
    "DB101": "A key is not known",
    "DB102": "A key is missing",
    "DB103": "A value is not accepted",
    "DB104": "A name is not accepted",
    "DB105": "Planned, but not available yet",
    "DB106": "A key belongs to another kind of source",
    # Names and references
    "DB111": "A source or destination is not defined",
    "DB112": "A source or destination is defined twice",
    "DB113": "Two stacks bear the same name",
    "DB114": "Two pipelines bear the same name for dlt",
    "DB115": "A resource is listed twice",
    "DB116": "Two resources load into the same table",
    "DB117": "A resource's table name is reserved or empty",
    # What resources mean
    "DB121": "Rows can't be merged without a primary key",
    "DB122": "An incremental table has no cursor",
    "DB123": "A cursor's initial value has no cursor",
    "DB124": "The write disposition contradicts the mode",
    "DB125": "The destination can't merge",
    "DB126": "A column bears the name of the load date",
    "DB127": "Precision or scale does not fit the type",
    "DB128": "A needed column is not among those included",
    "DB129": "A pipeline has no resources",
    "DB130": "A URL is not usable",
    # Warnings
    "DB151": "The project has no stacks",
    "DB152": "A stack has no pipelines",
    "DB153": "A source or destination is not used",
    "DB154": "An option has no effect",
}
"""One line per code, without a full stop."""
