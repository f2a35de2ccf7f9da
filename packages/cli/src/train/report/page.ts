import { machineLine } from "../../machine.js";
import { formatBits, formatBytes, formatCount, formatMs } from "../../output/format.js";
import type { Table } from "../../output/text-table.js";
import { escapeHtml, htmlTable } from "../../report/html.js";
import { factList, formatMoment, htmlPage, plotFigure } from "../../report/html-page.js";
import { describeAccuracy, describeHeldOut, type History, type StepLine, scoreOf } from "../history.js";
import type { RunDescription, RunResult } from "../result.js";
import { type CurvePoint, smoothed, thinned } from "./curve.js";
import { type Curve, curvePlot } from "./curve-plot.js";

function answer(result: RunResult, { subject }: RunDescription): string {
	const { best, step, steps, interrupted, seconds } = result;
	const state = step >= steps ? "" : interrupted ? ", interrupted" : " so far";
	const done = `${formatCount(step)} of ${formatCount(steps)} steps${state}, ${formatMs(1000 * seconds)} of training`;
	if (!best) return `${done}.`;
	return `${describeHeldOut(best)} on held-out text with ${subject} after step ${formatCount(best.step)}: ${done}.`;
}

function plots({ steps, heldOut }: History): string {
	const ofSteps = (value: (line: StepLine) => number): CurvePoint[] =>
		steps.map((line) => ({ step: line.step, value: value(line) }));
	const loss: Curve = {
		...{ label: "Training loss", index: 0, marked: false, fromZero: false },
		points: thinned(smoothed(ofSteps((line) => line.loss))),
		format: (value) => value.toFixed(3),
	};
	const inBits = heldOut.every(({ bitsPerByte }) => bitsPerByte !== undefined);
	const score: Curve = {
		...{ label: `${inBits ? "Bits per byte" : "Loss"} on held-out text`, index: 4, marked: true, fromZero: false },
		// That of the untrained model would dwarf all others.
		points: heldOut.filter(({ step }) => step > 0).map((line) => ({ step: line.step, value: scoreOf(line) })),
		format: inBits ? formatBits : (value) => value.toFixed(3),
	};
	const rate: Curve = {
		...{ label: "Learning rate", index: 2, marked: false, fromZero: true },
		points: thinned(ofSteps(({ learningRate }) => learningRate)),
		format: (value) => String(Number(value.toPrecision(3))),
	};
	const speed: Curve = {
		...{ label: "Tokens per second", index: 6, marked: false, fromZero: true },
		points: thinned(smoothed(ofSteps(({ tokens, seconds }) => tokens / seconds))),
		format: formatCount,
	};
	const texts: readonly (readonly [Curve, string])[] = [
		[loss, "Nats per token of the batches, a running mean."],
		[score, "Lower is better; on text that is never trained on."],
		[rate, "Of the optimiser, step by step."],
		[speed, "Without evaluations and checkpoints, a running mean."],
	];
	const figures = texts.flatMap(([curve, text]) => {
		const svg = curvePlot(curve);
		return svg === null ? [] : [plotFigure(curve.label, text, svg)];
	});
	return `<section class="plots">${figures.join("\n")}</section>`;
}

function facts(result: RunResult, { model, training, data }: RunDescription): string {
	const { machine, peakBytes, tokens, tokensPerSecond } = result;
	return factList([
		["Model", model],
		["Training", training],
		["Data", data],
		["Speed", tokens > 0 ? `${formatCount(tokens)} tokens, ${formatCount(tokensPerSecond)} a second` : null],
		["Memory", `${formatBytes(peakBytes)} of tensors at most`],
		["Machine", machineLine(machine)],
	]);
}

/** Evaluations in numbers. */
function evaluationTable({ heldOut }: History, { best }: RunResult): Table {
	const inBits = heldOut.every(({ bitsPerByte }) => bitsPerByte !== undefined);
	return {
		columns: [
			{ title: "step", align: "right" },
			{ title: "held-out loss", align: "right" },
			{ title: inBits ? "bits per byte" : "", align: "right" },
			{ title: "memory", align: "right" },
			{ title: "", align: "left" },
		],
		lines: heldOut.map((line) => [
			formatCount(line.step),
			line.heldOutLoss.toFixed(4),
			inBits ? formatBits(scoreOf(line)) : line.accuracy === undefined ? "" : describeAccuracy(line.accuracy),
			formatBytes(line.peakBytes),
			line === best ? "best" : line.step === 0 ? "untrained" : "",
		]),
	};
}

/** The report of a run: one page that needs nothing but itself. */
export function reportPage(result: RunResult, description: RunDescription, history: History): string {
	return htmlPage({
		title: `${result.folder} – longspan train`,
		origin: `longspan ${result.version} train, ${formatMoment(result.date)}`,
		heading: `Training run ${result.folder}`,
		body: `<p class="answer">${escapeHtml(answer(result, description))}</p>
${facts(result, description)}
<h2>Curves</h2>
<p class="lead">Every step is in metrics.jsonl beside this page.</p>
${plots(history)}
<h2>Evaluations</h2>
${htmlTable(evaluationTable(history, result))}`,
		footer: description.footer,
	});
}
