// Says so where a page that stands open cannot be kept current, takes a form once, and has a page that could not be
// shown come back by itself. Without this script pages are loaded again by hand.
"use strict";
(() => {
  const stale = document.getElementById("stale");
  const told = (is) => { if (stale) stale.hidden = !is; };
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.body.addEventListener(name, () => told(true));
  }
  document.body.addEventListener("htmx:afterOnLoad", (event) => { if (event.detail.successful) told(false); });

  // The browser's way back shows a page as it was left. What somebody types into a file's text is kept there.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted && !document.querySelector("[data-editor]")) location.reload();
  });

  const sent = new WeakSet();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (sent.has(form)) event.preventDefault();
    sent.add(form);
    setTimeout(() => sent.delete(form), 5000);
  });

  const again = document.querySelector("[data-again]");
  if (!again) return;
  again.hidden = false;
  setInterval(async () => {
    const answer = await fetch(location.href, { headers: { "X-By-Itself": "true" } }).catch(() => null);
    if (answer && answer.ok) location.reload();
  }, 10000);
})();
