import type { Contestant } from "../contestant.js";
import { firstLosses, optimizerSettings, type TrainingProblem } from "../training/problem.js";
import type { Jax, JaxArray } from "./jax-api.js";
import { type JaxWeights, jaxByteModel } from "./jax-byte-model.js";

type State = { readonly weights: JaxWeights; readonly mean: JaxWeights; readonly square: JaxWeights };

/** A training step of the byte model as one compiled function: loss, gradient, clipping, AdamW. */
export function jaxTrainingStep(name: string, jax: Jax, problem: TrainingProblem): Contestant {
	const { numpy } = jax;
	const { learningRate, betas, epsilon, weightDecay, clipNorm } = optimizerSettings;
	const lossAndGradient = jax.valueAndGrad(jaxByteModel(jax, problem.sizes));

	/** @param corrections of the two running means, which start at 0: 1 / (1 - beta^step) */
	const update = (
		{ weights, mean, square }: State,
		corrections: readonly JaxArray[],
		ids: JaxArray,
		targets: JaxArray,
	): [loss: JaxArray, next: State] => {
		const [loss, gradient] = lossAndGradient(
			mapValues(weights, ({ ref }) => ref),
			ids,
			targets,
		);
		const norm = numpy.sqrt(
			Object.values(gradient)
				.map(({ ref }) => numpy.square(ref).sum())
				.reduce(numpy.add),
		);
		const factor = numpy.minimum(numpy.array(Float32Array.of(clipNorm)).div(norm), 1);
		const means: Record<string, JaxArray> = {};
		const squares: Record<string, JaxArray> = {};
		const next = mapValues(weights, (weight, key) => {
			const own = (gradient[key] as JaxArray).mul(factor.ref);
			means[key] = (mean[key] as JaxArray).mul(betas[0]).add(own.ref.mul(1 - betas[0]));
			squares[key] = (square[key] as JaxArray).mul(betas[1]).add(numpy.square(own).mul(1 - betas[1]));
			const [first, second] = [means[key].ref, squares[key].ref].map((moment, index) =>
				moment.mul((corrections[index] as JaxArray).ref),
			) as [JaxArray, JaxArray];
			const change = first.div(numpy.sqrt(second).add(epsilon)).mul(learningRate);
			const decay = weight.shape.length > 1 ? 1 - learningRate * weightDecay : 1;
			return weight.mul(decay).sub(change);
		});
		for (const used of [factor, ...corrections]) used.dispose();
		return [loss, { weights: next, mean: means, square: squares }];
	};
	const compiled = jax.jit(update);

	const integers = (values: Int32Array) => numpy.array(values, { dtype: numpy.int32 });
	const ids = integers(problem.ids.slice(0, -1));
	const targets = integers(problem.ids.slice(1));
	const initial = [...problem.weights];
	const zeros = (): JaxWeights => Object.fromEntries(initial.map(([key, { shape }]) => [key, numpy.zeros(shape)]));
	let state: State = {
		weights: Object.fromEntries(
			initial.map(([key, { shape, values }]) => [key, numpy.array(values).reshape(shape)] as const),
		),
		mean: zeros(),
		square: zeros(),
	};
	let steps = 0;
	const step = async (): Promise<number> => {
		steps++;
		const corrections = betas.map((beta) => numpy.array(Float32Array.of(1 / (1 - beta ** steps))));
		const [loss, next] = compiled(state, corrections, ids.ref, targets.ref);
		state = next;
		for (const weight of arraysOf(state)) await weight.blockUntilReady();
		return (await loss.data())[0] as number;
	};
	return {
		name,
		async run() {
			await step();
		},
		output: () => firstLosses(step),
		dispose() {
			for (const array of [...arraysOf(state), ids, targets]) array.dispose();
			compiled.dispose();
		},
	};
}

function arraysOf({ weights, mean, square }: State): JaxArray[] {
	return [weights, mean, square].flatMap((named) => Object.values(named));
}

function mapValues(named: JaxWeights, map: (value: JaxArray, key: string) => JaxArray): JaxWeights {
	return Object.fromEntries(Object.entries(named).map(([key, value]) => [key, map(value, key)]));
}
