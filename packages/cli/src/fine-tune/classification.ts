import { classificationLoss, intTensor, padSequences, scope, type Tensor } from "longspan";
import { randomSequence } from "../data/random-sequence.js";
import { UsageError } from "../errors.js";
import { formatBytes, formatCount } from "../output/format.js";
import { describeSources } from "../train/describe-run.js";
import { stored } from "../train/learner.js";
import type { LabelledText, LabelledTexts } from "./labelled-texts.js";
import { framed, frameOf, type Objective, type ObjectiveParts, padIdOf, sizeOf, type Weights } from "./objective.js";

/** Texts in tokens, and their classes by number. */
export interface ClassBatch {
	readonly sequences: readonly (readonly number[])[];
	readonly labels: readonly number[];
}

/** Texts on the device with their classes. */
export interface LoadedClasses {
	readonly inputIds: Tensor<"int32">;
	readonly attentionMask: Tensor<"int32"> | undefined;
	readonly labels: Tensor<"int32">;
}

/** The most texts that are classified in an evaluation, spread evenly over those held out. */
const mostHeldOut = 1000;

/** Classification of texts, one class each. Longer texts than `--length` are cut, which is told on stderr. */
export function classificationObjective(
	{ model, tokenizer, settings }: ObjectiveParts<"sequence-classification">,
	{ train, heldOut, summary }: LabelledTexts,
): Objective<ClassBatch, LoadedClasses> {
	const { batch, seed, recompute } = settings;
	const longest = settings.lengths[0] as number;
	const frame = frameOf(tokenizer);
	const room = longest - frame.before.length - frame.after.length;
	if (room < 1) throw new UsageError(`--length: "${longest}" is too short; expected at least ${longest - room + 1}`);
	const tokens = (text: string) => tokenizer.encode(text, { addSpecialTokens: false }).ids;
	// Tokens are at least a byte, so that only texts of more bytes can be too long.
	const cut = [...train, ...heldOut].filter(({ text }) => Buffer.byteLength(text) > room && tokens(text).length > room);
	if (cut.length > 0)
		process.stderr.write(
			`${formatCount(cut.length)} of ${formatCount(train.length + heldOut.length)} texts have more than ${formatCount(longest)} tokens and are cut there (--length)\n`,
		);
	const numbers = new Map(model.labels.map((label, index) => [label, index]));
	const batchOf = (texts: readonly LabelledText[]): ClassBatch => ({
		sequences: texts.map(({ text }) => framed(frame, tokens(text).slice(0, room))),
		labels: texts.map(({ label }) => numbers.get(label) as number),
	});
	const orderOf = shuffles(train.length, seed);
	const measuredTexts = spread(heldOut, mostHeldOut);
	const heldOutBatches: ClassBatch[] = [];
	for (let first = 0; first < measuredTexts.length; first += batch)
		heldOutBatches.push(batchOf(measuredTexts.slice(first, first + batch)));
	const padId = padIdOf(model, tokenizer);
	const load = ({ sequences, labels }: ClassBatch): LoadedClasses => {
		const { ids: inputIds, keyMask: attentionMask } = padSequences(sequences, { padId }, model.device);
		return { inputIds, attentionMask, labels: intTensor(labels, [labels.length], model.device) };
	};
	const logitsOf = (weights: Weights, loaded: LoadedClasses, options: Parameters<typeof model.forwardWith>[2]) => {
		const { inputIds, attentionMask } = loaded;
		return model.forwardWith(weights, { inputIds, attentionMask }, options).logits;
	};
	return {
		data: {
			trainingBatch: (place) =>
				batchOf(Array.from({ length: batch }, (_, index) => train[orderOf(place * batch + index)] as LabelledText)),
			heldOut: heldOutBatches,
			sizeOf,
		},
		subject: {
			load,
			loss: (weights, loaded, { random }) =>
				scope(() =>
					classificationLoss(
						logitsOf(weights, loaded, { random, recompute }),
						loaded.labels,
						"single_label_classification",
					),
				),
			targets: ({ labels }) => labels.size,
			async measure(weights, own) {
				const loaded = load(own);
				const logits = scope(() => logitsOf(weights, loaded, {}));
				try {
					return score(await logits.data(), own.labels);
				} finally {
					for (const tensor of [logits, ...Object.values(loaded)]) tensor?.dispose();
				}
			},
			store: stored,
		},
		summary,
		dataLine: `${formatCount(train.length)} texts of ${formatCount(model.labels.length)} classes (${describeSources(settings.data)}), ${formatBytes(summary.trainBytes)}, and ${formatCount(heldOut.length)} held out`,
		unit: "tokens at most",
		footer: `One of every ten texts of a file is held out and never trained on. The loss is the cross-entropy of the classes, in nats; the accuracy
is the share of held-out texts whose class is the likeliest. The best checkpoint is the one with the least loss, and the folder model has it.`,
	};
}

/** What the scores of some texts come to. */
function score(logits: Float32Array, labels: readonly number[]) {
	const classes = logits.length / labels.length;
	let [nats, right] = [0, 0];
	for (const [row, label] of labels.entries()) {
		const own = logits.subarray(row * classes, (row + 1) * classes);
		const largest = own.reduce((a, b) => Math.max(a, b));
		const sum = own.reduce((total, value) => total + Math.exp(value - largest), 0);
		nats += largest + Math.log(sum) - (own[label] as number);
		if (own.indexOf(largest) === label) right++;
	}
	return { nats, targets: labels.length, right };
}

/** Which text is at a place of the run: all of them once, in an order of its own each time. */
function shuffles(count: number, seed: number): (place: number) => number {
	let [round, order]: [number, Int32Array] = [-1, new Int32Array()];
	return (place) => {
		const wanted = Math.floor(place / count);
		if (wanted !== round) {
			round = wanted;
			order = Int32Array.from({ length: count }, (_, index) => index);
			const random = randomSequence(seed, round);
			for (let last = count - 1; last > 0; last--) {
				const other = Math.floor(random() * (last + 1));
				[order[last], order[other]] = [order[other] as number, order[last] as number];
			}
		}
		return order[place % count] as number;
	};
}

/** At most so many, at even distances. */
function spread<T>(items: readonly T[], most: number): T[] {
	const count = Math.min(items.length, most);
	return Array.from({ length: count }, (_, index) => items[Math.floor((index * items.length) / count)] as T);
}
