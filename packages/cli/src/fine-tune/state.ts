import type { LossRecord } from "longspan";
import { check, oneOf, record } from "../models/checks.js";
import type { Checkpoint, Json } from "../runs/index.js";
import type { DataSummary } from "../train/data.js";
import type { Snapshot } from "../train/learner.js";
import { checkState, commonFields, tensorFiles } from "../train/state.js";
import type { FineTuneOptions } from "./options.js";

/** What tells the state of fine-tuning from that of other runs. */
const kind = "fine-tuning";

/** What a run must know to go on, beside tensors. */
export interface FineTuneState {
	readonly kind: typeof kind;
	readonly options: FineTuneOptions;
	/** Where paths that are not absolute start. */
	readonly directory: string;
	readonly data: DataSummary;
	/** What computed. */
	readonly device: string;
	readonly loss: LossRecord | null;
}

const text = check("a text", (value) => typeof value === "string");

const needed = {
	...{ init: text, objective: text, activations: text, length: text, batch: text, optimizer: text },
	...{ learningRate: text, schedule: text, warmUp: text, weightDecay: text, clip: text, accumulate: text },
	...{ steps: text, seed: text, evaluateEvery: text, saveEvery: text, keep: text },
	data: check("a list of texts", (value) => Array.isArray(value) && value.every((path) => typeof path === "string")),
};

const fields: Readonly<Record<keyof FineTuneState, ReturnType<typeof record>>> = {
	kind: oneOf(kind),
	options: record(needed satisfies Record<keyof Omit<FineTuneOptions, "ema">, unknown>, { ema: text }),
	...commonFields,
};

/** Whether a checkpoint is of a pretrained model in training. */
export function isFineTuning(state: Json): boolean {
	return typeof state === "object" && state !== null && "kind" in state && state.kind === kind;
}

/** A model in training as a checkpoint, which is a folder in the Hugging Face layout. `score`: of its evaluation, if there was one. */
export function fineTuneCheckpoint(
	snapshot: Snapshot,
	state: Omit<FineTuneState, "loss" | "kind">,
	texts: ReadonlyMap<string, string>,
	score: number | null,
): Checkpoint {
	const { steps, loss } = snapshot;
	return {
		...{ step: steps, loss: score, texts },
		tensors: tensorFiles(snapshot),
		// Without what is undefined, as in its file.
		state: JSON.parse(JSON.stringify({ kind, ...state, loss })) as Json,
	};
}

/** The state that a checkpoint holds. `path`: of the checkpoint, for errors. Throws `InputError` saying what is wrong with it. */
export function fineTuneState({ state }: Checkpoint, path: string): FineTuneState {
	checkState(record(fields), state, path);
	return state as unknown as FineTuneState;
}
