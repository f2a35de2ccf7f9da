import type { LanguageModelParameters } from "longspan";
import type { TextWindows } from "../data/window-source.js";
import type { ModelConfig } from "../models/config.js";
import type { TrainingData } from "./data.js";
import { describeRun } from "./describe-run.js";
import type { LoadedWindows } from "./language-subject.js";
import type { RunOptions } from "./options.js";
import type { TrainResult } from "./result.js";
import type { Session } from "./session.js";
import { checkpointOf } from "./state.js";

type LanguageSession = Session<LanguageModelParameters, TextWindows, LoadedWindows, TrainResult>;

/** What the training of a language model consists of. */
export interface LanguageRun
	extends Pick<LanguageSession, "device" | "learner" | "run" | "folder" | "settings" | "history"> {
	readonly options: RunOptions;
	readonly data: TrainingData;
	readonly config: ModelConfig;
}

/** The session of a language model that is trained from the start. */
export function languageSession(parts: LanguageRun, { json }: Pick<LanguageSession, "json">): LanguageSession {
	const { device, options, data, config } = parts;
	const { windows, heldOut } = data;
	return {
		...parts,
		json,
		data: {
			trainingBatch: (place) => windows.trainingBatch(place),
			heldOut,
			sizeOf: ({ ids, count, bytes }) => ({ tokens: ids.length - count, sequences: count, bytes }),
		},
		sizes: ["--length", "--layers", "--dim"],
		checkpointOf(snapshot, score) {
			const state = { options, directory: process.cwd(), data: data.summary, device: device.description };
			return checkpointOf(snapshot, state, config, data.tokenizer, score);
		},
		resultOf: (result) => ({ ...result, options, config, data: data.summary, heldOut: data.heldOutSummary }),
		describe: describeRun,
	};
}
