import type { DType } from "../backends/backend.js";
import { scope } from "../tensor/scope.js";
import { sameShape } from "../tensor/shape.js";
import type { AnyTensor, Tensor } from "../tensor/tensor.js";
import { combine } from "./combine.js";

/**
 * Gradients of the inputs from those of the outputs; null where an output had none or an input needs none. It may free what it is
 * given as soon as it needs it no more.
 */
export type Backward = (saved: AnyTensor[], gradients: (Tensor | null)[], needed: boolean[]) => (Tensor | null)[];

/** How to differentiate one operation. */
export interface Differentiation {
	/** Tensors the backward function needs again; kept alive by the tape. */
	readonly save: readonly AnyTensor[];
	readonly backward: Backward;
}

interface TapeNode {
	readonly inputs: readonly number[];
	readonly outputs: readonly number[];
	readonly saved: AnyTensor[];
	readonly backward: Backward;
}

/** The list of operations applied to tracked tensors, in order. Reverse-mode differentiation walks it backwards. */
export class Tape {
	readonly #tracked = new Set<number>();
	readonly #nodes: TapeNode[] = [];

	track(tensor: AnyTensor): void {
		this.#tracked.add(tensor.id);
	}

	tracks(tensor: AnyTensor): boolean {
		return this.#tracked.has(tensor.id);
	}

	add(inputs: readonly AnyTensor[], outputs: readonly AnyTensor[], how: Differentiation): void {
		for (const output of outputs) this.track(output);
		this.#nodes.push({
			inputs: inputs.map((input) => (this.tracks(input) ? input.id : 0)),
			outputs: outputs.map((output) => output.id),
			// Views with a life of their own: scopes of the forward pass must not free them.
			saved: how.save.map(unowned),
			backward: how.backward,
		});
	}

	/**
	 * Gradients of the tensors with `wanted` ids, given those of some outputs. Frees what the tape holds as it goes: a tape
	 * is walked once.
	 */
	walkBack(seeds: ReadonlyMap<number, Tensor>, wanted: readonly number[]): (Tensor | null)[] {
		const keptIds = new Set(wanted);
		const gradients = new Map<number, Tensor>();
		for (const [id, seed] of seeds) gradients.set(id, unowned(seed));
		try {
			for (let node = this.#nodes.pop(); node; node = this.#nodes.pop()) {
				const own = node.outputs.map((id) => gradients.get(id) ?? null);
				if (own.some((gradient) => gradient !== null)) {
					const { saved, backward, inputs } = node;
					scope(() => {
						const results = backward(
							saved,
							own,
							inputs.map((id) => id !== 0),
						);
						results.forEach((result, index) => {
							const id = inputs[index] as number;
							if (result && id !== 0) accumulate(gradients, id, result);
						});
					});
				}
				for (const tensor of node.saved) tensor.dispose();
				for (const id of node.outputs) {
					if (keptIds.has(id)) continue;
					gradients.get(id)?.dispose();
					gradients.delete(id);
				}
			}
			return wanted.map((id) => gradients.get(id)?.view() ?? null);
		} finally {
			for (const gradient of gradients.values()) gradient.dispose();
			this.dispose();
		}
	}

	/** Frees the saved tensors without walking. */
	dispose(): void {
		for (const node of this.#nodes) for (const tensor of node.saved) tensor.dispose();
		this.#nodes.length = 0;
	}
}

/** A view outside of every scope. */
function unowned<D extends DType>(tensor: Tensor<D>): Tensor<D> {
	const view = tensor.view();
	view.release();
	return view;
}

function accumulate(gradients: Map<number, Tensor>, id: number, gradient: Tensor): void {
	const before = gradients.get(id);
	if (!before) {
		gradients.set(id, unowned(gradient));
		return;
	}
	if (!sameShape(before.shape, gradient.shape)) throw new Error(`gradient shapes differ: ${before} and ${gradient}`);
	gradients.set(id, unowned(combine("add", before, gradient)));
	before.dispose();
}

let active: Tape | null = null;

/** The tape that records now, if any. */
export function activeTape(): Tape | null {
	return active;
}

/** Runs `body` with `tape` recording (null: nothing records). */
export function withTape<T>(tape: Tape | null, body: () => T): T {
	const previous = active;
	active = tape;
	try {
		return body();
	} finally {
		active = previous;
	}
}

/**
 * Says how the outputs of an operation depend on its inputs. Does nothing unless a tape records and tracks an input.
 * Every differentiable operation ends with this call.
 */
export function record(inputs: readonly AnyTensor[], outputs: readonly AnyTensor[], how: Differentiation): void {
	if (active && inputs.some((input) => active?.tracks(input))) active.add(inputs, outputs, how);
}
