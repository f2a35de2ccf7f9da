import { standaloneSvg } from "../../report/standalone-svg.js";
import { curvesPlot } from "./curves-plot.js";
import { heatMap } from "./heat-map.js";
import { curvesTitle } from "./page.js";
import type { SpectrumResult } from "./result.js";
import { heatText, spectrumLine } from "./tables.js";

/** Curves and heat map as an SVG file of its own. */
export function spectrumSheet(result: SpectrumResult): string {
	return standaloneSvg(curvesTitle, spectrumLine(result), [
		{ title: "Mean over the heads of each layer", svg: curvesPlot(result) },
		{ title: heatText(result), svg: heatMap(result) },
	]);
}
