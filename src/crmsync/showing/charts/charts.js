/* Draws every chart that a page holds: the spec stands in the page as data. Nothing is asked of any address. */
(() => {
  "use strict";
  const NARROW = 480;
  const drawn = new Map();
  let printing = false;

  /* A colour's name as the page has it now: light, dark, or light for paper. */
  function painter(place) {
    const probe = document.createElement("span");
    probe.hidden = true;
    if (printing) probe.style.colorScheme = "light";
    place.append(probe);
    const known = new Map();
    return {
      colour(name) {
        if (!known.has(name)) {
          probe.style.color = `var(${name})`;
          known.set(name, getComputedStyle(probe).color);
        }
        return known.get(name);
      },
      done() { probe.remove(); },
    };
  }

  function pale(colour, share) {
    return Chart.helpers.color(colour).alpha(share).rgbString();
  }

  function painted(value, paint, key = "") {
    if (typeof value === "string") return /color(from|to)?$/i.test(key) && value.startsWith("--") ? paint.colour(value) : value;
    if (Array.isArray(value)) return value.map((each) => painted(each, paint, key));
    if (value === null || typeof value !== "object") return value;
    const made = {};
    for (const [name, each] of Object.entries(value)) made[name] = painted(each, paint, name);
    if (made.bandColor) made.backgroundColor = pale(made.bandColor, 0.22);
    if (made.ribbonColor) made.flowColor = (flow) => pale(made.ribbonColor[flow.dataIndex], 0.5);
    return made;
  }

  /* A long name goes on a second line, or ends in dots. */
  function shortened(label, narrow) {
    const most = narrow ? 15 : 30;
    if (label.length <= most) return label;
    const cut = label.lastIndexOf(" ", most);
    const first = cut > most / 3 ? cut : most;
    const rest = label.slice(first).trim();
    return [label.slice(0, first).trim(), rest.length <= most ? rest : `${rest.slice(0, most - 1)}…`];
  }

  const marks = {
    id: "marks",
    beforeDatasetsDraw(chart, _, told) {
      const { ctx, chartArea, scales } = chart;
      for (const stripe of told.stripes || []) {
        const scale = scales[stripe.axis];
        const [one, other] = [scale.getPixelForValue(stripe.low), scale.getPixelForValue(stripe.high)];
        ctx.fillStyle = stripe.color;
        if (scale.isHorizontal()) ctx.fillRect(one, chartArea.top, other - one, chartArea.bottom - chartArea.top);
        else ctx.fillRect(chartArea.left, other, chartArea.right - chartArea.left, one - other);
      }
    },
    afterDatasetsDraw(chart, _, told) {
      const { ctx, chartArea, scales } = chart;
      ctx.save();
      ctx.strokeStyle = ctx.fillStyle = Chart.defaults.color;
      ctx.lineWidth = 1.5;
      ctx.setLineDash([5, 4]);
      ctx.font = `12px ${Chart.defaults.font.family}`;
      for (const mark of told.lines || []) {
        const scale = scales[mark.axis];
        const at = scale.getPixelForValue(mark.at);
        ctx.beginPath();
        if (scale.isHorizontal()) { ctx.moveTo(at, chartArea.top); ctx.lineTo(at, chartArea.bottom); }
        else { ctx.moveTo(chartArea.left, at); ctx.lineTo(chartArea.right, at); }
        ctx.stroke();
        if (mark.text && scale.isHorizontal()) {
          const right = at + ctx.measureText(mark.text).width + 8 < chartArea.right;
          ctx.textAlign = right ? "left" : "right";
          ctx.fillText(mark.text, at + (right ? 5 : -5), chartArea.top + 10);
        }
      }
      ctx.restore();
    },
  };

  function completed(spec, paint, width) {
    const made = painted(spec, paint);
    const options = made.options;
    options.animation = false;
    options.responsive = true;
    options.maintainAspectRatio = false;
    options.layout = { padding: { top: 14, right: 12 } };
    options.plugins.tooltip = {
      filter: (item) => !item.dataset.told || item.dataset.told[item.dataIndex] !== "",
      callbacks: { label: (item) => (item.dataset.told ? item.dataset.told[item.dataIndex] : item.formattedValue) },
    };
    options.plugins.legend.labels = { filter: (item) => Boolean(item.text), usePointStyle: true, color: paint.colour("--chart-ink") };
    for (const [name, scale] of Object.entries(options.scales)) {
      const colour = paint.colour("--chart-ink");
      scale.grid = { color: paint.colour("--chart-grid"), ...scale.grid };
      scale.ticks = { color: colour, ...scale.ticks };
      if (scale.title) scale.title.color = colour;
      if (scale.type === "category" && name === "y") {
        scale.ticks.callback = function (value) { return shortened(this.getLabelForValue(value), width < NARROW); };
      }
      if (scale.level) {
        const text = scale.title.text;
        scale.title = { display: false };
        scale.ticks = {
          display: true, color: colour, autoSkip: false,
          callback: (value) => (value === 0 ? shortened(text, width < NARROW) : ""),
        };
        scale.afterFit = (axis) => { axis.width = width < NARROW ? 126 : 210; };
        scale.afterBuildTicks = (axis) => { axis.ticks = [{ value: 0 }]; };
      }
    }
    return made;
  }

  function draw(canvas) {
    const figure = canvas.closest("figure");
    const box = canvas.parentElement;
    const old = drawn.get(canvas);
    if (old) old.destroy();
    figure.hidden = false;
    box.style.height = `${figure.dataset.height}px`;
    const paint = painter(box);
    Chart.defaults.color = paint.colour("--chart-ink");
    const spec = completed(JSON.parse(canvas.dataset.chart), paint, box.clientWidth);
    paint.done();
    drawn.set(canvas, new Chart(canvas, spec));
  }

  /* A chart that cannot be drawn is as if there were no script: its table stands beside it. */
  function attempt(canvas) {
    try { draw(canvas); } catch (error) {
      canvas.closest("figure").hidden = true;
      console.error(error);
    }
  }

  function drawAll(root) {
    for (const canvas of root.querySelectorAll("canvas[data-chart]")) if (!drawn.has(canvas)) attempt(canvas);
  }

  function again() {
    for (const canvas of [...drawn.keys()]) {
      if (canvas.isConnected) attempt(canvas);
      else { drawn.get(canvas).destroy(); drawn.delete(canvas); }
    }
  }

  function begin() {
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    Chart.defaults.font.size = 12;
    Chart.defaults.locale = document.documentElement.lang || "en";
    Chart.register(marks);
    drawAll(document);
  }

  document.addEventListener("htmx:load", (event) => drawAll(event.target));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  window.addEventListener("beforeprint", () => { printing = true; again(); });
  window.addEventListener("afterprint", () => { printing = false; again(); });
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
