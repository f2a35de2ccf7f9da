import { OptionError } from "../../../errors.js";
import { checkChoice, checkNumber, checkOptions, type OptionNames } from "../../../ops/operands.js";
import { sizeOf } from "../../../tensor/shape.js";
import type { WeightSource } from "../../parameters/weight-source.js";
import { bytesPerElement } from "../safetensors/dtypes.js";
import { encodeHeader } from "../safetensors/encode-header.js";
import { fromFloat32, type SavedDType, storedDTypes } from "../safetensors/from-float32.js";
import { metadataName } from "../safetensors/header.js";
import { indexFile, weightsFile } from "../weight-files.js";
import type { FileSink } from "./file-sink.js";

export interface SaveWeightsOptions {
	/** Type of the elements in the files. Default: "float32". */
	readonly dtype?: SavedDType | undefined;
	/** Largest file of weights in bytes, its header not counted; a larger weight has a file of its own. Default: 5e9. */
	readonly maxShardBytes?: number | undefined;
	/** Called after each piece with the share that is done, 0 to 1. */
	readonly onProgress?: ((share: number) => void) | undefined;
}

const optionNames: OptionNames<SaveWeightsOptions> = { dtype: true, maxShardBytes: true, onProgress: true };

/** Elements read and written at once: 4 MiB of float32. */
const pieceElements = 2 ** 20;

/** What Python's transformers asks of a file. */
const metadata: ReadonlyMap<string, string> = new Map([["format", "pt"]]);

interface Weight {
	readonly name: string;
	readonly shape: readonly number[];
	readonly bytes: number;
}

/**
 * Saves weights in the Hugging Face layout: as model.safetensors or, if they are larger than a shard, as shards with
 * model.safetensors.index.json. They are read and written piece by piece.
 *
 * @throws OptionError for an option outside its range, or a weight called `__metadata__`
 */
export async function saveWeights(
	sink: FileSink,
	source: WeightSource,
	options: SaveWeightsOptions = {},
): Promise<void> {
	const name = "saveWeights";
	checkOptions(name, options, optionNames);
	const { dtype = "float32", maxShardBytes = 5e9, onProgress } = options;
	checkChoice(name, "dtype", dtype, Object.keys(storedDTypes));
	checkNumber(name, "maxShardBytes", maxShardBytes, { min: 1 });
	if (source.names.includes(metadataName))
		throw new OptionError(`${name}: a weight is called ${metadataName}; expected another name`);
	const weights = source.names.map((weight) => {
		const shape = source.shapeOf(weight) as readonly number[];
		return { name: weight, shape, bytes: sizeOf(shape) * bytesPerElement[storedDTypes[dtype]] };
	});
	const total = weights.reduce((sum, { bytes }) => sum + bytes, 0);
	let done = 0;
	const advance = (bytes: number) => {
		done += bytes;
		onProgress?.(done / total);
	};
	const shards = splitIntoShards(weights, maxShardBytes);
	const pathOf = (shard: number) => {
		const [number, count] = [shard + 1, shards.length].map((value) => String(value).padStart(5, "0"));
		return shards.length === 1 ? weightsFile : `model-${number}-of-${count}.safetensors`;
	};
	for (const [number, shard] of shards.entries())
		await sink.write(pathOf(number), encodeShard(source, shard, dtype, advance));
	if (shards.length === 1) return;
	const places = shards.flatMap((shard, number) => shard.map((weight) => [weight.name, pathOf(number)]));
	const index = { metadata: { total_size: total }, weight_map: Object.fromEntries(places) };
	await sink.write(indexFile, [new TextEncoder().encode(`${JSON.stringify(index, null, 2)}\n`)]);
}

/** Fills one shard after another in order. */
function splitIntoShards(weights: readonly Weight[], maxBytes: number): Weight[][] {
	const shards: Weight[][] = [[]];
	let room = maxBytes;
	for (const weight of weights) {
		if (weight.bytes > room && shards.at(-1)?.length) {
			shards.push([]);
			room = maxBytes;
		}
		shards.at(-1)?.push(weight);
		room -= weight.bytes;
	}
	return shards;
}

async function* encodeShard(
	source: WeightSource,
	weights: readonly Weight[],
	dtype: SavedDType,
	advance: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
	yield encodeHeader(weights, storedDTypes[dtype], metadata).header;
	for (const { name, shape } of weights) {
		const elements = sizeOf(shape);
		for (let begin = 0; begin < elements; begin += pieceElements) {
			const bytes = fromFloat32(dtype, await source.read(name, begin, Math.min(begin + pieceElements, elements)));
			yield bytes;
			advance(bytes.length);
		}
	}
}
