import { exactName } from "../attentions/registry.js";
import { machineLine, measuredLine, trainedLine } from "../output/describe-settings.js";
import { formatCount } from "../output/format.js";
import { measurementTable } from "../output/measurement-table.js";
import { summaryTable } from "../output/summary-table.js";
import type { CompareResult } from "../result.js";
import type { CompareSettings } from "../settings.js";
import { forwardBackwardPlot, memoryPlot, timePlot } from "./growth-plots.js";
import { escapeHtml, htmlTable } from "./html.js";
import { patternFigures, pictureLength } from "./pattern-picture.js";
import { style } from "./style.js";
import { trainingPlot } from "./training-plot.js";

function plotFigure(title: string, text: string, svg: string): string {
	return `<figure><figcaption><strong>${escapeHtml(title)}</strong>${escapeHtml(text)}</figcaption>${svg}</figure>`;
}

function plots(result: CompareResult): string {
	const slopes = "Both axes logarithmic. Labels tell the growth, fitted from a sixteenth of the longest length on.";
	const figures = [
		...(result.rows.length > 0
			? [
					plotFigure("Time of one forward call", slopes, timePlot(result)),
					...(result.rows.some(({ forwardBackwardMs }) => forwardBackwardMs !== null)
						? [plotFigure("Time of forward and backward", slopes, forwardBackwardPlot(result))]
						: []),
					plotFigure("Peak memory beyond q, k and v", slopes, memoryPlot(result)),
				]
			: []),
		...(result.training.some(
			({ curve, steps }) => steps > 0 && curve.some(({ bitsPerByte }) => Number.isFinite(bitsPerByte)),
		)
			? [
					plotFigure(
						"Bits per byte on held-out data",
						"Lower is better; the same weights, batches and steps for all. Time counts training steps only.",
						trainingPlot(result),
					),
				]
			: []),
	];
	const summary = `<div class="card"><strong>In short</strong>${htmlTable(summaryTable(result))}</div>`;
	return `<section class="plots">${[...figures, summary].join("\n")}</section>`;
}

function patterns({ attentions, causal, heads }: CompareSettings): string {
	const drawn = attentions.map(({ label, name, create }) => ({
		label,
		attention: create(causal),
		exact: name === exactName,
	}));
	const n = pictureLength(drawn, heads);
	const figures = drawn.map((one, index) => patternFigures(one, index, n, heads));
	const cell = n > 128 ? ` A dot stands for ${n / 128} × ${n / 128} pairs; the paler, the fewer of them.` : "";
	return `<h2>Who sees whom</h2>
<p class="lead">Queries from top to bottom, keys from left to right, at a length of ${formatCount(n)}.${cell}</p>
<section class="patterns">${figures.join("\n")}</section>`;
}

function facts({ machine, settings }: CompareResult): string {
	const entries: [string, string | null][] = [
		["Machine", machineLine(machine)],
		["Measured", measuredLine(settings)],
		["Trained", trainedLine(settings)],
		["Attentions", settings.attentions.map(({ label, description }) => `${label} (${description})`).join("; ")],
	];
	const items = entries.flatMap(([term, text]) => (text ? [`<dt>${term}</dt><dd>${escapeHtml(text)}</dd>`] : []));
	return `<dl>${items.join("\n")}</dl>`;
}

/** The report: one page that needs nothing but itself. */
export function reportPage(result: CompareResult, settings: CompareSettings): string {
	const date = result.date.slice(0, 16).replace("T", " ");
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Which attention fits? – longspan compare</title>
<style>${style}</style>
</head>
<body><main>
<header><p>longspan ${escapeHtml(result.version)} compare, ${escapeHtml(date)} UTC</p><h1>Which attention fits?</h1></header>
<p class="answer">${escapeHtml(result.answer)}</p>
${facts(result)}
<h2>Growth and learning</h2>
<p class="lead">Medians of repeated calls; memory as the tensor core counts it.</p>
${plots(result)}
${patterns(settings)}
<h2>In numbers</h2>
${htmlTable(measurementTable(result))}
<footer>“vs full” is how many times as fast as exact attention at the same length. Work and tiles are counted by the kernels
during the call. The error is the largest absolute difference from exact attention of the same inputs: for attentions that
leave keys out or replace the softmax it tells how different they are, not how wrong.</footer>
</main></body>
</html>
`;
}
