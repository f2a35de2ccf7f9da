/** There is no room for another request. */
export class QueueFullError extends Error {
	override name = "QueueFullError";

	constructor(
		/** When there may be room again: the mean time of the work so far, for all that is there. */
		readonly retryAfterSeconds: number,
	) {
		super("too many requests wait");
	}
}

/** The queue takes no more work. */
export class QueueClosedError extends Error {
	override name = "QueueClosedError";
}

/** Room in a queue for one piece of work. */
export interface Place {
	/**
	 * Does work when all before it has ended. Called once at most.
	 *
	 * @param signal ends the wait at once; what runs is told, and nothing else begins before it has ended
	 * @throws the signal's reason, or QueueClosedError if the queue is closed before the work begins
	 */
	run<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T>;
	/** Gives the room back, when the work has ended. Called once. */
	leave(): void;
}

interface Job {
	/** Begins the work; resolves when it has ended, however. */
	begin(): Promise<void>;
	refuse(error: Error): void;
}

/** Weight of the last piece of work in the mean time. */
const meanWeight = 0.2;

/** Work that is done in order, one piece at a time, with a bound on what waits. */
export class WorkQueue {
	#taken = 0;
	#closed = false;
	/** What runs, until it has ended. */
	#running: Promise<void> | undefined;
	readonly #waiting: Job[] = [];
	#meanSeconds = 1;

	/** @param limit most pieces that wait or are made ready while one runs */
	constructor(private readonly limit: number) {}

	/** Pieces that wait. */
	get waiting(): number {
		return this.#waiting.length;
	}

	get running(): boolean {
		return this.#running !== undefined;
	}

	/** Takes a place, before there is work to do there. Throws `QueueFullError` or `QueueClosedError`. */
	enter(): Place {
		if (this.#closed) throw new QueueClosedError();
		if (this.#taken > this.limit) throw new QueueFullError(Math.max(1, Math.ceil(this.#taken * this.#meanSeconds)));
		this.#taken++;
		let ended: Promise<unknown> | undefined;
		return {
			run: (work, signal) => {
				const begin = () => {
					const result = work(signal);
					ended = result.catch(() => {});
					return result;
				};
				return this.#enqueue(begin, signal);
			},
			leave: () => {
				if (ended) ended.then(() => this.#taken--);
				else this.#taken--;
			},
		};
	}

	/** Refuses what waits and what comes; what runs goes on. */
	close(): void {
		this.#closed = true;
		for (const { refuse } of this.#waiting.splice(0)) refuse(new QueueClosedError());
	}

	/** Waits until nothing runs. */
	async idle(): Promise<void> {
		while (this.#running) await this.#running;
	}

	#enqueue<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
		return new Promise((resolve, reject) => {
			if (signal.aborted) return reject(signal.reason);
			if (this.#closed) return reject(new QueueClosedError());
			const abort = () => {
				const at = this.#waiting.indexOf(job);
				if (at >= 0) this.#waiting.splice(at, 1);
				reject(signal.reason);
			};
			const listened = () => signal.removeEventListener("abort", abort);
			const job: Job = {
				begin: () => work().then(resolve, reject).finally(listened),
				refuse(error) {
					listened();
					reject(error);
				},
			};
			signal.addEventListener("abort", abort, { once: true });
			this.#waiting.push(job);
			this.#next();
		});
	}

	#next(): void {
		if (this.#running) return;
		const job = this.#waiting.shift();
		if (!job) return;
		const begin = performance.now();
		this.#running = job.begin().then(() => {
			this.#meanSeconds += meanWeight * ((performance.now() - begin) / 1000 - this.#meanSeconds);
			this.#running = undefined;
			this.#next();
		});
	}
}
