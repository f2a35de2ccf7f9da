import { setImmediate } from "node:timers/promises";
import { TrainingError } from "longspan";
import { InputError } from "../errors.js";
import { formatCount } from "../output/format.js";
import type { RunFolder } from "../runs/index.js";
import { bestOf, type HeldOutLine, type History, type StepLine } from "./history.js";
import type { HeldOutResult, Learner } from "./learner.js";
import type { RunSettings } from "./settings.js";

/** How much is in a batch. */
export interface BatchSize {
	/** Tokens that are predicted; those that are read, where not all are predicted. */
	readonly tokens: number;
	readonly sequences: number;
	/** Of the text that the tokens stand for; 0 where not all are predicted. */
	readonly bytes: number;
}

/** Batches to train on and to measure with. */
export interface LoopData<Batch> {
	/** The batch of a place in the run, the same whenever it is asked for. */
	trainingBatch(place: number): Batch;
	readonly heldOut: readonly Batch[];
	sizeOf(batch: Batch): BatchSize;
}

/** What of the settings of a run a loop heeds. */
export type LoopSettings = Pick<RunSettings, "steps" | "accumulate" | "evaluateEvery" | "saveEvery">;

/** What a loop works on. */
export interface LoopParts<Batch> {
	readonly learner: Pick<Learner<never, Batch, never>, "steps" | "step" | "evaluate">;
	readonly data: LoopData<Batch>;
	readonly settings: LoopSettings;
	readonly run: Pick<RunFolder, "log">;
	/** Of the run so far; the loop adds to it. */
	readonly history: History;
	/** Whether to end after the step under way. */
	stopped(): boolean;
	/** Saves everything as it is. `heldOut`: the evaluation after this step, if there was one. */
	save(heldOut: HeldOutLine | null): Promise<void>;
	/** Most bytes that tensors took so far. */
	peakBytes(): number;
	/** Told of each step and each evaluation. */
	onStep(line: StepLine, bytes: number): void;
	onHeldOut(line: HeldOutLine): void;
}

/**
 * Trains from the step the learner is at to the last, with evaluations and checkpoints on the way. Ends early, after saving, when
 * stopped.
 *
 * @throws TrainingError for a step that cannot be taken, or weights that predict nothing any more
 */
export async function trainLoop<Batch>(parts: LoopParts<Batch>): Promise<void> {
	const { learner, settings, history, stopped, save } = parts;
	const start = learner.steps;
	for (;;) {
		const { steps: step } = learner;
		const ends = step >= settings.steps;
		// At the start, too: a run that goes on may have been stopped before its evaluation.
		const before = evaluationAt(history, step);
		const now = before === null && isDue(step, settings.evaluateEvery, ends) ? await evaluate(parts) : null;
		const stops = stopped();
		const isNewBest = now !== null && now === bestOf(history);
		const isTime = step > start && isDue(step, settings.saveEvery, ends);
		if (isNewBest || isTime || stops || ends) await save(now ?? before);
		if (stops || ends) return;
		await takeStep(parts, await nextBatches(parts));
		// Lets signals in, and progress be drawn.
		await setImmediate();
	}
}

function isDue(step: number, every: number, ends: boolean): boolean {
	return ends || step % every === 0;
}

function evaluationAt({ heldOut }: History, step: number): HeldOutLine | null {
	return heldOut.findLast((line) => line.step === step) ?? null;
}

/** Null if stopped on the way. */
async function evaluate<Batch>(parts: LoopParts<Batch>): Promise<HeldOutLine | null> {
	const { learner, data, history, run, stopped } = parts;
	const { steps: step } = learner;
	const result: HeldOutResult | null = await learner.evaluate(data.heldOut, stopped);
	if (!result) return null;
	const { loss: heldOutLoss, ...scores } = result;
	if (!Number.isFinite(heldOutLoss))
		throw new TrainingError(`held-out loss is ${heldOutLoss} after step ${step}`, step, heldOutLoss, Number.NaN);
	const line = { step, heldOutLoss, ...scores, peakBytes: parts.peakBytes() };
	history.heldOut.push(line);
	run.log(line);
	parts.onHeldOut(line);
	return line;
}

/** The batches of the next step. Where their files cannot be read any more, the run is saved as it is. */
async function nextBatches<Batch>({ learner, data, settings, history, save }: LoopParts<Batch>): Promise<Batch[]> {
	const { accumulate } = settings;
	const first = learner.steps * accumulate;
	try {
		return Array.from({ length: accumulate }, (_, part) => data.trainingBatch(first + part));
	} catch (error) {
		if (!(error instanceof InputError)) throw error;
		await save(evaluationAt(history, learner.steps));
		throw new InputError(
			`${error.message}; step ${formatCount(learner.steps)} is saved: go on from it by --resume when that is put right`,
		);
	}
}

async function takeStep<Batch>(parts: LoopParts<Batch>, batches: readonly Batch[]): Promise<void> {
	const { learner, data, history, run } = parts;
	const sum = (of: keyof BatchSize) => batches.reduce((total, batch) => total + data.sizeOf(batch)[of], 0);
	const tokens = sum("tokens");
	const start = performance.now();
	const result = await learner.step(batches);
	const seconds = (performance.now() - start) / 1000;
	const line = { ...result, seconds, tokens, length: tokens / sum("sequences") };
	history.steps.push(line);
	run.log(line);
	parts.onStep(line, sum("bytes"));
}
