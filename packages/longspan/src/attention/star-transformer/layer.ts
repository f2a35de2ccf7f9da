import { ShapeError } from "../../errors.js";
import { add, mul } from "../../ops/arithmetic.js";
import { matmul } from "../../ops/matmul.js";
import { layerNorm } from "../../ops/norm.js";
import { checkChoice, checkNumber, checkOperands } from "../../ops/operands.js";
import { reshape } from "../../ops/reshape.js";
import { transpose } from "../../ops/transpose.js";
import { relu } from "../../ops/unary.js";
import { where } from "../../ops/where.js";
import { filled } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import { formatShape, sameShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import {
	drawLayerWeights,
	type StarAttentionWeights,
	type StarLayerSizes,
	type StarLayerWeights,
	type StarNormWeights,
} from "./layer-weights.js";
import { starRelay } from "./relay.js";
import { checkLengths, type StarRing, tokenMask } from "./ring.js";
import { starSatellite } from "./satellite.js";

export interface StarLayerOptions {
	/** Number of attention heads. At least 1. */
	heads: number;
	/** Default: "closed". fastNLP: "zero-padded". */
	ring?: StarRing;
	/**
	 * "after" (default, the paper): both steps are LayerNorm(activation(attention)). "before" (fastNLP): the tokens are normalised
	 * before they attend, the relay node never is.
	 */
	normalization?: "after" | "before";
	/** Default: "relu" (the paper). fastNLP: "leaky-relu", with slope 0.01. */
	activation?: "relu" | "leaky-relu";
	/** Added to the variance by the normalisation. Default: 1e-6. */
	epsilon?: number;
}

/** The nodes between two layers. */
export type StarNodes = {
	/** Satellite nodes, [batch, length, dim]; 0 at padding. */
	readonly nodes: Tensor;
	/** Relay node, [batch, 1, dim]. */
	readonly relay: Tensor;
};

export interface StarLayerInput extends StarNodes {
	/** The tokens' embeddings, [batch, length, dim]: the nodes before the first layer. */
	readonly embeddings: Tensor;
	/** Real tokens of each batch entry, which come first. Default: all. */
	readonly lengths?: readonly number[];
}

/** One layer as a function of the nodes and its weights. */
export interface StarTransformerLayer {
	(input: StarLayerInput, weights: StarLayerWeights): StarNodes;
	/** Draws the weights of one layer. */
	initialize(sizes: StarLayerSizes): StarLayerWeights;
}

const name = "starTransformerLayer";

/**
 * A layer of the Star-Transformer (Guo et al. 2019, arXiv 1902.09113, algorithm 1): first the tokens attend to their neighbours,
 * themselves, their embedding and the relay node, then the relay node attends to itself and the new tokens. Time and memory are
 * proportional to the length. Before the first layer, nodes = embeddings and relay = `meanNode(embeddings)`.
 *
 * @throws OptionError, ShapeError
 * @example
 * const layer = starTransformerLayer({ heads: 4 });
 * const weights = layer.initialize({ dim: 128 });
 * const { nodes, relay } = layer({ nodes: x, relay: meanNode(x), embeddings: x }, weights);
 */
export function starTransformerLayer(options: StarLayerOptions): StarTransformerLayer {
	const { heads, ring = "closed", normalization = "after", activation = "relu", epsilon = 1e-6 } = options;
	checkNumber(name, "heads", heads, { min: 1, integer: true });
	checkNumber(name, "epsilon", epsilon, { min: 0 });
	checkChoice(name, "ring", ring, ["closed", "zero-padded"]);
	checkChoice(name, "normalization", normalization, ["after", "before"]);
	checkChoice(name, "activation", activation, ["relu", "leaky-relu"]);
	const activate = (x: Tensor) => (activation === "relu" ? relu(x) : add(mul(relu(x), 0.99), mul(x, 0.01)));
	const normalize = (x: Tensor, { weight, bias }: StarNormWeights) => layerNorm(x, weight, bias, { epsilon });
	const finish = (x: Tensor, norm: StarNormWeights) =>
		normalization === "after" ? normalize(activate(x), norm) : activate(x);

	const layer = (
		{ nodes, relay, embeddings, lengths: given }: StarLayerInput,
		weights: StarLayerWeights,
	): StarNodes => {
		checkNodes({ nodes, relay, embeddings });
		const [batch, length] = nodes.shape as [number, number];
		const lengths = checkLengths(name, given, batch, length);
		return scope(() => {
			const keyMask = tokenMask(lengths, length, nodes.device);
			const real = reshape(keyMask, [batch, length, 1]);
			const own = normalization === "before" ? normalize(nodes, weights.satelliteNorm) : nodes;
			const { satellite } = weights;
			const attended = starSatellite({
				q: project(own, satellite.query, satellite.queryBias, heads),
				...keysAndValues(own, satellite, heads),
				...renamed(keysAndValues(embeddings, satellite, heads), "embeddingKeys", "embeddingValues"),
				...renamed(keysAndValues(relay, satellite, heads), "relayKey", "relayValue"),
				lengths,
				ring,
			});
			const finished = finish(joinHeads(attended, satellite), weights.satelliteNorm);
			const newNodes = where(real, finished, filled([], 0, nodes.device));
			const toRelay = starRelay({
				q: project(relay, weights.relay.query, weights.relay.queryBias, heads),
				...keysAndValues(newNodes, weights.relay, heads),
				...renamed(keysAndValues(relay, weights.relay, heads), "relayKey", "relayValue"),
				keyMask,
			});
			return { nodes: newNodes, relay: finish(joinHeads(toRelay, weights.relay), weights.relayNorm) };
		});
	};
	return Object.assign(layer, { initialize: (sizes: StarLayerSizes) => drawLayerWeights(heads, sizes) });
}

/** x [batch, length, dim] times weight plus bias, by head: [batch, heads, length, headDim]. */
function project(x: Tensor, weight: Tensor, bias: Tensor, heads: number): Tensor {
	const [batch, length] = x.shape as [number, number];
	return transpose(reshape(add(matmul(x, weight), bias), [batch, length, heads, -1]), [0, 2, 1, 3]);
}

function keysAndValues(x: Tensor, { key, keyBias, value, valueBias }: StarAttentionWeights, heads: number) {
	return { k: project(x, key, keyBias, heads), v: project(x, value, valueBias, heads) };
}

function renamed<K extends string, V extends string>({ k, v }: { k: Tensor; v: Tensor }, key: K, value: V) {
	return { [key]: k, [value]: v } as Record<K | V, Tensor>;
}

/** The heads' results side by side, projected back to dim. */
function joinHeads(x: Tensor, { output, outputBias }: StarAttentionWeights): Tensor {
	const [batch, , length] = x.shape as [number, number, number];
	return add(matmul(reshape(transpose(x, [0, 2, 1, 3]), [batch, length, -1]), output), outputBias);
}

function checkNodes({ nodes, relay, embeddings }: Record<"nodes" | "relay" | "embeddings", Tensor>): void {
	checkOperands(name, { nodes, relay, embeddings });
	if (nodes.rank !== 3)
		throw new ShapeError(
			`${name}: argument nodes has shape ${formatShape(nodes.shape)}; expected [batch, length, dim]`,
		);
	const [batch, , dim] = nodes.shape as [number, number, number];
	for (const [argument, { shape }, expected] of [
		["relay", relay, [batch, 1, dim]],
		["embeddings", embeddings, nodes.shape],
	] as const)
		if (!sameShape(shape, expected))
			throw new ShapeError(
				`${name}: argument ${argument} has shape ${formatShape(shape)}; expected ${formatShape(expected)} to go with nodes ${formatShape(nodes.shape)}`,
			);
}
