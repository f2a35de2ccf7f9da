import {
	type Attention,
	adamW,
	intTensor,
	type LanguageModelParameters,
	languageModel,
	mul,
	reformer,
	schedules,
	scope,
	type Tensor,
} from "longspan";
import { duplicationBatch, duplicationVocabulary } from "../data/duplication.js";
import { Accuracy, highestScores } from "../scores.js";
import { trainModel } from "../train-model.js";
import type { Settings } from "./index.js";

/** Factor of the deviation of initial positions: with rows as small as the library's, queries that are keys do not find the match. */
const positionFactor = 8;
/** Seeds of rotations in evaluation, far from those of the training's steps. */
const evaluationSeed = 2 ** 32;

type Batch = { readonly ids: Tensor<"int32">; readonly targets: Tensor<"int32"> };

/** Attention whose queries are the keys: by LSH with as many rounds, or to every key for 0. */
function sharedAttention({ length, chunk: chunkLength }: Settings, rounds: number, seed: number): Attention {
	const common = { causal: true, chunkLength, seed };
	return rounds === 0
		? reformer({ ...common, fullAttentionBelow: length })
		: reformer({ ...common, numHashes: rounds });
}

function modelWith(attention: Attention, { length, dim, heads, layers }: Settings, seed: number) {
	return languageModel({
		...{ attention, dim, heads, layers, seed },
		vocabularySize: duplicationVocabulary,
		maxLength: length,
		positions: "learned",
	});
}

/** What follows each token of the second half but the last; nothing is asked of the others. */
export function duplicationTargets(
	{ ids, firstTarget }: ReturnType<typeof duplicationBatch>,
	length: number,
): Int32Array {
	return Int32Array.from(ids, (_, at) => {
		const next = (at % length) + 1;
		return next >= firstTarget && next < length ? (ids[at + 1] as number) : -100;
	});
}

/** Trains with new rotations in every step. */
export async function trainDuplication(
	settings: Settings,
	rounds: number,
	seed: number,
	onStep: (step: number, loss: number) => void,
) {
	const { length, batch, steps, learningRate, warmUp } = settings;
	let attend = sharedAttention(settings, rounds, 0);
	// The traits are the same for every seed.
	const attention = Object.assign(((q, k, v, options) => attend(q, k, v, options)) as Attention, attend);
	const model = modelWith(attention, settings, seed);
	const { positions } = model.parameters;
	return trainModel<LanguageModelParameters, Batch>({
		parameters: {
			...model.parameters,
			positions: { table: mul(positions.table as Tensor, positionFactor) },
		},
		loss(parameters, { ids, targets }, step) {
			attend = sharedAttention(settings, rounds, step);
			return model.loss(parameters, ids, { targets });
		},
		batches(step) {
			const made = duplicationBatch({ batch, length, seed }, step);
			const tensor = (values: Int32Array) => intTensor(values, [batch, length]);
			return { ids: tensor(made.ids), targets: tensor(duplicationTargets(made, length)) };
		},
		optimizer: adamW({ betas: [0.9, 0.98], weightDecay: 0 }),
		schedule: schedules.constant({ peak: learningRate, warmUpSteps: warmUp }),
		clipNorm: 1,
		steps,
		onStep,
	});
}

/** Right predictions of the second w in percent, with attention of as many rounds over trained weights, on sequences no training saw. */
export function evaluateDuplication(
	settings: Settings,
	parameters: LanguageModelParameters,
	rounds: number,
	seed: number,
): number {
	const { length, batch, evaluated } = settings;
	const accuracy = new Accuracy();
	for (let index = 0; index * batch < evaluated; index++) {
		const made = duplicationBatch({ batch, length, seed: seed + 1 }, index);
		const highest = scope(() => {
			const model = modelWith(sharedAttention(settings, rounds, evaluationSeed + index), settings, seed);
			const scores = model.logits(parameters, intTensor(made.ids, [batch, length]));
			return highestScores(scores.dataSync(), duplicationVocabulary);
		});
		duplicationTargets(made, length).forEach((target, at) => {
			if (target >= 0) accuracy.add(highest[at] === target);
		});
	}
	return accuracy.percent;
}
