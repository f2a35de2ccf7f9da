import { sampleSet } from "../../attention/random/sample.js";
import { philox } from "../../backends/backend.js";
import { OptionError } from "../../errors.js";
import { checkList, checkNumber, checkOptions } from "../../ops/operands.js";
import { intTensor } from "../../tensor/create.js";
import { currentDevice, type Device } from "../../tensor/device.js";
import type { MaskedLanguageBatch } from "./masked-language-model.js";
import { type PaddedSequences, type PadOptions, padSequences } from "./pad-sequences.js";

export interface MaskTokensOptions extends PadOptions {
	/** Id that stands for a hidden token. */
	maskId: number;
	/** Number of token ids. */
	vocabularySize: number;
	/** Part of the tokens of each sequence to predict, rounded, at least one token. Default: 0.15. */
	probability?: number;
	/** Ids that are never predicted, such as those of [CLS] and [SEP]. Default: none. */
	special?: readonly number[];
	/** Integer from 0 to 2^53 - 1. Default: 0. */
	seed?: number;
	/** That of the training: each step draws anew. Integer from 0 to 2^32 - 1. Default: 0. */
	step?: number;
}

const name = "maskTokens";

/** Numbers uniform in [0, 1), named by seed, step and the place of a sequence in its batch. */
function drawsOf(seed: number, step: number, sequence: number): () => number {
	const key = [seed >>> 0, Math.floor(seed / 2 ** 32)] as const;
	let draws = 0;
	return () => {
		const index = draws++;
		// The second word is 0 in the streams of tensors, which may have the same seed.
		return (philox([index >> 2, sequence + 1, 0, step], key)[index & 3] as number) / 2 ** 32;
	};
}

/**
 * A batch for `maskedLanguageModel` (Devlin et al. 2018, arXiv 1810.04805, section 3.1): of the tokens chosen, 80 percent are
 * replaced by the mask, 10 percent by a random token, and 10 percent stay. As in the released code, each sequence has a fixed number of them, and
 * the random token may be any of the vocabulary. The same arguments always give the same batch.
 *
 * @param sequences token ids, without padding
 * @throws OptionError for options outside their range, or as `padSequences` does
 * @example
 * const { keyMask, ...batch } = maskTokens(sequences, { maskId: 4, vocabularySize: 30_000, special: [2, 3], step });
 */
export function maskTokens(
	sequences: readonly ArrayLike<number>[],
	options: MaskTokensOptions,
	device: Device = currentDevice(),
): MaskedLanguageBatch & PaddedSequences {
	checkOptions(name, options, {
		maskId: true,
		vocabularySize: true,
		probability: true,
		special: true,
		seed: true,
		step: true,
		padId: true,
		length: true,
	});
	const { maskId, vocabularySize, probability = 0.15, special = [], seed = 0, step = 0, ...padding } = options;
	checkNumber(name, "vocabularySize", vocabularySize, { min: 1, integer: true });
	checkNumber(name, "maskId", maskId, { min: 0, max: vocabularySize - 1, integer: true });
	checkNumber(name, "seed", seed, { min: 0, max: Number.MAX_SAFE_INTEGER, integer: true });
	checkNumber(name, "step", step, { min: 0, max: 2 ** 32 - 1, integer: true });
	if (!(probability > 0 && probability <= 1))
		throw new OptionError(`${name}: probability is ${probability}; expected a number above 0, at most 1`);
	checkList(name, "special", special, "ids");
	checkList(name, "sequences", sequences, "sequences");
	const kept = new Set(special);
	const places: { readonly sequence: number; readonly position: number; readonly target: number }[] = [];
	const masked = sequences.map((given, sequence) => {
		checkList(name, `sequence ${sequence}`, given, "ids");
		const ids = Array.from(given);
		const candidates = [...ids.keys()].filter((position) => !kept.has(ids[position] as number));
		const count = Math.min(candidates.length, Math.max(1, Math.round(probability * candidates.length)));
		const draw = drawsOf(seed, step, sequence);
		const chosen = sampleSet(candidates.length, count, (max) => Math.floor(draw() * (max + 1)));
		for (const index of [...chosen].sort((a, b) => a - b)) {
			const position = candidates[index] as number;
			places.push({ sequence, position, target: ids[position] as number });
			const fate = draw();
			const random = Math.floor(draw() * vocabularySize);
			if (fate < 0.8) ids[position] = maskId;
			else if (fate < 0.9) ids[position] = random;
		}
		return ids;
	});
	const padded = padSequences(masked, padding, device);
	const [, length] = padded.ids.shape as [number, number];
	const positions = places.map(({ sequence, position }) => sequence * length + position);
	const targets = places.map(({ target }) => target);
	return {
		...padded,
		positions: intTensor(positions, [places.length], device),
		targets: intTensor(targets, [places.length], device),
	};
}
