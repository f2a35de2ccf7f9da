import { OptionError } from "../errors.js";
import { checkNumber, checkObject } from "../ops/operands.js";
import { filled } from "../tensor/create.js";
import { keep, scope } from "../tensor/scope.js";
import { formatShape, type Shape, sameShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { mapTree, type TensorTree, treeTensors } from "../tensor/tree.js";
import { checkForm, checkState, type Leaf, leavesOf, type NamedTensors, ownView, slotName } from "./named-tensors.js";

/** What an optimiser remembers between steps. */
export interface OptimizerState {
	/** Steps taken. */
	readonly steps: number;
	/** Its tensors by name: what they are, then the parameter's name, as in "mean.blocks.0.attention.query". */
	readonly tensors: NamedTensors;
}

export interface Optimizer {
	/** Number of steps taken. */
	readonly steps: number;
	/** Learning rate of a step, counted from 1, that is not told another. */
	learningRateAt(step: number): number;
	/**
	 * Parameters after one step, updated one by one so that little more than one set of them is ever alive. Frees the ones
	 * given and the gradient, unless it throws because they do not fit. A tensor that has several places in `parameters`
	 * is updated once and keeps them.
	 *
	 * @param gradient a tree of the form of `parameters`
	 * @param learningRate default: that of the optimiser
	 * @throws OptionError if gradient or state do not fit the parameters, or the learning rate is negative or not finite
	 */
	step<P extends TensorTree>(parameters: P, gradient: P, learningRate?: number): P;
	/** What it remembers now. Later steps do not change it; its tensors live until they are disposed. */
	state(): OptimizerState;
	/**
	 * Goes on from a state, as if never interrupted. The state stays the caller's.
	 *
	 * @param parameters those of the next step
	 * @throws OptionError naming the tensor that is missing, has another shape or is not asked for
	 */
	restore(state: OptimizerState, parameters: TensorTree): void;
	/** Forgets everything and frees its tensors. */
	dispose(): void;
}

/** Tensors an optimiser keeps for one parameter, by what they are. */
export type Slots = Readonly<Record<string, Tensor>>;

/** When and where an update happens. */
export interface UpdateContext {
	/** Counted from 1. */
	readonly step: number;
	readonly learningRate: number;
	/** Name of the parameter, such as "blocks.0.attention.query". */
	readonly name: string;
}

/** How an optimiser updates one parameter. */
export interface UpdateRule {
	/** Name of the optimiser in errors. */
	readonly name: string;
	/** Learning rate of a step, counted from 1, that is not told another. */
	learningRateAt(step: number): number;
	/** Shapes of what it keeps for a parameter of a shape; zeros before the first step. */
	slotShapes(shape: Shape): Readonly<Record<string, Shape>>;
	/** New tensors in place of the weight and of all its slots. */
	update(weight: Tensor, gradient: Tensor, slots: Slots, context: UpdateContext): { weight: Tensor; slots: Slots };
}

/** An optimiser that updates every parameter by a rule. */
export function createOptimizer(rule: UpdateRule): Optimizer {
	const { name } = rule;
	let slots = new Map<string, Slots>();
	let steps = 0;

	const forget = (): void => {
		for (const tensor of treeTensors([...slots.values()])) tensor.dispose();
		slots = new Map();
	};
	const zeros = ({ tensor }: Leaf): Slots =>
		mapRecord(rule.slotShapes(tensor.shape), (shape) => filled(shape, 0, tensor.device));

	/** Once there are slots, the parameters must be those they were made for. */
	const checkSlots = (leaves: readonly Leaf[]): void => {
		if (steps === 0) return;
		for (const leaf of leaves) {
			const own = slots.get(leaf.name);
			const shapes = Object.entries(rule.slotShapes(leaf.tensor.shape));
			if (!own || !shapes.every(([slot, shape]) => sameShape(shape, own[slot]?.shape ?? [Number.NaN])))
				throw new OptionError(
					`${name}: parameter "${leaf.name}" of shape ${formatShape(leaf.tensor.shape)} was not there, or not of that shape, in the step before; expected the same parameters`,
				);
		}
		if (leaves.length !== slots.size)
			throw new OptionError(
				`${name}: parameters has ${leaves.length} tensors; expected ${slots.size}, as in the step before`,
			);
	};

	return {
		get steps() {
			return steps;
		},
		learningRateAt: rule.learningRateAt,
		step(parameters, gradient, learningRate = rule.learningRateAt(steps + 1)) {
			checkNumber(name, "learningRate", learningRate, { min: 0 });
			const leaves = leavesOf(name, parameters);
			checkForm(name, "gradient", gradient, parameters);
			checkSlots(leaves);
			const weights = new Map<number, Tensor>();
			const next = new Map<string, Slots>();
			scope(() => {
				// Views, so that each gradient can be freed after its update even if it serves several parameters.
				const given = treeTensors(gradient) as Tensor[];
				const gradients = leaves.map(({ place }) => (given[place] as Tensor).view());
				for (const tensor of given) tensor.dispose();
				for (const [index, leaf] of leaves.entries()) {
					const own = gradients[index] as Tensor;
					const before = slots.get(leaf.name) ?? zeros(leaf);
					const after = scope(() =>
						rule.update(leaf.tensor, own, before, { step: steps + 1, learningRate, name: leaf.name }),
					);
					weights.set(leaf.tensor.id, after.weight);
					next.set(leaf.name, after.slots);
					for (const tensor of [leaf.tensor, own, ...Object.values(before)]) tensor.dispose();
				}
				keep([...weights.values(), ...next.values()]);
			});
			slots = next;
			steps++;
			return mapTree(parameters, (tensor) => weights.get(tensor.id) as Tensor);
		},
		state() {
			const tensors: Record<string, Tensor> = {};
			for (const [parameter, own] of slots)
				for (const [slot, tensor] of Object.entries(own)) tensors[slotName(slot, parameter)] = ownView(tensor);
			return { steps, tensors };
		},
		restore(state, parameters) {
			checkObject(name, "state", state);
			checkNumber(name, "state.steps", state.steps, { min: 0, integer: true });
			const leaves = state.steps > 0 ? leavesOf(name, parameters) : [];
			const shapes = leaves.flatMap((leaf) =>
				Object.entries(rule.slotShapes(leaf.tensor.shape)).map(
					([slot, shape]) => [slotName(slot, leaf.name), shape] as const,
				),
			);
			checkState(name, state.tensors, new Map(shapes));
			const restored = leaves.map((leaf) => {
				const own = mapRecord(rule.slotShapes(leaf.tensor.shape), (_, slot) =>
					ownView(state.tensors[slotName(slot, leaf.name)] as Tensor),
				);
				return [leaf.name, own] as const;
			});
			forget();
			slots = new Map(restored);
			steps = state.steps;
		},
		dispose() {
			forget();
			steps = 0;
		},
	};
}

function mapRecord<T>(record: Readonly<Record<string, T>>, map: (value: T, key: string) => Tensor): Slots {
	return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}
