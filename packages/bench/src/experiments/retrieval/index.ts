import {
	type Attention,
	adamW,
	bigBird,
	intTensor,
	longformer,
	schedules,
	scope,
	slidingWindow,
	type Tensor,
	type TokenClassifier,
	tokenClassifier,
} from "longspan";
import { UsageError } from "../../usage-error.js";
import { ignored, retrievalBatch } from "../data/retrieval.js";
import { type Context, defineExperiment } from "../experiment.js";
import { whole } from "../markdown.js";
import { integer, positive } from "../options.js";
import { Accuracy, highestScores } from "../scores.js";
import { trainModel } from "../train-model.js";
import { type Pattern, patterns, type Row, section } from "./section.js";

export interface Settings {
	readonly length: number;
	readonly startLength: number;
	readonly startSteps: number;
	readonly steps: number;
	readonly layers: number;
	readonly dim: number;
	readonly heads: number;
	readonly window: number;
	readonly randomBlocks: number;
	readonly keys: number;
	readonly values: number;
	readonly passage: number;
	readonly evaluated: number;
	readonly learningRate: number;
}

type Batch = { readonly ids: Tensor<"int32">; readonly targets: Tensor<"int32"> };

function check({ length, startLength, dim, heads, keys, passage, window, randomBlocks }: Settings): void {
	const doublings = Math.log2(length / startLength);
	if (!Number.isInteger(doublings) || doublings < 0)
		throw new UsageError(`--start-length is ${startLength}; expected --length, ${length}, halved some times`);
	if (dim % heads !== 0) throw new UsageError(`--dim is ${dim}; expected a multiple of --heads, ${heads}`);
	if (passage % keys !== 0) throw new UsageError(`--passage is ${passage}; expected a multiple of --keys, ${keys}`);
	const shortest = Math.max(keys + passage, (3 + randomBlocks) * window);
	if (startLength < shortest)
		throw new UsageError(
			`--start-length is ${startLength}; expected at least ${shortest}, for the passage, the window and the random blocks`,
		);
}

/** The attention of each layer. Windows are ±`window` tokens, or blocks of as many with a neighbour on each side. */
function attentionOf(pattern: Pattern, { window, randomBlocks, keys, layers }: Settings): Attention[] {
	const globalTokens = Array.from({ length: keys }, (_, position) => position);
	return Array.from({ length: layers }, (_, layer) => {
		if (pattern === "window") return slidingWindow({ window });
		if (pattern === "window + global") return longformer({ window, globalTokens });
		return bigBird({ blockSize: window, randomBlocks, globalBlocks: 0, fullBelow: 0, seed: layer });
	});
}

/** Lengths double up to the last, so that most steps see many short sequences; a batch has as many tokens at each. */
function stagesOf({ length, startLength, startSteps, steps }: Settings): { length: number; steps: number }[] {
	const count = Math.log2(length / startLength) + 1;
	return Array.from({ length: count }, (_, stage) => ({
		length: startLength * 2 ** stage,
		steps: stage === 0 ? startSteps : steps,
	}));
}

async function run(settings: Settings, { seed, progress, log, storeRows }: Context): Promise<Row[]> {
	const rows: Row[] = [];
	for (const pattern of patterns) {
		const row = await measure(settings, pattern, seed, (text) => progress(`${pattern}: ${text}`));
		rows.push(row);
		storeRows(rows);
		log(`${pattern}: ${row.beyondPercent.toFixed(1)} % beyond the reach of a window`);
	}
	return rows;
}

async function measure(
	settings: Settings,
	pattern: Pattern,
	seed: number,
	progress: (text: string) => void,
): Promise<Row> {
	const { keys, values, layers, dim, heads, length, learningRate } = settings;
	const model = tokenClassifier({
		...{ layers, dim, heads, seed },
		attention: attentionOf(pattern, settings),
		classes: values,
		vocabularySize: keys * (1 + values),
		positions: "none",
		feedForward: { hidden: 2 * dim },
	});
	const lengths = stagesOf(settings).flatMap((stage) => new Array<number>(stage.steps).fill(stage.length));
	const trained = await trainModel<TokenClassifier["parameters"], Batch>({
		parameters: model.parameters,
		loss: (parameters, sequences) => model.loss(parameters, sequences),
		batches(step) {
			const own = lengths[step] as number;
			const shape = [length / own, own];
			const { ids, targets } = retrievalBatch({ ...settings, batch: length / own, length: own, seed }, step);
			return { ids: intTensor(ids, shape), targets: intTensor(targets, shape) };
		},
		optimizer: adamW({ betas: [0.9, 0.98], weightDecay: 0 }),
		schedule: schedules.cosine({
			...{ peak: learningRate, finalShare: 0.05 },
			warmUpSteps: Math.min(50, lengths.length / 10),
			totalSteps: lengths.length,
		}),
		clipNorm: 1,
		steps: lengths.length,
		onStep: (step, loss) =>
			progress(
				`step ${whole(step)} of ${whole(lengths.length)}, length ${whole(lengths[step - 1] as number)}, loss ${loss.toFixed(3)}`,
			),
	});
	progress("evaluation");
	const accuracies = evaluate(settings, model, trained.parameters, seed);
	const { secondsPerStep } = trained;
	trained.dispose();
	return { pattern, ...accuracies, secondsPerStep };
}

/** Right answers by the distance of the question from the passage: within the reach of the windows, and in octaves beyond. */
function evaluate(
	settings: Settings,
	model: TokenClassifier,
	parameters: TokenClassifier["parameters"],
	seed: number,
): Pick<Row, "bands" | "beyondPercent"> {
	const { length, layers, window, values, evaluated } = settings;
	const edges = [window, layers * window];
	while ((edges.at(-1) as number) < length) edges.push(Math.min(length, 2 * (edges.at(-1) as number)));
	const beyond = new Accuracy();
	const bands = [...new Set(edges)].map((to) => ({ to, accuracy: new Accuracy() }));
	for (let index = 0; index < evaluated; index++) {
		const { ids, targets, distances } = retrievalBatch({ ...settings, batch: 1, seed: seed + 1 }, index);
		const highest = scope(() =>
			highestScores(model.logits(parameters, intTensor(ids, [1, length])).dataSync(), values),
		);
		targets.forEach((target, at) => {
			if (target === ignored) return;
			const distance = distances[at] as number;
			const right = highest[at] === target;
			bands.find(({ to }) => distance <= to)?.accuracy.add(right);
			if (distance > layers * window) beyond.add(right);
		});
	}
	const counted = bands.filter(({ accuracy }) => !Number.isNaN(accuracy.percent));
	return {
		bands: counted.map(({ to, accuracy }) => ({ to, percent: accuracy.percent })),
		beyondPercent: beyond.percent,
	};
}

export const retrieval = defineExperiment<Settings, Row>({
	summary: "Longformer's and BigBird's ablations: a window alone, with global tokens, with random blocks",
	options: {
		length: integer("tokens of a sequence", 4096, 2),
		startLength: integer("length that training begins with; it doubles up to the whole", 512, 2),
		startSteps: integer("training steps at the first length", 400),
		steps: integer("training steps at each length after it", 170),
		layers: integer("layers", 3),
		dim: integer("width of the model", 64),
		heads: integer("heads of each layer", 4),
		window: integer("one-sided reach of a window, and size of a block", 64),
		randomBlocks: integer("random blocks of each block", 3),
		keys: integer("keys of a sequence, and global tokens", 8),
		values: integer("values that a key may have", 16, 2),
		passage: integer("tokens of the passage that tells the values", 64),
		evaluated: integer("sequences in the evaluation", 32),
		learningRate: positive("highest learning rate", 3e-3),
	},
	check,
	run,
	section,
});
