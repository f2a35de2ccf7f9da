import { scope } from "../tensor/scope.js";
import type { AnyTensor, Tensor } from "../tensor/tensor.js";
import { treeTensors } from "../tensor/tree.js";
import { type Differentiation, Tape, withTape } from "./tape.js";

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
 * Runs `fn(...inputs)` keeping nothing for the backward pass, which is to run it again.
 *
 * @returns `outside`: the tensors of `outer` that it depends on beside its arguments; `depends`: whether the result depends on any tensor
 * of `outer`
 */
export function runUnsaved<I extends AnyTensor[], O>(
	outer: Tape,
	inputs: I,
	fn: (...inputs: I) => O,
): { result: O; outside: AnyTensor[]; depends: boolean } {
	const probe = new DependencyTape(outer);
	const result = scope(() => {
		// Views, so that an input that `fn` also has from outside counts as both.
		const views = new Map(inputs.map((input) => [input.id, input.view()]));
		for (const input of inputs) if (outer.tracks(input)) probe.track(views.get(input.id) as AnyTensor);
		return withTape(probe, () => fn(...(inputs.map((input) => views.get(input.id)) as I)));
	});
	return {
		result,
		outside: [...probe.dependencies.values()],
		depends: treeTensors(result).some((output) => probe.tracks(output)),
	};
}

/**
 * Runs `fn` once more in a backward pass. Its result may be freed before `pullBack`, which takes the gradients of the tensors in it and
 * gives those of `sources`, null where there is none; it must be called once.
 */
export function runAgain<O>(
	sources: readonly AnyTensor[],
	needed: readonly boolean[],
	fn: () => O,
): { result: O; pullBack: (gradients: readonly (Tensor | null)[]) => (Tensor | null)[] } {
	const tape = new Tape();
	sources.forEach((source, index) => {
		if (needed[index]) tape.track(source);
	});
	let result: O;
	try {
		result = scope(() => withTape(tape, fn));
	} catch (error) {
		tape.dispose();
		throw error;
	}
	const ids = treeTensors(result).map((output) => output.id);
	return {
		result,
		pullBack(gradients) {
			const seeds = new Map<number, Tensor>();
			ids.forEach((id, index) => {
				const gradient = gradients[index];
				if (gradient) seeds.set(id, gradient);
			});
			return tape.walkBack(
				seeds,
				sources.map((source) => source.id),
			);
		},
	};
}
