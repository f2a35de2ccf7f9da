import { OptionError } from "../../errors.js";
import { sizeOf } from "../../tensor/shape.js";
import type { WeightSource } from "../parameters/weight-source.js";
import { isRecord, quoted } from "./json.js";
import type { ModelFiles } from "./model-files.js";
import { readJson } from "./read-json.js";
import { bytesPerElement } from "./safetensors/dtypes.js";
import {
	dataStartOf,
	lengthBytes,
	parseHeader,
	type SafetensorsHeader,
	type StoredEntry,
} from "./safetensors/header.js";
import { toFloat32 } from "./safetensors/to-float32.js";
import { indexFile, weightsFile } from "./weight-files.js";

/** Files of weights that other libraries wrote and this one does not read: Python's pickles can run code. */
const otherFormats = ["pytorch_model.bin", "pytorch_model.bin.index.json", "tf_model.h5", "flax_model.msgpack"];

/**
 * Opens the weights of a checkpoint: model.safetensors, or the shards that model.safetensors.index.json names. Only headers are read;
 * reading weights keeps nothing of a file in memory.
 *
 * @throws OptionError naming the file that is missing, damaged, or does not hold what the index says
 */
export async function openWeights(files: ModelFiles): Promise<WeightSource> {
	const places = new Map<string, StoredEntry & { readonly path: string }>();
	const add = (path: string, { entries }: SafetensorsHeader) => {
		for (const [name, entry] of entries) places.set(name, { ...entry, path });
	};
	if ((await files.size(weightsFile)) !== undefined) add(weightsFile, await readHeader(files, weightsFile));
	else {
		const index = await readJson(files, indexFile, { optional: true });
		if (index === undefined) return refuseOtherFormats(files);
		for (const [path, names] of shardsOf(files, index)) {
			const header = await readHeader(files, path);
			checkShard(files, path, names, header);
			add(path, header);
		}
	}
	return {
		location: files.location,
		names: [...places.keys()],
		shapeOf: (name) => places.get(name)?.shape,
		async read(name, begin, end) {
			const place = places.get(name);
			if (!place) throw new OptionError(`${files.location}: there is no weight ${quoted(name)}`);
			const { path, dtype, shape } = place;
			const subject = `${files.location}/${path}: ${quoted(name)}`;
			if (!(begin >= 0 && begin <= end && end <= sizeOf(shape)))
				throw new OptionError(
					`${subject} has ${sizeOf(shape)} elements; expected a range in it, not ${begin} to ${end}`,
				);
			const width = bytesPerElement[dtype];
			const bytes = await readExactly(files, path, place.begin + begin * width, place.begin + end * width);
			return toFloat32(dtype, bytes, subject);
		},
	};
}

async function readHeader(files: ModelFiles, path: string): Promise<SafetensorsHeader> {
	const subject = `${files.location}/${path}`;
	const size = await files.size(path);
	if (size === undefined) throw new OptionError(`${files.location}: there is no ${path}, which ${indexFile} names`);
	const start = await readExactly(files, path, 0, Math.min(lengthBytes, size));
	const dataStart = dataStartOf(subject, start, size);
	return parseHeader(subject, await readExactly(files, path, lengthBytes, dataStart), size);
}

async function readExactly(files: ModelFiles, path: string, begin: number, end: number): Promise<Uint8Array> {
	const bytes = await files.read(path, begin, end);
	if (bytes.length === end - begin) return bytes;
	throw new OptionError(
		`${files.location}/${path}: ${bytes.length} bytes came from ${begin} on; expected ${end - begin}: the file changed`,
	);
}

/** The names of the weights in each shard. */
function shardsOf(files: ModelFiles, index: unknown): Map<string, Set<string>> {
	const subject = `${files.location}/${indexFile}`;
	const map = isRecord(index) ? index.weight_map : undefined;
	if (!isRecord(map)) throw new OptionError(`${subject}: weight_map is ${quoted(map)}; expected files by weights`);
	const shards = new Map<string, Set<string>>();
	for (const [name, path] of Object.entries(map)) {
		// biome-ignore lint/suspicious/noControlCharactersInRegex: no system takes them in names
		if (typeof path !== "string" || !/^[^/\\:\u0000-\u001f]+\.safetensors$/.test(path))
			throw new OptionError(
				`${subject}: ${quoted(name)} is in ${quoted(path)}; expected the name of a .safetensors file in the same folder`,
			);
		shards.set(path, (shards.get(path) ?? new Set()).add(name));
	}
	return shards;
}

function checkShard(files: ModelFiles, path: string, names: ReadonlySet<string>, { entries }: SafetensorsHeader): void {
	const missing = [...names].find((name) => !entries.has(name));
	const further = [...entries.keys()].find((name) => !names.has(name));
	if (missing === undefined && further === undefined) return;
	throw new OptionError(
		missing !== undefined
			? `${files.location}/${path}: ${quoted(missing)} is missing, which is there according to ${indexFile}`
			: `${files.location}/${path}: ${quoted(further)} is not there according to ${indexFile}; expected the weights that it names`,
	);
}

async function refuseOtherFormats(files: ModelFiles): Promise<never> {
	for (const path of otherFormats)
		if ((await files.size(path)) !== undefined)
			throw new OptionError(
				`${files.location}: its weights are in ${path}; expected ${weightsFile}. Convert them in Python: load the checkpoint with its class of transformers (config.json names it in architectures) and call save_pretrained(folder, safe_serialization=True); on the Hub, a pull request of the repository may have them (revision: "refs/pr/N")`,
			);
	throw new OptionError(`${files.location}: there is neither ${weightsFile} nor ${indexFile}`);
}
