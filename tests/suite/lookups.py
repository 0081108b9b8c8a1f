"""A lookup from leads to accounts in the practice org, as an admin would deploy it: `Partner__c`, `Partner__r`."""

from __future__ import annotations

import io
import json
import urllib.request
import zipfile
from typing import Any

from urllib3.filepost import encode_multipart_formdata

_METADATA = "http://soap.sforce.com/2006/04/metadata"
_FILES = {
    "package.xml": f'<Package xmlns="{_METADATA}"><types><members>*</members><name>CustomObject</name></types>'
    "<types><members>*</members><name>PermissionSet</name></types><version>62.0</version></Package>",
    "objects/Lead.object": f'<CustomObject xmlns="{_METADATA}"><fields><fullName>Partner__c</fullName>'
    "<label>Partner</label><type>Lookup</type><referenceTo>Account</referenceTo>"
    "<relationshipName>Partner</relationshipName></fields></CustomObject>",
    "permissionsets/partners.permissionset": f'<PermissionSet xmlns="{_METADATA}"><label>Partners</label>'
    "<fieldPermissions><field>Lead.Partner__c</field><readable>true</readable><editable>true</editable>"
    "</fieldPermissions></PermissionSet>",
}


def called(url: str, method: str, path: str, body: Any = None, content: str = "application/json") -> Any:
    """Another program's call to the org at `url`; `path` behind the version. Gives the parsed answer."""
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(
        f"{url}/services/data/v62.0/{path}", data, {"Content-Type": content}, method=method
    )
    request.add_header("Authorization", "Bearer 00D!somebody-else")
    with urllib.request.urlopen(request, timeout=300) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def let_leads_have_an_account(url: str) -> None:
    """Deploy the lookup, and let the integration user see and edit it."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for path, text in _FILES.items():
            archive.writestr(path, text)
    options = {"rollbackOnError": True, "singlePackage": True}
    body, content = encode_multipart_formdata(
        {
            "json": ("deploy.json", json.dumps({"deployOptions": options}), "application/json"),
            "file": ("deploy.zip", held.getvalue(), "application/zip"),
        }
    )
    number = called(url, "POST", "metadata/deployRequest", body, content)["id"]
    result: dict[str, Any] = {"done": False}
    while not result["done"]:
        result = called(url, "GET", f"metadata/deployRequest/{number}?includeDetails=true")["deployResult"]
    assert result["success"], result
    query = "query?q=SELECT+Id+FROM+PermissionSet+WHERE+Name='partners'"
    permission_set = called(url, "GET", query)["records"][0]["Id"]
    user = called(url, "GET", "query?q=SELECT+Id+FROM+User+ORDER+BY+Id+LIMIT+1")["records"][0]["Id"]
    called(
        url,
        "POST",
        "sobjects/PermissionSetAssignment",
        {"AssigneeId": user, "PermissionSetId": permission_set},
    )
