import { setImmediate } from "node:timers/promises";
import { type Device, intTensor, type Tensor } from "longspan";
import { wholeFiles } from "../../data/corpus.js";
import { listFiles } from "../../data/list-files.js";
import { evenBatches } from "../../data/windows.js";
import { InputError, UsageError } from "../../errors.js";
import { checkReadsBytes } from "../../models/check-bytes.js";
import { longestSequence } from "../../models/config.js";
import { type LoadedModel, loadModel } from "../../models/load-model.js";
import { formatCount } from "../../output/format.js";
import type { Progress } from "../../output/progress.js";
import { packageVersion } from "../../package-info.js";
import { type AttentionWatch, watchAttentions } from "./attention-matrices.js";
import { cumulativeShares, rankFor } from "./cumulative.js";
import { type SpectrumSettings, spectrumDefaults } from "./options.js";
import type { HeadSpectrum, SpectrumResult } from "./result.js";
import { singularValues } from "./singular-values.js";

const toldRanks = 32;
const heatPart = 4;
const largeShare = 0.9;

/**
 * Runs a saved model over windows of some data and averages the normalised cumulative singular values of its attention matrices.
 *
 * @throws InputError if the model or the data cannot be used, UsageError for a length the model does not take
 */
export async function measureSpectrum(
	device: Device,
	settings: SpectrumSettings,
	progress: Progress,
): Promise<SpectrumResult> {
	const watch = watchAttentions();
	const loaded = loadModel(settings.model, watch.watch);
	try {
		const { config } = loaded;
		const length = lengthFor(settings, loaded);
		const windows = readWindows(settings, length);
		const sums = Array.from({ length: config.layers * config.heads }, () => new Float64Array(length));
		progress.start("spectrum", windows.length);
		for (const [index, ids] of windows.entries()) {
			progress.update(index, `window ${index + 1} of ${windows.length}`);
			const matrices = runModel(device, loaded, watch, ids);
			await addShares(sums, matrices, config.heads, length, settings.model);
		}
		progress.finish();
		const ranks = toldRanksOf(length);
		const heatRank = Math.max(1, Math.round(length / heatPart));
		const heads = sums.map((sum, index): HeadSpectrum => {
			const shares = sum.map((value) => value / windows.length);
			return {
				layer: Math.floor(index / config.heads),
				head: index % config.heads,
				shares: ranks.map((rank) => shares[rank - 1] as number),
				heatShare: shares[heatRank - 1] as number,
				rankFor90: rankFor(shares, largeShare),
			};
		});
		return {
			version: packageVersion(),
			date: new Date().toISOString(),
			model: settings.model,
			config,
			data: settings.data,
			length,
			windows: windows.length,
			ranks,
			heatRank,
			heads,
		};
	} finally {
		loaded.dispose();
	}
}

function lengthFor({ length, model }: SpectrumSettings, { config }: LoadedModel): number {
	checkReadsBytes(config, model);
	const longest = longestSequence(config);
	if (length === null) return Math.min(spectrumDefaults.length, longest ?? config.maxLength ?? spectrumDefaults.length);
	if (longest !== null && length > longest)
		throw new UsageError(`--length: "${length}" is too long; the model takes at most ${formatCount(longest)} tokens`);
	return length;
}

/** Windows of bytes, spread evenly over the data. */
function readWindows({ data, windows }: SpectrumSettings, length: number): Int32Array[] {
	const range = wholeFiles(listFiles([data]));
	if (range.length < length)
		throw new InputError(
			`"${data}" holds ${formatCount(range.length)} bytes; a window of --length ${length} needs as many`,
		);
	return evenBatches(range, length, 1, windows).map(({ ids }) => ids);
}

/** The attention matrices of every layer for one window. */
function runModel(
	device: Device,
	{ config, model, parameters }: LoadedModel,
	watch: AttentionWatch,
	ids: Int32Array,
): Tensor[] {
	const tokens = intTensor(ids, [1, ids.length], device);
	try {
		model.logits(parameters, tokens).dispose();
		const matrices = watch.take();
		if (matrices.length === config.layers) return matrices;
		for (const matrix of matrices) matrix.dispose();
		throw new InputError(
			`all positions of a window halted after ${matrices.length} of ${config.layers} layers; inspect spectrum needs models that take all of them`,
		);
	} catch (error) {
		for (const matrix of watch.take()) matrix.dispose();
		throw error;
	} finally {
		tokens.dispose();
	}
}

/** Adds the cumulative shares of each head of each layer, and frees the matrices. Throws `InputError` where they are no numbers. */
async function addShares(
	sums: readonly Float64Array[],
	matrices: readonly Tensor[],
	heads: number,
	length: number,
	model: string,
): Promise<void> {
	try {
		for (const [layer, matrix] of matrices.entries()) {
			const values = await matrix.data();
			if (!values.every(Number.isFinite))
				throw new InputError(
					`"${model}" gives attention that is no number in layer ${layer}: its weights are damaged or its training went astray; train it again`,
				);
			for (let head = 0; head < heads; head++) {
				// Lets progress be drawn.
				await setImmediate();
				const own = values.subarray(head * length * length, (head + 1) * length * length);
				const shares = cumulativeShares(singularValues(own, length));
				const sum = sums[layer * heads + head] as Float64Array;
				for (let rank = 0; rank < length; rank++) sum[rank] = (sum[rank] as number) + (shares[rank] as number);
			}
		}
	} finally {
		for (const matrix of matrices) matrix.dispose();
	}
}

/** 1, and then evenly up to the length. */
function toldRanksOf(length: number): number[] {
	const count = Math.min(length, toldRanks);
	const even = Array.from({ length: count }, (_, index) => Math.round(((index + 1) * length) / count));
	return [...new Set([1, ...even])];
}
