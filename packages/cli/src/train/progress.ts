import { formatCount } from "../output/format.js";
import { createProgress } from "../output/progress.js";
import type { HeldOutLine, StepLine } from "./history.js";
import { Status } from "./status.js";

/** Shortest time between two pictures of the bar. */
const frameMs = 100;

/** Tells on stderr how far a training run is: all the time on a terminal, of evaluations alone elsewhere. */
export interface TrainingProgress {
	/** `step`: the last that was done before. */
	start(step: number): void;
	/** `bytes`: of the text that its tokens stand for. */
	step(line: StepLine, bytes: number, peakBytes: number): void;
	heldOut(line: HeldOutLine): void;
	finish(complete: boolean): void;
}

/** Progress of a run of so many steps. */
export function createTrainingProgress(steps: number, stream: NodeJS.WriteStream = process.stderr): TrainingProgress {
	const progress = createProgress(stream);
	const status = new Status(steps);
	let drawn = 0;
	return {
		start(step) {
			progress.start("training", steps);
			if (stream.isTTY) progress.update(step, "");
		},
		step(line, bytes, peakBytes) {
			status.addStep(line, bytes, peakBytes);
			if (!stream.isTTY || performance.now() - drawn < frameMs) return;
			drawn = performance.now();
			progress.update(line.step, status.text());
		},
		heldOut(line) {
			status.addHeldOut(line);
			const place = stream.isTTY ? "" : `step ${formatCount(line.step)} of ${formatCount(steps)} · `;
			progress.update(line.step, `${place}${status.text()}`);
		},
		finish: (complete) => progress.finish(complete),
	};
}
