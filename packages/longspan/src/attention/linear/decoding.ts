import { keep, scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { treeTensors } from "../../tensor/tree.js";
import { checkAppended } from "../decoding.js";
import type { DecodingSession, DecodingSizes } from "../mechanism.js";

/** What some tokens give, and what is to be remembered after them. */
export interface StateStep<State> {
	readonly output: Tensor;
	readonly state: State;
}

/** A decoding session whose tokens come with options of the mechanism, such as a decay. */
export interface StateDecodingSession<Options> extends DecodingSession {
	append(q: Tensor, k: Tensor, v: Tensor, options?: Options): Tensor;
}

/**
 * Decoding that remembers a state of fixed size, a tree of tensors: time and memory of a step do not depend on the position.
 *
 * @param step attends from the next tokens, the first of which is at `position`, given the state before them (undefined: none yet)
 */
export function startStateDecoding<State, Options = object>(
	name: string,
	sizes: DecodingSizes,
	step: (
		q: Tensor,
		k: Tensor,
		v: Tensor,
		before: { position: number; state: State | undefined; options: Partial<Options> },
	) => StateStep<State>,
): StateDecodingSession<Options> {
	let position = 0;
	let state: State | undefined;
	const forget = () => {
		for (const tensor of treeTensors(state)) tensor.dispose();
	};
	return {
		get position() {
			return position;
		},
		get stateBytes() {
			return treeTensors(state).reduce((bytes, { size }) => bytes + 4 * size, 0);
		},
		append(q, k, v, options = {} as Options) {
			const length = checkAppended(name, sizes, q, k, v);
			const next = scope(() => step(q, k, v, { position, state, options }));
			forget();
			state = keep(next.state);
			position += length;
			return next.output;
		},
		dispose() {
			forget();
			state = undefined;
		},
	};
}
