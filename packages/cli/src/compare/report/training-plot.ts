import { formatBits } from "../../output/format.js";
import { type Axis, linePlot } from "../../report/line-plot.js";
import type { Series } from "../../report/series.js";
import { linearTicks } from "../../report/ticks.js";
import type { CompareResult } from "../result.js";

const format = (value: number) => String(Number(value.toPrecision(6)));

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
		ticks: linearTicks([0, longest]),
		format,
	};
	const bits = points.map(({ y }) => y);
	const room = 0.06 * (Math.max(...bits) - Math.min(...bits)) || 0.1;
	const domain = [Math.min(...bits) - room, Math.max(...bits) + room] as const;
	const y: Axis = { type: "linear", label: "", domain, ticks: linearTicks(domain), format };
	const said = series.map(({ endLabel }) => endLabel).join(", ");
	return linePlot(series, x, y, `Bits per byte against seconds of training, at the end: ${said}`);
}
