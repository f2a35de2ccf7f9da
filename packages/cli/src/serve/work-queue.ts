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
	 * Does work when all before it is done.
	 *
	 * @param signal ends the wait at once; what runs is told, and nothing else begins before it has ended
	 * @throws the signal's reason, or QueueClosedError if the queue is closed before the work begins
	 */
	run<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T>;
	/** Gives the room back. */
	leave(): void;
}

/** Work that is done in order, one piece at a time, with a bound on what waits. */
export class WorkQueue {
	#taken = 0;
	#running = false;
	#closed = false;
	readonly #waiting: { begin: () => void; refuse: (error: Error) => void }[] = [];
	#meanSeconds = 1;

	/** @param limit most pieces that wait or are made ready while one runs */
	constructor(private readonly limit: number) {}

	/** Pieces that wait. */
	get waiting(): number {
		return this.#waiting.length;
	}

	get running(): boolean {
		return this.#running;
	}

	/** Takes a place, before there is work to do there. Throws `QueueFullError` or `QueueClosedError`. */
	enter(): Place {
		if (this.#closed) throw new QueueClosedError();
		if (this.#taken > this.limit) throw new QueueFullError(Math.max(1, Math.ceil(this.#taken * this.#meanSeconds)));
		this.#taken++;
		let left = false;
		return {
			run: (work, signal) => this.#run(work, signal),
			leave: () => {
				if (!left) this.#taken--;
				left = true;
			},
		};
	}

	/** Refuses what waits and what comes; what runs goes on. */
	close(): void {
		this.#closed = true;
		for (const { refuse } of this.#waiting.splice(0)) refuse(new QueueClosedError());
	}

	async #run<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
		signal.throwIfAborted();
		if (this.#closed) throw new QueueClosedError();
		if (this.#running) await this.#turn(signal);
		this.#running = true;
		const begin = performance.now();
		const result = work(signal).finally(() => {
			this.#meanSeconds += 0.2 * ((performance.now() - begin) / 1000 - this.#meanSeconds);
			this.#running = false;
			this.#waiting.shift()?.begin();
		});
		return orAborted(result, signal);
	}

	/** Waits until it is the turn of the caller. */
	#turn(signal: AbortSignal): Promise<void> {
		return new Promise((resolve, reject) => {
			const abort = () => {
				this.#waiting.splice(this.#waiting.indexOf(entry), 1);
				reject(signal.reason);
			};
			const entry = {
				begin: () => {
					signal.removeEventListener("abort", abort);
					// Before anyone else can see that nothing runs.
					this.#running = true;
					resolve();
				},
				refuse: (error: Error) => {
					signal.removeEventListener("abort", abort);
					reject(error);
				},
			};
			signal.addEventListener("abort", abort, { once: true });
			this.#waiting.push(entry);
		});
	}
}

/** A promise, or the reason of a signal if that comes first. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
	return new Promise((resolve, reject) => {
		const abort = () => reject(signal.reason);
		signal.addEventListener("abort", abort, { once: true });
		promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
	});
}
