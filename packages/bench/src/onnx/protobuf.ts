/** Bytes of fields of a protobuf message; messages are joined by concatenation. */
export type Bytes = Uint8Array;

const wireType = { varint: 0, lengthDelimited: 2, fixed32: 5 };

function varint(value: number): number[] {
	const bytes: number[] = [];
	let rest = value;
	for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
	bytes.push(rest);
	return bytes;
}

function tag(field: number, type: number): number[] {
	return varint(field * 8 + type);
}

/** Parts one after another. */
export function joinBytes(parts: readonly Bytes[]): Bytes {
	const joined = new Uint8Array(parts.reduce((total, { length }) => total + length, 0));
	let at = 0;
	for (const part of parts) {
		joined.set(part, at);
		at += part.length;
	}
	return joined;
}

/** A non-negative integer. */
export function integerField(field: number, value: number): Bytes {
	return Uint8Array.from([...tag(field, wireType.varint), ...varint(value)]);
}

export function floatField(field: number, value: number): Bytes {
	return Uint8Array.from([...tag(field, wireType.fixed32), ...new Uint8Array(Float32Array.of(value).buffer)]);
}

export function stringField(field: number, value: string): Bytes {
	return messageField(field, new TextEncoder().encode(value));
}

/** Floats as raw bytes. */
export function floatsField(field: number, values: Float32Array): Bytes {
	return messageField(field, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}

/** A nested message, given as the bytes of its fields. */
export function messageField(field: number, ...parts: readonly Bytes[]): Bytes {
	const length = parts.reduce((total, part) => total + part.length, 0);
	return joinBytes([Uint8Array.from([...tag(field, wireType.lengthDelimited), ...varint(length)]), ...parts]);
}
