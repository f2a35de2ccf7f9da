import { Worker } from "node:worker_threads";
import type { ProgressEvent } from "longspan";
import { InputError } from "../../errors.js";
import type { ServedModelSettings } from "../settings.js";
import type { FromThread, ThreadData, ToldError, ToThread } from "./messages.js";
import { CallError, type ModelAnswer, type ModelInfo, type ServedModel } from "./served-model.js";

/** A model in a thread of its own. */
export interface ThreadedModel extends ServedModel {
	/** Ends the thread, whatever it does. */
	dispose(): Promise<void>;
}

/**
 * Loads a model in a thread of its own.
 *
 * @param lost called if the thread ends although it should not, as for lack of memory
 * @throws InputError for a model that cannot be loaded; the signal's reason
 */
export async function startModel(
	settings: ServedModelSettings,
	watch: { download: (event: ProgressEvent) => void; lost: (error: Error) => void; signal: AbortSignal },
): Promise<ThreadedModel> {
	const cancelled = new SharedArrayBuffer(4);
	const flag = new Int32Array(cancelled);
	const thread = new Worker(new URL("./model-thread.js", import.meta.url), {
		workerData: { settings, cancelled } satisfies ThreadData,
	});
	let settle: { resolve: (answer: ModelAnswer) => void; reject: (error: Error) => void } | undefined;
	let [loaded, disposed] = [false, false];
	const dispose = async () => {
		disposed = true;
		await thread.terminate();
	};
	const info = await new Promise<ModelInfo>((resolve, reject) => {
		const stop = () => reject(watch.signal.reason);
		watch.signal.addEventListener("abort", stop, { once: true });
		const lost = (cause: Error) => {
			if (disposed) return;
			const error = explainLoss(cause);
			disposed = true;
			reject(error);
			settle?.reject(error);
			if (loaded) watch.lost(error);
		};
		thread.on("error", lost);
		thread.on("exit", (code) => lost(new Error(`the thread of the model ended with code ${code}`)));
		thread.on("message", (message: FromThread) => {
			if (message.type === "download") return watch.download(message.event);
			if (message.type === "loaded") resolve(message.info);
			else if (message.type === "failed") reject(asError(message.error));
			else if (message.type === "answer") settle?.resolve(message.answer);
			else settle?.reject(asError(message.error));
		});
	}).catch(async (error: unknown) => {
		await dispose();
		throw error;
	});
	loaded = true;
	return {
		info,
		async run(call, signal) {
			if (disposed) throw new Error("the thread of the model has ended");
			Atomics.store(flag, 0, 0);
			const cancel = () => Atomics.store(flag, 0, 1);
			signal.addEventListener("abort", cancel, { once: true });
			try {
				return await new Promise<ModelAnswer>((resolve, reject) => {
					settle = { resolve, reject };
					thread.postMessage(call satisfies ToThread);
				});
			} finally {
				signal.removeEventListener("abort", cancel);
				settle = undefined;
			}
		},
		dispose,
	};
}

function explainLoss(error: NodeJS.ErrnoException): Error {
	if (error.code !== "ERR_WORKER_OUT_OF_MEMORY") return error;
	return new InputError(
		"there is not enough memory for a request, and the server ends; NODE_OPTIONS=--max-old-space-size=MEGABYTES gives more, a lower --max-body takes less",
	);
}

function asError({ kind, message }: ToldError): Error {
	if (kind === "invalid" || kind === "memory") return new CallError(message, kind);
	if (kind === "input") return new InputError(message);
	return kind === "cancelled" ? new DOMException("The call was ended.", "AbortError") : new Error(message);
}
