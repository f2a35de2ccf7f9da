import { adafactor, adamW, type Optimizer, type Schedule, schedules } from "longspan";
import type { OptimizerSettings } from "./settings.js";

/** The optimiser that is asked for. */
export function optimizerOf({ name, learningRate, weightDecay }: OptimizerSettings): Optimizer {
	return (name === "adamw" ? adamW : adafactor)({ learningRate, weightDecay });
}

/** Its learning rate in each of `totalSteps` steps. */
export function scheduleOf(settings: OptimizerSettings, totalSteps: number): Schedule {
	const { learningRate: peak, schedule, warmUpSteps } = settings;
	const warmUp = { peak, warmUpSteps };
	switch (schedule) {
		case "cosine":
			return schedules.cosine({ ...warmUp, totalSteps });
		case "linear":
			return schedules.linear({ ...warmUp, totalSteps });
		case "inverse-root":
			return schedules.inverseRoot(warmUp);
		case "constant":
			return schedules.constant(warmUp);
	}
}
