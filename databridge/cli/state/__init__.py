"""`databridge state`: see what is recorded, mend it, and free locks; one file a command."""

from __future__ import annotations

import typer

from databridge.cli.state.backup import backup
from databridge.cli.state.diff import diff
from databridge.cli.state.list import list_
from databridge.cli.state.mv import mv
from databridge.cli.state.pull import pull
from databridge.cli.state.push import push
from databridge.cli.state.rebuild import rebuild
from databridge.cli.state.restore import restore
from databridge.cli.state.rm import rm
from databridge.cli.state.set import set_
from databridge.cli.state.show import show
from databridge.cli.state.unlock import unlock

app = typer.Typer(help="Show what is recorded and where, mend it, and free locks.")
app.command("list")(list_)
app.command("show")(show)
app.command("diff")(diff)
app.command("set")(set_)
app.command("rm")(rm)
app.command("mv")(mv)
app.command("pull")(pull)
app.command("push")(push)
app.command("backup")(backup)
app.command("restore")(restore)
app.command("rebuild")(rebuild)
app.command("unlock")(unlock)
