/** The style sheet of the HTML report. The charts have fallbacks for their colours, so light paper needs no custom properties. */
export const styles = `
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 52rem; padding: 1.5rem; font: 1rem/1.5 system-ui, sans-serif; color: #1c2430; background: #fff; }
h1 { font-size: 1.5rem; margin: 0 0 .5rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; border-bottom: 1px solid #d5dae1; padding-bottom: .25rem; }
.verdict { font-size: 1.1rem; border-left: .4rem solid #5b6778; padding: .5rem .75rem; background: #f4f6f9; }
.verdict.good { border-color: #1f7a3d; }
.verdict.warning { border-color: #8a5a00; }
.verdict.critical { border-color: #b3261e; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid #e3e7ec; font-weight: normal; overflow-wrap: anywhere; }
thead th { color: #3b4452; font-weight: 600; overflow-wrap: normal; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
figure { margin: 0; }
.chart-title { display: none; }
.chart-drawing { max-width: 100%; height: auto; }
summary { cursor: pointer; color: #1b5fc1; }
.made { color: #5b6778; font-size: .85rem; }
@page { size: A4; margin: 16mm; }
@media print {
  body { padding: 0; max-width: none; font-size: 10pt; }
  section { break-inside: avoid; }
  .chart-numbers { display: none; }
  .verdict { background: none; }
}
`
