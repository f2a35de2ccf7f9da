import { parentPort, workerData } from "node:worker_threads";
import { LongspanError } from "longspan";
import { startDevice } from "../../device-options.js";
import { describeError, InputError, isSystemError } from "../../errors.js";
import { flaggedSignal } from "./cancel-flag.js";
import type { FromThread, ThreadData, ToldError, ToThread } from "./messages.js";
import { describePipelines, loadPipelines } from "./pipelines.js";
import { runCall } from "./run-call.js";
import { CallError } from "./served-model.js";

// The thread of the model: the engine computes in the thread that calls it, and HTTP is to be answered meanwhile.

const { settings, cancelled } = workerData as ThreadData;
const flag = new Int32Array(cancelled);
const tell = (message: FromThread) => parentPort?.postMessage(message);

function told(error: unknown): ToldError {
	if (error instanceof CallError) return { kind: error.kind, message: error.message };
	if (Atomics.load(flag, 0) === 1) return { kind: "cancelled", message: "" };
	const expected = error instanceof InputError || error instanceof LongspanError || isSystemError(error);
	return { kind: expected ? "input" : "bug", message: describeError(error) };
}

try {
	const device = await startDevice(settings);
	const pipelines = await loadPipelines(settings, device, (event) => tell({ type: "download", event }));
	parentPort?.on("message", async (call: ToThread) => {
		try {
			tell({ type: "answer", answer: await runCall(pipelines, call, flaggedSignal(flag)) });
		} catch (error) {
			tell({ type: "refusal", error: told(error) });
		}
	});
	tell({ type: "loaded", info: describePipelines(pipelines) });
} catch (error) {
	tell({ type: "failed", error: told(error) });
}
