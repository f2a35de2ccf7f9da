import { maskTokens, scope, type Tensor, tokenLoss } from "longspan";
import { splitFiles } from "../data/corpus.js";
import { defaultPaths } from "../data/default-files.js";
import { listFiles } from "../data/list-files.js";
import { tokenWindows } from "../data/token-windows.js";
import type { TextWindows } from "../data/window-source.js";
import { InputError, UsageError } from "../errors.js";
import { heldOutTokens } from "../train/data.js";
import { describeTexts } from "../train/describe-run.js";
import { stored } from "../train/learner.js";
import { framed, frameOf, type Objective, type ObjectiveParts, padIdOf, sizeOf, type Weights } from "./objective.js";

/** Texts, and what names the tokens that are hidden in them. */
export interface MaskedBatch {
	readonly sequences: readonly (readonly number[])[];
	/** Its place among all batches of its kind. */
	readonly place: number;
}

/** Texts on the device with hidden tokens, which are to be predicted. */
export interface LoadedMasked {
	readonly ids: Tensor<"int32">;
	readonly keyMask: Tensor<"int32"> | undefined;
	readonly positions: Tensor<"int32">;
	readonly labels: Tensor<"int32">;
}

/** Places of held-out batches, apart from those to train on. */
const heldOutPlaces = 2 ** 31;

/** Masked language modelling (Devlin et al. 2018, arXiv 1810.04805, section 3.1) on windows of texts. */
export function maskedObjective({
	model,
	tokenizer,
	settings,
}: ObjectiveParts<"masked-lm">): Objective<MaskedBatch, LoadedMasked> {
	const { batch, seed, recompute } = settings;
	const maskId = tokenizer.special.mask?.id;
	if (maskId === undefined)
		throw new InputError(
			`--init: the tokenizer of "${settings.init}" has no token for what is hidden; use --objective classify`,
		);
	const frame = frameOf(tokenizer);
	const around = frame.before.length + frame.after.length;
	// A window of the source has one token more than its length.
	const lengths = settings.lengths.map((length) => length - around - 1);
	if ((lengths[0] as number) < 1)
		throw new UsageError(`--length: "${settings.lengths[0]}" is too short; expected at least ${around + 2}`);
	const files = listFiles(settings.data.length > 0 ? settings.data : defaultPaths());
	const corpus = splitFiles(files, { text: true });
	const { vocabularySize } = tokenizer;
	const reader = {
		...{ vocabularySize, files: new Map<string, string>() },
		encode: (text: string) => Int32Array.from(tokenizer.encode(text, { addSpecialTokens: false }).ids),
		decode: (ids: readonly number[]) => tokenizer.decode(ids),
	};
	const windows = tokenWindows(corpus, reader, { lengths, batch, seed });
	const batchOf = ({ ids, count }: TextWindows, place: number): MaskedBatch => {
		const width = ids.length / count;
		const sequences = Array.from({ length: count }, (_, row) =>
			framed(frame, ids.subarray(row * width, (row + 1) * width)),
		);
		return { sequences, place };
	};
	const heldOutLength = windows.heldOutLength + 1;
	const heldOut = windows
		.heldOut(Math.max(1, Math.floor(heldOutTokens / heldOutLength)))
		.map((found, index) => batchOf(found, heldOutPlaces + index));
	const special = [
		...new Set([...frame.before, ...frame.after, ...Object.values(tokenizer.special).map(({ id }) => id)]),
	];
	const padId = padIdOf(model, tokenizer);
	const load = ({ sequences, place }: MaskedBatch): LoadedMasked => {
		const masked = maskTokens(sequences, { maskId, vocabularySize, special, seed, padId, step: place }, model.device);
		const { ids, keyMask, positions, targets } = masked;
		return { ids, keyMask, positions, labels: targets };
	};
	const lossOf = (weights: Weights, loaded: LoadedMasked, options: Parameters<typeof model.forwardWith>[2]) =>
		scope(() => {
			const { ids: inputIds, keyMask: attentionMask, positions, labels } = loaded;
			return tokenLoss(model.forwardWith(weights, { inputIds, attentionMask, positions }, options).logits, labels);
		});
	const summary = { files: files.length, trainBytes: corpus.train.length, heldOutBytes: corpus.heldOut.length };
	const shown = { windows: heldOut.reduce((sum, { sequences }) => sum + sequences.length, 0), length: heldOutLength };
	return {
		data: {
			trainingBatch: (place) => batchOf(windows.trainingBatch(place), place),
			heldOut,
			sizeOf,
		},
		subject: {
			load,
			loss: (weights, loaded, { random }) => lossOf(weights, loaded, { random, recompute }),
			targets: ({ labels }) => labels.size,
			async measure(weights, own) {
				const { nats, targets } = await measured(
					() => load(own),
					(loaded) => lossOf(weights, loaded, {}),
				);
				return { nats, targets };
			},
			store: stored,
		},
		summary,
		dataLine: describeTexts(settings.data, summary, shown, "tokens"),
		unit: "tokens",
		footer: `The last tenth of each file is held out and never trained on. The loss is the cross-entropy of the hidden tokens, in nats; in an
evaluation the same tokens are hidden each time. The best checkpoint is the one with the least, and the folder model has it.`,
	};
}

async function measured(load: () => LoadedMasked, lossOf: (loaded: LoadedMasked) => Tensor) {
	const loaded = load();
	const loss = lossOf(loaded);
	try {
		const targets = loaded.labels.size;
		return { nats: (await loss.item()) * targets, targets };
	} finally {
		for (const own of [loss, ...Object.values(loaded)]) own?.dispose();
	}
}
