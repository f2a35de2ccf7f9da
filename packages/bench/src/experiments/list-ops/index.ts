import { adamW, intTensor, type SequenceClassifier, schedules, scope, sequenceClassifier, type Tensor } from "longspan";
import { UsageError } from "../../usage-error.js";
import { type ListOpsBatch, listOpsBatch, listOpsVocabulary } from "../data/list-ops.js";
import { type Context, defineExperiment } from "../experiment.js";
import { short, whole } from "../markdown.js";
import { flag, integer, names, positive } from "../options.js";
import { Accuracy, highestScores } from "../scores.js";
import { type RunningTraining, trainModel } from "../train-model.js";
import { type Mechanism, mechanisms } from "./mechanisms.js";
import { type Row, section } from "./section.js";

export interface Settings {
	readonly steps: number;
	readonly batch: number;
	readonly layers: number;
	readonly dim: number;
	readonly heads: number;
	readonly minLength: number;
	readonly maxLength: number;
	readonly evaluated: number;
	readonly learningRate: number;
	readonly warmUp: number;
	readonly attentions: readonly string[];
	readonly again: boolean;
}

/** Values of expressions: the digits. */
const classes = 10;
/** Sequences are padded to multiples of this, for the blocks of some patterns. */
const multiple = 64;

type Batch = { readonly ids: Tensor<"int32">; readonly labels: Tensor<"int32">; readonly keyMask: Tensor<"int32"> };

function check({ dim, heads, minLength, maxLength }: Settings): void {
	if (dim % heads !== 0) throw new UsageError(`--dim is ${dim}; expected a multiple of --heads, ${heads}`);
	if (minLength + 2 > maxLength)
		throw new UsageError(`--min-length is ${minLength}; expected at least 2 less than --max-length, ${maxLength}`);
}

async function run(settings: Settings, { seed, progress, log, storedRows, storeRows }: Context): Promise<Row[]> {
	const rows = new Map((storedRows() as readonly Row[]).map((row) => [row.name, row]));
	const sorted = () => mechanisms.map(({ name }) => rows.get(name)).filter((row) => row !== undefined);
	for (const mechanism of mechanisms) {
		const { name } = mechanism;
		if (!settings.attentions.includes(name)) continue;
		if (rows.has(name) && !settings.again) {
			log(`${name}: done before; --again measures it again`);
			continue;
		}
		const row = await measure(settings, mechanism, seed, (text) => progress(`${name}: ${text}`));
		rows.set(name, row);
		storeRows(sorted());
		log(
			`${name}: ${row.percent.toFixed(1)} %, ${short(1 / row.secondsPerStep)} steps per second, loss ${row.loss.toFixed(3)}`,
		);
	}
	return sorted();
}

/** All batches are padded to one length, as in the Long Range Arena. */
const paddedLength = ({ maxLength }: Settings) => Math.ceil(maxLength / multiple) * multiple;

/** A batch of expressions; those of the evaluation come from another seed. */
function expressions(settings: Settings, seed: number, index: number): ListOpsBatch {
	const { batch, minLength, maxLength } = settings;
	return listOpsBatch({ batch, seed, minLength, maxLength, multiple: paddedLength(settings) }, index);
}

function toTensors({ ids, mask, values, length }: ListOpsBatch): Batch {
	const shape = [values.length, length];
	return { ids: intTensor(ids, shape), keyMask: intTensor(mask, shape), labels: intTensor(values, [values.length]) };
}

async function measure(
	settings: Settings,
	{ name, create }: Mechanism,
	seed: number,
	progress: (text: string) => void,
): Promise<Row> {
	const { steps, layers, dim, heads, learningRate, warmUp } = settings;
	const maxLength = paddedLength(settings);
	const attention = create(maxLength);
	const model = sequenceClassifier({
		...{ classes, attention, maxLength, layers, dim, heads, seed },
		vocabularySize: listOpsVocabulary,
	});
	const trained = await trainModel<SequenceClassifier["parameters"], Batch>({
		parameters: model.parameters,
		loss: (parameters, { keyMask, ...batch }) => model.loss(parameters, batch, { keyMask }),
		batches: (step) => toTensors(expressions(settings, seed, step)),
		optimizer: adamW({ betas: [0.9, 0.98] }),
		schedule: schedules.inverseRoot({ peak: learningRate, warmUpSteps: warmUp }),
		clipNorm: 1,
		steps,
		onStep: (step, loss) => progress(`step ${whole(step)} of ${whole(steps)}, loss ${loss.toFixed(3)}`),
	});
	progress("evaluation");
	const evaluated = evaluate(settings, model, trained, seed);
	const last = trained.losses.slice(-Math.ceil(steps / 10));
	const loss = last.reduce((sum, each) => sum + each, 0) / last.length;
	const { secondsPerStep } = trained;
	trained.dispose();
	return { name, description: attention.description, causal: attention.causal, ...evaluated, loss, secondsPerStep };
}

/** Right values of new expressions, and the share of the most frequent value among them, in percent. */
function evaluate(
	settings: Settings,
	model: SequenceClassifier,
	{ parameters }: RunningTraining<SequenceClassifier["parameters"]>,
	seed: number,
): { percent: number; mostFrequentPercent: number } {
	const accuracy = new Accuracy();
	const counts = new Array<number>(classes).fill(0);
	for (let index = 0; index * settings.batch < settings.evaluated; index++) {
		const made = expressions(settings, seed + 1, index);
		const highest = scope(() => {
			const { ids, keyMask } = toTensors(made);
			return highestScores(model.logits(parameters, ids, { keyMask }).dataSync(), classes);
		});
		made.values.forEach((value, entry) => {
			accuracy.add(highest[entry] === value);
			(counts[value] as number)++;
		});
	}
	const total = counts.reduce((a, b) => a + b);
	return { percent: accuracy.percent, mostFrequentPercent: (100 * Math.max(...counts)) / total };
}

export const listOps = defineExperiment<Settings, Row>({
	summary: "ListOps of the Long Range Arena: accuracy and steps per second of every mechanism",
	options: {
		steps: integer("training steps (the paper: 5k)", 200),
		batch: integer("expressions in a batch (the paper: 32)", 16),
		layers: integer("layers (the paper: 6)", 2),
		dim: integer("width of the model (the paper: 512)", 64),
		heads: integer("heads of each layer (the paper: 8)", 4),
		minLength: integer("expressions have more tokens than this", 500),
		maxLength: integer("expressions have fewer tokens than this", 2000, 16),
		evaluated: integer("expressions in the evaluation (the paper: 2,000)", 512),
		learningRate: positive("highest learning rate", 2e-3),
		warmUp: integer("steps of the warm-up", 50),
		attentions: names(
			"those to train now",
			mechanisms.map(({ name }) => name),
		),
		again: flag("train those, too, that the stored results have", { momentary: true }),
	},
	check,
	run,
	section,
});
