"""The state lies in a folder, or in a bucket that several machines share; how to get into that never stands in a file."""

from __future__ import annotations

from databridge.config.credential import holds_credential
from databridge.config.document import Document, Steps
from databridge.config.problems import Problems
from databridge.config.references import fill
from databridge.config.scope import Scope, report
from databridge.config.storage import ENDPOINT
from databridge.config.tree import Value
from databridge.model.bucket import SHORTEST_EXPIRY, Bucket, BucketKind

DEFAULT_STORE = "state"

_ONLY = {"region": BucketKind.S3, "account": BucketKind.AZURE}


def store_of(header: Document, target: str | None, scope: Scope, problems: Problems) -> str | Bucket:
    """Where the state lies, as written for the target, else for the project; a folder as it is written.

    Args:
        header: `databridge.yaml`.
        target: the chosen one.
        scope: fills in references.
        problems: takes what is wrong; then the answer is the default.
    """
    targets = header.value.get("targets")
    block = targets.get(target or "") if isinstance(targets, dict) else None
    own = block.get("store") if isinstance(block, dict) else None
    steps: Steps = ("targets", target or "", "store") if own else ("store",)
    value: Value = own or header.value.get("store", DEFAULT_STORE)
    reading = _Reading(header, steps, scope, problems)
    if isinstance(value, dict):
        options = {key: reading.filled(key, each) for key, each in value.items() if key != "url"}
        url = reading.filled("url", value.get("url"))
        return (url and reading.bucket(url, "url", options)) or DEFAULT_STORE
    text = reading.filled("", value)
    if text is None:
        return DEFAULT_STORE
    if "://" in text:
        return reading.bucket(text, "", {}) or DEFAULT_STORE
    if not text.strip() or "\0" in text:
        problems.add("DB103", "Wrong value for `store`", header.at_value(steps), detail="expected a folder")
    return text


class _Reading:
    """The reading of one `store`."""

    def __init__(self, header: Document, steps: Steps, scope: Scope, problems: Problems) -> None:
        self._header, self._steps, self._scope, self._problems = header, steps, scope, problems

    def filled(self, key: str, value: Value) -> str | None:
        """A text with its references filled in; None where there is none, or where that failed."""
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        if not isinstance(value, str):
            return None
        if "${" not in value:
            return value
        found, failures = fill(value, self._scope.lookup, secrets=False)
        if failures:
            report(failures, self._header, self._header.mark_of(self._at(key)), self._problems)
            return None
        return str(found)

    def bucket(self, url: str, key: str, options: dict[str, str | None]) -> Bucket | None:
        """The bucket behind a URL."""
        if holds_credential("url", url) or "@" in url:
            self._refuse_credential(key)
            return None
        found = Bucket.parse(url)
        if found is None:
            detail = (
                "expected a folder, or `s3://BUCKET/PREFIX`, `az://CONTAINER/PREFIX` or `gs://BUCKET/PREFIX`"
            )
            self._wrong(key, detail)
            return None
        endpoint = options.get("endpoint")
        if endpoint and "@" in endpoint:
            self._refuse_credential("endpoint")
            return None
        if endpoint and not ENDPOINT.fullmatch(endpoint):
            self._wrong("endpoint", "expected the address of a service, such as `https://minio.corp:9000`")
            return None
        kind = found.kind
        for option, its_kind in _ONLY.items():
            if options.get(option) and kind is not its_kind:
                where = self._header.at_key(self._at(option))
                hint = f"Remove it: it belongs to `{its_kind}://`."
                self._problems.warn("DB154", f"`{option}` has no effect on `{kind}://`", where, hint=hint)
        return found.model_copy(
            update={
                "endpoint": endpoint,
                "region": options.get("region"),
                "account": options.get("account"),
                "lock_expiry": self._expiry(options.get("lock_expiry")),
            }
        )

    def _expiry(self, text: str | None) -> float:
        # What is no number was told when the file was checked.
        try:
            return max(float(text or 60), SHORTEST_EXPIRY)
        except ValueError:
            return 60

    def _wrong(self, key: str, detail: str) -> None:
        where = self._header.at_value(self._at(key))
        self._problems.add("DB103", f"Wrong value for `{key or 'store'}`", where, detail=detail)

    def _refuse_credential(self, key: str) -> None:
        where = self._header.at_value(self._at(key)).model_copy(update={"private": True})
        hint = "Write the URL without it, and leave the credential to the environment: docs/state.md lists its variables."
        self._problems.add("DB032", "The URL of the store holds a credential", where, hint=hint)

    def _at(self, key: str) -> Steps:
        return (*self._steps, key) if key else self._steps
