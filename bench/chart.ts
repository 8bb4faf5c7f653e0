/**
 * The chart of a benchmark's results: a bar for each contestant, a row of bars for each case.
 *
 * @module
 */

import fs from "node:fs";
import type { Machine } from "./machine.ts";
import type { CaseResult } from "./results.ts";

/**
 * Draws the chart.
 *
 * @param results The results.
 * @param machine Where they were measured.
 * @param file The SVG file.
 */
export async function drawChart(results: readonly CaseResult[], machine: Machine, file: string): Promise<void> {
  const vega = await import("vega");
  const vegaLite = await import("vega-lite");
  const values = results.flatMap(({ name, entries }) =>
    entries.map((entry) => ({
      case: name,
      contestant: entry.name,
      kind: entry.own ? "@posix/aio" : "others",
      rate: entry.rate.median,
      least: entry.rate.least,
      greatest: entry.rate.greatest,
    }))
  );
  const rows = (mark: object, encoding: object) => ({ mark, encoding });
  const specification = {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    title: {
      text: "Rates by case: bars are medians, lines go from the least to the greatest",
      subtitle:
        `${machine.processor}, ${machine.cores} cores, ${machine.kernel}, ${machine.fileSystem}, ${machine.date}`,
    },
    data: { values },
    facet: {
      row: {
        field: "case",
        title: null,
        sort: results.map(({ name }) => name),
        header: { labelAngle: 0, labelAnchor: "start", labelOrient: "top", labelFontWeight: "bold" },
      },
    },
    spec: {
      width: 560,
      height: { step: 15 },
      layer: [
        rows({ type: "bar" }, {
          x: { field: "rate", type: "quantitative", title: "thousand requests (or whole runs) a second" },
          y: { field: "contestant", type: "nominal", title: null, sort: null, axis: { labelLimit: 0 } },
          color: {
            field: "kind",
            type: "nominal",
            title: null,
            legend: { orient: "top" },
            scale: { range: ["#1b6ac9", "#b9bec6"] },
          },
        }),
        rows({ type: "rule" }, {
          x: { field: "least", type: "quantitative" },
          x2: { field: "greatest" },
          y: { field: "contestant", type: "nominal", sort: null },
        }),
      ],
    },
    resolve: { scale: { x: "independent", y: "independent" } },
  };
  // it warns that bars and lines of a case share an axis, which they shall
  const compiled = vegaLite.compile(specification as never, { logger: vega.logger(vega.Error) }).spec;
  const view = new vega.View(vega.parse(compiled), { renderer: "none" });
  fs.writeFileSync(file, await view.toSVG());
}
