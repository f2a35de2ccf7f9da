import { parseModelAttention } from "../attentions/model-attention.js";
import { UsageError } from "../errors.js";
import { longestSequence, type ModelConfig, modelConfig } from "../models/config.js";
import { formatCount } from "../output/format.js";
import { parseLengths } from "../parse-lengths.js";
import { parseInteger, parseNumber } from "../parse-number.js";
import type { RunOptions } from "./options.js";
import { parseChoice, parsePositions, parseShare } from "./parse-values.js";
import type { ModelSettings, OptimizerSettings, RunSettings, TrainingSettings } from "./settings.js";

/** Far beyond what can be trained here; keeps a slip of the keys from asking for all memory there is. */
const most = { layers: 2 ** 16, accumulate: 2 ** 16, batchTokens: 2 ** 24 } as const;

/** Checks the options of a run. Throws `UsageError`, naming the option. */
export function parseRunOptions(options: RunOptions): RunSettings {
	const { tokenizer } = options;
	if (tokenizer === "") throw new UsageError("--tokenizer: the path is empty");
	const training = parseTraining(options);
	const longest = training.lengths[training.lengths.length - 1] as number;
	return { ...training, model: parseModel(options, longest), tokenizer: tokenizer ?? null };
}

/** Options of data, steps and optimiser. */
export type TrainingOptions = Pick<
	RunOptions,
	| "data"
	| "length"
	| "batch"
	| "optimizer"
	| "learningRate"
	| "schedule"
	| "warmUp"
	| "weightDecay"
	| "clip"
	| "accumulate"
	| "ema"
	| "steps"
	| "seed"
	| "evaluateEvery"
	| "saveEvery"
	| "keep"
>;

/** Checks what all runs have. Throws `UsageError`, naming the option. */
export function parseTraining(options: TrainingOptions): TrainingSettings {
	const { ema } = options;
	for (const path of options.data) if (path === "") throw new UsageError("--data: the path is empty");
	const lengths = parseLengths("--length", options.length);
	const longest = lengths[lengths.length - 1] as number;
	if (longest > most.batchTokens)
		throw new UsageError(
			`--length: "${options.length}" is not valid; expected at most ${formatCount(most.batchTokens)}`,
		);
	const clipNorm = parseNumber("--clip", options.clip);
	return {
		data: options.data,
		lengths,
		batch: parseInteger("--batch", options.batch, 1, Math.floor(most.batchTokens / longest)),
		optimizer: parseOptimizer(options),
		clipNorm: clipNorm === 0 ? null : clipNorm,
		accumulate: parseInteger("--accumulate", options.accumulate, 1, most.accumulate),
		emaDecay: ema === undefined ? null : parseShare("--ema", ema),
		steps: parseInteger("--steps", options.steps, 1),
		seed: parseInteger("--seed", options.seed, 0),
		evaluateEvery: parseInteger("--evaluate-every", options.evaluateEvery, 1),
		saveEvery: parseInteger("--save-every", options.saveEvery, 1),
		keep: parseInteger("--keep", options.keep, 1),
	};
}

function parseModel(options: RunOptions, maxLength: number): ModelSettings {
	const { ffHidden, ffChunk, streamMerge, universal, halting } = options;
	const activations = parseChoice("--activations", options.activations, ["stored", "checkpointed", "reversible"]);
	const layers = parseInteger("--layers", options.layers, 1, most.layers);
	const dim = parseInteger("--dim", options.dim, 1);
	const heads = parseInteger("--heads", options.heads, 1);
	const keyValueHeads = parseInteger("--kv-heads", options.kvHeads, 1);
	const attention = parseModelAttention(options.attention, "--attention");
	if (dim % heads !== 0) throw new UsageError(`--heads: "${heads}" is not valid; expected a divisor of --dim ${dim}`);
	if (heads % keyValueHeads !== 0)
		throw new UsageError(`--kv-heads: "${keyValueHeads}" is not valid; expected a divisor of --heads ${heads}`);
	if (attention.layers > layers)
		throw new UsageError(`--attention: "${attention.text}" is for ${attention.layers} layers; --layers is ${layers}`);
	if (attention.heads > heads)
		throw new UsageError(
			`--attention: "${attention.text}" divides the heads of a layer among ${attention.heads}; --heads is ${heads}`,
		);
	if (streamMerge !== undefined && activations !== "reversible")
		throw new UsageError("--stream-merge: there are two streams to merge with --activations reversible only");
	if (halting !== undefined && !universal)
		throw new UsageError("--halting: layers are repeated, and can end early, with --universal only");
	const {
		vocabularySize: _,
		tokenizer: __,
		...model
	} = modelConfig({
		...{ attention: attention.text, maxLength, dim, layers, heads, keyValueHeads, activations },
		positions: parsePositions("--positions", options.positions),
		norm: parseChoice("--norm", options.norm, ["pre", "post"]),
		feedForward: {
			hidden: ffHidden === undefined ? null : parseInteger("--ff-hidden", ffHidden, 1),
			activation: parseChoice("--activation", options.activation, ["gelu", "relu", "silu", "glu", "geglu", "swiglu"]),
			chunkLength: ffChunk === undefined ? null : parseInteger("--ff-chunk", ffChunk, 1),
		},
		dropout: parseShare("--dropout", options.dropout),
		streamMerge:
			streamMerge === undefined
				? null
				: parseChoice("--stream-merge", streamMerge, ["averaged", "concatenated"] as const),
		recurrence: universal ? parseHalting(halting) : null,
	});
	checkPositions(model, options);
	return model;
}

function parseHalting(text: string | undefined): NonNullable<ModelConfig["recurrence"]> {
	return text === undefined
		? {}
		: { halting: { accumulation: parseChoice("--halting", text, ["basic", "accumulated"]) } };
}

function checkPositions(model: ModelSettings, { positions }: RunOptions): void {
	const [most, length] = [longestSequence(model), model.maxLength];
	if (most !== null && length !== null && most < length)
		throw new UsageError(
			`--positions: "${positions}" has ${formatCount(most)} positions; --length ${length} needs ${formatCount(length)}`,
		);
}

function parseOptimizer(options: TrainingOptions): OptimizerSettings {
	const warmUpSteps = parseInteger("--warm-up", options.warmUp, 0);
	const steps = parseInteger("--steps", options.steps, 1);
	if (warmUpSteps > steps)
		throw new UsageError(`--warm-up: "${options.warmUp}" is not valid; expected at most --steps ${steps}`);
	return {
		name: parseChoice("--optimizer", options.optimizer, ["adamw", "adafactor"]),
		learningRate: parseNumber("--learning-rate", options.learningRate),
		schedule: parseChoice("--schedule", options.schedule, ["cosine", "linear", "inverse-root", "constant"]),
		warmUpSteps,
		weightDecay: parseNumber("--weight-decay", options.weightDecay),
	};
}
