/** Bytes of fields of a protobuf message; messages are joined by concatenation. */
export type Bytes = readonly number[];

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

/** A non-negative integer. */
export function integerField(field: number, value: number): Bytes {
	return [...tag(field, wireType.varint), ...varint(value)];
}

export function floatField(field: number, value: number): Bytes {
	return [...tag(field, wireType.fixed32), ...new Uint8Array(Float32Array.of(value).buffer)];
}

export function stringField(field: number, value: string): Bytes {
	return messageField(field, [...new TextEncoder().encode(value)]);
}

/** A nested message, given as the bytes of its fields. */
export function messageField(field: number, ...parts: Bytes[]): Bytes {
	const body = parts.flat();
	return [...tag(field, wireType.lengthDelimited), ...varint(body.length), ...body];
}
