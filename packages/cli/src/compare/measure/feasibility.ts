import type { Cost } from "longspan";
import { isRefusal, refusalText } from "../../attentions/form.js";
import { formatBytes, formatMs } from "../../output/format.js";
import type { SkippedRow } from "../result.js";
import { type CallSizes, inputBytes } from "./inputs.js";
import { memoryLimit, neededBytes, predictCost } from "./predict.js";
import type { Subject } from "./subject.js";

/** Why a call should not be made. */
export type Obstacle = Omit<SkippedRow, "attention" | "n">;

/** Tells before a call whether it fits the memory and the time there is. */
export class Feasibility {
	private readonly limit = memoryLimit();
	/** The last cost of each subject: counting tiles takes a while at great lengths, and several questions need it. */
	private readonly costs = new Map<Subject, { readonly n: number; readonly cost: Cost }>();

	constructor(
		private readonly sizes: CallSizes,
		private readonly maxSeconds: number,
	) {}

	private costOf(subject: Subject, n: number): Cost {
		const known = this.costs.get(subject);
		if (known?.n === n) return known.cost;
		const cost = predictCost(subject.at(n), n, this.sizes);
		this.costs.set(subject, { n, cost });
		return cost;
	}

	/** Null if the attention takes this length; the other obstacles may be asked for only then. */
	formObstacle(subject: Subject, n: number): Obstacle | null {
		try {
			this.costOf(subject, n);
			return null;
		} catch (error) {
			if (!isRefusal(error)) throw error;
			return { reason: refusalText(error), neededBytes: null, predictedMs: null };
		}
	}

	/** Null if the call fits. */
	memoryObstacle(subject: Subject, n: number, backward: boolean): Obstacle | null {
		const needed = neededBytes(this.costOf(subject, n), n, this.sizes, backward);
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
	timeObstacle(subject: Subject, n: number, rate: number | null, call = "one call"): Obstacle | null {
		if (rate === null) return null;
		const predictedMs = this.costOf(subject, n).flops / rate;
		if (predictedMs <= this.maxSeconds * 1000) return null;
		return {
			reason: `${call} would take about ${formatMs(predictedMs)}, more than --max-seconds ${this.maxSeconds}`,
			neededBytes: null,
			predictedMs,
		};
	}
}
