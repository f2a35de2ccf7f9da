import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it, vi } from "vitest";
import { DeviceError } from "../../../errors.js";
import { elementwiseKernels } from "../elementwise.js";
import type { KernelId } from "../kernels/kernel-id.js";
import { ControlWord } from "../kernels/runtime/control-word.js";
import { bufferStore } from "./buffer-store.js";
import { HeapBlock } from "./heap-block.js";
import type { ModuleEngine } from "./module-engine.js";
import type { WasmOptions } from "./options.js";
import { startEngine } from "./start-engine.js";
import { WasmBuffer } from "./wasm-buffer.js";

const started: ModuleEngine[] = [];

async function start(options: WasmOptions) {
	const { engine } = await startEngine({ poison: true, ...options }, () => {});
	started.push(engine);
	return { engine, store: bufferStore(engine), kernels: elementwiseKernels(engine) };
}

type Started = Awaited<ReturnType<typeof start>>;

afterEach(() => {
	for (const engine of started.splice(0)) engine.dispose();
});

const length = 500_000;
const values = Float32Array.from({ length }, (_, i) => Math.sin(i) * 3);

/** Whether a call that is spread over all threads computes correctly. */
function computes({ store, kernels }: Started): boolean {
	const x = store.createBuffer("float32", length);
	const out = store.createBuffer("float32", length);
	store.write(x, values);
	kernels.unary("scale", x, out, 2);
	const result = store.readSync(out);
	store.destroyBuffer(x);
	store.destroyBuffer(out);
	return result.every((value, i) => value === (values[i] as number) * 2);
}

const noKernel = 9999 as KernelId;

describe("a pool of threads", () => {
	it.each([1, 2, 4])("%i threads start and compute the same", async (threads) => {
		const subject = await start({ threads });
		expect(subject.engine.threads).toBe(threads);
		for (let i = 0; i < 20; i++) expect(computes(subject)).toBe(true);
	});

	it("shares its work: workers claim parts of it too", async () => {
		const subject = await start({ threads: 2 });
		const { control } = subject.engine.dispatcher;
		// Everyone who takes part finds nothing left once, and counts below 0 then.
		await vi.waitUntil(() => computes(subject) && Atomics.load(control, ControlWord.remaining) <= -2, {
			timeout: 20_000,
		});
	}, 30_000);

	it.each([1, 2, 4])("with %i threads, a kernel that traps is an error and nothing more", async (threads) => {
		const subject = await start({ threads });
		for (let i = 0; i < 20; i++) {
			expect(() => subject.engine.dispatch(noKernel, 1000, 1e9, [])).toThrow(DeviceError);
			expect(computes(subject)).toBe(true);
		}
		expect(subject.engine.threads).toBe(threads);
	});

	it.each([1, 2, 4])("with %i threads, memory that is not there traps", async (threads) => {
		const subject = await start({ threads });
		const { engine, store, kernels } = subject;
		const x = store.createBuffer("float32", length);
		kernels.fill(x, 1);
		// The first items are inside the memory, the others are not.
		const outside = new WasmBuffer("float32", length, new HeapBlock(engine.i32.byteLength - 4096, length * 4));
		for (let i = 0; i < 5; i++) {
			expect(() => kernels.unary("scale", x, outside, 2)).toThrow(/kernel unary trapped/);
		}
		expect(computes(subject)).toBe(true);
	});

	it("goes on without workers that were terminated while idle", async () => {
		const subject = await start({ threads: 3 });
		for (const worker of subject.engine.pool.workers) worker.terminate();
		// Nobody has had a chance to notice yet.
		for (let i = 0; i < 5; i++) expect(computes(subject)).toBe(true);
		await vi.waitUntil(() => subject.engine.threads === 1, { timeout: 10_000 });
		expect(computes(subject)).toBe(true);
	});

	it("reports a worker that was killed in the middle of its work once, and goes on", async () => {
		const subject = await start({ threads: 2, stallLimit: 300 });
		const thief = await startThief(subject.engine);
		let error: unknown;
		for (let i = 0; i < 100 && !error; i++) {
			try {
				computes(subject);
			} catch (thrown) {
				error = thrown;
			}
		}
		await thief.terminate();
		expect(error).toBeInstanceOf(DeviceError);
		expect(String(error)).toMatch(/stopped in the middle of kernel/);
		for (let i = 0; i < 5; i++) expect(computes(subject)).toBe(true);
		expect(subject.engine.threads).toBe(1);
	});

	it("lets a script that used it exit by itself", async () => {
		const script = `
			import { createWasmBackend } from ${JSON.stringify(new URL("../../../../dist/backends/wasm/index.js", import.meta.url).href)};
			const backend = await createWasmBackend({ threads: 3 });
			const x = backend.createBuffer("float32", ${length});
			backend.fill(x, 3);
			backend.unary("scale", x, x, 2);
			console.log((await backend.read(x))[${length - 1}]);
		`;
		const run = promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script], { timeout: 60_000 });
		expect((await run).stdout).toBe("6\n");
	}, 70_000);
});

/** A thread that claims one chunk of a job and never does it, as a worker would that is killed right then. */
async function startThief(engine: ModuleEngine): Promise<Worker> {
	const code = `
		const { parentPort, workerData: { words, epoch, remaining } } = require("node:worker_threads");
		const seen = Atomics.load(words, epoch);
		parentPort.postMessage("ready");
		while (Atomics.load(words, epoch) === seen || Atomics.load(words, remaining) <= 0 || Atomics.sub(words, remaining, 1) <= 0);
	`;
	const words = engine.dispatcher.control;
	const thief = new Worker(code, {
		eval: true,
		workerData: { words, epoch: ControlWord.epoch, remaining: ControlWord.remaining },
	});
	await new Promise((resolve) => thief.once("message", resolve));
	return thief;
}
