import { setImmediate } from "node:timers/promises";
import type { Device } from "longspan";
import { bitsPerByte, type TextWindows } from "../data/window-source.js";
import { InputError } from "../errors.js";
import type { LoadedModel } from "../models/load-model.js";
import { predictedTokens, predictWindows } from "../models/predict-windows.js";
import { formatBits } from "../output/format.js";
import type { Progress } from "../output/progress.js";
import type { EvaluationResult } from "./result.js";

/** Times that progress is told. */
const reports = 10;

/** What an evaluation measured, without the circumstances. */
export type Evaluated = Pick<
	EvaluationResult,
	"length" | "windows" | "tokens" | "bytes" | "crossEntropy" | "bitsPerByte" | "seconds" | "tokensPerSecond"
>;

/**
 * Predicts every token of some windows but their first.
 *
 * @param folder of the model, for errors
 * @throws InputError where the model gives no number
 */
export async function evaluateModel(
	device: Device,
	{ model, parameters }: LoadedModel,
	windows: readonly TextWindows[],
	folder: string,
	progress: Progress,
): Promise<Evaluated> {
	let [nats, tokens, bytes] = [0, 0, 0];
	const start = performance.now();
	progress.start("evaluate", windows.length);
	for (const [index, window] of windows.entries()) {
		const mean = await predictWindows(model, parameters, window, device);
		if (!Number.isFinite(mean))
			throw new InputError(
				`"${folder}" gives a loss of ${mean}: its weights are damaged or its training diverged; use another checkpoint or train it again`,
			);
		const predicted = predictedTokens(window);
		nats += mean * predicted;
		tokens += predicted;
		bytes += window.bytes;
		if ((index + 1) % Math.ceil(windows.length / reports) === 0) {
			progress.update(index + 1, `${formatBits(bitsPerByte(nats, bytes))} bits per byte`);
			// Lets progress be drawn.
			await setImmediate();
		}
	}
	progress.finish();
	const seconds = (performance.now() - start) / 1000;
	const count = windows.reduce((sum, { count: own }) => sum + own, 0);
	return {
		...{ length: tokens / count, windows: count, tokens, bytes },
		crossEntropy: nats / tokens,
		bitsPerByte: bitsPerByte(nats, bytes),
		seconds,
		tokensPerSecond: tokens / seconds,
	};
}
