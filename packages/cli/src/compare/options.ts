import { parseAttentions } from "../attentions/choices.js";
import { deviceDefaults, parseDeviceOptions, type RawDeviceOptions } from "../device-options.js";
import { UsageError } from "../errors.js";
import { parseLengths } from "../parse-lengths.js";
import { parseInteger, parseNumber } from "../parse-number.js";
import type { CompareSettings } from "./settings.js";

/** Options as the command line gives them. */
export interface RawOptions extends RawDeviceOptions {
	attentions: string;
	lengths: string;
	batch: string;
	heads: string;
	headDim: string;
	causal: boolean;
	backward: boolean;
	repeat: string;
	maxSeconds: string;
	train: string;
	trainLength: string;
	trainBatch: string;
	saveModels?: string;
	seed: string;
	report: string | false;
	json: boolean;
}

/** Values of options that are not given. */
export const defaults = {
	attentions: "full,window,sparse-strided,reformer,linear",
	lengths: "1024,2048,4096,8192,16384,32768,65536",
	batch: "1",
	heads: "4",
	headDim: "64",
	repeat: "5",
	maxSeconds: "5",
	train: "300",
	trainLength: "1024",
	trainBatch: "1",
	seed: "0",
	device: deviceDefaults.device,
	report: "longspan-report.html",
} as const;

/** Checks the options and turns them into settings. Throws `UsageError`, naming the option. */
export function parseOptions(files: readonly string[], raw: RawOptions): CompareSettings {
	const maxSeconds = parseNumber("--max-seconds", raw.maxSeconds);
	return {
		files,
		attentions: parseAttentions(raw.attentions),
		lengths: parseLengths("--lengths", raw.lengths),
		batch: parseInteger("--batch", raw.batch, 1),
		heads: parseInteger("--heads", raw.heads, 1),
		headDim: parseInteger("--head-dim", raw.headDim, 1),
		causal: raw.causal,
		backward: raw.backward,
		repeat: parseInteger("--repeat", raw.repeat, 1),
		maxSeconds: maxSeconds === 0 ? Number.POSITIVE_INFINITY : maxSeconds,
		trainSteps: parseInteger("--train", raw.train, 0),
		trainLength: parseInteger("--train-length", raw.trainLength, 2),
		trainBatch: parseInteger("--train-batch", raw.trainBatch, 1),
		modelFolder: parseModelFolder(raw),
		seed: parseInteger("--seed", raw.seed, 0),
		...parseDeviceOptions(raw),
		reportPath: parseReport(raw.report),
		json: raw.json,
	};
}

function parseModelFolder({ saveModels, train }: RawOptions): string | null {
	if (saveModels === undefined) return null;
	if (saveModels === "") throw new UsageError("--save-models: the path is empty");
	if (Number(train) === 0) throw new UsageError("--save-models: nothing is trained; expected --train above 0");
	return saveModels;
}

function parseReport(path: string | false): string | null {
	if (path === "") throw new UsageError("--report: the path is empty");
	return path === false ? null : path;
}
