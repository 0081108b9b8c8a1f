"""The SOAP partner API as far as it is still needed: login, logout, who and when, convertLead and merge."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace

from crmsync_practice.backend import PracticeContext
from crmsync_practice.salesforce.auth import Auth
from crmsync_practice.salesforce.errors import SalesforceError
from crmsync_practice.salesforce.http import Call, Reply
from crmsync_practice.salesforce.ids import read_id
from crmsync_practice.salesforce.instants import local_day, to_stamp
from crmsync_practice.salesforce.lifecycle import convert_lead, merge_lead
from crmsync_practice.salesforce.objects import CONVERTED_STATUS
from crmsync_practice.salesforce.saving import Author, Saver
from crmsync_practice.salesforce.soap_texts import soap_fault, soap_reply
from crmsync_practice.salesforce.storage import Store

LOGIN_GONE_IN_VERSION = 65.0


class Soap:
    """`POST /services/Soap/u|c/VERSION`."""

    def __init__(self, store: Store, context: PracticeContext, auth: Auth, saver: Saver) -> None:
        self._store = store
        self._context = context
        self._auth = auth
        self._saver = saver

    def call(self, call: Call) -> Reply:
        """Finds the operation by its element and runs it."""
        text = call.body.decode("utf-8", "replace")
        try:
            if _has(text, "login"):
                return self._login(call)
            token = _first(text, "sessionId")
            user_id = self._auth.user_of_token(token)
            operations: dict[str, Callable[[], Reply]] = {
                "logout": lambda: self._auth.soap_logout(token),
                "getServerTimestamp": self._timestamp,
                "getUserInfo": lambda: self._auth.soap_user_info(user_id),
                "convertLead": lambda: self._convert(text, user_id),
                "merge": lambda: self._merge(text, call, user_id),
            }
            for name, run in operations.items():
                if _has(text, name):
                    return run()
        except SalesforceError as error:
            return soap_fault(error.code, error.message)
        return soap_fault("INVALID_OPERATION", "This operation is not available in the practice CRM.")

    def _timestamp(self) -> Reply:
        at = to_stamp(self._context.clock.now()).replace("+0000", "Z")
        inner = f"<result><timestamp>{at}</timestamp></result>"
        return soap_reply(f"<getServerTimestampResponse>{inner}</getServerTimestampResponse>")

    def _login(self, call: Call) -> Reply:
        if not self._context.switches["soap_login"]:
            raise SalesforceError("INVALID_OPERATION", "SOAP API login() is disabled by default in this org.")
        version = call.parts["version"]
        if float(version) >= LOGIN_GONE_IN_VERSION:
            raise SalesforceError(
                "INVALID_OPERATION",
                f"The SOAP Login operation is not available in the API version specified ({version}).",
            )
        return self._auth.soap_login(call)

    def _convert(self, text: str, user_id: str) -> Reply:
        results = []
        for block in re.findall(r"<(?:\w+:)?leadConverts>(.*?)</(?:\w+:)?leadConverts>", text, re.DOTALL):
            try:
                results.append(self._convert_one(block, user_id))
            except SalesforceError as error:
                message = html.escape(error.message)
                results.append(
                    '<accountId xsi:nil="true"/><contactId xsi:nil="true"/>'
                    f"<errors><message>{message}</message><statusCode>{error.code}</statusCode></errors>"
                    '<leadId xsi:nil="true"/><opportunityId xsi:nil="true"/><success>false</success>'
                )
        inner = "".join(f"<result>{result}</result>" for result in results)
        return soap_reply(f"<convertLeadResponse>{inner}</convertLeadResponse>")

    def _convert_one(self, block: str, user_id: str) -> str:
        lead = self._saver.existing(self._store.schema["Lead"], _first(block, "leadId"))
        status = _first(block, "convertedStatus")
        if status and status != CONVERTED_STATUS:
            raise SalesforceError("INVALID_STATUS", f"invalid convertedStatus: {status}")
        wants_none = _first(block, "doNotCreateOpportunity").lower() == "true"
        name = _first(block, "opportunityName") or f"{lead['Company'] or lead['Name']}-"
        now = self._context.clock.now()
        made = self._store.in_transaction(
            lambda: convert_lead(
                self._store,
                lead,
                by=user_id,
                stamp=to_stamp(now),
                day=local_day(now, self._context.zone),
                opportunity=None if wants_none else name,
            )
        )
        shown = "".join(
            f"<{key}>{value}</{key}>" if value else f'<{key} xsi:nil="true"/>'
            for key, value in {**made, "leadId": lead["Id"]}.items()
        )
        return f"{shown}<success>true</success>"

    def _merge(self, text: str, call: Call, user_id: str) -> Reply:
        sobject = self._store.schema["Lead"]
        master = re.search(r"<(?:\w+:)?masterRecord\b.*?</(?:\w+:)?masterRecord>", text, re.DOTALL)
        winner = self._saver.existing(sobject, _first(master.group(0) if master else "", "Id"))
        ids = [html.unescape(each) for each in re.findall(r"<(?:\w+:)?recordToMergeIds>(.*?)</", text, re.DOTALL)]
        losers = [self._saver.existing(sobject, read_id(each) or each) for each in ids]
        stamp = to_stamp(self._context.clock.now())

        def work() -> None:
            for loser in losers:
                merge_lead(self._store, winner, loser, by=user_id, stamp=stamp)

        self._store.in_transaction(work)
        author = replace(Author.of(call), user_id=user_id)
        for loser in losers:
            after = {"IsDeleted": True, "MasterRecordId": winner["Id"]}
            self._saver.log(sobject, loser["Id"], {"IsDeleted": False}, after, author, 200)
        merged = "".join(f"<mergedRecordIds>{loser['Id']}</mergedRecordIds>" for loser in losers)
        return soap_reply(
            f"<mergeResponse><result><id>{winner['Id']}</id>{merged}<success>true</success></result></mergeResponse>"
        )


def _has(text: str, name: str) -> bool:
    return re.search(rf"<(?:\w+:)?{name}[\s/>]", text) is not None


def _first(text: str, name: str) -> str:
    match = re.search(rf"<(?:\w+:)?{name}(?:\s[^>]*)?>(.*?)</(?:\w+:)?{name}>", text, re.DOTALL)
    return html.unescape(match.group(1)).strip() if match else ""
