// Says how many leads are ticked, and leads to the change that was asked for and back. Without this script the same is
// ticked, approved and read.
"use strict";
(() => {
  const form = document.getElementById("approve");
  const told = document.getElementById("ticked");
  const count = () => {
    const ticked = document.querySelectorAll('#changes input[name="lead"]:checked').length;
    const words = told.dataset[ticked === 0 ? "none" : ticked === 1 ? "one" : "many"];
    const number = new Intl.NumberFormat(document.documentElement.lang).format(ticked);
    told.textContent = words.replace("{number}", number);
    form.querySelector('button[value="ticked"]').disabled = ticked === 0;
  };
  if (form && told) {
    document.addEventListener("change", (event) => { if (event.target.name === "lead") count(); });
    document.body.addEventListener("htmx:afterSettle", count);
    window.addEventListener("pageshow", count);
    count();
  }
  // The change that was asked for has the focus, and gives it back to where it was asked for.
  const drawer = document.getElementById("drawer");
  let asked = null;
  const close = () => {
    if (!drawer || !drawer.hasChildNodes()) return;
    drawer.replaceChildren();
    const link = asked && (asked.isConnected ? asked : Array.from(document.querySelectorAll("#changes a[href]")).find((each) => each.href === asked.href));
    (link || document.getElementById("content")).focus();
  };
  document.body.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "drawer") return;
    asked = event.detail.requestConfig ? event.detail.requestConfig.elt : null;
    const narrow = window.matchMedia("(max-width: 991.98px)").matches;
    if (narrow) drawer.scrollIntoView({ block: "start" });
    drawer.scrollTop = 0;
    drawer.focus({ preventScroll: true });
  });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-close]")) close(); });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented && !/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) close();
  });
})();
