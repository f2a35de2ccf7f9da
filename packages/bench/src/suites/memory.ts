import { full } from "longspan";
import { attentionInputs, standardHeadDim, standardHeads } from "../inputs.js";
import { attentionContestant } from "../longspan.js";
import { bytesBeyondOperands } from "../memory.js";
import { atMost, figure } from "../report.js";
import type { Suite } from "./suite.js";

const length = 4096;

/** What exact attention needs besides its operands and result. */
export const memory: Suite = {
	summary: "memory of dense attention, n = 4096, beyond q, k, v and the output",
	async run(bench) {
		const contestant = attentionContestant(full(), attentionInputs(length));
		const beyond = bytesBeyondOperands(bench.device, contestant);
		contestant.dispose?.();
		const outputBytes = 4 * length * standardHeads * standardHeadDim;
		return {
			title: `memory: dense attention, n = ${length}, ${standardHeads} heads x ${standardHeadDim}`,
			measurements: [
				{ name: "peak beyond q, k and v", bytes: beyond },
				{ name: "of which the output", bytes: outputBytes },
				{ name: "all scores at once would be", bytes: 4 * length ** 2 * standardHeads },
			],
			figures: [figure("MB beyond q, k, v and the output", (beyond - outputBytes) / 1e6, atMost(16))],
			notes: ["As the tensor core counts them: tensors, plans and the threads' scratch, not the process."],
		};
	},
};
