import type { MatrixKernels } from "../backend.js";
import { floats } from "./buffers.js";
import type { WorkCounter } from "./work-counter.js";

export function matrixKernels(work: WorkCounter): MatrixKernels {
	return {
		matmul({ a, b, out, batch, m, n, k, aBatchStride, bBatchStride, transposeA, transposeB }) {
			const left = floats(a);
			const right = floats(b);
			const output = floats(out).fill(0, 0, batch * m * n);
			const [aRow, aDepth] = transposeA ? [1, m] : [k, 1];
			const [bDepth, bColumn] = transposeB ? [1, k] : [n, 1];
			for (let entry = 0; entry < batch; entry++) {
				for (let row = 0; row < m; row++) {
					const outStart = (entry * m + row) * n;
					for (let t = 0; t < k; t++) {
						const factor = left[entry * aBatchStride + row * aRow + t * aDepth]!;
						const bStart = entry * bBatchStride + t * bDepth;
						for (let column = 0; column < n; column++) {
							output[outStart + column]! += factor * right[bStart + column * bColumn]!;
						}
					}
				}
			}
			work.flops += 2 * batch * m * n * k;
		},
	};
}
