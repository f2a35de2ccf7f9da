import type { WorkQueue } from "../work-queue.js";
import { Counter, Gauge, Histogram, type Metric } from "./metric.js";

const durations = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** What a server counts of itself. */
export class ServerMetrics {
	readonly requests = new Counter("longspan_requests_total", "Requests that were answered, by route and status.");
	readonly errors = new Counter("longspan_errors_total", "Requests that were refused or failed, by route and code.");
	readonly duration = new Histogram(
		"longspan_request_duration_seconds",
		"Time from the begin of a request to its answer, by route.",
		durations,
	);
	readonly tokens = new Counter("longspan_tokens_total", "Tokens of the texts of requests that succeeded, by task.");
	readonly #gauges: readonly Metric[];

	constructor(queue: WorkQueue) {
		this.#gauges = [
			new Gauge("longspan_queue_length", "Requests that wait.", () => queue.waiting),
			new Gauge("longspan_running", "Requests that run: 0 or 1.", () => (queue.running ? 1 : 0)),
			new Gauge("process_resident_memory_bytes", "Memory of the process.", () => process.memoryUsage.rss()),
			new Gauge("process_start_time_seconds", "When the process began.", () => performance.timeOrigin / 1000),
		];
	}

	/** The answer of /metrics. */
	text(): string {
		const all: readonly Metric[] = [this.requests, this.errors, this.duration, this.tokens, ...this.#gauges];
		return `${all.flatMap((metric) => metric.lines()).join("\n")}\n`;
	}
}
