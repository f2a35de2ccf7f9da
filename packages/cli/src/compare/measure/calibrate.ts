import { type Device, OutOfMemoryError } from "longspan";
import { isRefusal } from "../../attentions/form.js";
import type { CompareSettings } from "../settings.js";
import { callableOf } from "./callable.js";
import { measureForward, measureForwardBackward } from "./calls.js";
import type { Feasibility } from "./feasibility.js";
import { type Inputs, makeInputs } from "./inputs.js";
import type { Subject } from "./subject.js";

const calibrationLength = 512;

/**
 * Runs every attention at a short length, so that its code is compiled and the time of the first length can be predicted.
 * Sizes that do not fit even so, or are refused, are left without a prediction.
 */
export async function calibrate(
	device: Device,
	subjects: readonly Subject[],
	settings: CompareSettings,
	feasibility: Feasibility,
): Promise<void> {
	const n = Math.min(calibrationLength, settings.lengths[settings.lengths.length - 1] as number);
	for (const subject of subjects) {
		if (feasibility.formObstacle(subject, n) ?? feasibility.memoryObstacle(subject, n, settings.backward)) continue;
		try {
			await calibrateSubject(device, subject, settings, n);
		} catch (error) {
			if (!(error instanceof OutOfMemoryError || isRefusal(error))) throw error;
		}
	}
}

async function calibrateSubject(device: Device, subject: Subject, settings: CompareSettings, n: number): Promise<void> {
	const attention = subject.at(n);
	const callable = callableOf(attention, settings, settings.seed);
	let inputs: Inputs | null = null;
	try {
		inputs = makeInputs(device, settings, n, settings.seed, settings.backward);
		const { flops } = attention.cost(n, settings);
		// The first call compiles; the second tells the time.
		for (let call = 0; call < 2; call++) {
			const { measurement, result } = await measureForward(device, callable, inputs);
			result.dispose();
			subject.forwardRate = flops / measurement.ms;
			if (inputs.outputGradient === null || !subject.chosen) continue;
			const both = await measureForwardBackward(device, callable, inputs, inputs.outputGradient);
			subject.forwardBackwardRate = flops / both.ms;
		}
	} finally {
		callable.dispose();
		inputs?.dispose();
	}
}
