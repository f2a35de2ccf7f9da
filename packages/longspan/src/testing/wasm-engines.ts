import { afterAll, afterEach, beforeAll } from "vitest";
import type { DeviceBuffer } from "../backends/backend.js";
import { assembleKernels, type WasmKernels } from "../backends/wasm/assemble.js";
import type { ModuleEngine } from "../backends/wasm/host/module-engine.js";
import { startEngine } from "../backends/wasm/host/start-engine.js";

/** Kernels of one build on a number of threads, in memory that is full of NaN at first. */
export interface WasmSubject {
	readonly name: string;
	readonly kernels: WasmKernels;
	/** A buffer with these contents. */
	floats(values: ArrayLike<number>): DeviceBuffer;
	integers(values: ArrayLike<number>): DeviceBuffer;
	/** A float32 buffer of NaN. */
	empty(length: number): DeviceBuffer;
	read(buffer: DeviceBuffer): number[];
	/** Frees all buffers made by this subject. */
	clear(): void;
	dispose(): void;
}

/**
 * The fastest build with 1 and 2 threads, and the one without relaxed SIMD, for the tests of a file: there from the first test on,
 * without buffers before each.
 */
export function useSubjects(): readonly WasmSubject[] {
	const subjects: WasmSubject[] = [];
	beforeAll(async () => {
		subjects.push(...(await startSubjects()));
	});
	afterEach(() => {
		for (const subject of subjects) subject.clear();
	});
	afterAll(() => {
		for (const subject of subjects) subject.dispose();
	});
	return subjects;
}

async function startSubjects(): Promise<WasmSubject[]> {
	return [
		await startSubject("1 thread", 1, false),
		await startSubject("2 threads", 2, false),
		await startSubject("baseline", 1, true),
	];
}

async function startSubject(name: string, threads: number, baseline: boolean): Promise<WasmSubject> {
	let candidates = 0;
	const { engine, build } = await startEngine({ threads, poison: true }, () => {
		if (baseline && candidates++ === 0) throw new Error("passed over");
	});
	if (baseline && build !== "baseline") throw new Error(`started ${build} instead of baseline`);
	return subjectOf(name, engine);
}

function subjectOf(name: string, engine: ModuleEngine): WasmSubject {
	const kernels = assembleKernels(engine);
	const buffers: DeviceBuffer[] = [];
	const create = (dtype: "float32" | "int32", values: ArrayLike<number>): DeviceBuffer => {
		const buffer = kernels.createBuffer(dtype, values.length);
		buffers.push(buffer);
		kernels.write(buffer, values);
		return buffer;
	};
	return {
		name,
		kernels,
		floats: (values) => create("float32", values),
		integers: (values) => create("int32", values),
		empty: (length) => create("float32", new Float32Array(length).fill(NaN)),
		read: (buffer) => Array.from(kernels.readSync(buffer)),
		clear() {
			for (const buffer of buffers.splice(0)) kernels.destroyBuffer(buffer);
		},
		dispose: () => engine.dispose(),
	};
}
