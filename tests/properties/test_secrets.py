"""No secret stands in anything that is printed, written or raised, whatever it looks like and wherever it was filled in."""

from __future__ import annotations

import json
import sqlite3
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote, quote_plus

from hypothesis import example, given
from hypothesis import strategies as st

from databridge.apply.engine import Job, Loaded, Prepared
from databridge.apply.events import JobEvent
from databridge.apply.fake import FakeEngine
from databridge.apply.session import Session, Surroundings
from databridge.apply.work import works_of
from databridge.apply.world import World
from databridge.config.project import load_project
from databridge.engine.failures import told_plainly
from databridge.model.diagnostic import DatabridgeError
from databridge.model.recorded import Recorded
from databridge.model.source import SqlSource
from databridge.model.stack import Desired
from databridge.plan.binding import SavedPlan, bind
from databridge.plan.options import PlanOptions
from databridge.plan.plan import Plan
from databridge.plan.planner import make_plan
from databridge.render.diagnostics import render_diagnostics
from databridge.render.outcome import outcome_text
from databridge.render.planjson import plan_json
from databridge.render.planmarkdown import plan_markdown
from databridge.render.plantext import plan_text
from databridge.render.runs import run_json, run_text
from databridge.render.states import state_list_json
from databridge.secrets.chain import SecretsChain, secret_chain
from databridge.secrets.redaction import Redaction
from databridge.state.local import LocalStore
from tests.support.examples import examples
from tests.support.project import Project
from tests.support.world import NOON

STACK = """
stack: erp
sources:
  db: {type: sql, url: "postgresql+psycopg://${secret.erp_user}:${secret.erp_password}@db.local/erp?sslpassword=${secret.key}"}
destinations:
  out: {type: duckdb, path: warehouse.duckdb}
pipelines:
  main:
    source: db
    destination: out
    dataset: raw
    resources: [ORDERS, COUNTRIES]
"""

secrets = st.lists(
    st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="*"), min_size=6, max_size=20)
    .map(str.strip)
    .filter(lambda text: len(text) >= 6)
    .map(lambda text: f"Mk{text}kM"),
    min_size=3,
    max_size=3,
    unique=True,
)
"""Marked, so that none of them is a word that stands in an output by itself."""

Said = Callable[[str], str]
"""How a driver repeats what it was given."""
WAYS: tuple[Said, ...] = (
    str,
    repr,
    json.dumps,
    quote,
    quote_plus,
    lambda text: f"  at '{text}'\n(hint: none)",
)


class Leaky(FakeEngine):
    """Fills the secrets in as the real engine does, and fails as a driver does: with all of them in its message."""

    def __init__(self, chain: SecretsChain, said: Said) -> None:
        super().__init__(World())
        self._chain, self._said = chain, said

    def perform(
        self, job: Job, *, prepared: Callable[[Prepared], None], emit: Callable[[JobEvent], None]
    ) -> Loaded:
        with told_plainly(Redaction(self._chain.known_values)):
            assert isinstance(job.source, SqlSource)
            names = ("erp_user", "erp_password", "key")
            values = [self._chain.fill(f"${{secret.{name}}}") for name in names]
            parts = [self._said(value.reveal()) for value in values]
            cause = ValueError(f"no such user {parts[0]}")
            raise ConnectionError(f"can't connect with {', '.join(parts)} to {values!r}") from cause


@given(values=secrets, said=st.sampled_from(WAYS))
@example(values=["Mk two  blanks kM", "Mk\ttab and\nline kM", "Mk%41@:/?#kM"], said=str)
@examples(60)
def test_no_secret_is_ever_told_or_kept(values: list[str], said: Said) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        project = Project(root)
        project.write("databridge.yaml", "project: shop")
        project.write("stacks/erp.yaml", STACK)
        names = ("ERP_USER", "ERP_PASSWORD", "KEY")
        environ = {f"DATABRIDGE_SECRET_{n}": v for n, v in zip(names, values, strict=True)}
        desired = load_project(root, target=None, variables={}, environ=environ).desired
        engine = Leaky(secret_chain(root, environ), said)
        texts = [
            *_applied(desired, LocalStore(root / "state", project="shop", target=desired.target), engine)
        ]
        texts += [file.read_text(errors="replace") for file in (root / "state").rglob("*") if file.is_file()]
    assert any("DB503" in text for text in texts), "the engine did not fail, and so could not leak"
    for value in values:
        for text in texts:
            assert _squeezed(value) not in _squeezed(text)
            assert quote_plus(value) not in text


def _applied(desired: Desired, store: LocalStore, engine: Leaky) -> Iterator[str]:
    """All that a plan and an apply say, to people and to programs."""
    told: list[object] = []
    world = World()
    around = Surroundings(
        desired=desired,
        places=world,
        store=store,
        engine=engine,
        now=lambda: NOON,
        seconds=lambda: 0.0,
        new_token=lambda: "token",
        emit=told.append,
        who="tester@here",
        run_id="run-1",
    )
    session = Session(around, operation="apply")
    with session.locked(timeout=0, on_wait=told.append):
        plan: Plan = session.plan(PlanOptions())
        yield from (
            plan_text(plan),
            plan_text(plan, explain=True),
            plan_markdown(plan),
            plan_json(plan),
            repr(plan),
        )
        saved = SavedPlan(plan=plan, binding=bind(plan, desired, session._recorded), databridge_version="0")
        yield saved.model_dump_json()
        run = session.execute(plan, parallelism=1)
    yield from (run_text(run), run_json(run), outcome_text(run), repr(run), repr(told), repr(engine._chain))
    yield repr(desired)
    yield state_list_json(session._recorded, lambda _: True)
    try:
        engine.perform(_job(desired), prepared=lambda _: None, emit=lambda _: None)
    except DatabridgeError as error:
        yield "".join(traceback.format_exception(error))
        yield render_diagnostics(error.diagnostics, read_line=lambda *_: None)


def _job(desired: Desired) -> Job:

    plan = make_plan(desired, Recorded(), now=NOON)
    return next(iter(works_of(plan, desired, Recorded(), limit=None))).job


def _squeezed(text: str) -> str:
    """Without blanks: a message that was wrapped or joined still tells what it tells."""
    return "".join(text.split())


def test_no_secret_is_left_behind_by_dlt(tmp_path: Path) -> None:
    marked = "MARKED-s3cret"
    project = Project(tmp_path / "shop", {"DATABRIDGE_SECRET_FILE": marked})
    project.write("databridge.yaml", "project: shop")
    project.write(
        "stacks/erp.yaml",
        f"""
        stack: erp
        sources:
          db: {{type: sql, url: "sqlite+pysqlite:///{tmp_path}/${{secret.file}}.db"}}
        destinations:
          out: {{type: duckdb, path: warehouse.duckdb}}
        pipelines:
          main: {{source: db, destination: out, dataset: raw, resources: [ORDERS]}}
          broken: {{source: db, destination: out, dataset: other, resources: [NOT_THERE]}}
        """,
    )
    with closing(sqlite3.connect(tmp_path / f"{marked}.db")) as connection:
        connection.executescript("CREATE TABLE ORDERS (id INTEGER); INSERT INTO ORDERS VALUES (1)")
    said = [
        project.run(*command).text
        for command in (("plan",), ("plan", "--format", "json"), ("plan", "--out", "p"))
    ]
    said.append(project.apply(expect=6).text)
    (tmp_path / f"{marked}.db").unlink()
    (tmp_path / f"{marked}.db").write_text("no database any more, and longer than its header would be: " * 20)
    said.append(project.apply(expect=1).text)
    said += [project.run(*command).text for command in (("state", "list"), ("runs", "list"))]
    assert "DB5" in said[3]
    assert not [text for text in said if marked in text]
    kept = [
        file for file in project.root.rglob("*") if file.is_file() and marked.encode() in file.read_bytes()
    ]
    assert not kept
