import { OptionError, ShapeError } from "../errors.js";
import type { PositionEmbedding, PositionParameters } from "../nn/positions/index.js";
import { add } from "../ops/arithmetic.js";
import { embedding } from "../ops/embedding.js";
import { checkObject, checkOperands } from "../ops/operands.js";
import { scope } from "../tensor/scope.js";
import { formatShape, sameShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";

/** Weights that every model of tokens has. */
export interface TokenParameters {
	/** [vocabularySize, dim] */
	readonly tokens: Tensor;
	readonly positions: PositionParameters;
}

/** Refuses weights that are those of another model, whose errors would come from deep inside, if at all. */
export function checkTokenParameters(
	name: string,
	parameters: TokenParameters,
	{ vocabularySize, dim }: { readonly vocabularySize: number; readonly dim: number },
	[list, layers, count]: readonly [list: string, layers: unknown, count: number],
): void {
	const expected = "the weights of this model";
	checkOperands(name, { "parameters.tokens": parameters.tokens });
	if (!sameShape(parameters.tokens.shape, [vocabularySize, dim]))
		throw new ShapeError(
			`${name}: parameters.tokens has shape ${formatShape(parameters.tokens.shape)}; expected [${vocabularySize}, ${dim}], as in ${expected}`,
		);
	checkObject(name, "parameters.positions", parameters.positions);
	const found = Array.isArray(layers) ? layers.length : "no list";
	if (found !== count)
		throw new OptionError(`${name}: parameters.${list} has ${found} layers; expected ${count}, as in ${expected}`);
}

/**
 * Embeddings of tokens and, where there are some, of their positions: [batch, length, dim].
 *
 * @param position of the first token
 * @param batch how many sequences there must be. Default: any number
 */
export function embedTokens(
	name: string,
	parameters: TokenParameters,
	ids: Tensor<"int32">,
	positions: PositionEmbedding | null,
	position = 0,
	batch?: number,
): Tensor {
	checkOperands(name, { ids }, "int32");
	const [sequences = 0, length = 0] = ids.shape;
	if (ids.rank !== 2 || length < 1 || sequences < 1 || sequences !== (batch ?? sequences))
		throw new ShapeError(
			`${name}: ids have shape ${formatShape(ids.shape)}; expected [${batch ?? "batch"}, length] with a length of at least 1${batch ? "" : " and a batch, too"}`,
		);
	return scope(() => {
		const rows = positions?.rows(parameters.positions, position, length, ids.device);
		const tokens = embedding(parameters.tokens, ids);
		return rows ? add(tokens, rows) : tokens;
	});
}
