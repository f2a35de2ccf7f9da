import { record } from "../autograd/tape.js";
import type { RandomKey } from "../backends/backend.js";
import { emptyTensor } from "../tensor/create.js";
import { currentDevice, type Device } from "../tensor/device.js";
import { checkShape, type Shape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { checkNumber, checkOperands, checkShare } from "./operands.js";

/** Names one independent stream of random numbers. The same source always gives the same numbers, on every device. */
export interface RandomSource {
	/** Integer from 0 to 2^53 - 1. */
	seed: number;
	/** Separates streams of one seed: what the numbers are for, the layer. Integer from 0 to 2^32 - 1, default 0. */
	stream?: number;
	/** Separates repetitions: the training step. Integer from 0 to 2^32 - 1, default 0. */
	step?: number;
}

function keyOf(operation: string, { seed, stream = 0, step = 0 }: RandomSource): RandomKey {
	checkNumber(operation, "seed", seed, { min: 0, max: Number.MAX_SAFE_INTEGER, integer: true });
	checkNumber(operation, "stream", stream, { min: 0, max: 2 ** 32 - 1, integer: true });
	checkNumber(operation, "step", step, { min: 0, max: 2 ** 32 - 1, integer: true });
	return { seed: [seed >>> 0, Math.floor(seed / 2 ** 32)], stream: [stream, step] };
}

/** Independent numbers uniform in [0, 1), from the counter-based generator Philox4x32-10 (Salmon et al. 2011). */
export function uniform(shape: Shape, source: RandomSource, device: Device = currentDevice()): Tensor {
	checkShape("uniform", shape);
	const out = emptyTensor(device, shape);
	device.backend.random("uniform", out.buffer, keyOf("uniform", source));
	return out;
}

/** Independent standard normal numbers, by Box–Muller from the same generator as `uniform`. */
export function normal(shape: Shape, source: RandomSource, device: Device = currentDevice()): Tensor {
	checkShape("normal", shape);
	const out = emptyTensor(device, shape);
	device.backend.random("normal", out.buffer, keyOf("normal", source));
	return out;
}

/**
 * Zeroes elements with probability `rate` and scales the others by 1 / (1 - rate). The backward pass draws the same
 * numbers again instead of keeping a mask.
 */
export function dropout(x: Tensor, rate: number, source: RandomSource): Tensor {
	const { backend } = checkOperands("dropout", { x });
	checkShare("dropout", "rate", rate);
	const key = keyOf("dropout", source);
	const apply = (input: Tensor): Tensor => {
		const out = emptyTensor(input.device, input.shape);
		backend.dropout(input.buffer, out.buffer, rate, key);
		return out;
	};
	const out = apply(x);
	record([x], [out], { save: [], backward: (_, [dy]) => [dy ? apply(dy) : null] });
	return out;
}
