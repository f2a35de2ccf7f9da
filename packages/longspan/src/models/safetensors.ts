import { OptionError } from "../errors.js";
import { elementCount } from "../tensor/shape.js";

/** A float32 tensor as it is stored. */
export interface StoredTensor {
	readonly shape: readonly number[];
	/** Row by row. */
	readonly values: Float32Array;
}

/** The contents of a file of tensors. */
export interface StoredTensors {
	readonly tensors: ReadonlyMap<string, StoredTensor>;
	/** Further texts by name. */
	readonly metadata: Readonly<Record<string, string>>;
}
