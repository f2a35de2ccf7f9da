import type { TrainingError } from "longspan";
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
	const kept = last
		? `the checkpoint of step ${formatCount(last.step)} is intact in "${last.path}"`
		: "no checkpoint had been saved";
	return new InputError(
		`step ${formatCount(step)} was not taken: ${reason}; ${kept}; try a new run with ${remedies(settings)}`,
	);
}

function remedies({ optimizer: { learningRate, warmUpSteps }, clipNorm }: Pick<RunSettings, "optimizer" | "clipNorm">) {
	const clip = clipNorm === null ? "--clip 1" : `--clip below ${clipNorm}`;
	return `--learning-rate below ${learningRate}, --warm-up above ${warmUpSteps} or ${clip}`;
}
