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
  /* White text and both pages' backgrounds stand out from each of these. */
  --code: #b35c00; --weights: #2f6fb3; --tables: #0f7a6b; --runtime: #687482; --instructions: #8458c0;
  --tensor: #2f6fb3; --edge: #8458c0; --scratch: #b35c00;
  --trend: light-dark(#2f6fb3, #6fa8e4);
  --before: light-dark(#b4bdc7, #56616d);
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
h3 { font-size: .95rem; margin: 1rem 0 .4rem; }
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
.notices { padding: 0 1rem 0 2rem; margin: .75rem 0 0; color: var(--quiet); }
.notices .loosened-budget { color: var(--warn); }
.notices .accepted { color: var(--text); } .notices .accepted::marker { color: var(--good); content: "✔ "; }
.notices .loosened-budget::marker { content: "⚠ "; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .5rem .6rem; border-bottom: 1px solid var(--line); }
thead th { color: var(--quiet); font-weight: 600; font-size: .85em; }
.overview { margin-top: 1.5rem; }
.overview th:nth-child(n+3):nth-child(-n+5), .overview th:nth-child(7), .number { text-align: right; }
.number { font-variant-numeric: tabular-nums; }
.overview small { display: block; }
.overview tr.fail td:first-child { box-shadow: inset .2rem 0 var(--bad); }
.overview tr.pass td:first-child { box-shadow: inset .2rem 0 var(--good); }
.overview tr.removed { opacity: .6; text-decoration: line-through; }
.exact, .down { color: var(--good); } .failed, .over { color: var(--bad); } .up { color: var(--warn); }
small.up, small.down, small.over { font-weight: 600; }
details { border: 1px solid var(--line); border-radius: .4rem; margin: .6rem 0; padding: 0 .9rem; }
summary { cursor: pointer; padding: .55rem 0; }
.composition { margin: 0 0 .5rem; color: var(--quiet); font-size: .9em; }
.pictures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 0 1.5rem; }
figure { margin: 0; }
figcaption { color: var(--quiet); font-size: .85em; margin-top: .35rem; }
figcaption span { white-space: nowrap; margin-right: .5rem; }
figcaption span i { display: inline-block; width: .7em; height: .7em; margin-right: .3em; border-radius: .15em; }
.code { background: var(--code); } .weights { background: var(--weights); } .tables { background: var(--tables); }
.runtime { background: var(--runtime); } .instructions { background: var(--instructions); }
.tensor { background: var(--tensor); } .edge { background: var(--edge); } .scratch { background: var(--scratch); }
.map { position: relative; height: 17rem; }
.map > div, .map i { position: absolute; overflow: hidden; }
.map > div { border: 1px solid var(--page); }
.map i { box-shadow: inset 0 0 0 .5px var(--page); }
.map span { position: relative; display: block; padding: .1rem .35rem 0; color: #fff; font-size: .75rem; line-height: 1.2; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(14rem, 100%), 1fr)); gap: .5rem 1.5rem; }
.charts svg { display: block; width: 100%; height: auto; margin: .3rem 0 0; background: var(--panel); border-radius: .3rem; }
.charts path { fill: none; stroke: var(--trend); stroke-width: 1.5; stroke-linejoin: round; }
.charts circle { fill: var(--trend); } .charts .now { fill: var(--text); }
.charts strong { color: var(--text); }
.scroll { overflow-x: auto; }
.area { position: relative; height: 15.5rem; background: var(--panel); border-bottom: 1px solid var(--quiet); }
.area > div { position: absolute; overflow: hidden; border: 1px solid var(--page); border-radius: .15rem; opacity: .88; }
.area > div span { display: block; padding: 0 .2rem; color: #fff; font-size: .7rem; line-height: 1.2; white-space: nowrap; }
.area > .peak { top: 0; bottom: 0; z-index: 1; border: 2px dashed var(--bad); border-width: 0 2px; border-radius: 0; opacity: 1; pointer-events: none; }
.ticks { display: flex; font-size: .7rem; color: var(--quiet); }
.ticks span { flex: 1 1 0; width: 0; text-align: center; white-space: nowrap; overflow-wrap: normal; }
.ticks .peak { color: var(--bad); font-weight: 700; }
.answers table { width: auto; }
.answers img { display: block; width: 4rem; height: auto; image-rendering: pixelated; }
.answers tr.lost td:first-child { box-shadow: inset .2rem 0 var(--bad); }
.answers tr.gained td:first-child { box-shadow: inset .2rem 0 var(--good); }
.buffers, .sections table { font-size: .85em; }
.buffers td, .sections td { padding: .25rem .5rem; }
figure details, .sections { font-size: .95em; }
ol.layers { list-style: none; margin: 0 0 .75rem; padding: 0; }
.layers li { display: grid; grid-template-columns: calc(var(--lanes) * .8rem + .6rem) minmax(0, 5fr) minmax(0, 4fr) minmax(0, 4fr); column-gap: .8rem; }
.layers li > div { padding: .45rem 0; border-top: 1px solid var(--line); }
.layers .head { color: var(--quiet); font-weight: 600; font-size: .85em; }
.layers .head > div { border: 0; padding-bottom: .2rem; }
.layers small { margin-left: 0; }
.name small { display: block; }
.layers .changed .name { box-shadow: inset 0 0 0 0 transparent; }
.layers .changed .name code { box-shadow: 0 .12em 0 var(--warn); }
.layers .rail { position: relative; padding: 0; border: 0; }
.rail b { position: absolute; left: .15rem; top: .75rem; width: .6rem; height: .6rem; border-radius: 50%; background: var(--text); }
.rail i { position: absolute; left: calc(var(--lane) * .8rem + .4rem); border-left: 2px solid var(--quiet); }
.rail .top { top: 0; height: 1.05rem; } .rail .bottom { top: 1.05rem; bottom: 0; } .rail .whole { top: 0; bottom: 0; }
.rail .turn { left: .4rem; width: calc(var(--lane) * .8rem + 2px); border-left: 0; border-right: 2px solid var(--quiet); }
.rail .turn.bottom { border-top: 2px solid var(--quiet); border-top-right-radius: .4rem; }
.rail .turn.top { border-bottom: 2px solid var(--quiet); border-bottom-right-radius: .4rem; }
.unit { display: none; }
.cost { font-variant-numeric: tabular-nums; }
.bar { display: flex; height: .55rem; margin: .3rem 0 .2rem; border-radius: .15rem; background: var(--panel); overflow: hidden; }
.bar i { display: block; height: 100%; min-width: 1px; }
.bar.before { height: .3rem; margin-bottom: -.15rem; } .bar.before i { background: var(--before); }
footer { margin-top: 2rem; font-size: .9em; } footer > p { margin: .25rem 0; }
@media (max-width: 46rem) {
  body { padding: 1rem .75rem 2rem; }
  .overview thead { display: none; }
  .overview, .overview tbody, .overview tr, .overview td { display: block; }
  .overview tr { border: 1px solid var(--line); border-radius: .4rem; margin: .6rem 0; padding: .25rem 0; }
  .overview td { display: flex; justify-content: space-between; gap: 1rem; border: 0; padding: .25rem .75rem; text-align: right; }
  .overview td::before { content: attr(data-label); color: var(--quiet); text-align: left; }
  .layers li { grid-template-columns: calc(var(--lanes) * .8rem + .6rem) minmax(0, 1fr); }
  .layers .head { display: none; }
  .unit { display: inline; }
  .layers .rail { grid-row: 1 / span 3; }
  .layers .name { padding-bottom: 0; }
  .layers .cost { border: 0; padding: 0 0 .3rem; }
  details { padding: 0 .6rem; }
}
`;
