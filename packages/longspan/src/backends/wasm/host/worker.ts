// Script of the pool's workers, in Node and in browsers. It is told its task once and never reads another message.
import { instantiate } from "./instance.js";
import { builtin } from "./platform.js";
import type { WorkerTask } from "./worker-thread.js";

async function takePart(task: WorkerTask, report: (message: string) => void): Promise<void> {
	const kernels = await instantiate(task.module, task.memory);
	kernels.enter(task.control, task.thread);
	report("ready");
	for (;;) {
		try {
			kernels.work();
		} catch {
			// A kernel trapped: the caller learns of it and throws, this thread goes on.
			kernels.abandon();
		}
	}
}

const port = builtin?.("node:worker_threads").parentPort;
if (port) {
	port.once("message", (task: WorkerTask) => void takePart(task, (message) => port.postMessage(message)));
} else {
	addEventListener(
		"message",
		(event: MessageEvent<WorkerTask>) => void takePart(event.data, (message) => postMessage(message)),
		{ once: true },
	);
}
