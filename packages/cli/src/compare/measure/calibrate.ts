import { type Device, OutOfMemoryError } from "longspan";
import type { CompareSettings } from "../settings.js";
import { measureForward, measureForwardBackward } from "./calls.js";
import type { Feasibility } from "./feasibility.js";
import { makeInputs } from "./inputs.js";
import type { Subject } from "./subject.js";

const calibrationLength = 512;

/**
 * Runs every attention at a short length, so that its code is compiled and the time of the first length can be predicted.
 * Sizes that do not fit even so are left without a prediction.
 */
export async function calibrate(
	device: Device,
	subjects: readonly Subject[],
	settings: CompareSettings,
	feasibility: Feasibility,
): Promise<void> {
	const n = Math.min(calibrationLength, settings.lengths[settings.lengths.length - 1] as number);
	for (const subject of subjects) {
		if (feasibility.memoryObstacle(subject, n, settings.backward)) continue;
		try {
			await calibrateSubject(device, subject, settings, n);
		} catch (error) {
			if (!(error instanceof OutOfMemoryError)) throw error;
		}
	}
}

async function calibrateSubject(device: Device, subject: Subject, settings: CompareSettings, n: number): Promise<void> {
	const inputs = makeInputs(device, settings, n, settings.seed, settings.backward);
	try {
		const { flops } = subject.attention.cost(n, settings);
		// The first call compiles; the second tells the time.
		for (let call = 0; call < 2; call++) {
			const { measurement, result } = await measureForward(device, subject.attention, inputs);
			result.dispose();
			subject.forwardRate = flops / measurement.ms;
			if (inputs.outputGradient === null || !subject.chosen) continue;
			const both = await measureForwardBackward(device, subject.attention, inputs, inputs.outputGradient);
			subject.forwardBackwardRate = flops / both.ms;
		}
	} finally {
		inputs.dispose();
	}
}
