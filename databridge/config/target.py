"""A target is chosen before anything is filled in, for it decides which variables hold and where the state lies."""

from __future__ import annotations

from collections.abc import Mapping

from databridge.config.document import Document
from databridge.config.naming import check_name
from databridge.config.problems import Problems
from databridge.config.scope import Definition, Scope, definitions
from databridge.config.suggestion import did_you_mean

DEFAULT_TARGET = "dev"


def targets_of(header: Document, problems: Problems) -> list[str]:
    """The targets of a project in the order of its file; `dev` when it names none."""
    targets = header.value.get("targets")
    if not isinstance(targets, dict) or not targets:
        return [DEFAULT_TARGET]
    for name in targets:
        check_name("target", name, header, ("targets", name), problems)
    return list(targets)


def choose_target(wanted: str | None, targets: list[str], header: Document, problems: Problems) -> str | None:
    """The target to resolve for; None, and a problem, when it does not exist or is not clear."""
    given = header.value.get("default_target")
    if isinstance(given, str) and given not in targets:
        hint = did_you_mean(given, targets, otherwise="Define it under `targets:`.")
        problems.add("DB011", f"Unknown target `{given}`", header.at_value(("default_target",)), hint=hint)
        return wanted if wanted in targets else None
    if wanted in targets:
        return wanted
    if wanted is not None:
        some = " or ".join(f"`--target {each}`" for each in targets[:5])
        hint = did_you_mean(
            wanted, targets, otherwise=f"Define it under `targets:` in databridge.yaml, or use {some}."
        )
        problems.add("DB011", f"Unknown target `{wanted}`", None, hint=hint)
        return None
    if isinstance(given, str):
        return given
    if DEFAULT_TARGET in targets or len(targets) == 1:
        return DEFAULT_TARGET if DEFAULT_TARGET in targets else targets[0]
    hint = f"Pass `--target {targets[0]}`, say, or set `default_target`."
    problems.add(
        "DB012", "No target is chosen, and none is the default", header.at_key(("targets",)), hint=hint
    )
    return None


def target_scope(
    header: Document,
    targets: list[str],
    given: Mapping[str, str],
    environ: Mapping[str, str],
    problems: Problems,
) -> Scope:
    """The variables of the project and of these targets.

    There is one target; with none chosen all are given, so that the stacks can be checked all the same.
    """
    found: dict[str, Definition] = definitions(header, ("variables",), problems)
    for target in targets:
        found |= definitions(header, ("targets", target, "variables"), problems)
    return Scope(found, given, environ, problems)
