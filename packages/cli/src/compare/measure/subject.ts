import type { Attention } from "longspan";
import type { Row } from "../result.js";
import type { Callable } from "./callable.js";
import type { CallMeasurement } from "./calls.js";

/** Timed calls of one kind at one length stop once they have taken this long together. */
const timeBoxMs = 2000;

/** The calls of one kind at one length: a warm-up and the timed ones. */
export class Timings {
	private readonly times: number[] = [];
	private spent = 0;

	constructor(
		readonly warmUp: CallMeasurement,
		private readonly repeat: number,
	) {}

	/** Whether another call is wanted: always a first, then as many as fit the repeats and the time. */
	get wantsMore(): boolean {
		const expected = this.times[this.times.length - 1];
		return expected === undefined || (this.times.length < this.repeat && this.spent + expected <= timeBoxMs);
	}

	get count(): number {
		return this.times.length;
	}

	get median(): number {
		const sorted = [...this.times].sort((a, b) => a - b);
		const middle = sorted.length >> 1;
		const upper = sorted[middle] ?? Number.NaN;
		return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
	}

	add({ ms }: CallMeasurement): void {
		this.times.push(ms);
		this.spent += ms;
	}
}

/** An attention under measurement. */
export class Subject {
	private latest: { readonly length: number; readonly attention: Attention } | null = null;
	/** Predicted operations per millisecond, from the last length measured; null before the first. */
	forwardRate: number | null = null;
	forwardBackwardRate: number | null = null;

	constructor(
		readonly label: string,
		private readonly create: (length: number) => Attention,
		/** False for exact attention that was not chosen and serves as the yardstick only. */
		readonly chosen: boolean,
	) {}

	/** The attention for sequences of this length; throws `OptionError` if there is none. */
	at(length: number): Attention {
		// Kept for the next call: it holds the plans of its length.
		if (this.latest?.length !== length) this.latest = { length, attention: this.create(length) };
		return this.latest.attention;
	}
}

/** What is known of one subject at the length being measured. */
export interface Trial {
	readonly subject: Subject;
	readonly callable: Callable;
	readonly forward: Timings;
	readonly maxErrorVsExact: number | null;
	readonly forwardBackward: Timings | null;
	readonly note: string | null;
}

/** The row of a trial whose calls are done. */
export function rowOf({ subject, forward, forwardBackward, maxErrorVsExact, note }: Trial, n: number): Row {
	return {
		attention: subject.label,
		n,
		forwardMs: forward.median,
		forwardBackwardMs: forwardBackward?.median ?? null,
		peakBytes: forward.warmUp.peakBytes,
		forwardBackwardPeakBytes: forwardBackward?.warmUp.peakBytes ?? null,
		flops: forward.warmUp.flops,
		tiles: forward.warmUp.tiles,
		maxErrorVsExact,
		repeats: forward.count,
		note,
	};
}
