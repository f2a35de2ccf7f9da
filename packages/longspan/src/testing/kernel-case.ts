import type { Backend, DeviceBuffer, DType } from "../backends/backend.js";

export interface Contents {
	readonly dtype: DType;
	readonly values: readonly number[];
}

export interface Extent {
	readonly dtype: DType;
	readonly length: number;
}

/** Largest difference allowed: absolute + relative * |expected| + ofLargest * (largest finite |expected| of the output). */
export interface Tolerance {
	readonly absolute: number;
	readonly relative: number;
	readonly ofLargest?: number;
}

/** Which outputs are gradients: the loss they belong to is the sum over `upstream` of output times upstream input. */
export interface GradientClaim {
	/** Output name to the name of the input that holds its gradient. */
	readonly upstream: Readonly<Record<string, string>>;
	/** Input name to the name of the output that holds its gradient. */
	readonly wanted: Readonly<Record<string, string>>;
}

/** Kernel calls on named buffers. Outputs are full of NaN before, and inputs must be unchanged after. */
export interface KernelCase {
	readonly name: string;
	readonly inputs: Readonly<Record<string, Contents>>;
	readonly outputs: Readonly<Record<string, Extent>>;
	readonly tolerance: Tolerance;
	readonly gradient: GradientClaim | null;
	run(backend: Backend, buffers: Readonly<Record<string, DeviceBuffer>>): void;
}

/** float32 contents, rounded so that every backend computes with the same numbers. */
export const floats = (values: readonly number[]): Contents => ({ dtype: "float32", values: values.map(Math.fround) });
export const integers = (values: readonly number[]): Contents => ({ dtype: "int32", values });
export const floatOutput = (length: number): Extent => ({ dtype: "float32", length });
export const integerOutput = (length: number): Extent => ({ dtype: "int32", length });

/** What most kernels reach in float32 on values around 1. */
export const defaultTolerance: Tolerance = { absolute: 1e-6, relative: 2e-6 };

type Buffers<Present extends string, Optional extends string> = Readonly<
	Record<Present, DeviceBuffer> & Record<Optional, DeviceBuffer | null>
>;

/** A case whose names are checked by the compiler. */
export interface CaseDefinition<
	Input extends string,
	Output extends string,
	OptionalInput extends string,
	OptionalOutput extends string,
> {
	readonly name: string;
	readonly inputs: Readonly<Record<Input, Contents>>;
	/** Those that are null reach `run` as null, and gradients that name them are left out. */
	readonly optionalInputs?: Readonly<Record<OptionalInput, Contents | null>>;
	readonly outputs: Readonly<Record<Output, Extent>>;
	readonly optionalOutputs?: Readonly<Record<OptionalOutput, Extent | null>>;
	readonly tolerance?: Tolerance;
	readonly gradient?: {
		readonly upstream: Readonly<Partial<Record<NoInfer<Output | OptionalOutput>, NoInfer<Input | OptionalInput>>>>;
		readonly wanted: Readonly<Partial<Record<NoInfer<Input | OptionalInput>, NoInfer<Output | OptionalOutput>>>>;
	};
	run(backend: Backend, buffers: Buffers<NoInfer<Input | Output>, NoInfer<OptionalInput | OptionalOutput>>): void;
}

export function kernelCase<
	Input extends string,
	Output extends string,
	OptionalInput extends string = never,
	OptionalOutput extends string = never,
>(definition: CaseDefinition<Input, Output, OptionalInput, OptionalOutput>): KernelCase {
	const { name, tolerance = defaultTolerance, gradient, run } = definition;
	const optional = { ...definition.optionalInputs, ...definition.optionalOutputs };
	const absent = Object.fromEntries(Object.keys(optional).map((key) => [key, null]));
	const inputs: KernelCase["inputs"] = present<Contents>({ ...definition.inputs, ...definition.optionalInputs });
	const outputs: KernelCase["outputs"] = present<Extent>({ ...definition.outputs, ...definition.optionalOutputs });
	const known = (pairs: object): Record<string, string> =>
		Object.fromEntries(Object.entries(pairs).filter((pair) => pair.every((key) => key in inputs || key in outputs)));
	return {
		name,
		inputs,
		outputs,
		tolerance,
		gradient: gradient ? { upstream: known(gradient.upstream), wanted: known(gradient.wanted) } : null,
		run: (backend, buffers) => run(backend, { ...absent, ...buffers } as Parameters<typeof run>[1]),
	};
}

function present<T>(values: Readonly<Record<string, T | null>>): Record<string, T> {
	return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, T] => entry[1] !== null));
}

export interface CaseResult {
	readonly outputs: Readonly<Record<string, ArrayLike<number>>>;
	/** Inputs as they are after the run. */
	readonly inputs: Readonly<Record<string, ArrayLike<number>>>;
}

type ReadBuffer = (buffer: DeviceBuffer) => ArrayLike<number> | Promise<ArrayLike<number>>;

/** Runs a case on fresh buffers, which are freed again, and reads everything back. */
export async function runCase(
	backend: Backend,
	test: KernelCase,
	read: ReadBuffer = (buffer) => backend.read(buffer),
): Promise<CaseResult> {
	const buffers: Record<string, DeviceBuffer> = {};
	try {
		for (const [name, { dtype, values }] of Object.entries(test.inputs)) {
			const buffer = backend.createBuffer(dtype, values.length);
			buffers[name] = buffer;
			backend.write(buffer, values);
		}
		for (const [name, { dtype, length }] of Object.entries(test.outputs)) {
			const buffer = backend.createBuffer(dtype, length);
			buffers[name] = buffer;
			backend.write(buffer, new Array(length).fill(dtype === "float32" ? NaN : -1));
		}
		test.run(backend, buffers);
		return { outputs: await readAll(test.outputs, buffers, read), inputs: await readAll(test.inputs, buffers, read) };
	} finally {
		for (const buffer of Object.values(buffers)) backend.destroyBuffer(buffer);
	}
}

async function readAll(
	names: object,
	buffers: Record<string, DeviceBuffer>,
	read: ReadBuffer,
): Promise<Record<string, ArrayLike<number>>> {
	const values: Record<string, ArrayLike<number>> = {};
	for (const name of Object.keys(names)) values[name] = await read(buffers[name]!);
	return values;
}
