/** Element types of the format: bytes of an element. Those of fewer than 8 bits are not supported. */
export const bytesPerElement = {
	BOOL: 1,
	U8: 1,
	I8: 1,
	F8_E4M3: 1,
	F8_E5M2: 1,
	F8_E8M0: 1,
	I16: 2,
	U16: 2,
	F16: 2,
	BF16: 2,
	I32: 4,
	U32: 4,
	F32: 4,
	C64: 8,
	F64: 8,
	I64: 8,
	U64: 8,
} as const;

/** An element type as files name it. */
export type StoredDType = keyof typeof bytesPerElement;

export function isStoredDType(value: unknown): value is StoredDType {
	return typeof value === "string" && Object.hasOwn(bytesPerElement, value);
}
