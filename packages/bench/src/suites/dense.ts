import { full } from "longspan";
import { byBuild } from "../bench.js";
import { compare, speedFigure } from "../comparison.js";
import { attentionInputs, standardHeadDim, standardHeads } from "../inputs.js";
import { attentionContestant, ours } from "../longspan.js";
import { atLeast } from "../report.js";
import type { Suite } from "./suite.js";

const length = 4096;
const checkedLength = 200;

/** Exact attention. */
export const dense: Suite = {
	summary: "dense softmax attention, n = 4096, forward",
	async run(bench) {
		const attend = full();
		const { measurements, samples } = await compare(bench, {
			label: `dense ${length}`,
			ours: (inputs) => attentionContestant(attend, inputs),
			peer: (peer) => peer.denseAttention?.bind(peer),
			small: attentionInputs(checkedLength),
			large: attentionInputs(length),
			flops: 4 * length ** 2 * standardHeads * standardHeadDim,
		});
		const target = atLeast(byBuild(bench, 0.6, 1));
		const figures = bench.peers.flatMap(({ name }) =>
			speedFigure(samples, ours, name, `speed relative to ${name}`, name === "onnxruntime-node" ? target : undefined),
		);
		return {
			title: `dense: softmax attention, n = ${length}, ${standardHeads} heads x ${standardHeadDim}, forward`,
			measurements,
			figures,
			notes: [
				"onnxruntime runs its com.microsoft MultiHeadAttention on [1, n, heads * headDim], ours takes [1, heads, n, headDim]; neither layout is converted within the time.",
			],
		};
	},
};
