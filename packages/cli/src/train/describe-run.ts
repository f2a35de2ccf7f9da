import { formatBytes, formatCount } from "../output/format.js";
import type { RunDescription, TrainResult } from "./result.js";

/** A run in words. */
export function describeRun(result: TrainResult): RunDescription {
	const path = shownPath(result.folder);
	const which = result.checkpoints.length > 1 ? " (the best checkpoint)" : "";
	return {
		subject: result.config.attention,
		...{ model: modelLine(result), training: trainingLine(result), data: dataLine(result) },
		next: [["generate", `longspan generate ${path} --prompt "…"${which}`]],
		footer: `The last tenth of each file is held out and never trained on. Bits per byte are the cross-entropy of held-out tokens, over the
bytes of text they stand for. The best checkpoint is the one with the fewest.`,
	};
}

/** A path as a shell takes it. */
export function shownPath(folder: string): string {
	return /^[\w./-]+$/.test(folder) ? folder : JSON.stringify(folder);
}

/** The model in one line. */
function modelLine({ config, parameters, options }: TrainResult): string {
	const { attention, layers, dim, heads, keyValueHeads, norm, feedForward, activations, recurrence } = config;
	const shared = keyValueHeads < heads ? ` (${keyValueHeads} of keys and values)` : "";
	return [
		`attention ${attention}`,
		`${layers} ${layers === 1 ? "layer" : "layers"}${recurrence ? " of one block (Universal Transformer)" : ""}`,
		`dim ${dim}`,
		`${heads} ${heads === 1 ? "head" : "heads"}${shared}`,
		`positions ${options.positions}`,
		`${norm}-norm`,
		feedForward.activation,
		...(activations === "stored" ? [] : [`${activations} activations`]),
		`${formatCount(parameters)} weights`,
	].join(", ");
}

/** How it is trained, in one line. */
function trainingLine({ options, config }: TrainResult): string {
	return describeTraining(options, unitOf(config), Number(options.dropout) > 0 ? [`dropout ${options.dropout}`] : []);
}

type TrainingOptions = Pick<
	TrainResult["options"],
	"length" | "batch" | "accumulate" | "optimizer" | "learningRate" | "schedule" | "warmUp" | "clip" | "ema" | "seed"
>;

/** Steps and optimiser in one line. `unit`: of lengths. */
export function describeTraining(options: TrainingOptions, unit: string, further: readonly string[]): string {
	const { length, batch, accumulate, optimizer, learningRate, schedule, warmUp, clip, ema, seed } = options;
	return [
		`${batch} × ${length} ${unit}${accumulate === "1" ? "" : ` × ${accumulate}`} a step`,
		`${optimizer} at up to ${learningRate}, ${schedule} after ${warmUp} ${warmUp === "1" ? "step" : "steps"} of warm-up`,
		...(Number(clip) > 0 ? [`gradients clipped at ${clip}`] : []),
		...further,
		...(ema === undefined ? [] : [`moving average of the weights, decay ${ema}`]),
		`seed ${seed}`,
	].join("; ");
}

/** What it is trained on, in one line. */
function dataLine({ options: { data: sources }, data, heldOut, config }: TrainResult): string {
	return describeTexts(sources, data, heldOut, unitOf(config));
}

/** Files of text in one line. `unit`: of the length of windows. */
export function describeTexts(
	sources: readonly string[],
	{ files, trainBytes, heldOutBytes }: TrainResult["data"],
	heldOut: TrainResult["heldOut"],
	unit: string,
): string {
	const from = describeSources(sources);
	const windows = `${formatCount(heldOut.windows)} × ${formatCount(heldOut.length)} ${unit}`;
	return `${formatCount(files)} ${files === 1 ? "file" : "files"} (${from || "longspan's own sources and docs"}), ${formatBytes(trainBytes)} to train on, ${formatBytes(heldOutBytes)} held out, ${windows} of it predicted in an evaluation`;
}

/** The first few of the paths of the data. */
export function describeSources(sources: readonly string[]): string {
	return sources.length > 3 ? `${sources.slice(0, 3).join(", ")} …` : sources.join(", ");
}

function unitOf({ tokenizer }: TrainResult["config"]): string {
	return tokenizer === null ? "bytes" : "tokens";
}
