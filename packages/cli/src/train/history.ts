import { formatBits } from "../output/format.js";
import type { Metric } from "../runs/index.js";

/** What came of one step. */
export type StepLine = {
	readonly step: number;
	/** Mean over the tokens, in nats, before the step. */
	readonly loss: number;
	/** Before clipping. */
	readonly gradientNorm: number;
	readonly learningRate: number;
	readonly seconds: number;
	/** Tokens that were predicted; those that were read, where not all are predicted. */
	readonly tokens: number;
	/** Of them in a sequence; the mean where the batches of a step differ in it. */
	readonly length: number;
};

/** What an evaluation after a step came to. */
export type HeldOutLine = {
	readonly step: number;
	/** Mean over the held-out tokens, in nats. */
	readonly heldOutLoss: number;
	/** Where every token of a text is predicted. */
	readonly bitsPerByte?: number;
	/** Share of the texts whose class is the likeliest, for classifiers. */
	readonly accuracy?: number;
	/** Most bytes that tensors took on the device until then. */
	readonly peakBytes: number;
};

/** All that is known of a run, in order. */
export interface History {
	readonly steps: StepLine[];
	readonly heldOut: HeldOutLine[];
}

/** The history that the lines of `metrics.jsonl` tell. */
export function historyOf(metrics: readonly Metric[]): History {
	return {
		steps: metrics.filter((line) => "learningRate" in line) as readonly Metric[] as StepLine[],
		heldOut: metrics.filter((line) => "heldOutLoss" in line) as readonly Metric[] as HeldOutLine[],
	};
}

/** What an evaluation is judged by, less being better: bits per byte, or the loss where there are none. */
export function scoreOf({ bitsPerByte, heldOutLoss }: HeldOutLine): number {
	return bitsPerByte ?? heldOutLoss;
}

export function describeAccuracy(accuracy: number): string {
	return `accuracy ${(100 * accuracy).toFixed(1)} %`;
}

/** An evaluation in words. */
export function describeHeldOut({ bitsPerByte, heldOutLoss, accuracy }: HeldOutLine): string {
	if (bitsPerByte !== undefined) return `${formatBits(bitsPerByte)} bits per byte`;
	return `loss ${heldOutLoss.toFixed(4)}${accuracy === undefined ? "" : `, ${describeAccuracy(accuracy)}`}`;
}

/** The evaluation with the lowest score, the later one of equals; null before the first step's. */
export function bestOf({ heldOut }: History): HeldOutLine | null {
	return heldOut
		.filter(({ step }) => step > 0)
		.reduce<HeldOutLine | null>((best, line) => (best && scoreOf(best) < scoreOf(line) ? best : line), null);
}

/** Seconds of training steps, and tokens predicted in them. */
export function totalsOf({ steps }: History): { seconds: number; tokens: number } {
	return steps.reduce((sum, { seconds, tokens }) => ({ seconds: sum.seconds + seconds, tokens: sum.tokens + tokens }), {
		seconds: 0,
		tokens: 0,
	});
}
