import { add, mul } from "../../ops/arithmetic.js";
import { matmul } from "../../ops/matmul.js";
import { softmax } from "../../ops/softmax.js";
import { log } from "../../ops/unary.js";
import { tensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";

/**
 * BigBird by its definition, for any number of blocks: softmax(q kᵀ scale + log M) v with M[i][j] the number of times that the block
 * of query i names the block of key j. Global query blocks name every block once; others name each block of their window and each
 * global block once, and then their random blocks.
 */
export function bigBirdReference(
	q: Tensor,
	k: Tensor,
	v: Tensor,
	options: {
		blockSize: number;
		windowBlocks?: number;
		globalBlocks?: number;
		/** [heads][blocks that are not global][any number] */
		table: readonly (readonly (readonly number[])[])[];
		scale?: number;
		keyMask?: Tensor<"int32"> | undefined;
	},
): Tensor {
	const { blockSize, windowBlocks = 3, globalBlocks = 2, table, scale, keyMask } = options;
	const [batch, heads, length, headDim] = q.shape as [number, number, number, number];
	const blocks = Math.ceil(length / blockSize);
	const early = Math.ceil(globalBlocks / 2);
	const isGlobal = (block: number) => block < early || block >= blocks - Math.floor(globalBlocks / 2);
	const times = (head: number, i: number, j: number): number => {
		if (isGlobal(i)) return 1;
		const fixed = isGlobal(j) || Math.abs(i - j) <= (windowBlocks - 1) / 2 ? 1 : 0;
		const random = (table[head] as readonly (readonly number[])[])[i - early] as readonly number[];
		return fixed + random.filter((block) => block === j).length;
	};
	const kept = keyMask?.dataSync();
	const counts: number[] = [];
	for (let b = 0; b < batch; b++)
		for (let h = 0; h < heads; h++) {
			const ofBlocks = Array.from({ length: blocks ** 2 }, (_, at) => times(h, Math.floor(at / blocks), at % blocks));
			for (let i = 0; i < length; i++)
				for (let j = 0; j < length; j++) {
					const count = ofBlocks[Math.floor(i / blockSize) * blocks + Math.floor(j / blockSize)] as number;
					counts.push(kept?.[b * length + j] === 0 ? 0 : count);
				}
		}
	return scope(() => {
		const scores = mul(matmul(q, k, { transposeB: true }), scale ?? 1 / Math.sqrt(headDim));
		return matmul(softmax(add(scores, log(tensor(counts, scores.shape, q.device)))), v);
	});
}
