import {
	type Attention,
	adamW,
	type Device,
	intTensor,
	type LanguageModelParameters,
	languageModel,
	reformer,
	slidingWindow,
	type Tensor,
	treeTensors,
} from "longspan";
import { UsageError } from "../../usage-error.js";
import { type Context, defineExperiment } from "../experiment.js";
import { bytesText, short } from "../markdown.js";
import { integer, integers } from "../options.js";
import { random } from "../random.js";
import { startTraining } from "../train-model.js";
import { type Form, forms, type Row, section } from "./section.js";

export interface Settings {
	readonly depths: readonly number[];
	readonly length: number;
	readonly dim: number;
	readonly heads: number;
	readonly chunk: number;
	readonly vocabulary: number;
	readonly steps: number;
}

const attentions: Readonly<Record<string, Attention>> = {
	"window 64": slidingWindow({ window: 64, causal: true }),
	"LSH 64, 2 rounds": reformer({ chunkLength: 64, numHashes: 2, causal: true }),
};

function check({ dim, heads }: Settings): void {
	if (dim % heads !== 0) throw new UsageError(`--dim is ${dim}; expected a multiple of --heads, ${heads}`);
}

async function run(settings: Settings, { device, seed, progress, log }: Context): Promise<Row[]> {
	const rows: Row[] = [];
	for (const [attention, attend] of Object.entries(attentions))
		for (const form of forms)
			for (const depth of settings.depths) {
				progress(`${attention}, ${form}, ${depth} layers`);
				const row = { attention, form, depth, ...(await measure(settings, attend, form, depth, device, seed)) };
				rows.push(row);
				log(
					`${attention}, ${form}, ${depth} layers: ${bytesText(row.activationBytes)}, ${short(row.secondsPerStep)} s per step`,
				);
			}
	return rows;
}

/** Steps of the trainer, after one that makes the state of the optimiser. */
async function measure(
	{ length, dim, heads, chunk, vocabulary, steps }: Settings,
	attention: Attention,
	form: Form,
	layers: number,
	device: Device,
	seed: number,
) {
	const chunked = form === "reversible + chunked";
	const model = languageModel({
		...{ attention, layers, dim, heads, seed },
		vocabularySize: vocabulary,
		positions: "rotary",
		activations: chunked ? "reversible" : form,
		...(chunked && { feedForward: { chunkLength: chunk } }),
	});
	const source = random(seed);
	const ids = Int32Array.from({ length: length + 1 }, () => source.below(vocabulary));
	const weightBytes = treeTensors(model.parameters).reduce((sum, { size }) => sum + 4 * size, 0);
	const training = startTraining<LanguageModelParameters, { readonly ids: Tensor<"int32"> }>({
		parameters: model.parameters,
		batches: () => ({ ids: intTensor(ids, [1, length + 1]) }),
		loss: (parameters, batch) => model.loss(parameters, batch.ids),
		optimizer: adamW(),
	});
	await training.step();
	// Weights and the state of the optimiser.
	const { liveBytes } = device.memoryStats();
	device.resetPeakMemory();
	for (let step = 0; step < steps; step++) await training.step();
	const { peakBytes } = device.memoryStats();
	const { secondsPerStep } = training;
	training.dispose();
	return { activationBytes: peakBytes - liveBytes - weightBytes, weightBytes, secondsPerStep };
}

export const reversibleMemory = defineExperiment<Settings, Row>({
	summary: "memory of a training step by depth: stored, checkpointed, reversible and chunked",
	options: {
		depths: integers("numbers of layers", [2, 4, 8, 16, 32]),
		length: integer("tokens of the sequence", 4096, 64),
		dim: integer("width of the model", 64),
		heads: integer("heads of each layer", 4),
		chunk: integer("positions that a chunked feed-forward layer takes at once", 256),
		vocabulary: integer("number of token ids", 256, 2),
		steps: integer("steps that are measured", 3),
	},
	check,
	run,
	section,
});
