// Says how many leads are ticked, keeps them while others are looked at, and leads to the change that was asked for and
// back. Without this script the same is approved and read, from one page of the list at a time.
"use strict";
(() => {
  const form = document.getElementById("approve");
  const told = document.getElementById("ticked");
  const boxes = () => Array.from(document.querySelectorAll('#changes input[name="lead"]'));
  const say = (name, number) =>
    told.dataset[name].replace("{number}", new Intl.NumberFormat(document.documentElement.lang).format(number));

  // What is ticked and typed outlives a filter, another page of the list, and a look at a lead: in this tab, for whoever
  // is signed in, and as long as the plan is as it was.
  const ticked = new Set();
  const keep = () => {
    const all = { of: form.dataset.of, leads: Array.from(ticked), reason: form.elements.reason.value };
    try { sessionStorage.setItem("plan", JSON.stringify(all)); } catch { /* this browser keeps nothing */ }
  };
  const recall = () => {
    let all = null;
    try { all = JSON.parse(sessionStorage.getItem("plan")); } catch { /* nor gives anything back */ }
    if (!all || all.of !== form.dataset.of) return;
    for (const lead of all.leads) ticked.add(lead);
    if (!form.elements.reason.value) form.elements.reason.value = all.reason;
  };
  const count = () => {
    for (const box of boxes()) {
      if (box.checked) ticked.add(box.value);
      else box.checked = ticked.has(box.value);
    }
    const here = boxes().filter((box) => box.checked).length;
    const beyond = ticked.size - here;
    const words = say(ticked.size === 0 ? "none" : ticked.size === 1 ? "one" : "many", ticked.size);
    told.textContent = beyond ? `${words}, ${say(beyond === 1 ? "oneBeyond" : "manyBeyond", beyond)}` : words;
    form.querySelector('button[value="ticked"]').disabled = ticked.size === 0;
    keep();
  };
  if (form && told) {
    recall();
    document.addEventListener("change", (event) => {
      if (event.target.name !== "lead") return;
      if (!event.target.checked) ticked.delete(event.target.value);
      count();
    });
    form.elements.reason.addEventListener("input", keep);
    document.body.addEventListener("htmx:afterSettle", count);
    window.addEventListener("pageshow", count);
    document.addEventListener("click", (event) => {
      if (!event.target.closest("[data-afresh]")) return;
      ticked.clear();
      for (const box of boxes()) box.checked = false;
      count();
    });
    form.addEventListener("submit", () => {
      form.querySelectorAll("input[data-beyond]").forEach((each) => each.remove());
      const here = new Set(boxes().map((box) => box.value));
      for (const lead of ticked) {
        if (here.has(lead)) continue;
        const beyond = Object.assign(document.createElement("input"), { type: "hidden", name: "lead", value: lead });
        beyond.dataset.beyond = "";
        form.append(beyond);
      }
      sessionStorage.removeItem("plan");
    });
    count();
  }

  // How many there are is told after each look for others, and not the whole list.
  const found = document.getElementById("found");
  document.body.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "changes") return;
    found.textContent = event.target.querySelector("[data-told], .nothing").textContent;
  });

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
