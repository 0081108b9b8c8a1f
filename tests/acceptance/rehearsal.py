"""Practice CRMs in a process of their own with a configuration beside them, and commands given there."""

from __future__ import annotations

import json
import re
import shutil
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import pytest
import yaml
from commands import Done, crmsync, process, start
from urllib3.connectionpool import HTTPConnectionPool

from crmsync.clock import now
from crmsync.configuration import read_document
from crmsync.store import Store
from suite import postgresql
from suite.warm import WarmProcess

CRMS = ("salesforce", "hubspot")
STAGE_FIELDS = {"salesforce": ("Status",), "hubspot": ("lifecyclestage", "hs_lead_status")}
OWNER_FIELD = {"salesforce": "OwnerId", "hubspot": "hubspot_owner_id"}
LEAD_OBJECT = {"salesforce": "Lead", "hubspot": "contacts"}
READ_BY_ID = {
    "salesforce": "^/services/data/v[0-9.]+/composite/sobjects/Lead$",
    "hubspot": "^/crm/v3/objects/contacts/batch/read$",
}
"""What apply calls before and after it writes."""
WRITE = {
    "salesforce": "^/services/data/v[0-9.]+/composite/sobjects$",
    "hubspot": "^/crm/v3/objects/contacts/batch/update$",
}


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Writes what other readers of YAML have made, too, and never an anchor."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


for _kind in (dict, list, str, int, float):
    _Dumper.add_multi_representer(_kind, yaml.SafeDumper.yaml_representers[_kind])


def answer_schema(name: str) -> Any:
    """The shipped schema of a command's answer."""
    place = Path(__file__).parents[2] / "docs" / "reference" / "schemas" / "answers" / f"{name}.json"
    return json.loads(place.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Rehearsal:
    """`directory` holds crmsync.yaml and all it names; `urls` maps CRM → base URL."""

    directory: Path
    urls: Mapping[str, str]

    @property
    def store(self) -> Path | str:
        """Where the store is: the file, or the address that crmsync.yaml names."""
        said = read_document((self.directory / "crmsync.yaml").read_text(encoding="utf-8"), "crmsync.yaml").data
        named = str(said["store"]) if isinstance(said, dict) and "store" in said else "crmsync.db"
        return named if "://" in named else self.directory / named

    def crmsync(self, *arguments: str, env: Mapping[str, str] | None = None) -> Done:
        """Give the command in the configuration's folder; inside this process, but for those that serve."""
        return crmsync(*arguments, cwd=self.directory, env=env)

    def process(self, *arguments: str, env: Mapping[str, str] | None = None) -> Done:
        """Run the command there as users do: a start from nothing, an exit for good."""
        return process(*arguments, cwd=self.directory, env=env)

    def json(self, *arguments: str, code: int | Sequence[int] = 0) -> Any:
        """Run with --format json; the exit code must be as expected; gives the parsed answer."""
        done = self.crmsync(*arguments, "--format", "json")
        codes = [code] if isinstance(code, int) else list(code)
        assert done.returncode in codes, f"exit {done.returncode}\n{done.stderr}\n{done.stdout[-2000:]}"
        return json.loads(done.stdout)

    def control(self, crm: str, path: str, method: str = "GET", body: Any = None) -> Any:
        """Ask the practice CRM's control API."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.urls[crm]}/_practice/{path}", data, {"Content-Type": "application/json"}, method=method
        )
        with urllib.request.urlopen(request, timeout=300) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def state(self, crm: str) -> dict[str, list[dict[str, Any]]]:
        """What the CRM holds, in the import shape."""
        answer: dict[str, list[dict[str, Any]]] = self.control(crm, "state")
        return answer

    def lead(self, crm: str, lead: str) -> dict[str, Any]:
        """One lead of `state`, by its import id."""
        return next(each for each in self.state(crm)["leads"] if each["id"] == lead)

    def native(self, crm: str, table: str = "leads") -> dict[str, str]:
        """Import id → native id."""
        return {each["id"]: each["native_id"] for each in self.state(crm)[table]}

    def edit(self, crm: str, *, by: str | None = None, **records: Sequence[Mapping[str, Any]]) -> None:
        """Change records as the user `by` would on the CRM's own screens."""
        self.control(crm, "edit", "POST", {**records, "by": by})

    def delete_lead(self, crm: str, lead: str, object_name: str | None = None) -> None:
        """Delete a lead (import id), a record of this object, through the CRM's own API."""
        native = self.native(crm)[lead]
        objects = {"hubspot": "/crm/v3/objects", "salesforce": "/services/data/v62.0/sobjects"}
        path = f"{objects[crm]}/{object_name or LEAD_OBJECT[crm]}/{native}"
        with self._as_another_program(crm, path, "DELETE") as answer:
            assert answer.status == 204

    def native_get(self, crm: str, path: str) -> Any:
        """What the CRM's own API answers to another program there."""
        with self._as_another_program(crm, path, "GET") as answer:
            return json.load(answer)

    def native_send(self, crm: str, path: str, method: str, body: Any) -> Any:
        """What the CRM's own API answers to another program that sends this."""
        with self._as_another_program(crm, path, method, json.dumps(body).encode()) as answer:
            return json.load(answer)

    def _as_another_program(self, crm: str, path: str, method: str, body: bytes | None = None) -> Any:
        token = "another-program"
        if crm == "salesforce":
            form = b"grant_type=client_credentials&client_id=another&client_secret=program"
            with urllib.request.urlopen(f"{self.urls[crm]}/services/oauth2/token", form, timeout=300) as answer:
                token = json.loads(answer.read())["access_token"]
        request = urllib.request.Request(f"{self.urls[crm]}{path}", body, method=method)
        request.add_header("Authorization", f"Bearer {token}")
        request.add_header("Content-Type", "application/json")
        return urllib.request.urlopen(request, timeout=300)

    def writes(self, crm: str, after: int = 0) -> list[dict[str, Any]]:
        """The CRM's log of writes."""
        answer: list[dict[str, Any]] = self.control(crm, f"log?after={after}")
        return answer

    def last_write(self, crm: str) -> int:
        """The seq of the latest write, for `writes(after=…)`."""
        return max((each["seq"] for each in self.writes(crm)), default=0)

    def calls(self, crm: str) -> Counter[str]:
        """How often each endpoint was called so far."""
        return Counter(self.control(crm, "calls"))

    @contextmanager
    def meanwhile(self, paths: Mapping[str, str], happens: Callable[[str], None]) -> Iterator[None]:
        """`happens(crm)` just before the first request to the CRM's path (a pattern) by commands given inside."""
        ahead = {urlsplit(self.urls[crm]).port: (crm, path) for crm, path in paths.items()}
        send = HTTPConnectionPool.urlopen

        def urlopen(pool: HTTPConnectionPool, method: str, url: str, *arguments: Any, **options: Any) -> Any:
            crm, path = ahead.get(pool.port, ("", "$never"))
            if any(re.search(path, each) for each in paths_of(url, options.get("body"))):
                del ahead[pool.port]
                happens(crm)
            return send(pool, method, url, *arguments, **options)

        with patch.object(HTTPConnectionPool, "urlopen", urlopen):
            yield
        assert not ahead, f"no such request: {ahead}"

    def copy(self, directory: Path) -> Rehearsal:
        """The same CRMs seen from a configuration of one's own: fresh store, files that may be broken."""
        shutil.copytree(self.directory, directory, ignore=shutil.ignore_patterns("crmsync.db*"))
        return Rehearsal(directory, self.urls)

    def file(self, name: str) -> Path:
        """A file of the configuration."""
        return self.directory / name

    def change(self, name: str, change: Callable[[Any], object]) -> None:
        """Change a YAML file of the configuration; `change` alters what it is given. Comments go."""
        data = read_document(self.file(name).read_text(encoding="utf-8"), name).data
        change(data)
        with self.file(name).open("w", encoding="utf-8") as file:
            yaml.dump(data, file, _Dumper, sort_keys=False, allow_unicode=True)

    def start(self, *arguments: str, env: Mapping[str, str] | None = None) -> WarmProcess:
        """Start the command and go on; its outputs go to files beside the configuration."""
        return start(*arguments, cwd=self.directory, env=env)


def paths_of(url: str, body: object) -> list[str]:
    """The path of a request, and of those that it carries inside (Salesforce's composite requests)."""
    path = urlsplit(url).path
    if not path.endswith("/composite") or not isinstance(body, bytes):
        return [path]
    return [path, *(urlsplit(each["url"]).path for each in json.loads(body)["compositeRequest"])]


def on_one(crm: str) -> pytest.MarkDecorator:
    """For a test of what is the same on the other CRM, too: no connector has a part in it that others do not show."""
    return pytest.mark.parametrize("crm", [crm])


def personal_data(state: Mapping[str, Sequence[Mapping[str, Any]]]) -> frozenset[str]:
    """What must stand in no log and no message: e-mails, names, companies of everybody in the CRM, lower case."""
    people = [*state["leads"], *state["users"]]
    words = {each.get(key) for each in people for key in ("email", "company", "name")}
    words |= {
        f"{each['first_name']} {each['last_name']}"
        for each in state["leads"]
        if each.get("first_name") and each.get("last_name")
    }
    words |= {each.get("subject") for each in state["activities"]}
    return frozenset(word.lower() for word in words if word)


def told_in(text: str, words: Iterable[str]) -> list[str]:
    """Those of the words (lower case) that stand in the text."""
    lower = text.lower()
    return sorted(word for word in words if word in lower)


@contextmanager
def practice(directory: Path, *options: str) -> Iterator[Mapping[str, str]]:
    """Practice CRMs, by name their base URLs; `directory` gets what they say."""
    directory.mkdir(parents=True, exist_ok=True)
    with start("practice", "serve", "--port", "0", *options, cwd=directory) as process:
        line = process.first_line()
        assert line, f"the practice CRM did not start: {process.stderr}"
        yield json.loads(line)
        assert process.end() == 0, process.stderr


@contextmanager
def rehearsal(directory: Path, *options: str) -> Iterator[Rehearsal]:
    """Practice CRMs with these options of `crmsync practice serve`, and a configuration in `directory`."""
    beside = directory.with_name(f"{directory.name}-practice")
    with practice(beside, "--config-dir", str(directory), *options) as urls, kept_where_asked(directory):
        yield Rehearsal(directory, urls)


@contextmanager
def kept_where_asked(directory: Path) -> Iterator[None]:
    """Where tests are asked to keep stores in PostgreSQL: a store found in the folder goes there, and comes back."""
    if not postgresql.asked_for():
        yield
        return
    settings, file = directory / "crmsync.yaml", directory / "crmsync.db"
    with postgresql.database() as address:
        if file.exists():
            copied(file, address)
            file.unlink()
        keep_in(settings, address)
        yield
        copied(address, file)
    keep_in(settings, file.name)


def keep_in(settings: Path, store: str) -> None:
    """Let the configuration name this store."""
    said = re.sub(r"(?m)^store: .*\n", "", settings.read_text(encoding="utf-8"))
    settings.write_text(f"store: {store}\n{said}", encoding="utf-8")


def copied(source: Path | str, target: Path | str) -> None:
    """One store into another place."""
    with closing(Store(source)) as old, closing(Store(target)) as new:
        old.copy_into(new, now=now())


def write_world(
    directory: Path,
    users: Sequence[Mapping[str, Any]],
    leads: Sequence[Mapping[str, Any]],
    activities: Sequence[Mapping[str, Any]] = (),
) -> Path:
    """An import directory."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, rows in (("users", users), ("leads", leads), ("activities", activities)):
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (directory / f"{name}.jsonl").write_text(text, encoding="utf-8")
    return directory
