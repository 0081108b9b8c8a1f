// Line numbers beside a file's text, marks on lines that are wrong, and the way from a mistake to its line. The text
// itself is an ordinary field: without this script it is written and sent all the same.
"use strict";
(() => {
  const form = document.querySelector("[data-editor]");
  const text = form && form.querySelector("textarea");
  if (!text) return;
  const gutter = document.createElement("div");
  gutter.className = "gutter";
  gutter.setAttribute("aria-hidden", "true");
  const frame = document.createElement("div");
  frame.className = "numbered";
  text.replaceWith(frame);
  frame.append(gutter, text);
  let count = 0;
  const number = () => {
    const lines = text.value.split("\n").length;
    if (lines === count) return;
    count = lines;
    gutter.replaceChildren(...Array.from({ length: lines }, (_, at) => {
      const line = document.createElement("span");
      line.textContent = String(at + 1);
      return line;
    }));
    mark();
  };
  const links = () => document.querySelectorAll("#trial a[data-line]");
  const mark = () => {
    const wrong = new Set(Array.from(links(), (link) => Number(link.dataset.line)));
    Array.from(gutter.children).forEach((line, at) => line.classList.toggle("wrong", wrong.has(at + 1)));
  };
  const goTo = (number) => {
    const lines = text.value.split("\n");
    const start = lines.slice(0, number - 1).join("\n").length + (number > 1 ? 1 : 0);
    text.focus();
    text.setSelectionRange(start, start + (lines[number - 1] || "").length);
    text.scrollTop = Math.max(0, (number - 6) * (text.scrollHeight / lines.length));
  };
  text.addEventListener("scroll", () => { gutter.scrollTop = text.scrollTop; });
  text.addEventListener("input", number);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-line]");
    if (!link) return;
    event.preventDefault();
    goTo(Number(link.dataset.line));
  });
  document.body.addEventListener("htmx:afterSettle", mark);
  number();
})();
