"""The script of a plan's page: filter and sort. Without it the page is plain tables, and nothing is missing."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

SCRIPT = """
(function () {
  "use strict";
  var bar = document.getElementById("filter");
  var words = document.getElementById("words");
  var kind = document.getElementById("kind");
  var told = document.getElementById("told");
  var groups = Array.prototype.slice.call(document.querySelectorAll("section.kind"));
  function apply() {
    var wanted = words.value.toLowerCase().split(/\\s+/).filter(Boolean);
    var shown = 0, all = 0;
    groups.forEach(function (group) {
      var here = 0;
      Array.prototype.forEach.call(group.querySelectorAll("tbody tr"), function (row) {
        var text = row.textContent.toLowerCase();
        var fits = (!kind.value || group.dataset.kind === kind.value) &&
          wanted.every(function (word) { return text.indexOf(word) >= 0; });
        row.hidden = !fits;
        all += 1;
        here += fits ? 1 : 0;
      });
      group.hidden = here === 0;
      shown += here;
    });
    told.textContent = (shown === all ? "All " + all : shown + " of " + all) + " leads are shown.";
  }
  function sort(head, button) {
    var table = head.closest("table"), body = table.tBodies[0];
    var place = Array.prototype.indexOf.call(head.parentNode.children, head);
    var up = head.getAttribute("aria-sort") !== "ascending";
    Array.prototype.forEach.call(head.parentNode.children, function (each) { each.removeAttribute("aria-sort"); });
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    var rows = Array.prototype.slice.call(body.rows).map(function (row) {
      return [row.cells[place].textContent, row];
    });
    rows.sort(function (a, b) { return a[0].localeCompare(b[0], undefined, {numeric: true}) * (up ? 1 : -1); });
    rows.forEach(function (each) { body.appendChild(each[1]); });
  }
  Array.prototype.forEach.call(document.querySelectorAll("table.leads thead th"), function (head) {
    var button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", function () { sort(head, button); });
    head.textContent = "";
    head.appendChild(button);
  });
  if (bar) {
    bar.hidden = false;
    words.addEventListener("input", apply);
    kind.addEventListener("change", apply);
    apply();
  }
}());
"""
DIGEST = b64encode(sha256(SCRIPT.encode()).digest()).decode()
"""Of the script's bytes: the page's policy lets a browser run these and no others."""
