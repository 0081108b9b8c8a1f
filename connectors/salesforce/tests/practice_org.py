"""A practice CRM as a process of its own, seen from behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import requests

from suite.practice import PracticeServer

DAY = "2026-11-20"
CONVERTED = "Closed - Converted"
CALM = {"locked_ids": [], "hidden_fields": [], "validation_rules": [], "status_rewrites": {}}


class PracticeOrg:
    """A practice CRM seen from behind: the kit's `World`."""

    object = "Lead"
    field = "Title"
    second_field: str | None = "Phone"
    time_zone: str | None = None
    activity_object: str | None = "Task"
    creation_object: str | None = "Task"
    creation_field = "Subject"
    creation_values: Mapping[str, str] = {"ActivityDate": "2026-12-01", "Priority": "High"}
    refused_values: Mapping[str, str] = {"OwnerId": "005000000000999AAA"}
    secrets = ("s3cret-of-the-app", "@")

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = requests.Session()
        self._http.trust_env = False

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._http.request(method, f"{self.url}/_practice/{path}", json=body, timeout=300)
        answer.raise_for_status()
        return answer.json()

    def state(self) -> dict[str, list[dict[str, Any]]]:
        state: dict[str, list[dict[str, Any]]] = self.control("GET", "state")
        return state

    def leads(self) -> dict[str, dict[str, Any]]:
        """Leads that are neither deleted nor converted, by native id."""
        return {lead["native_id"]: lead for lead in self.state()["leads"] if lead["stage"] != CONVERTED}

    def values(self) -> dict[str, str | None]:
        return {id_: lead["attributes"].get("title") for id_, lead in self.leads().items()}

    def activities(self, prefix: str = "00T") -> set[tuple[str, str]]:
        """Activities of leads that stand; 00T are tasks, 00U events."""
        state = self.state()
        leads = {lead["id"]: lead["native_id"] for lead in state["leads"] if lead["stage"] != CONVERTED}
        return {
            (activity["native_id"], leads[activity["lead"]])
            for activity in state["activities"]
            if activity["native_id"].startswith(prefix) and activity["lead"] in leads
        }

    def held(self, lead: str) -> dict[str, str | None]:
        """Subjects of a lead's tasks, whatever their kind, by id."""
        state = self.state()
        name = next((each["id"] for each in state["leads"] if each["native_id"] == lead), None)
        return {
            task["native_id"]: task["subject"]
            for task in state["activities"]
            if task["lead"] == name and task["native_id"].startswith("00T")
        }

    def edit(self, lead: str, value: str) -> None:
        self.control("POST", "edit", {"leads": [{"id": lead, "attributes": {"title": value}}]})

    def delete(self, record: str, object_name: str = "Lead") -> None:
        self._by_somebody_else("DELETE", f"{object_name}/{record}")

    def update(self, object_name: str, record: str, values: Mapping[str, Any]) -> None:
        """Somebody else sets fields through the API."""
        self._by_somebody_else("PATCH", f"{object_name}/{record}", values)

    def create(self, object_name: str, values: Mapping[str, Any]) -> str:
        """Somebody else makes a record through the API; its id."""
        return str(self._by_somebody_else("POST", object_name, values).json()["id"])

    def _by_somebody_else(self, method: str, path: str, body: Any = None) -> requests.Response:
        address = f"{self.url}/services/data/v62.0/sobjects/{path}"
        headers = {"Authorization": "Bearer 00D!somebody-else"}
        answer = self._http.request(method, address, json=body, headers=headers, timeout=300)
        answer.raise_for_status()
        return answer

    def be_busy(self, times: int) -> None:
        answer = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "ConcurrentRequests limit exceeded."}]
        self.control("PUT", "faults", [{"status": 403, "body": answer, "times": times}])

    def refuse_sign_in(self) -> None:
        self.control("PUT", "faults", [{"status": 401}])

    def go_away(self) -> None:
        self.control("PUT", "faults", [{"drop": "before"}])

    def calls(self) -> int:
        return sum(self.control("GET", "calls").values())

    def writes(self, after: int = 0) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.control("GET", f"log?after={after}")
        return entries

    def user(self, **wanted: Any) -> str:
        """The native id of a user with these properties."""
        users = self.state()["users"]
        return next(str(user["native_id"]) for user in users if wanted.items() <= user.items())


def served(leads: int, *options: str) -> Iterator[PracticeOrg]:
    server = PracticeServer("--crm", "salesforce", "--leads", str(leads), "--seed", "3", "--today", DAY, *options)
    yield PracticeOrg(server.urls["salesforce"])
    server.end()
