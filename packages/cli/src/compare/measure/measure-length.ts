import { setImmediate } from "node:timers/promises";
import { type Device, OutOfMemoryError } from "longspan";
import { isRefusal, refusalText } from "../../attentions/form.js";
import { exactName } from "../../attentions/registry.js";
import type { Row, SkippedRow } from "../result.js";
import type { CompareSettings } from "../settings.js";
import { type Callable, callableOf } from "./callable.js";
import { measureForward, measureForwardBackward } from "./calls.js";
import { maxDifference } from "./error.js";
import type { Feasibility } from "./feasibility.js";
import { type Inputs, makeInputs } from "./inputs.js";
import { rowOf, type Subject, Timings, type Trial } from "./subject.js";

/** What measurements at all lengths share. */
export interface MeasureContext {
	readonly device: Device;
	readonly subjects: readonly Subject[];
	readonly settings: CompareSettings;
	readonly feasibility: Feasibility;
}

/** Measures all subjects at one length. */
export async function measureLength(
	context: MeasureContext,
	n: number,
): Promise<{ rows: Row[]; skipped: SkippedRow[] }> {
	const { device, settings, feasibility } = context;
	const skipped: SkippedRow[] = [];
	const skip = (subject: Subject, obstacle: Omit<SkippedRow, "attention" | "n">) => {
		if (subject.chosen) skipped.push({ attention: subject.label, n, ...obstacle });
	};
	const feasible = context.subjects.filter((subject) => {
		const obstacle =
			feasibility.formObstacle(subject, n) ??
			feasibility.memoryObstacle(subject, n, false) ??
			feasibility.timeObstacle(subject, n, subject.forwardRate);
		if (obstacle) skip(subject, obstacle);
		return obstacle === null;
	});
	if (!feasible.some(({ chosen }) => chosen)) return { rows: [], skipped };
	const backward = settings.backward && feasible.some((subject) => backwardObstacle(context, subject, n) === null);
	let inputs: Inputs;
	try {
		inputs = makeInputs(device, settings, n, settings.seed, backward);
	} catch (error) {
		for (const subject of feasible) skip(subject, obstacleOf(error));
		return { rows: [], skipped };
	}
	const callables: Callable[] = [];
	try {
		const trials: Trial[] = [];
		let exact: Float32Array | null = null;
		// Exact attention first: the others are held against its output.
		for (const subject of [...feasible].sort((a, b) => Number(b.label === exactName) - Number(a.label === exactName))) {
			try {
				const callable = callableOf(subject.at(n), settings, settings.seed);
				callables.push(callable);
				const { trial, output } = await startTrial(context, subject, callable, inputs, n, exact);
				if (subject.label === exactName) exact = output;
				if (subject.chosen) trials.push(trial);
			} catch (error) {
				skip(subject, obstacleOf(error));
			}
		}
		await runRounds(context, trials, inputs);
		for (const { subject, forward, forwardBackward } of trials) {
			const { flops } = subject.at(n).cost(n, settings);
			subject.forwardRate = flops / forward.median;
			if (forwardBackward) subject.forwardBackwardRate = flops / forwardBackward.median;
		}
		trials.sort((a, b) => feasible.indexOf(a.subject) - feasible.indexOf(b.subject));
		return { rows: trials.map((trial) => rowOf(trial, n)), skipped };
	} finally {
		for (const callable of callables) callable.dispose();
		inputs.dispose();
	}
}

/** The obstacle that an error tells of: no memory, or sizes the attention refuses; other errors are thrown on. */
function obstacleOf(error: unknown): Omit<SkippedRow, "attention" | "n"> {
	if (isRefusal(error)) return { reason: refusalText(error), neededBytes: null, predictedMs: null };
	if (!(error instanceof OutOfMemoryError)) throw error;
	return { reason: `out of memory: ${error.message}`, neededBytes: null, predictedMs: null };
}

function backwardObstacle({ feasibility }: MeasureContext, subject: Subject, n: number) {
	return (
		feasibility.memoryObstacle(subject, n, true) ??
		feasibility.timeObstacle(subject, n, subject.forwardBackwardRate, "forward + backward")
	);
}

/** The first calls of a subject: warm-up, work, memory and the difference from exact attention. */
async function startTrial(
	context: MeasureContext,
	subject: Subject,
	callable: Callable,
	inputs: Inputs,
	n: number,
	exact: Float32Array | null,
): Promise<{ trial: Trial; output: Float32Array | null }> {
	const { device, settings } = context;
	const { measurement, result } = await measureForward(device, callable, inputs);
	// Exact attention of the other causality is no measure of an attention that has only one form.
	const comparable = exact !== null && callable.attention.causal === settings.causal;
	let output: Float32Array | null = null;
	try {
		if (comparable || subject.label === exactName) output = await result.data();
	} finally {
		result.dispose();
	}
	let forwardBackward: Timings | null = null;
	let note: string | null = null;
	if (settings.backward && subject.chosen) {
		const obstacle = backwardObstacle(context, subject, n);
		if (obstacle) note = `no forward + backward: ${obstacle.reason}`;
		else if (inputs.outputGradient) {
			try {
				const warmUp = await measureForwardBackward(device, callable, inputs, inputs.outputGradient);
				forwardBackward = new Timings(warmUp, settings.repeat);
			} catch (error) {
				note = `no forward + backward: ${obstacleOf(error).reason}`;
			}
		}
	}
	const maxErrorVsExact = subject.label === exactName ? 0 : comparable && output ? maxDifference(output, exact) : null;
	const forward = new Timings(measurement, settings.repeat);
	return { trial: { subject, callable, forward, maxErrorVsExact, forwardBackward, note }, output };
}

/** Timed calls, in rounds over all subjects. */
async function runRounds({ device }: MeasureContext, trials: readonly Trial[], inputs: Inputs): Promise<void> {
	for (;;) {
		let ran = false;
		for (const { callable, forward, forwardBackward } of trials) {
			// Lets progress be drawn, outside of what is timed.
			await setImmediate();
			if (forward.wantsMore) {
				const { measurement, result } = await measureForward(device, callable, inputs);
				result.dispose();
				forward.add(measurement);
				ran = true;
			}
			if (forwardBackward?.wantsMore && inputs.outputGradient) {
				forwardBackward.add(await measureForwardBackward(device, callable, inputs, inputs.outputGradient));
				ran = true;
			}
		}
		if (!ran) return;
	}
}
