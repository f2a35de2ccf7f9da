import { mul } from "../../ops/arithmetic.js";
import { matmul } from "../../ops/matmul.js";
import { reshape } from "../../ops/reshape.js";
import { concat, pad, slice } from "../../ops/slice.js";
import { softmax } from "../../ops/softmax.js";
import { transpose } from "../../ops/transpose.js";
import { where } from "../../ops/where.js";
import { filled, intTensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { splitHeads } from "../layers/heads.js";
import { applyLinear } from "../layers/linear.js";
import { attendAbsorbed } from "./absorbed-projections.js";
import { type GlobalTokensOfCall, rowsOfGlobals } from "./global-tokens.js";
import type { LongformerSelfAttentionParameters } from "./self-attention.js";

export interface AttentionWeightsOptions {
	readonly heads: number;
	/** Two-sided, as in config.json. */
	readonly attentionWindow: number;
	readonly keyMask: Tensor<"int32"> | undefined;
	readonly globals: GlobalTokensOfCall | undefined;
}

/**
 * The attention probabilities of a layer, laid out as in `HiddenOutputs`: worked out beside the output, which never has them.
 *
 * @param x [batch, length, dim], input of the layer
 */
export function longformerAttentionWeights(
	parameters: LongformerSelfAttentionParameters,
	x: Tensor,
	options: AttentionWeightsOptions,
): { attentions: Tensor; globalAttentions: Tensor | undefined } {
	const { heads, attentionWindow, keyMask, globals } = options;
	const [batch, length, dim] = x.shape as [number, number, number];
	return scope(() => {
		const q = splitHeads(mul(applyLinear(x, parameters.query), Math.sqrt(heads / dim)), heads);
		const k = splitHeads(applyLinear(x, parameters.key), heads);
		const near = bandOf(q, k, attentionWindow);
		const scores = globals
			? concat([matmul(q, splitHeads(rowsOfKeys(k, globals), heads), { transposeB: true }), near], 3)
			: near;
		const visible = intTensor(
			visibleColumns(batch, length, attentionWindow, keyMask, globals),
			[batch, 1, length, scores.shape[3] as number],
			x.device,
		);
		const attentions = softmax(where(visible, scores, filled([], Number.NEGATIVE_INFINITY, x.device)));
		if (!globals) return { attentions, globalAttentions: undefined };
		const { weights } = attendAbsorbed(parameters, x, globals, heads, keyMask);
		const present = globals.lists.flatMap((list) =>
			Array.from({ length: globals.count }, (_, at) => Number(at < list.length)),
		);
		const marks = intTensor(present, [batch, 1, 1, globals.count], x.device);
		return { attentions, globalAttentions: where(marks, transpose(weights), filled([], 0, x.device)) };
	});
}

/** Keys of global tokens, [batch, count, dim], from those of all, [batch, heads, length, headDim]. */
function rowsOfKeys(k: Tensor, globals: GlobalTokensOfCall): Tensor {
	const [batch, heads, length, headDim] = k.shape as [number, number, number, number];
	return rowsOfGlobals(reshape(transpose(k, [0, 2, 1, 3]), [batch, length, heads * headDim]), globals);
}

/**
 * Scores of each query with the keys from half a window before it to half a window after it: [batch, heads, length, window + 1], of no
 * meaning outside of the sequence. A block of queries meets its keys in one product, whose diagonals become columns when its rows are read one
 * element longer than they are.
 */
function bandOf(q: Tensor, k: Tensor, window: number): Tensor {
	const [batch, heads, length] = q.shape as [number, number, number];
	const block = Math.min(length, Math.max(window, 64));
	const blocks = Math.ceil(length / block);
	const missing = blocks * block - length;
	return scope(() => {
		const queries = pad(q, 2, 0, missing);
		const keys = pad(k, 2, window / 2, window / 2 + missing);
		const bands = Array.from({ length: blocks }, (_, at) =>
			scope(() => {
				const start = at * block;
				const scores = matmul(slice(queries, 2, start, start + block), slice(keys, 2, start, start + block + window), {
					transposeB: true,
				});
				const flat = pad(reshape(scores, [batch, heads, block * (block + window)]), 2, 0, block);
				return slice(reshape(flat, [batch, heads, block, block + window + 1]), 3, 0, window + 1);
			}),
		);
		return slice(concat(bands, 2), 2, 0, length);
	});
}

/** 1 for the columns that a query sees: its global keys, and the near ones that are tokens and not global. */
function visibleColumns(
	batch: number,
	length: number,
	window: number,
	keyMask: Tensor<"int32"> | undefined,
	globals: GlobalTokensOfCall | undefined,
): Int32Array {
	const kept = keyMask?.dataSync();
	const count = globals?.count ?? 0;
	const columns = count + window + 1;
	const visible = new Int32Array(batch * length * columns);
	for (let entry = 0; entry < batch; entry++) {
		const list = globals?.lists[entry] ?? [];
		const isGlobal = new Uint8Array(length);
		for (const position of list) isGlobal[position] = 1;
		const isLocal = (position: number) => kept?.[entry * length + position] !== 0 && isGlobal[position] === 0;
		for (let query = 0; query < length; query++) {
			if (!isLocal(query)) continue;
			const row = (entry * length + query) * columns;
			visible.fill(1, row, row + list.length);
			const last = Math.min(length - 1, query + window / 2);
			for (let key = Math.max(0, query - window / 2); key <= last; key++)
				if (isLocal(key)) visible[row + count + key - query + window / 2] = 1;
		}
	}
	return visible;
}
