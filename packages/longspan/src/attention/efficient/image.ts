import { OptionError, ShapeError } from "../../errors.js";
import { add, mul } from "../../ops/arithmetic.js";
import { matmul } from "../../ops/matmul.js";
import { checkNumber, checkOperands, checkOptions } from "../../ops/operands.js";
import { normal } from "../../ops/random.js";
import { reshape } from "../../ops/reshape.js";
import { transpose } from "../../ops/transpose.js";
import { zeros } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import { formatShape, sameShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { type EfficientOptions, efficient } from "./index.js";

export interface EfficientAttention2dOptions extends Pick<EfficientOptions, "normalization"> {
	/** C, of the input and the output. */
	channels: number;
	/** Of queries and keys, of all heads together: a multiple of `heads`. */
	keyChannels: number;
	/** Of values, of all heads together: a multiple of `heads`. */
	valueChannels: number;
	/** Default: 1. */
	heads?: number;
}

/** Weights of 1 × 1 convolutions, [channels in, channels out], and their biases. */
export type EfficientAttention2dWeights = {
	readonly query: Tensor;
	readonly queryBias: Tensor;
	readonly key: Tensor;
	readonly keyBias: Tensor;
	readonly value: Tensor;
	readonly valueBias: Tensor;
	readonly output: Tensor;
	readonly outputBias: Tensor;
};

/** The module: call it on an image and weights. */
export interface EfficientAttention2d {
	/**
	 * @param x [batch, channels, height, width]
	 * @returns [batch, channels, height, width]
	 */
	(x: Tensor, weights: EfficientAttention2dWeights): Tensor;
	/** Draws weights: normal with the deviation 1 / sqrt(channels in), and zero biases. */
	initialize(options?: { seed?: number }): EfficientAttention2dWeights;
}

/**
 * The module of the paper for feature maps of images (Shen et al. 2021, arXiv 1812.01243, and its released code): 1 × 1 convolutions
 * with bias give queries, keys and values, whose channels are cut into heads, contiguous slices; every pixel attends to all by `efficient`; a 1 × 1
 * convolution of the heads together is added to the input. More heads normalise queries over fewer channels each, so the number of
 * heads changes the function also for equal weights.
 *
 * @throws OptionError if the heads do not divide the channels, ShapeError for images or weights of other shapes
 * @example
 * const attend = efficientAttention2d({ channels: 256, keyChannels: 64, valueChannels: 128, heads: 8 });
 * const out = attend(image, attend.initialize({ seed: 1 }));
 */
export function efficientAttention2d(options: EfficientAttention2dOptions): EfficientAttention2d {
	const name = "efficientAttention2d";
	checkOptions(name, options, {
		channels: true,
		keyChannels: true,
		valueChannels: true,
		heads: true,
		normalization: true,
	});
	const { channels, keyChannels, valueChannels, heads = 1, normalization = "softmax" } = options;
	for (const [option, value] of Object.entries({ channels, keyChannels, valueChannels, heads }))
		checkNumber(name, option, value, { min: 1, integer: true });
	for (const [option, value] of Object.entries({ keyChannels, valueChannels }))
		if (value % heads !== 0)
			throw new OptionError(
				`${name}: ${option} ${value} is not a multiple of heads ${heads}; channels left over would be dropped: choose heads that divide it`,
			);
	const attend = efficient({ normalization });
	const shapes: Record<keyof EfficientAttention2dWeights, number[]> = {
		query: [channels, keyChannels],
		queryBias: [keyChannels],
		key: [channels, keyChannels],
		keyBias: [keyChannels],
		value: [channels, valueChannels],
		valueBias: [valueChannels],
		output: [valueChannels, channels],
		outputBias: [channels],
	};
	const forward = (x: Tensor, weights: EfficientAttention2dWeights): Tensor => {
		checkOperands(name, { x, ...weights });
		for (const [weight, shape] of Object.entries(shapes)) {
			const given = weights[weight as keyof EfficientAttention2dWeights];
			if (!given || !sameShape(given.shape, shape))
				throw new ShapeError(
					`${name}: weight ${weight} has shape ${given ? formatShape(given.shape) : "none"}; expected ${formatShape(shape)}`,
				);
		}
		if (x.rank !== 4 || x.shape[1] !== channels)
			throw new ShapeError(
				`${name}: argument x has shape ${formatShape(x.shape)}; expected [batch, ${channels}, height, width]`,
			);
		const [batch, , height, width] = x.shape as [number, number, number, number];
		const pixels = height * width;
		return scope(() => {
			const rows = transpose(reshape(x, [batch, channels, pixels]), [0, 2, 1]);
			const perHead = (weight: Tensor, bias: Tensor) =>
				transpose(reshape(add(matmul(rows, weight), bias), [batch, pixels, heads, bias.size / heads]), [0, 2, 1, 3]);
			const attended = attend(
				perHead(weights.query, weights.queryBias),
				perHead(weights.key, weights.keyBias),
				perHead(weights.value, weights.valueBias),
			);
			const together = reshape(transpose(attended, [0, 2, 1, 3]), [batch, pixels, valueChannels]);
			const projected = add(matmul(together, weights.output), weights.outputBias);
			return add(x, reshape(transpose(projected, [0, 2, 1]), x.shape));
		});
	};
	const initialize = ({ seed = 0 }: { seed?: number } = {}) =>
		scope(() => {
			const drawn = Object.entries(shapes).map(([weight, shape], stream) => {
				const [columns, rows] = [...shape].reverse() as [number, number | undefined];
				if (rows === undefined) return [weight, zeros([columns])];
				return [weight, mul(normal(shape, { seed, stream }), 1 / Math.sqrt(rows))];
			});
			return Object.fromEntries(drawn) as EfficientAttention2dWeights;
		});
	return Object.assign(forward, { initialize });
}
