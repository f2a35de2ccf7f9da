import { formatBytes, formatCount } from "../output/format.js";
import type { TrainResult } from "./result.js";

/** The model in one line. */
export function modelLine({ config, parameters, options }: TrainResult): string {
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
export function trainingLine({ options, config }: TrainResult): string {
	const { length, batch, accumulate, optimizer, learningRate, schedule, warmUp, clip, dropout, ema, seed } = options;
	return [
		`${batch} × ${length} ${unitOf(config)}${accumulate === "1" ? "" : ` × ${accumulate}`} a step`,
		`${optimizer} at up to ${learningRate}, ${schedule} after ${warmUp} ${warmUp === "1" ? "step" : "steps"} of warm-up`,
		...(Number(clip) > 0 ? [`gradients clipped at ${clip}`] : []),
		...(Number(dropout) > 0 ? [`dropout ${dropout}`] : []),
		...(ema === undefined ? [] : [`moving average of the weights, decay ${ema}`]),
		`seed ${seed}`,
	].join("; ");
}

/** What it is trained on, in one line. */
export function dataLine({ options: { data: sources }, data, heldOut, config }: TrainResult): string {
	const from = sources.length > 3 ? `${sources.slice(0, 3).join(", ")} …` : sources.join(", ");
	const { files, trainBytes, heldOutBytes } = data;
	const windows = `${formatCount(heldOut.windows)} × ${formatCount(heldOut.length)} ${unitOf(config)}`;
	return `${formatCount(files)} ${files === 1 ? "file" : "files"} (${from || "longspan's own sources and docs"}), ${formatBytes(trainBytes)} to train on, ${formatBytes(heldOutBytes)} held out, ${windows} of it predicted in an evaluation`;
}

function unitOf({ tokenizer }: TrainResult["config"]): string {
	return tokenizer === null ? "bytes" : "tokens";
}
