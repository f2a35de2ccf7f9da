import { formatBits } from "../output/format.js";
import type { CompareResult } from "../result.js";
import { type Axis, linePlot } from "./line-plot.js";
import type { Series } from "./series.js";
import { linearTicks, logTicks, paddedLogDomain } from "./ticks.js";

/** Bits per byte on held-out data against seconds of training. The untrained model, the same for all, is left out. */
export function trainingPlot({ training, settings }: CompareResult): string {
	const series = settings.attentions.flatMap(({ label }, index): Series[] => {
		const run = training.find(({ attention }) => attention === label);
		const points = (run?.curve ?? []).filter(({ step, bitsPerByte }) => step > 0 && Number.isFinite(bitsPerByte));
		if (!run || points.length === 0) return [];
		return [
			{
				label,
				index,
				endLabel: `${label} ${formatBits(run.bitsPerByte)}`,
				points: points.map(({ step, seconds, bitsPerByte }) => ({
					x: seconds,
					y: bitsPerByte,
					title: `${label}, step ${step}, ${seconds.toFixed(1)} s: ${formatBits(bitsPerByte)} bits per byte`,
				})),
			},
		];
	});
	const points = series.flatMap((line) => line.points);
	const longest = Math.max(...points.map(({ x }) => x));
	const x: Axis = {
		type: "linear",
		label: "seconds of training",
		domain: [0, longest],
		ticks: linearTicks(longest),
		format: (value) => String(Number(value.toPrecision(6))),
	};
	const domain = paddedLogDomain(points.map(({ y }) => y));
	const ticks = logTicks(domain, 10, [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8]);
	const y: Axis = { type: "log", label: "", domain, ticks, format: (value) => value.toFixed(1) };
	const said = series.map(({ endLabel }) => endLabel).join(", ");
	return linePlot(series, x, y, `Bits per byte against seconds of training, at the end: ${said}`);
}
