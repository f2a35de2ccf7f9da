import { sizeOf } from "../../../tensor/shape.js";
import { bytesPerElement, type StoredDType } from "./dtypes.js";
import { lengthBytes, metadataName } from "./header.js";

/** Data begin at multiples of this, so that all types are aligned. */
const alignment = 8;

/** The first bytes of a file, its header with the length before it, and the bytes of the data that follow in order. */
export function encodeHeader(
	tensors: readonly { readonly name: string; readonly shape: readonly number[] }[],
	dtype: StoredDType,
	metadata: ReadonlyMap<string, string>,
): { header: Uint8Array; dataBytes: number } {
	const entries: [string, unknown][] = metadata.size > 0 ? [[metadataName, Object.fromEntries(metadata)]] : [];
	let offset = 0;
	for (const { name, shape } of tensors) {
		const end = offset + sizeOf(shape) * bytesPerElement[dtype];
		entries.push([name, { dtype, shape: [...shape], data_offsets: [offset, end] }]);
		offset = end;
	}
	const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
	const jsonBytes = Math.ceil(json.length / alignment) * alignment;
	// Spaces after the JSON align the data.
	const header = new Uint8Array(lengthBytes + jsonBytes).fill(0x20);
	new DataView(header.buffer).setBigUint64(0, BigInt(jsonBytes), true);
	header.set(json, lengthBytes);
	return { header, dataBytes: offset };
}
