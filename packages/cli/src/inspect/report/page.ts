import { headNames } from "../../output/head-names.js";
import { escapeHtml, htmlTable } from "../../report/html.js";
import { factList, formatMoment, htmlPage, plotFigure } from "../../report/html-page.js";
import type { Pattern } from "../../report/pattern.js";
import { patternFigure } from "../../report/pattern-figures.js";
import { decodingText, extraNodesLine, indirectLine, randomGraphLine, subjectLine } from "../output/sentences.js";
import { costTableText, hopsTable, patternTable, receptiveFieldTable } from "../output/tables.js";
import type { InspectResult } from "../result.js";
import { hopsPlot } from "./hops-plot.js";

function lead(text: string | null): string {
	return text === null ? "" : `<p class="lead">${escapeHtml(text)}</p>`;
}

function pathSections(result: InspectResult): string {
	if (result.paths.length === 0) return "";
	return `<h2>How far apart tokens are</h2>
<p class="lead">A token that sees another is one layer from it. Shares are of all pairs of two different tokens${result.causal ? ", the later of which could see the earlier" : ""}.</p>
<section class="plots">
${plotFigure("Pairs connected within a number of layers", "Equal layers on top of each other.", hopsPlot(result))}
<div class="card"><strong>What a token knows of</strong>${htmlTable(receptiveFieldTable(result))}</div>
</section>
${htmlTable(hopsTable(result))}
${lead(randomGraphLine(result))}`;
}

/** An inspection as one page. */
export function inspectPage(result: InspectResult, patterns: readonly Pattern[]): string {
	const figures = patterns.map((pattern, index) =>
		patternFigure(pattern, headNames(pattern.heads), index, `hatch-${index}`),
	);
	const table = result.patterns.length > 0 ? htmlTable(patternTable(result)) : "";
	return htmlPage({
		title: `${result.attention} – longspan inspect`,
		origin: `longspan ${result.version} inspect, ${formatMoment(result.date)}`,
		heading: result.attention,
		body: `${factList([
			["Attention", subjectLine(result)],
			["Note", result.note],
			["Pattern", indirectLine(result)],
			["Nodes", extraNodesLine(result)],
			["Decoding", decodingText(result)],
		])}
<h2>Who sees whom</h2>
<p class="lead">Queries from top to bottom, keys from left to right.</p>
<section class="patterns large">${figures.join("\n")}</section>
${table}
${pathSections(result)}
<h2>What a call costs</h2>
${htmlTable(costTableText(result))}`,
		footer: `Scores are the pairs that are computed, more than pairs where a pair counts several times. Work, tiles of 64 × 64 scores and memory
(beyond q, k and v) are of one forward call with ${result.heads} × ${result.headDim}, batch 1, counted before it runs.`,
	});
}
