"""How a plan's page looks: light and dark, from a telephone to a wide screen, and on paper."""

STYLE = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1b1b; }
:root { --good: #1a6b4a; --bad: #a3341b; --calm: #2b5f96; --ring: #2f6fb2; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #121212; --ink: #eee; --good: #5fd0a4; --bad: #f0937a; --calm: #8fbdf0; --ring: #6faeea; } }
* { box-sizing: border-box; }
html { background: var(--paper); color: var(--ink); }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 110rem; margin: 1.5rem auto; padding: 0 1rem; }
h1 { line-height: 1.2; overflow-wrap: anywhere; } h2 { margin-top: 2.2rem; border-bottom: 1px solid #8886; }
h3 { margin-bottom: .3rem; overflow-wrap: anywhere; } li, p { overflow-wrap: anywhere; max-width: 75rem; }
.good { color: var(--good); } .bad { color: var(--bad); } .calm { color: var(--calm); }
#filter { display: flex; flex-wrap: wrap; gap: .2rem 1.5rem; align-items: center; }
#filter[hidden] { display: none; } #filter p { margin: .3rem 0; }
input, select, button { font: inherit; color: inherit; max-width: 100%; min-height: 2rem; }
.wide { overflow-x: auto; margin: .5rem 0; }
table { border-collapse: collapse; } table.leads { width: 100%; min-width: 46rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border: 1px solid #8886; }
tbody th { font-weight: 600; } td { overflow-wrap: break-word; } .leads td { overflow-wrap: anywhere; }
.leads td:last-child { width: 36%; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
thead button { background: none; border: 0; padding: 0; font-weight: 700; cursor: pointer; text-align: left; }
[aria-sort="ascending"] button::after { content: " ↑"; } [aria-sort="descending"] button::after { content: " ↓"; }
summary { cursor: pointer; } details ul { margin: .3rem 0; padding-left: 1.2rem; }
a { color: var(--calm); } .note { font-weight: 400; }
:focus-visible { outline: 3px solid var(--ring); outline-offset: 1px; }
@media print { body { max-width: none; margin: 0; font-size: 9pt; } .wide { overflow: visible; }
  table.leads { min-width: 0; } #filter { display: none; } tr { break-inside: avoid; } }
"""
