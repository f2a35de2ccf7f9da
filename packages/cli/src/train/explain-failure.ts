import type { OutOfMemoryError, TrainingError } from "longspan";
import { InputError } from "../errors.js";
import { formatCount } from "../output/format.js";
import type { CheckpointPlace } from "../runs/index.js";
import type { RunSettings } from "./settings.js";

/** What to tell of a step that could not be taken. `last`: the last checkpoint there is. */
export function explainFailure(
	{ step, loss, gradientNorm }: Pick<TrainingError, "step" | "loss" | "gradientNorm">,
	last: CheckpointPlace | undefined,
	settings: Pick<RunSettings, "optimizer" | "clipNorm">,
): InputError {
	const reason = !Number.isFinite(loss)
		? `the loss is ${loss}`
		: !Number.isFinite(gradientNorm)
			? `the norm of the gradient is ${gradientNorm}`
			: `the loss jumped to ${loss.toPrecision(4)}`;
	return new InputError(
		`step ${formatCount(step)} was not taken: ${reason}; ${kept(last)}; try a new run with ${remedies(settings)}`,
	);
}

/** What to tell of a model, or a step, that memory has no room for. `last`: the last checkpoint there is. `sizes`: options that make it smaller. */
export function explainShortage(
	{ message }: OutOfMemoryError,
	last?: CheckpointPlace,
	sizes: readonly string[] = ["--length", "--layers", "--dim"],
): InputError {
	const state = last ? `; ${kept(last)}` : "";
	return new InputError(
		`out of memory: ${message}${state}; try a new run with --activations checkpointed, or smaller --batch (with --accumulate), ${sizes.join(", ").replace(/, ([^,]*)$/, " or $1")}`,
	);
}

function kept(last: CheckpointPlace | undefined): string {
	if (!last) return "no checkpoint had been saved";
	return `the checkpoint of step ${formatCount(last.step)} is intact in "${last.path}"`;
}

function remedies({ optimizer: { learningRate, warmUpSteps }, clipNorm }: Pick<RunSettings, "optimizer" | "clipNorm">) {
	const clip = clipNorm === null ? "--clip 1" : `--clip below ${clipNorm}`;
	return `--learning-rate below ${learningRate}, --warm-up above ${warmUpSteps} or ${clip}`;
}
