import { UsageError } from "../errors.js";
import { parseChoice } from "../train/parse-values.js";
import { parseTraining } from "../train/run-settings.js";
import type { TrainingSettings } from "../train/settings.js";
import type { FineTuneOptions } from "./options.js";

/** What a model is fine-tuned to do. */
export type ObjectiveName = "masked-lm" | "classify";

/** What a run does: its options, checked. */
export interface FineTuneSettings extends TrainingSettings {
	readonly init: string;
	readonly objective: ObjectiveName;
	/** Whether a backward pass computes layers again, which takes less memory. */
	readonly recompute: boolean;
}

/** Throws `UsageError` for what is no objective. */
export function parseObjective(objective: string): ObjectiveName {
	return parseChoice("--objective", objective, ["masked-lm", "classify"]);
}

/** Checks the options of a run. Throws `UsageError`, naming the option. */
export function parseFineTuneOptions(options: FineTuneOptions): FineTuneSettings {
	const { init } = options;
	if (init.trim() === "") throw new UsageError("--init: the path is empty");
	const activations = parseChoice("--activations", options.activations, ["stored", "checkpointed"]);
	const objective = parseObjective(options.objective);
	const training = parseTraining(options);
	if (objective === "classify" && training.lengths.length > 1)
		throw new UsageError(
			`--length: "${options.length}" is not valid; expected one length, the longest of a text that is classified`,
		);
	return { ...training, init, objective, recompute: activations === "checkpointed" };
}
