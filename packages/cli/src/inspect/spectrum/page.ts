import { escapeHtml, htmlTable } from "../../report/html.js";
import { factList, formatMoment, htmlPage, plotFigure } from "../../report/html-page.js";
import { curvesPlot } from "./curves-plot.js";
import { heatMap } from "./heat-map.js";
import type { SpectrumResult } from "./result.js";
import { heatText, rankTable, spectrumLine } from "./tables.js";

/** What curves and heat map show, for both kinds of files. */
export const curvesTitle = "Normalised cumulative singular values";

/** A spectrum as one page. */
export function spectrumPage(result: SpectrumResult): string {
	return htmlPage({
		title: `${result.config.attention} – longspan inspect spectrum`,
		origin: `longspan ${result.version} inspect spectrum, ${formatMoment(result.date)}`,
		heading: "How many dimensions does attention use?",
		body: `${factList([["Model", spectrumLine(result)]])}
<h2>Spectrum of the attention matrices</h2>
<p class="lead">The sooner a line rises, the better a matrix of low rank could take the place of attention.</p>
<section class="plots">
${plotFigure(curvesTitle, "The mean over the heads of each layer and over the windows.", curvesPlot(result))}
${plotFigure("By layer and head", `${heatText(result)}.`, heatMap(result))}
</section>
<h2>In numbers</h2>
<p class="lead">How many of the largest singular values make up nine tenths of the sum.</p>
${htmlTable(rankTable(result))}`,
		footer: escapeHtml(
			"s(r) is the sum of the r largest singular values of an attention matrix divided by the sum of all of them (Linformer, figure 1).",
		),
	});
}
