import { DeviceError } from "../../../errors.js";
import { KernelId } from "../kernels/kernel-id.js";
import { ControlWord } from "../kernels/runtime/control-word.js";
import type { KernelExports } from "./instance.js";
import { canSleep } from "./platform.js";
import type { Pool } from "./pool.js";

/** Calls with less work than this, in simple operations, are not worth a second thread that is awake, or that must be woken. */
const awakeThreshold = 20_000;
const asleepThreshold = 100_000;
/** A chunk has at least this much work, and a thread at most this many chunks, so that claiming them costs nothing. */
const chunkWork = 16_384;
const chunksPerThread = 16;
/** Looks at the counter of unfinished chunks before the caller sleeps, some tens of microseconds; and how long it sleeps. */
const callerSpins = 20_000;
const callerSleepMicroseconds = 1_000;
/** A longer pause between two looks, in milliseconds, means that the whole process stood still (a laptop asleep, a debugger). */
const longestLook = 100;

const argumentWords = ControlWord.length - ControlWord.args;

/** The caller's side of the scheduler in kernels/runtime/scheduler.ts: runs kernels through one control block. */
export class Dispatcher {
	private readonly args: Int32Array;
	private readonly sleepMicroseconds: number;

	constructor(
		private readonly exports: KernelExports,
		private readonly pool: Pool,
		/** `ControlWord.length` words, all 0. */
		readonly control: Int32Array,
		/** Milliseconds without a finished chunk after which a worker counts as dead. */
		private readonly stallLimit: number,
	) {
		this.args = control.subarray(ControlWord.args);
		this.sleepMicroseconds = canSleep(control) ? callerSleepMicroseconds : 0;
		exports.enter(control.byteOffset, 0);
	}

	setScratch(base: number, bytesPerThread: number): void {
		this.control[ControlWord.scratchBase] = base;
		this.control[ControlWord.scratchBytes] = bytesPerThread;
	}

	/** Returns when all items are done. Throws `DeviceError` if the kernel trapped or a worker vanished, see `stalled`. */
	run(kernel: KernelId, items: number, work: number, words: readonly number[]): void {
		const { args } = this;
		if (words.length > argumentWords)
			throw new DeviceError(`internal error: ${words.length} kernel arguments, at most ${argumentWords} fit`);
		for (let i = 0; i < words.length; i++) args[i] = words[i] as number;
		const { threads } = this.pool;
		if (threads === 1 || items === 1 || work < awakeThreshold || (work < asleepThreshold && this.sleepers() !== 0)) {
			try {
				this.exports.runAlone(kernel, items);
			} catch (cause) {
				throw trapped(kernel, cause);
			}
		} else {
			const chunks = Math.min(items, threads * chunksPerThread, Math.ceil(work / chunkWork));
			this.runTogether(kernel, items, Math.ceil(items / chunks));
		}
	}

	private sleepers(): number {
		return Atomics.load(this.control, ControlWord.sleepers);
	}

	private runTogether(kernel: KernelId, items: number, grain: number): void {
		let done = 0;
		let cause: unknown;
		try {
			done = this.exports.runJob(kernel, items, grain, Math.ceil(items / grain), callerSpins);
		} catch (error) {
			this.exports.abandon();
			cause = error;
		}
		if (done === 0) this.waitForOthers(kernel);
		if (this.control[ControlWord.failed] !== 0) throw trapped(kernel, cause);
	}

	private waitForOthers(kernel: KernelId): void {
		let unfinished = -1;
		let quiet = 0;
		let before = performance.now();
		while (this.exports.awaitJob(callerSpins, this.sleepMicroseconds) === 0) {
			const now = performance.now();
			quiet += Math.min(now - before, longestLook);
			before = now;
			const current = Atomics.load(this.control, ControlWord.unfinished);
			if (current !== unfinished) quiet = 0;
			unfinished = current;
			if (quiet > this.stallLimit) throw new StalledError(kernel, this.stallLimit);
		}
	}
}

/** A worker holds a part of a job and has stopped working on it: it was killed. Its control block must not be used again. */
export class StalledError extends DeviceError {
	constructor(kernel: KernelId, limit: number) {
		super(
			`a worker thread stopped in the middle of kernel ${KernelId[kernel]} (no progress for ${limit / 1000} s): it was terminated from outside`,
		);
	}
}

function trapped(kernel: KernelId, cause: unknown): DeviceError {
	const message = cause instanceof Error ? cause.message : "in a worker thread";
	return new DeviceError(`kernel ${KernelId[kernel]} trapped: ${message}`, { cause });
}
