// Says so where a page that stands open cannot be kept current, takes a form once, loses nothing unasked that somebody
// has typed, and has a page that could not be shown come back by itself. Without this script pages are loaded again by
// hand.
"use strict";
(() => {
  const sent = new Set();
  const open = (form) => { sent.delete(form); form.removeAttribute("aria-busy"); };
  const changed = (each) => {
    if (each.matches("select")) {
      const options = Array.from(each.options);
      return each.selectedOptions[0] !== (options.find((one) => one.defaultSelected) || options[0]);
    }
    if (each.matches("[type=checkbox]")) return each.checked !== each.defaultChecked;
    return each.matches("input:not([type=hidden]), textarea") && each.value !== each.defaultValue;
  };
  const typed = (form) => "unsaved" in form.dataset || Array.from(form.elements).some(changed);
  const forms = () => Array.from(document.querySelectorAll("main form[method=post]:not([data-unasked])"));
  const unsent = () => forms().some((form) => !sent.has(form) && typed(form));

  const stale = document.getElementById("stale");
  const ready = document.getElementById("ready");
  const outside = document.getElementById("outside");
  const told = (is) => { if (stale) stale.hidden = !is; };
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.body.addEventListener(name, () => told(true));
  }
  document.body.addEventListener("htmx:afterOnLoad", (event) => {
    if (event.detail.successful) told(false);
    if (outside && !event.detail.xhr.getResponseHeader("HX-Retarget")) outside.replaceChildren();
  });
  // What the page waited for is there, and somebody is in the middle of a change: they load it themselves.
  document.body.addEventListener("htmx:beforeOnLoad", (event) => {
    if (!event.detail.xhr.getResponseHeader("HX-Refresh") || !unsent()) return;
    event.preventDefault();
    ready.hidden = false;
  });

  // A link that has the focus has it still after its part of the page was made anew.
  let held = null;
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const at = document.activeElement;
    held = event.detail.target.contains(at) ? at.href : null;
  });
  document.body.addEventListener("htmx:afterSettle", () => {
    if (!held || document.activeElement !== document.body) return;
    const link = Array.from(document.querySelectorAll("main a[href]")).find((each) => each.href === held);
    if (link) link.focus({ preventScroll: true });
  });

  // The browser's way back shows a page as it was left. What somebody has typed is kept there.
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    sent.forEach(open); // and is sent again from there
    if (!forms().some(typed)) location.reload();
  });
  window.addEventListener("beforeunload", (event) => {
    if (!unsent()) return;
    event.preventDefault();
    setTimeout(() => sent.forEach(open)); // whoever stays sends what they like
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (sent.has(form)) event.preventDefault();
    sent.add(form);
    form.setAttribute("aria-busy", "true");
    setTimeout(open, 5000, form);
  });

  const again = document.querySelector("[data-again]");
  if (!again) return;
  again.hidden = false;
  setInterval(async () => {
    const answer = await fetch(location.href, { headers: { "X-By-Itself": "true" } }).catch(() => null);
    if (answer && answer.ok) location.reload();
  }, 10000);
})();
