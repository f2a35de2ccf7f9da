import { eluPlusOne } from "../../ops/unary.js";
import { keep, scope } from "../../tensor/scope.js";
import { checkAppended, checkDecodable } from "../decoding.js";
import { runningState } from "../linear/running-state.js";
import type { LinearState } from "../linear/state.js";
import type { DecodingSession, DecodingSizes } from "../mechanism.js";

/** Decoding with the running state alone: time and memory of a step do not depend on the position (eq. 16–20). */
export function startLinearDecoding(sizes: DecodingSizes, causal: boolean, epsilon: number): DecodingSession {
	checkDecodable("linear", causal);
	let position = 0;
	let state: LinearState | undefined;
	const forget = () => {
		state?.sum.dispose();
		state?.normalizer?.dispose();
	};
	return {
		get position() {
			return position;
		},
		get stateBytes() {
			return state ? 4 * (state.sum.size + (state.normalizer?.size ?? 0)) : 0;
		},
		append(q, k, v) {
			const length = checkAppended("linear", sizes, q, k, v);
			const { output, finalState } = scope(() => {
				const result = runningState(eluPlusOne(q), eluPlusOne(k), v, { epsilon, initialState: state }, "linear");
				return { output: result.output, finalState: result.finalState };
			});
			forget();
			state = keep(finalState);
			position += length;
			return output;
		},
		dispose() {
			forget();
			state = undefined;
		},
	};
}
