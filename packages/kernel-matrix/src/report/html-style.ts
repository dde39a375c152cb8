/** The page's looks: the colours of the system's light or dark scheme, nothing loaded from anywhere. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --page: #fff; --text: #1f2328; --quiet: #59636e; --line: #d1d9e0; --panel: #f6f8fa; --link: #0550ae;
  --passed: #116329; --passed-back: #e6f6e9; --flaky: #7d4e00; --flaky-back: #fff3d6; --xfail: #5c4a00; --xfail-back: #f4f0dc; --failed: #a40e26; --failed-back: #ffebe9;
  --error: #6639ba; --error-back: #f5efff; --skipped: #59636e; --skipped-back: #eff2f5;
  --firmware: #afb8c1; --boot: #8c959f; --command: #2f81f7; --end: #c8d1da; --mark: #fff1b8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0d1117; --text: #e6edf3; --quiet: #9198a1; --line: #30363d; --panel: #161b22; --link: #79b8ff;
    --passed: #56d364; --passed-back: #12261e; --flaky: #e3b341; --flaky-back: #2b2111; --xfail: #d3c27a; --xfail-back: #24210f; --failed: #ff7b72; --failed-back: #2d1416;
    --error: #d2a8ff; --error-back: #211a33; --skipped: #9198a1; --skipped-back: #1c2128;
    --firmware: #484f58; --boot: #6e7681; --command: #388bfd; --end: #343b44; --mark: #4d3d00;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 100rem; margin: 0 auto; padding: 1.5rem clamp(1rem, 3vw, 3rem) 4rem; }
h1 { font-size: 1.6rem; margin: 0; line-height: 1.25; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .75rem; }
h3 { font-size: .8rem; margin: 1.1rem 0 .3rem; color: var(--quiet); font-weight: 600; }
a { color: var(--link); }
code, pre, .name { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: .875em; }
.quiet { color: var(--quiet); }
.facts { margin: .35rem 0 0; color: var(--quiet); }
.counts { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1rem 0 0; padding: 0; list-style: none; }
.badge { display: inline-block; padding: .05rem .55rem; border-radius: 1rem; font-weight: 600; white-space: nowrap; }
.badge.passed { color: var(--passed); background: var(--passed-back); }
.badge.flaky { color: var(--flaky); background: var(--flaky-back); }
.badge.xfail { color: var(--xfail); background: var(--xfail-back); }
.badge.failed { color: var(--failed); background: var(--failed-back); }
.badge.error { color: var(--error); background: var(--error-back); }
.badge.skipped { color: var(--skipped); background: var(--skipped-back); }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: .5rem; }
table { border-collapse: separate; border-spacing: 0; min-width: 100%; }
th, td { padding: .5rem .75rem; border-bottom: 1px solid var(--line); border-right: 1px solid var(--line); text-align: left; vertical-align: top; }
tr > :last-child { border-right: 0; }
tbody tr:last-child > * { border-bottom: 0; }
th { background: var(--panel); font-weight: 600; }
thead th { vertical-align: bottom; overflow-wrap: anywhere; }
/* Equal columns: a bar is as long as the time it stands for, wherever it is. */
.grid { table-layout: fixed; width: max(100%, calc(12rem + var(--tests) * 10rem)); }
.grid th:first-child { position: sticky; left: 0; z-index: 1; width: 12rem; overflow-wrap: anywhere; }
tbody th small { display: block; font-weight: 400; color: var(--quiet); overflow-wrap: anywhere; }
td.xfail { background: var(--xfail-back); }
td.flaky { background: var(--flaky-back); }
td.failed { background: var(--failed-back); } td.error { background: var(--error-back); }
td a { text-decoration: none; color: inherit; display: block; border-radius: .3rem; }
td a:hover .word { text-decoration: underline; }
.word { font-weight: 600; white-space: nowrap; }
.passed > .word, .passed a .word { color: var(--passed); }
.flaky > .word, .flaky a .word { color: var(--flaky); }
.xfail > .word, .xfail a .word { color: var(--xfail); }
.failed > .word, .failed a .word { color: var(--failed); }
.error > .word, .error a .word { color: var(--error); }
.skipped > .word, .skipped a .word { color: var(--skipped); }
.time { float: right; margin-left: .75rem; color: var(--quiet); font-variant-numeric: tabular-nums; white-space: nowrap; }
.why { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; font-size: .85rem; overflow-wrap: anywhere; }
.bar { display: block; width: 100%; height: 6px; margin-top: .35rem; border-radius: 3px; background: color-mix(in srgb, var(--line) 45%, transparent); }
.bar .firmware, .swatch.firmware { fill: var(--firmware); background: var(--firmware); }
.bar .boot, .swatch.boot { fill: var(--boot); background: var(--boot); }
.bar .command, .swatch.command { fill: var(--command); background: var(--command); }
.bar .end, .swatch.end { fill: var(--end); background: var(--end); }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: .6rem 0 0; padding: 0; list-style: none; color: var(--quiet); font-size: .85rem; }
.swatch { display: inline-block; width: .9rem; height: .55rem; margin-right: .4rem; border-radius: 2px; }
details.cell { border: 1px solid var(--line); border-left: .25rem solid var(--line); border-radius: .4rem; margin: .5rem 0; }
details.cell.failed { border-left-color: var(--failed); } details.cell.error { border-left-color: var(--error); }
details.cell.xfail { border-left-color: var(--xfail); }
details.cell.flaky { border-left-color: var(--flaky); }
details.cell.passed { border-left-color: var(--passed); } details.cell.skipped { border-left-color: var(--skipped); }
details.cell { content-visibility: auto; contain-intrinsic-size: auto 4rem; }
.scroll[data-part] { content-visibility: auto; contain-intrinsic-size: auto calc(3rem + var(--rows) * 2.6rem); }
.scroll[data-part] + .scroll[data-part] { margin-top: .5rem; }
[hidden] { display: none !important; }
#tools { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1.25rem; margin: 1rem 0 0; padding: .6rem .8rem; background: var(--panel); border: 1px solid var(--line); border-radius: .5rem; position: sticky; top: 0; z-index: 2; }
#tools p { margin: 0; } #tools fieldset { display: flex; flex-wrap: wrap; gap: .25rem 1rem; border: 0; margin: 0; padding: 0; }
#tools legend { float: left; margin-right: .75rem; padding: 0; color: var(--quiet); }
#search { font: inherit; min-width: 0; width: 16rem; max-width: 100%; padding: .2rem .5rem; color: var(--text); background: var(--page); border: 1px solid var(--quiet); border-radius: .3rem; }
kbd { padding: 0 .35em; border: 1px solid var(--line); border-radius: .25rem; background: var(--page); font-size: .85em; }
.here { float: right; font-size: .85rem; }
details.cell > summary { scroll-margin-top: 7rem; }
@media (max-width: 40rem) { #tools { position: static; } .grid th:first-child { position: static; } }
details.cell > summary { padding: .55rem .8rem; cursor: pointer; overflow-wrap: anywhere; }
details.cell > summary:hover { background: var(--panel); }
.inside { padding: .3rem 1rem 1rem; scroll-margin-top: 4rem; }
.inside:target { outline: 2px solid var(--link); outline-offset: -2px; border-radius: .4rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: .4rem 0 0; }
dt { color: var(--quiet); } dd { margin: 0; overflow-wrap: anywhere; }
.output { max-height: 30rem; overflow: auto; display: flex; flex-direction: column-reverse; background: var(--panel); border: 1px solid var(--line); border-radius: .4rem; }
pre { margin: 0; padding: .6rem .8rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.inside > details { margin-top: .9rem; }
mark { background: var(--mark); color: inherit; }
ul.plain { margin: .2rem 0; padding-left: 1.2rem; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
@media print { .output { max-height: none; } details.cell { break-inside: avoid; } }
`;
