import { formatBits, formatExponent, formatMs } from "../../output/format.js";
import type { Column, Table, TableLine } from "../../output/text-table.js";
import type { CompareResult } from "../result.js";

/** One row per attention: how it grows, and what the model with it learnt. */
export function summaryTable({ settings, fits, training, skippedTraining }: CompareResult): Table {
	const trained = settings.training
		? [
				{ title: "bits per byte", align: "right" as const },
				{ title: "trained in", align: "right" as const },
			]
		: [];
	const columns: Column[] = [
		{ title: "attention", align: "left" },
		{ title: "time ∝", align: "right" },
		{ title: "memory ∝", align: "right" },
		...trained,
	];
	const lines = settings.attentions.map(({ label }): TableLine => {
		const fit = fits.find(({ attention }) => attention === label);
		const growth = [formatExponent(fit?.timeExponent ?? null), formatExponent(fit?.memoryExponent ?? null)];
		if (!settings.training) return [label, ...growth];
		const run = training.find(({ attention }) => attention === label);
		if (run) return [label, ...growth, formatBits(run.bitsPerByte), formatMs(run.seconds * 1000)];
		const reason = skippedTraining.find(({ attention }) => attention === label)?.reason;
		return [label, ...growth, `not trained: ${reason}`];
	});
	return { columns, lines };
}
