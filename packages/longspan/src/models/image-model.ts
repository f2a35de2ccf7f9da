import { OptionError, ShapeError } from "../errors.js";
import { checkSampling, type SamplingOptions, samplingOptionNames } from "../generate/sampling/sampling-options.js";
import type { ForwardOptions } from "../nn/forward-options.js";
import { mul } from "../ops/arithmetic.js";
import { checkIds } from "../ops/check-ids.js";
import { checkFunction, checkNumber, checkOperands, checkOptions } from "../ops/operands.js";
import { reshape } from "../ops/reshape.js";
import { concat, slice } from "../ops/slice.js";
import { intTensor } from "../tensor/create.js";
import { scope } from "../tensor/scope.js";
import { formatShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import {
	type LanguageModelOptions,
	type LanguageModelParameters,
	languageModel,
	languageModelOptionNames,
} from "./language-model.js";
import { sampleImages } from "./sample-images.js";

export interface ImageModelOptions extends Omit<LanguageModelOptions, "vocabularySize" | "maxLength"> {
	height: number;
	width: number;
	/** Default: 3, for red, green and blue. */
	channels?: number;
	/** Number of values an element can have. Default: 256, for bytes. */
	levels?: number;
}

/** What a forward pass takes beside images and weights. */
export type ImageForwardOptions = Pick<ForwardOptions, "random">;

export interface ImageSamplingOptions extends SamplingOptions {
	/** Number of images. Default: as many as `prefix` has, or 1. */
	count?: number | undefined;
	/** Their upper rows, which are completed: int32 [count, rows, width, channels] with fewer rows than the images have. Default: none. */
	prefix?: Tensor<"int32"> | undefined;
	/** Called when a row of all images is drawn, with the number of rows there are. An error it throws ends the sampling. */
	onRow?: ((rows: number) => void) | undefined;
}

export interface ImageModel {
	/** [height, width, channels] */
	readonly shape: readonly [number, number, number];
	readonly levels: number;
	/** Initial weights, free to be replaced by trained ones. Token `levels` is that before the first element. */
	readonly parameters: LanguageModelParameters;
	/**
	 * Scores of every element given those before it.
	 *
	 * @param images int32 [batch, height, width, channels], 0 to levels - 1
	 * @returns [batch, height, width, channels, levels]
	 */
	logits(parameters: LanguageModelParameters, images: Tensor<"int32">, options?: ImageForwardOptions): Tensor;
	/** Mean cross-entropy of an element given those before it, in nats, and the cost of halting where there is one. */
	loss(parameters: LanguageModelParameters, images: Tensor<"int32">, options?: ImageForwardOptions): Tensor;
	/** The loss in bits: what papers report as bits per dimension. */
	bitsPerDim(parameters: LanguageModelParameters, images: Tensor<"int32">): Tensor;
	/**
	 * Draws images element by element. An image depends on the seed and on its place among the `count`, not on the others.
	 *
	 * @returns int32 [count, height, width, channels]
	 */
	sample(parameters: LanguageModelParameters, options?: ImageSamplingOptions): Promise<Tensor<"int32">>;
}

const name = "imageModel";

/**
 * An autoregressive model of images: rows from the top, pixels from the left and the channels of a pixel one after the other are one
 * sequence for a decoder-only transformer with any causal attention (Parmar et al. 2018, arXiv 1802.05751; Child et al. 2019,
 * arXiv 1904.10509, section 5; Katharopoulos et al. 2020, arXiv 2006.16236, section 4.2). The position that predicts an element
 * has, by default, the sum of trained rows for its row, column and channel (Child et al.).
 *
 * A start token comes before the first element. It is one of the tokens a score is computed for but never a target, so the loss is an upper
 * bound of that over the levels alone; `logits` and `sample` leave it out.
 *
 * @throws OptionError for sizes below 1 or that do not fit, or an attention that is not causal
 * @example
 * const attention = sparseTransformer({ pattern: "strided", stride: 96, causal: true });
 * const model = imageModel({ height: 32, width: 32, attention, dim: 256, layers: 8, heads: 8 });
 * const { value, gradient } = valueAndGrad(model.loss)(model.parameters, images);
 */
export function imageModel(given: ImageModelOptions): ImageModel {
	const { vocabularySize: _, maxLength: __, ...names } = languageModelOptionNames;
	checkOptions(name, given, { height: true, width: true, channels: true, levels: true, ...names });
	const { height, width, channels = 3, levels = 256, ...options } = given;
	for (const [option, value] of Object.entries({ height, width, channels }))
		checkNumber(name, option, value, { min: 1, integer: true });
	checkNumber(name, "levels", levels, { min: 2, integer: true });
	const shape = [height, width, channels] as const;
	const rowSize = width * channels;
	const elements = height * rowSize;
	const model = languageModel({
		positions: { axial: { shape, combine: "summed" } },
		...options,
		vocabularySize: levels + 1,
		maxLength: elements,
	});
	/** What goes in and what is to come out, [batch, elements] each. */
	const sequences = (images: Tensor<"int32">) => {
		const batch = checkImages(images, "images", shape, levels);
		const start = intTensor(new Int32Array(batch).fill(levels), [batch, 1], images.device);
		const targets = reshape(images, [batch, elements]);
		const inputs = concat([start, slice(targets, 1, 0, elements - 1)], 1);
		return { batch, inputs, targets };
	};
	const loss: ImageModel["loss"] = (current, images, given = {}) =>
		scope(() => {
			checkOptions(name, given, { random: true });
			const { inputs, targets } = sequences(images);
			return model.loss(current, inputs, { ...given, targets });
		});

	return {
		shape,
		levels,
		parameters: model.parameters,
		logits: (current, images, given = {}) =>
			scope(() => {
				checkOptions(name, given, { random: true });
				const { batch, inputs } = sequences(images);
				return reshape(slice(model.logits(current, inputs, given), 2, 0, levels), [batch, ...shape, levels]);
			}),
		loss,
		bitsPerDim: (current, images) => scope(() => mul(loss(current, images), 1 / Math.LN2)),
		async sample(current, options = {}) {
			checkOptions(name, options, { ...samplingOptionNames, count: true, prefix: true, onRow: true });
			const { count: asked, prefix, onRow, ...sampling } = options;
			checkSampling(name, sampling);
			if (onRow !== undefined) checkFunction(name, "onRow", onRow);
			const given = prefix ? checkImages(prefix, "prefix", shape, levels, true) : 1;
			const count = asked ?? given;
			checkNumber(name, "count", count, { min: 1, integer: true });
			if (prefix && count !== given)
				throw new OptionError(`${name}: count is ${count}; expected ${given}, as many as prefix has, or none`);
			const known = prefix ? await prefix.data() : [];
			const session = model.startDecoding(current, count);
			const { device } = current.tokens;
			try {
				const plan = { ...sampling, count, elements, rowSize, levels, known, onRow };
				return intTensor(await sampleImages(session, plan, device), [count, ...shape], device);
			} finally {
				session.dispose();
			}
		},
	};
}

/** Checks images, or their upper rows, and returns how many there are. */
function checkImages(
	images: Tensor<"int32">,
	argument: string,
	[height, width, channels]: readonly [number, number, number],
	levels: number,
	upper = false,
): number {
	checkOperands(name, { [argument]: images }, "int32");
	const [batch = 0, rows = 0] = images.shape;
	const fits = upper ? rows >= 1 && rows < height : rows === height;
	if (images.rank !== 4 || batch < 1 || !fits || images.shape[2] !== width || images.shape[3] !== channels)
		throw new ShapeError(
			`${name}: ${argument} ${upper ? "has" : "have"} shape ${formatShape(images.shape)}; expected [batch, ${upper ? "rows" : height}, ${width}, ${channels}]${upper ? ` with 1 to ${height - 1} rows` : ""}`,
		);
	checkIds(name, argument, images, levels);
	return batch;
}
