import { type GraphNode, graphModel, microsoftDomain } from "./model.js";

/** Weights of one layer: matrices [inputs, outputs], as ONNX multiplies, and vectors. */
export interface EncoderLayer {
	readonly [weight: string]: { readonly shape: readonly number[]; readonly values: Float32Array };
}

export interface EncoderSizes {
	readonly dim: number;
	readonly heads: number;
	readonly epsilon: number;
}

/**
 * A post-norm encoder with full attention (Devlin et al. 2018, arXiv 1810.04805) from hidden states [1, length, dim] to hidden states, of the
 * fused operators that ONNX Runtime's own optimiser makes of such models. Each layer has query, key, value, output, inner and outer
 * (each with .weight and .bias) and norms `attentionNorm` and `outputNorm`.
 */
export function encoderModel(layers: readonly EncoderLayer[], { dim, heads, epsilon }: EncoderSizes): Uint8Array {
	const weights = Object.fromEntries(
		layers.flatMap((layer, index) => Object.entries(layer).map(([name, weight]) => [`${index}.${name}`, weight])),
	);
	const nodes = layers.flatMap((_, index) => layerNodes(index, heads, epsilon));
	const last = layers.length - 1;
	return graphModel({
		name: "encoder",
		nodes,
		inputs: { "hidden.-1": [1, "length", dim] },
		outputs: { [`hidden.${last}`]: [1, "length", dim] },
		weights,
	});
}

function layerNodes(index: number, heads: number, epsilon: number): GraphNode[] {
	const own = (name: string) => `${index}.${name}`;
	const x = `hidden.${index - 1}`;
	const product = (input: string, name: string): GraphNode => ({
		operator: "MatMul",
		inputs: [input, own(`${name}.weight`)],
		outputs: [own(`${name}.product`)],
	});
	const projection = (input: string, name: string): GraphNode[] => [
		product(input, name),
		{ operator: "Add", inputs: [own(`${name}.product`), own(`${name}.bias`)], outputs: [own(name)] },
	];
	/** norm(input + skip + bias) */
	const normalize = (input: string, skip: string, bias: string, norm: string, output: string): GraphNode => ({
		operator: "SkipLayerNormalization",
		domain: microsoftDomain,
		inputs: [input, skip, own(`${norm}.weight`), own(`${norm}.bias`), own(bias)],
		outputs: [output],
		attributes: { epsilon: { float: epsilon } },
	});
	return [
		...["query", "key", "value"].flatMap((name) => projection(x, name)),
		{
			operator: "MultiHeadAttention",
			domain: microsoftDomain,
			inputs: [own("query"), own("key"), own("value")],
			outputs: [own("attended")],
			attributes: { num_heads: heads },
		},
		product(own("attended"), "output"),
		normalize(own("output.product"), x, "output.bias", "attentionNorm", own("attention")),
		product(own("attention"), "inner"),
		{
			operator: "BiasGelu",
			domain: microsoftDomain,
			inputs: [own("inner.product"), own("inner.bias")],
			outputs: [own("inner")],
		},
		product(own("inner"), "outer"),
		normalize(own("outer.product"), own("attention"), "outer.bias", "outputNorm", `hidden.${index}`),
	];
}
