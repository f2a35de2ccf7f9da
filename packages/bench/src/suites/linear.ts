import { linear } from "longspan";
import { compare, speedFigure } from "../comparison.js";
import { attentionInputs, standardHeadDim, standardHeads } from "../inputs.js";
import { attentionContestant, gradientContestant, runningStateContestant } from "../longspan.js";
import { atLeast, figure } from "../report.js";
import { type Times, timeRatio } from "../timing.js";
import type { Suite } from "./suite.js";

const length = 16_384;
const checkedLength = 200;
const state = "longspan, running state alone";
const whole = "longspan, linear";
const gradient = "longspan, linear, forward + backward";

/** Causal linear attention. */
export const linearSuite: Suite = {
	summary: "causal linear attention, n = 16384, forward and backward",
	async run(bench) {
		const attend = linear({ causal: true });
		const large = attentionInputs(length);
		const { measurements, samples } = await compare(bench, {
			label: `linear ${length}`,
			ours: (inputs) => runningStateContestant(inputs, state),
			peer: (peer) => peer.runningState?.bind(peer),
			small: attentionInputs(checkedLength),
			large,
			also: [attentionContestant(attend, large, whole), gradientContestant(attend, large, gradient)],
			// A multiply-add for k vᵀ and one for q S.
			flops: 4 * length * standardHeads * standardHeadDim ** 2,
		});
		const figures = bench.peers.flatMap(({ name }) => {
			const target = name === "onnxruntime-node" ? atLeast(1) : undefined;
			return [
				...speedFigure(samples, state, name, `same function: speed relative to LinearAttention of ${name}`, target),
				...speedFigure(
					samples,
					whole,
					name,
					`elu + 1, normalised: speed relative to LinearAttention of ${name}`,
					target,
				),
			];
		});
		figures.push(
			figure("forward + backward, in forwards", timeRatio(samples.get(gradient) as Times, samples.get(whole) as Times)),
		);
		return {
			title: `linear: causal, n = ${length}, ${standardHeads} heads x ${standardHeadDim}`,
			measurements,
			figures,
			notes: [
				'com.microsoft LinearAttention (update rule "linear") is the running state alone; linear() also maps q and k with elu + 1 and divides by the normaliser, which the peer does not.',
				"GFLOP/s counts the operations of the recurrent form for all rows; chunks do more of them, but as matrix products.",
			],
		};
	},
};
