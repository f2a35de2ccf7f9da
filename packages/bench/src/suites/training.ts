import type { Device } from "longspan";
import { compare, speedFigure } from "../comparison.js";
import type { Contestant } from "../contestant.js";
import { matmulInputs } from "../inputs.js";
import { matmulContestant, ours } from "../longspan.js";
import { atLeast, atMost, figure } from "../report.js";
import { type Times, timeRatio } from "../timing.js";
import { trainingContestant } from "../training/longspan-step.js";
import { type ByteModelSizes, trainingProblem, vocabularySize } from "../training/problem.js";
import type { Suite } from "./suite.js";

const sizes: ByteModelSizes = { length: 4096, layers: 4, dim: 256, heads: 4, window: 256 };
const longer: ByteModelSizes = { ...sizes, length: 16_384 };
/** Several blocks of the peers' windows, few enough operations for all. */
const checked: ByteModelSizes = { length: 256, layers: 2, dim: 64, heads: 2, window: 64 };
const productSize = 1024;

const named = ({ length }: ByteModelSizes): string => `${ours}, n = ${length.toLocaleString("en")}`;

/** Training steps of a byte model with causal windows. */
export const training: Suite = {
	summary: "a training step of a byte model, n = 4096 and 16384",
	async run(bench) {
		const problem = trainingProblem(sizes);
		const long = trainingContestant(trainingProblem(longer), named(longer));
		const product = matmulContestant(matmulInputs(productSize), `${ours}, matmul ${productSize}`);
		const productFlops = 2 * productSize ** 3;
		bench.progress("training: counting operations");
		const counted = await flopsOf(bench.device, trainingContestant(problem));
		const { measurements, samples } = await compare(bench, {
			label: "training",
			ours: trainingContestant,
			peer: (peer) => peer.trainingStep?.bind(peer),
			small: trainingProblem(checked),
			large: problem,
			also: [
				{ ...long, flops: definedFlops(longer) },
				{ ...product, flops: productFlops },
			],
			flops: definedFlops(sizes),
		});
		const times = (name: string) => samples.get(name) as Times;
		const stepsOfProduct = timeRatio(times(product.name), times(ours));
		const share = (flops: number) => 100 * (flops / productFlops) * stepsOfProduct;
		return {
			title: `training: loss, gradient, clipping and AdamW of a byte model, ${sizes.layers} layers, dim ${sizes.dim}, ${sizes.heads} heads, causal window ${sizes.window}, batch 1, n = ${sizes.length}`,
			measurements,
			figures: [
				figure(`% of the rate of our matmul ${productSize}, by counted operations`, share(counted), atLeast(50)),
				figure(`% of the rate of our matmul ${productSize}, by those of the definition`, share(definedFlops(sizes))),
				figure(
					`a step at n = ${longer.length}, in steps at ${sizes.length}`,
					timeRatio(times(long.name), times(ours)),
					atMost(4.4),
				),
				...speedFigure(samples, ours, "@jax-js/jax", "speed relative to @jax-js/jax", atLeast(5)),
				...speedFigure(samples, ours, "PyTorch", "speed relative to PyTorch", atLeast(1)),
			],
			notes: [
				"The difference is that of the losses of the first three steps, from the same weights on the same bytes.",
				"GFLOP/s counts the definition: 6 operations for each weight of a product and each position, and 12 dim for each visible pair and layer. Counted operations are those of our kernels, which also repeat scores and logits in the backward pass and fill tiles at the edges of the window.",
				"The peers attend by blocks of 256 queries to their own block of keys and the one before, under a mask: twice the pairs of the window.",
			],
		};
	},
};

/** Operations of matrix products and attention in the definition of a step; the backward pass has twice those of the forward pass. */
function definedFlops({ length, layers, dim, window }: ByteModelSizes): number {
	const weights = layers * 12 * dim ** 2 + vocabularySize * dim;
	const pairs = length * (window + 1) - (window * (window + 1)) / 2;
	return 6 * length * weights + 12 * layers * pairs * dim;
}

/** Operations of one call as the device counts them. */
async function flopsOf(device: Device, { run, dispose }: Contestant): Promise<number> {
	device.resetWorkStats();
	await run();
	const { flops } = device.workStats();
	dispose?.();
	return flops;
}
