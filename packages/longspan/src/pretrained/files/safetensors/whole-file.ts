import { OptionError } from "../../../errors.js";
import { describe } from "../../../ops/operands.js";
import { formatShape, sizeOf } from "../../../tensor/shape.js";
import { encodeHeader } from "./encode-header.js";
import { dataStartOf, lengthBytes, metadataName, parseHeader } from "./header.js";
import { toFloat32 } from "./to-float32.js";

/** A float32 tensor as it is stored. */
export interface StoredTensor {
	readonly shape: readonly number[];
	/** Row by row. */
	readonly values: Float32Array;
}

/** What a safetensors file holds. */
export interface StoredTensors {
	readonly tensors: ReadonlyMap<string, StoredTensor>;
	/** Further texts by name. */
	readonly metadata: ReadonlyMap<string, string>;
}

/**
 * Writes tensors in the safetensors format: the length of a header (64 bits, little-endian), the header in JSON, the values.
 *
 * @throws OptionError for a tensor whose values do not fill its shape, or one called `__metadata__`
 */
export function encodeSafetensors(
	tensors: ReadonlyMap<string, StoredTensor>,
	metadata: ReadonlyMap<string, string> = new Map(),
): Uint8Array {
	const name = "encodeSafetensors";
	if (!(tensors instanceof Map)) throw new OptionError(`${name}: tensors is ${describe(tensors)}; expected a Map`);
	for (const [tensor, { shape, values }] of tensors) {
		if (tensor === metadataName)
			throw new OptionError(`${name}: a tensor is called ${metadataName}; expected another name`);
		if (!(values instanceof Float32Array))
			throw new OptionError(`${name}: the values of "${tensor}" are ${describe(values)}; expected a Float32Array`);
		if (values.length !== sizeOf(shape))
			throw new OptionError(
				`${name}: "${tensor}" has ${values.length} values; expected ${sizeOf(shape)} for shape ${formatShape(shape)}`,
			);
	}
	const { header, dataBytes } = encodeHeader(
		Array.from(tensors, ([tensor, { shape }]) => ({ name: tensor, shape })),
		"F32",
		metadata,
	);
	const file = new Uint8Array(header.length + dataBytes);
	file.set(header);
	let at = header.length;
	for (const { values } of tensors.values()) {
		file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
		at += values.byteLength;
	}
	return file;
}

/**
 * Reads a file in the safetensors format as float32, from which float16, bfloat16 and float64 are converted. Nothing of the file is
 * trusted: the header must lie in it, and the tensors must fill the rest without gaps or overlaps.
 *
 * @throws OptionError saying what is wrong with the file
 */
export function decodeSafetensors(file: Uint8Array): StoredTensors {
	const name = "decodeSafetensors";
	if (!(file instanceof Uint8Array)) throw new OptionError(`${name}: file is ${describe(file)}; expected a Uint8Array`);
	const dataStart = dataStartOf(name, file, file.length);
	const { entries, metadata } = parseHeader(name, file.subarray(lengthBytes, dataStart), file.length);
	const tensors = new Map<string, StoredTensor>();
	for (const [tensor, { dtype, shape, begin, end }] of entries)
		tensors.set(tensor, {
			shape,
			values: toFloat32(dtype, new Uint8Array(file.subarray(begin, end)), `${name}: "${tensor}"`),
		});
	return { tensors, metadata };
}
