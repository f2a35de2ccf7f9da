import { UsageError } from "../errors.js";
import { dependentOptions, flagOf, runDefaults } from "../train/options.js";
import type { TrainingOptions } from "../train/run-settings.js";

/** Options of fine-tuning as texts, as on the command line: what a run folder keeps. */
export interface FineTuneOptions extends TrainingOptions {
	/** Where the model comes from: a folder, or an id of the Hub. */
	readonly init: string;
	readonly objective: string;
	readonly activations: string;
}

/** Those of them that were given. */
export type GivenFineTuneOptions = Partial<FineTuneOptions>;

/** Values of options that are not given. */
export const fineTuneDefaults = {
	...{ objective: "masked-lm", activations: "stored" },
	learningRate: { adamw: "3e-5", adafactor: "3e-4" },
	/** Longest text where the model sets no limit. */
	length: 4096,
	/** Texts of a step of a classifier, at least. */
	stepTexts: 8,
} as const;

const names: Readonly<Record<keyof FineTuneOptions, true>> = {
	...{ init: true, objective: true, activations: true, data: true, length: true, batch: true, optimizer: true },
	...{ learningRate: true, schedule: true, warmUp: true, weightDecay: true, clip: true, accumulate: true, ema: true },
	...{ steps: true, seed: true, evaluateEvery: true, saveEvery: true, keep: true },
};

/** Throws `UsageError`, naming the option, for one that a pretrained model has settled. */
export function checkNames(given: object): void {
	for (const [name, value] of Object.entries(given))
		if (value !== undefined && !Object.hasOwn(names, name))
			throw new UsageError(`${flagOf(name)}: with --init it is as the pretrained model has it; leave it out`);
}

/**
 * The options of a new run.
 *
 * @param maxLength longest input of the model in tokens; undefined for any
 */
export function withFineTuneDefaults(
	given: GivenFineTuneOptions & Pick<FineTuneOptions, "init">,
	maxLength: number | undefined,
): FineTuneOptions {
	const { schedule, clip, optimizer, steps, seed, keep, accumulate } = runDefaults;
	const { objective, activations, learningRate, stepTexts } = fineTuneDefaults;
	const length = String(maxLength ?? fineTuneDefaults.length);
	const all = { ...{ objective, activations, schedule, clip, optimizer, steps, seed, keep, length }, ...given };
	const dependent = dependentOptions(all, learningRate);
	const batch = given.batch ?? dependent.batch;
	const batches = all.objective === "classify" ? String(Math.ceil(stepTexts / Math.max(1, Number(batch)))) : accumulate;
	return { data: [], ...dependent, accumulate: batches, ...all };
}
