"""A scope gives every variable one value: `--var` before the stack's, the target's and the project's own.

Variables may refer to other variables and to the environment. The order in which they are written does not matter.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from databridge.config.credential import credentials_in
from databridge.config.document import CONNECTIONS, Document, Steps
from databridge.config.naming import check_name
from databridge.config.problems import Problems
from databridge.config.references import Failure, Unknown, fill, named_variables
from databridge.config.suggestion import did_you_mean
from databridge.config.tree import Mark, Template, Value, held, put, scalar

DEFINING_SECTIONS = ("variables", "targets")
"""The top-level keys below which variables are defined; their references are filled when the variable is used."""


@dataclass(frozen=True, slots=True)
class Definition:
    """What a variable is set to, and where."""

    value: Value
    document: Document | None = None
    """None: on the command line; such a value is taken as it is."""
    steps: Steps = ()


class Scope:
    """The variables that hold for one file."""

    def __init__(
        self,
        definitions: Mapping[str, Definition],
        given: Mapping[str, str],
        environ: Mapping[str, str],
        problems: Problems,
    ) -> None:
        """`given` are the values of `--var`; one that overrides a number or a boolean becomes one."""
        self._written = dict(definitions)
        self._given = given
        self._definitions = self._written | {
            name: Definition(_typed(text, self._written.get(name))) for name, text in given.items()
        }
        self._environ = environ
        self._problems = problems
        self._values: dict[str, Value | Unknown] = {}
        self._open: list[str] = []

    def within(self, definitions: Mapping[str, Definition]) -> Scope:
        """The scope of a stack with variables of its own."""
        if not definitions:
            return self
        return Scope({**self._written, **definitions}, self._given, self._environ, self._problems)

    def resolve_all(self) -> None:
        """Note the problems of all variables, used or not."""
        for name in self._definitions:
            self._resolve(name)

    def knows(self, name: str) -> bool:
        """Whether a file defines the variable."""
        return name in self._written

    def lookup(self, kind: str, name: str) -> Value:
        """The value of a `var` or `env`.

        Raises:
            Unknown: there is none.
        """
        if kind == "env":
            if name in self._environ:
                return self._environ[name]
            raise Unknown(
                "DB022", f"The environment variable `{name}` is not set", f"Set it: `export {name}=…`."
            )
        if name not in self._definitions:
            otherwise = "Define it under `variables:` in databridge.yaml, or pass `--var " + name + "=…`."
            raise Unknown(
                "DB021",
                f"The variable `{name}` is not defined",
                did_you_mean(name, self._definitions, otherwise=otherwise),
            )
        value = self._resolve(name)
        if isinstance(value, Unknown):
            raise value
        return value

    def _resolve(self, name: str) -> Value | Unknown:
        if name in self._open:
            circle = [*self._open[self._open.index(name) :], name]
            raise Unknown("DB023", "The variables " + " → ".join(f"`{each}`" for each in circle) + " form a circle",
                          "Give one of them a value of its own.")  # fmt: skip
        if name not in self._values:
            self._open.append(name)
            self._values[name] = self._evaluate(self._definitions[name])
            self._open.pop()
        return self._values[name]

    def _evaluate(self, definition: Definition) -> Value | Unknown:
        document, value = definition.document, definition.value
        if isinstance(value, dict) or value is None:
            return Unknown()  # told when the file's shape is checked
        if document is None:
            return value
        if isinstance(value, list):
            filled = [self._fill(each, document, (*definition.steps, i)) for i, each in enumerate(value)]
            return Unknown() if any(isinstance(each, Unknown) for each in filled) else filled  # type: ignore[return-value]  # just excluded
        return self._fill(value, document, definition.steps)

    def _fill(self, value: Value, document: Document, steps: Steps) -> Value | Unknown:
        if not (isinstance(value, str) and "${" in value):
            return value
        filled, failures = fill(value, self.lookup, secrets=False)
        if not failures:
            return filled
        report(failures, document, document.mark_of(steps), self._problems)
        return Unknown()


def definitions(document: Document, steps: Steps, problems: Problems) -> dict[str, Definition]:
    """The variables that a file defines below a path."""
    value: Value = document.value
    for step in steps:
        value = value.get(str(step)) if isinstance(value, dict) else None
    found: dict[str, Definition] = {}
    for name, each in value.items() if isinstance(value, dict) else ():
        check_name("variable", name, document, (*steps, name), problems)
        for path in credentials_in({name: each}):
            _refuse_credential(document, (*steps, *path), problems)
        found[name] = Definition(each, document, (*steps, name))
    return found


def _refuse_credential(document: Document, steps: Steps, problems: Problems) -> None:
    problems.add(
        "DB032",
        "A credential in plain text in a variable",
        document.at_value(steps).model_copy(update={"private": True}),
        detail="It would end up in plans, logs and version control.",
        hint="Remove it, and write `${secret.NAME}` in the source or destination.",
    )


def report(failures: Iterable[Failure], document: Document, mark: Mark, problems: Problems) -> None:
    """Note the references of one text that could not be filled, each at its own column."""
    for failure in failures:
        if failure.code:
            where = document.at_reference(mark, failure.reference, failure.nth)
            problems.add(failure.code, failure.summary, where, hint=failure.hint)
    problems.unresolved(document.at(mark))


def fill_document(
    document: Document, scope: Scope, problems: Problems, *, sections: Collection[str] | None = None
) -> None:
    """Fill in all references of a file but those in definitions of variables; in place.

    Args:
        document: the file.
        scope: fills them in.
        problems: takes what can't be.
        sections: the top-level keys below which it is done; by default all.
    """
    for template in document.templates:
        if template.section not in DEFINING_SECTIONS and (sections is None or template.section in sections):
            _fill_template(template, document, scope, problems)


def _fill_template(template: Template, document: Document, scope: Scope, problems: Problems) -> None:
    text = held(template.container, template.key)
    if not isinstance(text, str):
        return  # filled already, through an alias
    secrets = template.section in CONNECTIONS
    filled, failures = fill(text, scope.lookup, secrets=secrets)
    if failures:
        report(failures, document, template.mark, problems)
    else:
        put(template.container, template.key, filled)


def variables_used(documents: Iterable[Document]) -> set[str]:
    """The names of all variables that files refer to."""
    texts = (held(template.container, template.key) for each in documents for template in each.templates)
    return set().union(*(named_variables(text) for text in texts if isinstance(text, str)))


def _typed(text: str, written: Definition | None) -> Value:
    if written is None or not isinstance(written.value, bool | int | float):
        return text
    value = scalar(text)
    if isinstance(written.value, bool) == isinstance(value, bool) and isinstance(value, int | float):
        return value
    return text
