import { OptionError, ShapeError } from "../../errors.js";
import { mul } from "../../ops/arithmetic.js";
import { checkNumber, checkOperands } from "../../ops/operands.js";
import { normal } from "../../ops/random.js";
import { tensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import { formatShape, type Shape, sameShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { AttentionWeights, WeightSizes } from "../mechanism.js";
import { checkHeads, name, type Settings } from "./options.js";

/** Whether keys and values are projected alike. */
function sharesKeyValue({ sharing }: Settings): boolean {
	return sharing === "key-value" || sharing === "layerwise";
}

/** Names of the weights: E projects keys, F values; if they are shared there is E alone. */
export function weightNames(settings: Settings): readonly string[] {
	if (settings.projection === "mean-pool" || settings.projection === "max-pool") return [];
	return sharesKeyValue(settings) ? ["E"] : ["E", "F"];
}

/** [slots, maxLength] of a matrix, [stride] of a convolution, with the heads before it if each has its own. */
function weightShape({ projection, sharing, slots, stride, maxLength }: Settings, heads: number): Shape {
	const own = projection === "convolution" ? [stride] : [slots, maxLength];
	return sharing === "none" ? [heads, ...own] : own;
}

/**
 * Deviations that make a slot's variance right: 1/k in a matrix, which keeps lengths and products of vectors on average (the
 * Johnson–Lindenstrauss map of Wang et al. 2020, theorem 1), and 1/stride in a convolution, which keeps the variance of its
 * input. Rows beyond the slots of a head are 0.
 */
function deviations({ projection, lengths, slots, stride }: Settings): { values: number[]; shape: Shape } {
	if (projection === "convolution") return { values: [1 / Math.sqrt(stride)], shape: [] };
	if (lengths.length === 1) return { values: [1 / Math.sqrt(slots)], shape: [] };
	const values = lengths.flatMap((length) =>
		Array.from({ length: slots }, (_, slot) => (slot < length ? 1 / Math.sqrt(length) : 0)),
	);
	return { values, shape: [lengths.length, slots, 1] };
}

/** Draws the weights of one layer. */
export function drawWeights(settings: Settings, { heads, seed = 0 }: WeightSizes): AttentionWeights {
	checkNumber(name, "heads", heads, { min: 1, integer: true });
	checkHeads(settings, heads);
	const { values, shape } = deviations(settings);
	const draw = (stream: number) =>
		scope(() => {
			const numbers = normal(weightShape(settings, heads), { seed, stream });
			return mul(numbers, tensor(values, shape, numbers.device));
		});
	return Object.fromEntries(weightNames(settings).map((weight, stream) => [weight, draw(stream)]));
}

/** The weights of a call, checked: those of the keys and those of the values. */
export function weightsOfCall(
	settings: Settings,
	heads: number,
	weights: AttentionWeights | undefined,
): { readonly keys: Tensor | null; readonly values: Tensor | null } {
	const names = weightNames(settings);
	if (names.length === 0) return { keys: null, values: null };
	const shape = weightShape(settings, heads);
	for (const weight of names) {
		const given = weights?.[weight];
		if (!given)
			throw new OptionError(
				`${name}: weights.${weight} is missing; pass the weights that initialize({ heads: ${heads}, headDim }) draws as options.weights`,
			);
		checkOperands(name, { [`weights.${weight}`]: given });
		if (!sameShape(given.shape, shape))
			throw new ShapeError(
				`${name}: weights.${weight} has shape ${formatShape(given.shape)}; expected ${formatShape(shape)} for ${heads} heads with sharing "${settings.sharing}"`,
			);
	}
	const [keys, values] = [weights?.E as Tensor, weights?.F as Tensor];
	return { keys, values: sharesKeyValue(settings) ? keys : values };
}
