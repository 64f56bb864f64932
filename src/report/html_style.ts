/** The style sheet of the HTML report: system fonts, two colour schemes, one break for phones. */
export const style = `
:root {
  color-scheme: light dark;
  --text: light-dark(#1b2129, #e4e8ee);
  --quiet: light-dark(#5a6573, #9aa5b3);
  --page: light-dark(#ffffff, #14181d);
  --panel: light-dark(#f4f6f8, #1d232a);
  --line: light-dark(#d9dfe5, #313a44);
  --good: light-dark(#14703a, #54c785);
  --bad: light-dark(#b3261e, #ff8178);
  --warn: light-dark(#8a5300, #f0b354);
  --flash: light-dark(#3b78c4, #6aa5ee);
  --instructions: light-dark(#8a5cc2, #b990ee);
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.5rem 1.25rem 3rem; max-width: 76rem;
  color: var(--text); background: var(--page);
  font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  overflow-wrap: anywhere;
}
h1 { font-size: 1.5rem; margin: 0 0 .25rem; line-height: 1.25; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
header { border-left: .35rem solid; padding: .1rem 0 .1rem 1rem; }
header.pass { border-color: var(--good); } header.pass .mark { color: var(--good); }
header.fail { border-color: var(--bad); } header.fail .mark { color: var(--bad); }
header p, footer, small { color: var(--quiet); }
header p { margin: 0; }
small { font-size: .85em; }
code { font: .9em ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
.reasons { padding: .75rem 1rem .75rem 2rem; margin: 1.25rem 0 0; background: var(--panel); border-radius: .4rem; }
.reasons li { margin: .2rem 0; }
.reasons li::marker { color: var(--bad); content: "✖ "; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .5rem .6rem; border-bottom: 1px solid var(--line); }
thead th { color: var(--quiet); font-weight: 600; font-size: .85em; }
.overview { margin-top: 1.5rem; }
.overview th:nth-child(n+3):nth-child(-n+5), .overview th:nth-child(7), .number { text-align: right; }
.number, .layers td { font-variant-numeric: tabular-nums; }
.overview small { display: block; }
.overview tr.fail td:first-child { box-shadow: inset .2rem 0 var(--bad); }
.overview tr.pass td:first-child { box-shadow: inset .2rem 0 var(--good); }
.overview tr.removed { opacity: .6; text-decoration: line-through; }
.exact, .down { color: var(--good); } .failed, .over { color: var(--bad); } .up { color: var(--warn); }
small.up, small.down, small.over { font-weight: 600; }
details { border: 1px solid var(--line); border-radius: .4rem; margin: .6rem 0; padding: 0 .9rem; }
summary { cursor: pointer; padding: .55rem 0; }
.composition { margin: 0 0 .5rem; color: var(--quiet); font-size: .9em; }
.layers th[scope] { font-weight: 400; width: 40%; }
.layers th small { display: block; }
.layers td { width: 30%; }
.layers tr:last-child > * { border-bottom: 0; }
.layers tr.changed th { box-shadow: inset .2rem 0 var(--warn); }
.bar { height: .5rem; margin: .35rem 0 .25rem; border-radius: .25rem; background: var(--panel); overflow: hidden; }
.bar i { display: block; height: 100%; min-width: 1px; border-radius: .25rem; }
.bar.flash i { background: var(--flash); } .bar.instructions i { background: var(--instructions); }
footer { margin-top: 2rem; font-size: .9em; } footer > p { margin: .25rem 0; }
@media (max-width: 46rem) {
  body { padding: 1rem .75rem 2rem; }
  .overview thead { display: none; }
  .overview, .overview tbody, .overview tr, .overview td { display: block; }
  .overview tr { border: 1px solid var(--line); border-radius: .4rem; margin: .6rem 0; padding: .25rem 0; }
  .overview td { display: flex; justify-content: space-between; gap: 1rem; border: 0; padding: .25rem .75rem; text-align: right; }
  .overview td::before { content: attr(data-label); color: var(--quiet); text-align: left; }
  .layers, .layers tbody, .layers tr, .layers th[scope], .layers td { display: block; width: auto; }
  .layers thead { display: none; }
  .layers th[scope] { border: 0; padding-bottom: 0; }
  .layers td { border: 0; padding: 0 .6rem .3rem; }
  .layers tr { border-bottom: 1px solid var(--line); padding: .3rem 0; }
  .layers tr:last-child { border-bottom: 0; }
}
`;
