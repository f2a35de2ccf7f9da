import type { DeviceBuffer, DType, TypedArrayOf } from "../backends/backend.js";
import { DeviceError, DisposedError } from "../errors.js";
import type { Device } from "./device.js";
import { formatShape, type Shape, sizeOf } from "./shape.js";
import type { Storage } from "./storage.js";

// `using` needs the symbol, which older browsers lack.
(Symbol as { dispose?: symbol }).dispose ??= Symbol.for("Symbol.dispose");

let nextId = 1;

/** Where new tensors are registered so that a scope can free them. */
export interface TensorOwner {
	add(tensor: Tensor<DType>): void;
	delete(tensor: Tensor<DType>): void;
}

let currentOwner: TensorOwner | null = null;

/** Makes `owner` responsible for new tensors and returns the one before. Used by `scope`. */
export function exchangeOwner(owner: TensorOwner | null): TensorOwner | null {
	const previous = currentOwner;
	currentOwner = owner;
	return previous;
}

/**
 * An immutable, contiguous array on a device.
 *
 * Free it with `dispose()`, `using`, or by making it inside a `scope`; reshaped tensors share memory, which is freed with
 * the last of them.
 */
export class Tensor<D extends DType = "float32"> {
	/** Unique in this process. */
	readonly id = nextId++;
	/** Number of elements. */
	readonly size: number;
	#storage: Storage | null;
	#owner: TensorOwner | null;

	/** Use the functions of `tensor/create` or an operation instead. Takes over one reference to `storage`. */
	constructor(
		storage: Storage,
		readonly shape: Shape,
		readonly dtype: D,
	) {
		this.size = sizeOf(shape);
		this.#storage = storage;
		this.#owner = currentOwner;
		currentOwner?.add(this);
	}

	/** Number of axes. */
	get rank(): number {
		return this.shape.length;
	}

	get disposed(): boolean {
		return this.#storage === null;
	}

	/** @internal Throws `DisposedError` after disposal. */
	get storage(): Storage {
		if (!this.#storage)
			throw new DisposedError(
				`tensor ${formatShape(this.shape)} was used after it was disposed; return it from its scope, or use keep()`,
			);
		return this.#storage;
	}

	/** @internal */
	get buffer(): DeviceBuffer {
		return this.storage.buffer;
	}

	get device(): Device {
		return this.storage.device;
	}

	/** A copy of the elements, in row-major order, when all work before is done. */
	async data(): Promise<TypedArrayOf<D>> {
		return (await this.device.backend.read(this.buffer)) as TypedArrayOf<D>;
	}

	/** A copy of the elements at once. Throws `DeviceError` on devices that cannot wait; use `data()` there. */
	dataSync(): TypedArrayOf<D> {
		const { backend } = this.device;
		if (!backend.readSync)
			throw new DeviceError(`dataSync: the ${backend.name} device cannot be read synchronously; use await data()`);
		return backend.readSync(this.buffer) as TypedArrayOf<D>;
	}

	/** The single element of a tensor of size 1, when all work before is done. */
	async item(): Promise<number> {
		if (this.size !== 1)
			throw new DeviceError(`item: the tensor has shape ${formatShape(this.shape)}; expected one element`);
		return (await this.data())[0] as number;
	}

	/** @internal Another tensor over the same memory with its own lifetime. */
	view(shape: Shape = this.shape): Tensor<D> {
		return new Tensor(this.storage.retain(), shape, this.dtype);
	}

	/** Takes the tensor out of its scope, so that only `dispose()` frees it. Used by `keep`. @internal */
	release(to: TensorOwner | null = null): void {
		this.#owner?.delete(this as Tensor<DType>);
		this.#owner = to;
		to?.add(this as Tensor<DType>);
	}

	/** Frees the memory unless another view still needs it. Harmless if repeated. */
	dispose(): void {
		if (!this.#storage) return;
		this.release();
		this.#storage.release();
		this.#storage = null;
	}

	[Symbol.dispose](): void {
		this.dispose();
	}

	toString(): string {
		return `Tensor(${this.dtype} ${formatShape(this.shape)}${this.disposed ? ", disposed" : ""})`;
	}
}

/** A tensor of any element type. */
export type AnyTensor = Tensor<DType>;
