"""A transcript is a session at the command line; replaying it gives the same text, but for what differs each time.

It opens with prose (`# …`), commands (`$ …`) and what they said, and ends with the files of the folder that it begins in
(`-- path --`, then the content), as in Go's txtar. What a command says on stdout is indented; on stderr it is marked by
`2>`; an exit code other than 0 follows as `[exit 3]`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.support.shell import Said, Shell

_FILE = re.compile(r"^-- (\S+) --\n", re.MULTILINE)
DIFFERS: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"\b1[789]\d{8}\.\d+\b", "1700000000.0"),  # load ids
    (r"^(?:state|schema) hash .*", lambda line: re.sub(r"\S{12}", "0123456789ab", line[0])),
    (r"(?<=\(process )\d+", "1234"),
    (r"^(working folder +)[\d.,]+ [kMG]?B", r"\g<1>12.3 kB"),
    (r"^((?:\S+ {2,}){3}\S.* {2,})\d{4}-\d\d-\d\d \d\d:\d\d UTC\b", r"\g<1>2023-11-14 22:13 UTC"),  # of loads
    (r"^(\w+ )\d+\.\d+[.\w+-]*$", r"\g<1>1.2.3"),  # versions
)
"""What differs from one replay to the next, and what stands for it; beside these, the path of the folder."""


def replayed(text: str, folder: Path) -> str:
    """The transcript as it reads now.

    Args:
        text: the transcript.
        folder: an empty folder for its files, where its commands are run.
    """
    session, *files = _FILE.split(text)
    for path, content in zip(files[::2], files[1::2], strict=True):
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, "utf-8")
    with Shell(folder) as shell:
        anew = "\n".join(_told(session, shell))
    tail = text[len(session) :]
    return f"{anew}\n\n{tail}" if tail else f"{anew}\n"


def _told(session: str, shell: Shell) -> Iterator[str]:
    before = ""  # the first character of the line before
    for line in session.splitlines():
        if not line.startswith(("#", "$ ")):
            continue  # what a command said last time
        if before not in ("", "#", line[0]) or (before and line[0] == "#" != before):
            yield ""
        yield line
        before = line[0]
        if before == "$":
            shown = list(_shown(shell.run(line[2:]), shell.folder))
            yield from shown
            before = " " if shown else "$"


def _shown(said: Said, folder: Path) -> Iterator[str]:
    for mark, line in said.lines:
        text = normalised(line, folder)
        yield f"{'2>' if mark == 'err' else '  '} {text}".rstrip()
    if said.code:
        yield f"[exit {said.code}]"


def normalised(line: str, folder: Path) -> str:
    """A line with what differs each time replaced."""
    line = line.replace(str(folder), "/somewhere")
    for pattern, instead in DIFFERS:
        line = re.sub(pattern, instead, line)
    return line
