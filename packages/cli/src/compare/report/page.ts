import { formOf } from "../../attentions/form.js";
import { exactName } from "../../attentions/registry.js";
import { machineLine } from "../../machine.js";
import { formatCount } from "../../output/format.js";
import { escapeHtml, htmlTable } from "../../report/html.js";
import { factList, formatMoment, htmlPage, plotFigure } from "../../report/html-page.js";
import { type DrawnAttention, patternFigures, pictureLength } from "../../report/pattern-figures.js";
import { formNotes, measuredLine, trainedLine } from "../output/describe-settings.js";
import { measurementTable } from "../output/measurement-table.js";
import { summaryTable } from "../output/summary-table.js";
import type { CompareResult } from "../result.js";
import type { CompareSettings } from "../settings.js";
import { forwardBackwardPlot, memoryPlot, timePlot } from "./growth-plots.js";
import { trainingPlot } from "./training-plot.js";

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
	const drawn = attentions.map(
		(choice): DrawnAttention => ({
			label: choice.label,
			at: (length) => formOf(choice, causal, length).attention,
			exact: choice.name === exactName,
		}),
	);
	const n = pictureLength(drawn, heads);
	const figures = drawn.map((one, index) => patternFigures(one, index, n, heads));
	const cell = n > 128 ? ` A dot stands for ${n / 128} × ${n / 128} pairs; the paler, the fewer of them.` : "";
	return `<h2>Who sees whom</h2>
<p class="lead">Queries from top to bottom, keys from left to right, at a length of ${formatCount(n)}.${cell}</p>
<section class="patterns">${figures.join("\n")}</section>`;
}

function facts({ machine, settings }: CompareResult): string {
	return factList([
		["Machine", machineLine(machine)],
		["Measured", measuredLine(settings)],
		["Trained", trainedLine(settings)],
		["Attentions", settings.attentions.map(({ label, description }) => `${label} (${description})`).join("; ")],
		["Note", formNotes(settings).join("; ")],
	]);
}

/** The report: one page that needs nothing but itself. */
export function reportPage(result: CompareResult, settings: CompareSettings): string {
	return htmlPage({
		title: "Which attention fits? – longspan compare",
		origin: `longspan ${result.version} compare, ${formatMoment(result.date)}`,
		heading: "Which attention fits?",
		body: `<p class="answer">${escapeHtml(result.answer)}</p>
${facts(result)}
<h2>Growth and learning</h2>
<p class="lead">Medians of repeated calls; memory as the tensor core counts it.</p>
${plots(result)}
${patterns(settings)}
<h2>In numbers</h2>
${htmlTable(measurementTable(result))}`,
		footer: `“vs full” is how many times as fast as exact attention at the same length. Work and tiles are counted by the kernels
during the call. The error is the largest absolute difference from exact attention of the same inputs: for attentions that
leave keys out or replace the softmax it tells how different they are, not how wrong.`,
	});
}
