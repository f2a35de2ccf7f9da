import { ServerMetrics } from "./metrics/server-metrics.js";
import type { ServedModel } from "./model/served-model.js";
import { WorkQueue } from "./work-queue.js";

/** A server from its begin to its end. */
export class ServerState {
	readonly queue: WorkQueue;
	readonly metrics: ServerMetrics;
	#phase: "loading" | "ready" | "stopping" = "loading";
	#model: ServedModel | undefined;
	/** When the model was ready, in seconds since 1970. */
	#since = 0;

	constructor(queueLimit: number) {
		this.queue = new WorkQueue(queueLimit);
		this.metrics = new ServerMetrics(this.queue);
	}

	get phase(): "loading" | "ready" | "stopping" {
		return this.#phase;
	}

	/** Undefined while it is loaded. */
	get model(): ServedModel | undefined {
		return this.#model;
	}

	get since(): number {
		return this.#since;
	}

	/** The model is there. */
	ready(model: ServedModel): void {
		this.#model = model;
		this.#since = Math.floor(Date.now() / 1000);
		if (this.#phase === "loading") this.#phase = "ready";
	}

	/** Requests are refused from now on; the one that runs goes on. */
	stop(): void {
		this.#phase = "stopping";
		this.queue.close();
	}
}
