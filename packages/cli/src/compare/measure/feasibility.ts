import { formatBytes, formatMs } from "../output/format.js";
import type { SkippedRow } from "../result.js";
import { type CallSizes, inputBytes } from "./inputs.js";
import { memoryLimit, neededBytes, predictCost } from "./predict.js";
import type { Subject } from "./subject.js";

/** Why a call should not be made. */
export type Obstacle = Omit<SkippedRow, "attention" | "n">;

/** Tells before a call whether it fits the memory and the time there is. */
export class Feasibility {
	private readonly limit = memoryLimit();

	constructor(
		private readonly sizes: CallSizes,
		private readonly maxSeconds: number,
	) {}

	/** Null if the call fits. */
	memoryObstacle({ attention }: Subject, n: number, backward: boolean): Obstacle | null {
		const needed = neededBytes(attention, n, this.sizes, backward);
		if (needed <= this.limit.bytes) return null;
		const inputs = formatBytes(inputBytes(this.sizes, n, false));
		const { bytes, reason } = this.limit;
		return {
			reason: `needs ${formatBytes(needed)} of memory (q, k and v alone ${inputs}); ${formatBytes(bytes)} is ${reason}`,
			neededBytes: needed,
			predictedMs: null,
		};
	}

	/** Null if a call at this length should end in time, or nothing is known yet. `rate`: operations per millisecond. */
	timeObstacle({ attention }: Subject, n: number, rate: number | null, call = "one call"): Obstacle | null {
		if (rate === null) return null;
		const predictedMs = predictCost(attention, n, this.sizes).flops / rate;
		if (predictedMs <= this.maxSeconds * 1000) return null;
		return {
			reason: `${call} would take about ${formatMs(predictedMs)}, more than --max-seconds ${this.maxSeconds}`,
			neededBytes: null,
			predictedMs,
		};
	}
}
