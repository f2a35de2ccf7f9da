import type { AttentionSizes } from "../backends/backend.js";
import { ShapeError } from "../errors.js";
import { checkOperands } from "../ops/operands.js";
import type { Device } from "../tensor/device.js";
import { formatShape, sameShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";

/** Checks q, k and v of an attention call and reads off its sizes. */
export function attentionSizes(name: string, q: Tensor, k: Tensor, v: Tensor): AttentionSizes & { device: Device } {
	const device = checkOperands(name, { q, k, v });
	for (const [argument, operand] of Object.entries({ q, k, v }))
		if (operand.rank !== 4)
			throw new ShapeError(
				`${name}: argument ${argument} has shape ${formatShape(operand.shape)}; expected [batch, heads, length, headDim]`,
			);
	const [batch, heads, queryLength, headDim] = q.shape as [number, number, number, number];
	const [keyLength, valueDim] = v.shape.slice(2) as [number, number];
	if (!sameShape(k.shape, [batch, heads, keyLength, headDim]))
		throw new ShapeError(
			`${name}: argument k has shape ${formatShape(k.shape)}; expected ${formatShape([batch, heads, keyLength, headDim])} to go with q ${formatShape(q.shape)} and v ${formatShape(v.shape)}`,
		);
	if (v.shape[0] !== batch || v.shape[1] !== heads)
		throw new ShapeError(
			`${name}: argument v has shape ${formatShape(v.shape)}; expected [${batch}, ${heads}, ${keyLength}, valueDim] to go with q ${formatShape(q.shape)}`,
		);
	const sizes = { batch, heads, queryLength, keyLength, headDim, valueDim };
	for (const [size, value] of Object.entries(sizes))
		if (value < 1) throw new ShapeError(`${name}: ${size} is ${value}; expected at least 1`);
	return { ...sizes, device };
}

/** Checks that queries and keys are the same positions, as patterns by position need. */
export function checkSameLength(name: string, queryLength: number, keyLength: number): void {
	if (queryLength !== keyLength)
		throw new ShapeError(
			`${name}: k and v have length ${keyLength}, q has ${queryLength}; this form needs equal lengths`,
		);
}

/** Checks a key mask: int32 [batch, keyLength]. */
export function checkKeyMask(
	name: string,
	keyMask: Tensor<"int32">,
	{ batch, keyLength }: Pick<AttentionSizes, "batch" | "keyLength">,
): void {
	checkOperands(name, { keyMask }, "int32");
	if (!sameShape(keyMask.shape, [batch, keyLength]))
		throw new ShapeError(
			`${name}: argument keyMask has shape ${formatShape(keyMask.shape)}; expected [${batch}, ${keyLength}] (batch, key length), 1 for keys that take part; for a mask of pairs, see patterned`,
		);
}
