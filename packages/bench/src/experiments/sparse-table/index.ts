import { setTimeout as sleep } from "node:timers/promises";
import {
	type Attention,
	adamW,
	full,
	intTensor,
	type LanguageModel,
	type LanguageModelParameters,
	languageModel,
	schedules,
	scope,
	sparseTransformer,
	type Tensor,
} from "longspan";
import { UsageError } from "../../usage-error.js";
import { readText, type Stretches, stretchesOf } from "../data/text.js";
import { type Context, defineExperiment } from "../experiment.js";
import { short, whole } from "../markdown.js";
import { integer, integers, path, positive } from "../options.js";
import { random } from "../random.js";
import { startTraining } from "../train-model.js";
import { type Pattern, patterns, type Row, section } from "./section.js";

export interface Settings {
	readonly lengths: readonly number[];
	readonly tokens: number;
	readonly steps: number;
	readonly layers: number;
	readonly dim: number;
	readonly heads: number;
	readonly stride: number;
	readonly summary: number;
	readonly learningRate: number;
	readonly data: string | undefined;
}

/** Held-out bytes a model is scored on, of each length the same. */
const evaluatedTokens = 98_304;
/** Pause between the contestants' steps: threads of the one before may still be spinning. */
const pause = 20;

type Batch = { readonly ids: Tensor<"int32"> };

function check({ lengths, tokens, dim, heads, stride, summary }: Settings): void {
	const odd = lengths.find((length) => tokens % length !== 0);
	if (odd !== undefined) throw new UsageError(`--lengths has ${odd}; expected divisors of --tokens, ${tokens}`);
	if (dim % heads !== 0) throw new UsageError(`--dim is ${dim}; expected a multiple of --heads, ${heads}`);
	if (summary > stride) throw new UsageError(`--summary is ${summary}; expected at most --stride, ${stride}`);
}

const attentionOf: Readonly<Record<Pattern, (settings: Settings) => Attention>> = {
	dense: () => full({ causal: true }),
	fixed: ({ stride, summary }) => sparseTransformer({ pattern: "fixed", stride, summary }),
	strided: ({ stride }) => sparseTransformer({ pattern: "strided", stride }),
};

async function run(settings: Settings, { seed, progress, log, storeRows }: Context): Promise<Row[]> {
	const text = readText(settings.data);
	const rows: Row[] = [];
	for (const length of settings.lengths) {
		const stretches = stretchesOf(text, length);
		const contestants = patterns.map((pattern) => ({
			pattern,
			...contestant(settings, pattern, length, stretches, seed),
		}));
		for (let step = 1; step <= settings.steps; step++)
			for (const { pattern, training } of contestants) {
				await sleep(pause);
				const loss = await training.step();
				progress(
					`length ${whole(length)}, ${pattern}: step ${step} of ${whole(settings.steps)}, loss ${loss.toFixed(3)}`,
				);
			}
		for (const { pattern, model, training } of contestants) {
			progress(`length ${whole(length)}, ${pattern}: held-out text`);
			const { secondsPerStep, losses } = training;
			const heldOutLoss = heldOut(model, training.parameters, stretches, length);
			training.dispose();
			rows.push({ length, pattern, secondsPerStep, loss: losses.at(-1) as number, heldOutLoss, bytes: text.length });
			log(
				`length ${whole(length)}, ${pattern}: ${short(secondsPerStep)} s per step, held-out loss ${heldOutLoss.toFixed(3)}`,
			);
		}
		storeRows(rows);
	}
	return rows;
}

function contestant(
	settings: Settings,
	pattern: Pattern,
	length: number,
	{ training: texts }: Stretches,
	seed: number,
) {
	const { tokens, steps, layers, dim, heads, learningRate } = settings;
	const attention = attentionOf[pattern](settings);
	const model = languageModel({ attention, layers, dim, heads, seed, positions: "rotary" });
	const batch = tokens / length;
	const training = startTraining<LanguageModelParameters, Batch>({
		parameters: model.parameters,
		loss: (parameters, { ids }) => model.loss(parameters, ids),
		batches(step) {
			const source = random(seed, step);
			return { ids: textBatch(Array.from({ length: batch }, () => texts[source.below(texts.length)] as Int32Array)) };
		},
		optimizer: adamW(),
		schedule: schedules.cosine({ peak: learningRate, warmUpSteps: steps / 10, totalSteps: steps }),
		clipNorm: 1,
	});
	return { model, training };
}

function textBatch(texts: readonly Int32Array[]): Tensor<"int32"> {
	return intTensor(
		texts.flatMap((text) => [...text]),
		[texts.length, (texts[0] as Int32Array).length],
	);
}

/** Mean loss of held-out sequences. */
function heldOut(
	model: LanguageModel,
	parameters: LanguageModelParameters,
	{ heldOut: texts }: Stretches,
	length: number,
) {
	const chosen = texts.slice(0, Math.max(1, Math.floor(evaluatedTokens / length)));
	const losses = chosen.map((text) => scope(() => model.loss(parameters, textBatch([text])).dataSync()[0] as number));
	return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

export const sparseTable = defineExperiment<Settings, Row>({
	summary: "Sparse Transformer's table 2: time per step and loss, dense, fixed and strided",
	options: {
		lengths: integers("lengths of the sequences", [3072, 12_288], 256),
		tokens: integer("tokens in each batch", 12_288),
		steps: integer("training steps", 100),
		layers: integer("layers", 2),
		dim: integer("width of the model", 128),
		heads: integer("heads of each layer", 4),
		stride: integer("tokens in a block, or between the keys", 128),
		summary: integer("summary cells of a block in the fixed pattern", 32),
		learningRate: positive("highest learning rate", 2e-3),
		data: path("text to train on, a file or a folder; default: the text of this project"),
	},
	check,
	run,
	section,
});
