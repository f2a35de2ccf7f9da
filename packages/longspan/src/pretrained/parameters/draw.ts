import { mul } from "../../ops/arithmetic.js";
import { type MatrixFormat, PackedMatrix } from "../../ops/packed-matrix.js";
import { normal } from "../../ops/random.js";
import { filled } from "../../tensor/create.js";
import type { Device } from "../../tensor/device.js";
import { keep, scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Declaration } from "./declare.js";

export interface DrawOptions {
	readonly device: Device;
	readonly format: MatrixFormat | "tensor";
	readonly seed: number;
}

/** A new weight. Its numbers depend on the seed and its name alone. */
export function drawParameter(
	{ name, shape, initial, use }: Declaration,
	{ device, format, seed }: DrawOptions,
): Tensor | PackedMatrix {
	const drawn = keep(
		scope(() => {
			if (initial === "zeros" || initial === "ones") return filled(shape, initial === "zeros" ? 0 : 1, device);
			return mul(normal(shape, { seed, stream: streamOf(name) }, device), initial.deviation);
		}),
	);
	if (use === "tensor" || format === "tensor") return drawn;
	const matrix = new PackedMatrix(shape as [number, number], format, device);
	matrix.write(drawn.dataSync(), 0);
	drawn.dispose();
	return matrix;
}

/** A number of 32 bits for a name (FNV-1a). */
function streamOf(name: string): number {
	let hash = 0x811c9dc5;
	for (const character of name) hash = Math.imul(hash ^ (character.codePointAt(0) as number), 0x01000193);
	return hash >>> 0;
}
