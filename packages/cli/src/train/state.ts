import type { LossRecord } from "longspan";
import type { Tokenizer } from "../data/tokenizer.js";
import { InputError } from "../errors.js";
import { check, flag, integer, listOf, orNull, record } from "../models/checks.js";
import { configText, type ModelConfig, parseConfig } from "../models/config.js";
import { type Checkpoint, checkpointFiles, type Json } from "../runs/index.js";
import type { DataSummary } from "./data.js";
import type { Snapshot } from "./learner.js";
import type { RunOptions } from "./options.js";

/** What a run must know to go on, beside tensors. */
export interface RunState {
	readonly options: RunOptions;
	/** Where paths that are not absolute start. */
	readonly directory: string;
	readonly data: DataSummary;
	/** What computed. */
	readonly device: string;
	readonly loss: LossRecord | null;
}

const text = check("a text", (value) => typeof value === "string");
const number = check("a number", (value) => typeof value === "number");
const count = integer(0, Number.MAX_SAFE_INTEGER);

/** Fields that the state of every kind of run has, beside its options. */
export const commonFields = {
	directory: text,
	data: record({ files: count, trainBytes: count, heldOutBytes: count }),
	device: text,
	loss: orNull(record({ steps: count, first: number, mean: number })),
};

const needed = {
	...{ attention: text, length: text, batch: text, layers: text, dim: text, heads: text, kvHeads: text },
	...{ positions: text, norm: text, activation: text, activations: text, universal: flag, dropout: text },
	...{ optimizer: text, learningRate: text, schedule: text, warmUp: text, weightDecay: text, clip: text },
	...{ accumulate: text, steps: text, seed: text, evaluateEvery: text, saveEvery: text, keep: text },
	data: check(
		"a list of texts",
		(value) => Array.isArray(value) && (value.length === 0 || listOf(text)(value, "") === null),
	),
};
const optional = { tokenizer: text, ffHidden: text, ffChunk: text, streamMerge: text, halting: text, ema: text };

const fields: Readonly<Record<keyof RunState, ReturnType<typeof record>>> = {
	options: record(needed satisfies Record<keyof Omit<RunOptions, keyof typeof optional>, unknown>, optional),
	...commonFields,
};

/** A model in training as a checkpoint. `heldOut`: bits per byte, if it was measured after this step. */
export function checkpointOf(
	snapshot: Snapshot,
	state: Omit<RunState, "loss">,
	config: ModelConfig,
	tokenizer: Tokenizer | null,
	heldOut: number | null,
): Checkpoint {
	const { steps, loss } = snapshot;
	return {
		step: steps,
		loss: heldOut,
		tensors: tensorFiles(snapshot),
		texts: new Map([[checkpointFiles.config, configText(config)], ...(tokenizer?.files ?? [])]),
		// Without what is undefined, as in its file.
		state: JSON.parse(JSON.stringify({ ...state, loss })) as Json,
	};
}

/** The tensors of a model in training by the files of a checkpoint. */
export function tensorFiles({ weights, optimizer, average }: Snapshot): Checkpoint["tensors"] {
	return new Map([
		[checkpointFiles.weights, weights],
		[checkpointFiles.optimizer, optimizer],
		...(average ? [[checkpointFiles.average, average] as const] : []),
	]);
}

/** The state that a checkpoint holds. `path`: of the checkpoint, for errors. Throws `InputError` saying what is wrong with it. */
export function stateOf({ state }: Checkpoint, path: string): RunState {
	checkState(record(fields), state, path);
	return state as unknown as RunState;
}

/** Throws `InputError` unless the state of the checkpoint at `path` is what the check says. */
export function checkState(check: ReturnType<typeof record>, state: Json, path: string): void {
	const problem = check(state, "");
	if (problem !== null)
		throw new InputError(`"${path}/${checkpointFiles.training}" is of no run that can go on: ${problem}`);
}

/** The tensors that a checkpoint holds. Throws `InputError` naming a file that is missing. */
export function snapshotOf(checkpoint: Checkpoint, { loss }: Pick<RunState, "loss">, path: string): Snapshot {
	const tensors = (name: string) => {
		const found = checkpoint.tensors.get(name);
		if (!found) throw new InputError(`"${path}" has no ${name}: it is a model alone, which training cannot go on from`);
		return found;
	};
	return {
		steps: checkpoint.step,
		weights: tensors(checkpointFiles.weights),
		optimizer: tensors(checkpointFiles.optimizer),
		average: checkpoint.tensors.get(checkpointFiles.average) ?? null,
		loss,
	};
}

/**
 * Throws `InputError` unless the model of a checkpoint is the one its options ask for: weights alone do not tell, as models that
 * compute different things may have the same ones.
 */
export function checkConfig(checkpoint: Checkpoint, expected: ModelConfig, path: string): void {
	const file = `${path}/${checkpointFiles.config}`;
	const found = parseConfig(checkpoint.texts.get(checkpointFiles.config) ?? "", file);
	for (const [name, value] of Object.entries(expected)) {
		const [own, wanted] = [found[name as keyof ModelConfig], value].map((one) => JSON.stringify(one));
		if (own !== wanted)
			throw new InputError(
				`"${file}" is of another model than the run: ${name} is ${own}; the options of the run ask for ${wanted}`,
			);
	}
}
