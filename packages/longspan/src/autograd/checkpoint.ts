import { scope } from "../tensor/scope.js";
import type { AnyTensor, Tensor } from "../tensor/tensor.js";
import { treeTensors } from "../tensor/tree.js";
import { activeTape, type Differentiation, Tape, withTape } from "./tape.js";

/** Follows which tensors of an outer tape a computation depends on, and saves nothing. */
class DependencyTape extends Tape {
	readonly dependencies = new Map<number, AnyTensor>();

	constructor(readonly outer: Tape) {
		super();
	}

	override tracks(tensor: AnyTensor): boolean {
		return super.tracks(tensor) || this.outer.tracks(tensor);
	}

	override add(inputs: readonly AnyTensor[], outputs: readonly AnyTensor[], _how: Differentiation): void {
		for (const input of inputs)
			if (this.outer.tracks(input) && !super.tracks(input)) this.dependencies.set(input.id, input);
		for (const output of outputs) this.track(output);
	}
}

/**
 * Runs `fn(...inputs)` without keeping what its backward pass needs; the backward pass runs `fn` again (Chen et al. 2016,
 * arXiv 1604.06174). Memory for a deep stack falls to one block's activations and the block inputs, for one more forward pass.
 *
 * `fn` must give the same result each time (random operations take explicit keys, so they do). It may use parameters
 * from outside, which must stay alive until the backward pass and get their gradients as usual.
 */
export function checkpoint<I extends AnyTensor[], O extends Tensor | Tensor[]>(
	fn: (...inputs: I) => O,
	...inputs: I
): O {
	const outer = activeTape();
	if (!outer) return scope(() => fn(...inputs));
	const probe = new DependencyTape(outer);
	const result = scope(() => withTape(probe, () => fn(...inputs)));
	const outputs = treeTensors(result);

	const isInput = new Set(inputs.map((input) => input.id));
	const outside = [...probe.dependencies.values()].filter((tensor) => !isInput.has(tensor.id));
	if (probe.dependencies.size > 0)
		outer.add([...inputs, ...outside], outputs, {
			save: inputs,
			backward: (saved, gradients, needed) => {
				const again = saved as I;
				const sources = [...again, ...outside] as Tensor[];
				const tape = new Tape();
				sources.forEach((source, index) => {
					if (needed[index]) tape.track(source);
				});
				const repeated = treeTensors(withTape(tape, () => fn(...again)));
				const seeds = new Map<number, Tensor>();
				repeated.forEach((output, index) => {
					const gradient = gradients[index];
					if (gradient) seeds.set(output.id, gradient);
				});
				return tape.walkBack(
					seeds,
					sources.map((source) => source.id),
				);
			},
		});
	return result;
}
