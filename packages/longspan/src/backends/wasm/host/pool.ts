import { ControlWord } from "../kernels/runtime/control-word.js";
import { startWorker, type WorkerThread } from "./worker-thread.js";

/** Longest time workers may take to start. */
const startLimit = 20_000;

/** The workers of an engine. The caller is thread 0, they are 1, 2, ... */
export class Pool {
	readonly workers = new Set<WorkerThread>();

	/** Workers that are there, the caller included. */
	get threads(): number {
		return this.workers.size + 1;
	}

	/** Starts `count` workers and waits until all are ready. Rejects, with none left, if one cannot be started. */
	async start(
		count: number,
		task: { module: WebAssembly.Module; memory: WebAssembly.Memory; control: Int32Array },
	): Promise<void> {
		const { module, memory, control } = task;
		let timer: ReturnType<typeof setTimeout> | undefined;
		const late = new Promise<never>((_, reject) => {
			timer = setTimeout(() => reject(new Error(`workers did not start within ${startLimit / 1000} s`)), startLimit);
		});
		try {
			for (let thread = 1; thread <= count; thread++) {
				const worker = startWorker({ module, memory, control: control.byteOffset, thread });
				this.workers.add(worker);
				// Seen below, unless starting a later worker throws.
				worker.ready.catch(() => {});
				worker.onEnd = () => {
					this.workers.delete(worker);
					// It can no longer be woken.
					Atomics.and(control, ControlWord.sleepers, ~(1 << thread));
				};
			}
			await Promise.race([Promise.all([...this.workers].map((worker) => worker.ready)), late]);
		} catch (error) {
			this.stop();
			throw error;
		} finally {
			clearTimeout(timer);
		}
	}

	/** Ends all workers, whatever they do. */
	stop(): void {
		for (const worker of this.workers) {
			worker.onEnd = null;
			worker.terminate();
		}
		this.workers.clear();
	}
}
