import { UsageError } from "../errors.js";
import { parseLengths } from "../parse-lengths.js";
import { parseInteger } from "../parse-number.js";

/** Options of a run as texts, as on the command line: what a run folder keeps, so that a resumed run has them again. */
export interface RunOptions {
	readonly attention: string;
	/** Files, folders and patterns; none for longspan's own sources and docs. */
	readonly data: readonly string[];
	readonly tokenizer?: string;
	readonly length: string;
	readonly batch: string;
	readonly layers: string;
	readonly dim: string;
	readonly heads: string;
	readonly kvHeads: string;
	readonly positions: string;
	readonly norm: string;
	readonly activation: string;
	readonly ffHidden?: string;
	readonly ffChunk?: string;
	readonly activations: string;
	readonly streamMerge?: string;
	readonly universal: boolean;
	readonly halting?: string;
	readonly dropout: string;
	readonly optimizer: string;
	readonly learningRate: string;
	readonly schedule: string;
	readonly warmUp: string;
	readonly weightDecay: string;
	readonly clip: string;
	readonly accumulate: string;
	readonly ema?: string;
	readonly steps: string;
	readonly seed: string;
	readonly evaluateEvery: string;
	readonly saveEvery: string;
	readonly keep: string;
}

/** Those of them that were given. */
export type GivenOptions = Partial<RunOptions>;

/** Values of options that are not given and depend on no other. */
export const runDefaults = {
	length: "1024",
	layers: "4",
	dim: "256",
	positions: "learned",
	norm: "pre",
	activation: "gelu",
	activations: "stored",
	dropout: "0",
	optimizer: "adamw",
	schedule: "cosine",
	clip: "1",
	accumulate: "1",
	steps: "2000",
	seed: "0",
	keep: "2",
} as const;

/** What the other values not given follow from. */
export const dependentDefaults = {
	/** Tokens of a step. */
	stepTokens: 4096,
	/** Channels of a head. */
	headDim: 64,
	learningRate: { adamw: "1e-3", adafactor: "1e-2" },
	weightDecay: { adamw: "0.01", adafactor: "0" },
	/** Part of all steps, and the most of them. */
	warmUp: { share: 0.1, most: 1000 },
	/** Evaluations of a run, and the fewest steps between them: one takes the time of several steps. */
	evaluations: { most: 20, leastSteps: 20 },
} as const;

/** The options of a new run. Throws `UsageError` for one that is missing or that another depends on and that cannot be read. */
export function withDefaults(given: GivenOptions): RunOptions {
	if (given.attention === undefined)
		throw new UsageError(
			"--attention: none is given; expected such as linear, local,reformer (layers in turn) or window:256+linear (heads of a layer)",
		);
	const all = { ...runDefaults, ...given };
	const heads = given.heads ?? headsFor(parseInteger("--dim", all.dim, 1));
	return {
		...runDefaults,
		data: [],
		universal: false,
		heads,
		kvHeads: heads,
		...dependentOptions(all, dependentDefaults.learningRate),
		...given,
		attention: given.attention,
	};
}

/** Options of the steps that are not given, from those that are. `learningRates`: by the optimiser. */
export function dependentOptions(
	given: Pick<RunOptions, "length" | "optimizer" | "steps"> & Pick<GivenOptions, "evaluateEvery">,
	learningRates: Readonly<Record<"adamw" | "adafactor", string>>,
): Pick<RunOptions, "batch" | "learningRate" | "weightDecay" | "warmUp" | "evaluateEvery" | "saveEvery"> {
	const { stepTokens, weightDecay, warmUp, evaluations } = dependentDefaults;
	const longest = Math.max(...parseLengths("--length", given.length));
	const stepCount = parseInteger("--steps", given.steps, 1);
	const named = given.optimizer === "adafactor" ? "adafactor" : "adamw";
	const evaluateEvery =
		given.evaluateEvery ?? String(Math.max(evaluations.leastSteps, Math.ceil(stepCount / evaluations.most)));
	return {
		batch: String(Math.max(1, Math.round(stepTokens / longest))),
		learningRate: learningRates[named],
		weightDecay: weightDecay[named],
		warmUp: String(Math.min(warmUp.most, Math.ceil(warmUp.share * stepCount))),
		evaluateEvery,
		saveEvery: evaluateEvery,
	};
}

/** As many heads of the usual width as fit, of which the width is a multiple. */
function headsFor(dim: number): string {
	let heads = Math.max(1, Math.floor(dim / dependentDefaults.headDim));
	while (dim % heads !== 0) heads--;
	return String(heads);
}

/** The name of an option on the command line: `warmUp` is `--warm-up`. */
export function flagOf(option: string): string {
	return `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
