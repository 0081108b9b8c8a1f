// Says how many leads are ticked, and on a narrow page brings the change that was asked for into sight. Without this
// script the same is ticked, approved and read.
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
  document.body.addEventListener("htmx:afterSettle", (event) => {
    const narrow = window.matchMedia("(max-width: 991.98px)").matches;
    if (narrow && event.target.id === "drawer") event.target.scrollIntoView({ block: "start" });
  });
})();
