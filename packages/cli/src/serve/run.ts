import { exitCode } from "../errors.js";
import { formatBytes } from "../output/format.js";
import { downloadProgress } from "../pipelines/download-progress.js";
import { createApp } from "./http/app.js";
import { listen } from "./http/listen.js";
import { isLoopback } from "./loopback.js";
import { startModel } from "./model/threaded-model.js";
import { ServerState } from "./server-state.js";
import type { ServeSettings } from "./settings.js";

const log = (text: string) => process.stderr.write(`longspan: ${text}\n`);

/** Serves a model until a signal ends it: its address on stdout when it is ready, the rest on stderr. */
export async function runServe(settings: ServeSettings): Promise<void> {
	const { host, port, token } = settings;
	const state = new ServerState(settings.queue);
	// Before the model is loaded, so that a port in use is told at once.
	const server = await listen(createApp(settings, state, log), host, port);
	if (!isLoopback(host) && token === undefined)
		log(`warning: everyone who reaches ${server.address} can use the model; --token keeps them out`);
	const stop = new AbortController();
	const ended = new Promise((resolve) => stop.signal.addEventListener("abort", resolve, { once: true }));
	const signals = listenForSignals(() => stop.abort());
	const downloads = downloadProgress();
	let lost: Error | undefined;
	try {
		const model = await startModel(settings, {
			signal: stop.signal,
			download: downloads.event,
			lost(error) {
				lost = error;
				stop.abort();
			},
		});
		try {
			downloads.stop();
			state.ready(model);
			const { classes, tasks, bytes } = model.info;
			log(`${tasks.join(", ")} by ${classes.join(", ")}, ${formatBytes(bytes)}; Ctrl-C ends`);
			process.stdout.write(`${server.address}\n`);
			await ended;
			state.stop();
			await state.queue.idle();
		} finally {
			await model.dispose();
		}
	} catch (error) {
		// Ended while the model was loaded.
		if (!stop.signal.aborted || error !== stop.signal.reason) throw error;
	} finally {
		downloads.stop();
		state.stop();
		await server.close();
		signals.stop();
	}
	if (lost) throw lost;
}

/** Ctrl-C or SIGTERM: the first is for the server to heed, the second ends the process at once. */
function listenForSignals(heed: () => void): { stop(): void } {
	let heeded = false;
	const receive = () => {
		if (heeded) process.exit(exitCode.interrupted);
		heeded = true;
		log("ends when the request that runs is answered; Ctrl-C again ends at once");
		heed();
	};
	const names = ["SIGINT", "SIGTERM"] as const;
	for (const name of names) process.on(name, receive);
	return {
		stop() {
			for (const name of names) process.off(name, receive);
		},
	};
}
