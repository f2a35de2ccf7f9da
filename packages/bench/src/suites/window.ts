import { slidingWindow } from "longspan";
import { compare, speedFigure } from "../comparison.js";
import { attentionInputs, matmulInputs, standardHeadDim, standardHeads } from "../inputs.js";
import { attentionContestant, gradientContestant, matmulContestant, ours } from "../longspan.js";
import { atLeast, atMost, type Figure, figure } from "../report.js";
import { medianTime, type Times, timeRatio } from "../timing.js";
import type { Suite } from "./suite.js";

const length = 16_384;
const window = 256;
const checkedLength = 200;
const gradient = "longspan, forward + backward";
/** Sizes of matrix products whose better rate stands for the matrix micro-kernel. */
const productSizes = [512, 1024];
const productName = (size: number) => `longspan, matmul ${size}`;

/** Pairs of query and key at most `window` apart. */
const pairs = length * (2 * window + 1) - window * (window + 1);
const flops = 4 * pairs * standardHeads * standardHeadDim;

/** Attention to neighbours, beside dense attention: no peer has a window that costs less than all pairs. */
export const slidingWindowSuite: Suite = {
	summary: "sliding window of 256 on each side, n = 16384, forward and backward",
	async run(bench) {
		const attend = slidingWindow({ window });
		const everything = slidingWindow({ window: checkedLength });
		const large = attentionInputs(length);
		const { measurements, samples } = await compare(bench, {
			label: `window ${length}`,
			ours: (inputs) => attentionContestant(attend, inputs),
			peer: (peer) => (peer.name === "onnxruntime-node" ? peer.denseAttention?.bind(peer) : undefined),
			checkedBy: (inputs) => attentionContestant(everything, inputs),
			small: attentionInputs(checkedLength),
			large,
			also: [
				gradientContestant(attend, large, gradient),
				...productSizes.map((size) => ({
					...matmulContestant(matmulInputs(size), productName(size)),
					flops: 2 * size ** 3,
				})),
			],
			flops,
		});
		const figures = [
			...speedFigure(
				samples,
				ours,
				"onnxruntime-node",
				"speed relative to dense attention of onnxruntime-node",
				atLeast(20),
			),
			productFigure(samples),
			figure(
				"forward + backward, in forwards",
				timeRatio(samples.get(gradient) as Times, samples.get(ours) as Times),
				atMost(4),
			),
		];
		return {
			title: `window: keys at most ${window} away, n = ${length}, ${standardHeads} heads x ${standardHeadDim}`,
			measurements: measurements.map((row) =>
				row.name === "onnxruntime-node" ? { ...row, name: "onnxruntime-node, dense" } : row,
			),
			figures,
			notes: [
				"Not the same function: the peers compute a window as dense attention with a mask, so dense attention without one, which is not slower, stands for it. The results are compared where the window covers everything.",
				"GFLOP/s counts pairs inside the window only, for all rows of attention alike; tiles at its edges do more.",
			],
		};
	},
};

/** The rate within the window, in parts of the best rate of a matrix product in the same rounds. */
function productFigure(samples: ReadonlyMap<string, Times>): Figure {
	const own = samples.get(ours) as Times;
	const rates = productSizes.map((size) => ({
		size,
		rate: (2 * size ** 3) / medianTime((samples.get(productName(size)) as Times).wall),
	}));
	const best = rates.reduce((a, b) => (b.rate > a.rate ? b : a));
	const ratio = (flops / (2 * best.size ** 3)) * timeRatio(samples.get(productName(best.size)) as Times, own);
	return figure(`% of the rate of our matmul ${best.size}`, 100 * ratio, atLeast(55));
}
