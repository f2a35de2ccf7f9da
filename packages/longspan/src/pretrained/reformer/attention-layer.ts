import { localChunked } from "../../attention/local-chunked/index.js";
import { cachePlans } from "../../attention/plan/plan-cache.js";
import { rotationsPerRound } from "../../attention/reformer/hash.js";
import { type Reformer, reformer } from "../../attention/reformer/index.js";
import { foldIn } from "../../nn/forward-options.js";
import { linear } from "../../ops/linear.js";
import type { Matrix } from "../../ops/packed-matrix.js";
import { normal, type RandomSource } from "../../ops/random.js";
import { intTensor } from "../../tensor/create.js";
import type { Device } from "../../tensor/device.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { drop } from "../layers/drop.js";
import { joinHeads, splitHeads } from "../layers/heads.js";
import { applyNorm, declareNorm } from "../layers/norm.js";
import { declareMatrix, type Loaded } from "../parameters/declare.js";
import type { ReformerConfig, ReformerLayerKind } from "./config.js";
import { bucketFactorsAt } from "./lengths.js";

/** Weights of the attention of a layer. LSH layers have no keys of their own. */
export function declareAttention(name: string, kind: ReformerLayerKind, { width, heads, headDim }: ReformerConfig) {
	const projection = (part: string) => declareMatrix(`${name}.self_attention.${part}.weight`, [heads * headDim, width]);
	return {
		norm: declareNorm(`${name}.layer_norm`, width),
		query: projection(kind === "lsh" ? "query_key" : "query"),
		key: kind === "lsh" ? undefined : projection("key"),
		value: projection("value"),
		output: declareMatrix(`${name}.output.dense.weight`, [width, heads * headDim]),
	};
}

export type AttentionParameters = Loaded<ReturnType<typeof declareAttention>>;

/** What the attention of a layer takes beside its input. */
export interface AttentionInputs {
	/**
	 * 1 for tokens, 0 for padding, [batch, length]; undefined if all are tokens. On the host: the backward pass of reversible layers
	 * needs it again.
	 */
	readonly keyMask: Int32Array | undefined;
	readonly numHashes: number | undefined;
	/** LSH layers: [heads, headDim, numHashes, half the sum of the bucket factors]. */
	readonly rotations: Tensor | undefined;
	readonly random: RandomSource | undefined;
}

type AttentionLayer = (parameters: AttentionParameters, x: Tensor, inputs: AttentionInputs) => Tensor;

/** Heads [batch, heads, length, headDim] of a projection of x [batch, length, width]. */
export function projectHeads({ heads }: ReformerConfig, x: Tensor, weight: Matrix): Tensor {
	return scope(() => splitHeads(linear(x, weight), heads));
}

/**
 * Attention of a layer, without the residual: output(attend(norm(x))).
 *
 * @param index of the layer, which names its rotations where the config has no hash seed
 */
export function attentionLayer(config: ReformerConfig, kind: ReformerLayerKind, index: number): AttentionLayer {
	const attend = kind === "lsh" ? lshAttention(config, index) : localAttention(config);
	return (parameters, x, inputs) =>
		scope(() => {
			const attended = scope(() => {
				const normed = applyNorm(x, parameters.norm, config.epsilon);
				return joinHeads(attend(parameters, normed, inputs));
			});
			const output = linear(attended, parameters.output);
			return drop(output, config.dropout, foldIn(inputs.random, 0));
		});
}

function maskTensor(x: Tensor, keyMask: Int32Array | undefined): Tensor<"int32"> | undefined {
	return keyMask && intTensor(keyMask, x.shape.slice(0, 2), x.device);
}

function lshAttention(config: ReformerConfig, index: number): AttentionLayer {
	const { heads, headDim, causal, numHashes, hashSeed, lsh } = config;
	const mechanisms = cachePlans(
		(...buckets: number[]): Reformer =>
			reformer({ preset: "hf", ...lsh, causal, numHashes, buckets, seed: hashSeed ?? index }),
	);
	/** Without a hash seed every step of training has rotations of its own. */
	const drawn = (factors: readonly number[], rounds: number, random: RandomSource | undefined, device: Device) => {
		const source = hashSeed === undefined ? foldIn(random, 1) : undefined;
		return source && normal([heads, headDim, rounds, rotationsPerRound(factors)], source, device);
	};
	return ({ query, value }, x, { keyMask, rotations, random, numHashes: rounds = numHashes }) =>
		scope(() => {
			const shared = projectHeads(config, x, query);
			const values = projectHeads(config, x, value);
			const factors = bucketFactorsAt(config, x.shape[1] as number);
			return mechanisms(...factors)(shared, shared, values, {
				keyMask: maskTensor(x, keyMask),
				numHashes: rounds,
				rotations: rotations ?? drawn(factors, rounds, random, x.device),
			});
		});
}

function localAttention(config: ReformerConfig): AttentionLayer {
	const attend = localChunked({ ...config.local, causal: config.causal });
	return ({ query, key, value }, x, { keyMask }) =>
		scope(() => {
			const [q, k, v] = [query, key as Matrix, value].map((weight) => projectHeads(config, x, weight));
			return attend(q as Tensor, k as Tensor, v as Tensor, { keyMask: maskTensor(x, keyMask) });
		});
}
