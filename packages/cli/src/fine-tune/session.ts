import type { PretrainedModel } from "longspan";
import { formatCount } from "../output/format.js";
import { describeTraining, shownPath } from "../train/describe-run.js";
import type { RunDescription, RunResult } from "../train/result.js";
import type { Session } from "../train/session.js";
import { modelFolder, publishModel } from "./model-folder.js";
import type { Objective, Weights } from "./objective.js";
import type { FineTuneOptions } from "./options.js";
import type { FineTuneSettings } from "./settings.js";
import { type Source, textsOf } from "./source.js";
import { fineTuneCheckpoint } from "./state.js";

/** What came of fine-tuning: the document of `--json`. */
export interface FineTuneResult extends RunResult {
	readonly options: FineTuneOptions;
	/** Name of its class in transformers. */
	readonly className: string;
	/** Names of the classes of a classifier; empty for others. */
	readonly labels: readonly string[];
	readonly data: Objective<never, never>["summary"];
	/** Folder of the best model, in the Hugging Face layout. */
	readonly model: string;
}

type FineTuneSession<Batch, Loaded> = Session<Weights, Batch, Loaded, FineTuneResult>;

/** What fine-tuning consists of. */
export interface FineTuneRun<Batch, Loaded>
	extends Pick<FineTuneSession<Batch, Loaded>, "device" | "learner" | "run" | "folder" | "history"> {
	readonly options: FineTuneOptions;
	readonly settings: FineTuneSettings;
	readonly objective: Objective<Batch, Loaded>;
	readonly model: PretrainedModel;
	readonly source: Source;
}

/** The session of a pretrained model. */
export function fineTuneSession<Batch, Loaded>(
	parts: FineTuneRun<Batch, Loaded>,
	{ json }: Pick<FineTuneSession<Batch, Loaded>, "json">,
): FineTuneSession<Batch, Loaded> {
	const { device, folder, options, objective, model, source } = parts;
	const { data, summary } = objective;
	const { className, labels } = model;
	const texts = textsOf(model, source);
	return {
		...parts,
		...{ json, data, sizes: ["--length"] },
		checkpointOf(snapshot, score) {
			const state = { options, directory: process.cwd(), data: summary, device: device.description };
			return fineTuneCheckpoint(snapshot, state, texts, score);
		},
		saved: () => publishModel(folder),
		resultOf: (result) => ({
			...result,
			...{ options, className, labels, data: summary, model: `${folder}/${modelFolder}` },
		}),
		describe: (result) => describe(result, objective),
	};
}

type Told = Pick<Objective<never, never>, "dataLine" | "unit" | "footer">;

function describe(result: FineTuneResult, { dataLine, unit, footer }: Told): RunDescription {
	const { options, className, labels, parameters, model } = result;
	const classes = labels.length > 0 ? `, ${formatCount(labels.length)} classes` : "";
	const again = options.activations === "checkpointed" ? ["checkpointed activations"] : [];
	return {
		subject: className,
		model: `${className}${classes}, from ${options.init}, ${formatCount(parameters)} weights`,
		training: describeTraining(options, unit, again),
		data: dataLine,
		next: [["model", shownPath(model)]],
		footer,
	};
}
