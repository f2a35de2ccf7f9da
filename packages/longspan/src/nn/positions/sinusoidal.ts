import { tensor } from "../../tensor/create.js";
import { currentDevice } from "../../tensor/device.js";
import type { PositionEmbedding } from "./embedding.js";

/** Fixed sinusoids (Vaswani et al. 2017, arXiv 1706.03762, section 3.5), sine and cosine interleaved; positions count from 0. */
export function sinusoidalPositions(dim: number): PositionEmbedding {
	const frequencies = Array.from({ length: dim }, (_, channel) => 10_000 ** (-(channel - (channel % 2)) / dim));
	/** Training asks for the same rows in every step. */
	let latest: { position: number; length: number; values: Float32Array } | null = null;
	const valuesOf = (position: number, length: number): Float32Array => {
		const values = new Float32Array(length * dim);
		for (let row = 0; row < length; row++)
			frequencies.forEach((frequency, channel) => {
				const angle = (position + row) * frequency;
				values[row * dim + channel] = channel % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
			});
		return values;
	};
	return {
		initialize: () => ({}),
		rows(_, position, length, device = currentDevice()) {
			if (latest?.position !== position || latest.length !== length)
				latest = { position, length, values: valuesOf(position, length) };
			return tensor(latest.values, [length, dim], device);
		},
	};
}
