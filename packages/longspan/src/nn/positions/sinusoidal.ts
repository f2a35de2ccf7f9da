import { tensor } from "../../tensor/create.js";
import { currentDevice } from "../../tensor/device.js";
import type { PositionEmbedding } from "./embedding.js";

/** Fixed sinusoids (Vaswani et al. 2017, arXiv 1706.03762, section 3.5), sine and cosine interleaved; positions count from 0. */
export function sinusoidalPositions(dim: number): PositionEmbedding {
	return {
		initialize: () => ({}),
		rows: (_, position, length) => {
			const values = new Float32Array(length * dim);
			for (let row = 0; row < length; row++)
				for (let channel = 0; channel < dim; channel++) {
					const angle = (position + row) / 10_000 ** ((channel - (channel % 2)) / dim);
					values[row * dim + channel] = channel % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
				}
			return tensor(values, [length, dim], currentDevice());
		},
	};
}
