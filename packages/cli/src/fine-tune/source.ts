import {
	AutoTokenizer,
	type ConfigJson,
	configText,
	type OpenCheckpoint,
	openCheckpoint,
	openModelFiles,
	type PretrainedModel,
	readTokenizerFiles,
	type StoredTensor,
	type Tokenizer,
	type WeightSource,
} from "longspan";
import { InputError } from "../errors.js";
import { downloadProgress } from "../pipelines/download-progress.js";
import { inCommandTerms } from "../pipelines/explain.js";
import { type Checkpoint, checkpointFiles } from "../runs/index.js";
import { textFiles } from "./text-files.js";

/** A pretrained model that is to be trained, before its weights are read. */
export interface Source {
	readonly checkpoint: OpenCheckpoint;
	readonly tokenizer: Tokenizer;
	/** Files of its tokenizer by name, for copies of them. */
	readonly tokenizerFiles: ReadonlyMap<string, string>;
}

const generationFile = "generation_config.json";

/** Opens a folder, or a repository of the Hub. Throws `InputError` for one that cannot be used. */
export async function openSource(init: string): Promise<Source> {
	const downloads = downloadProgress();
	try {
		const files = await openModelFiles(init, { progress: downloads.event });
		const checkpoint = await openCheckpoint(files);
		const contents = [...(await readTokenizerFiles(files))];
		// The others say all in texts.
		const texts = contents.filter(([name]) => !name.endsWith(".model"));
		const tokenizerFiles = new Map(texts.map(([name, bytes]) => [name, new TextDecoder().decode(bytes)]));
		const tokenizer = await AutoTokenizer.fromPretrained(files);
		return { checkpoint, tokenizer, tokenizerFiles };
	} catch (error) {
		throw inCommandTerms(error);
	} finally {
		downloads.stop();
	}
}

/** Opens a checkpoint of a run, which has been read. `path`: its folder, for errors. */
export async function sourceOf({ tensors, texts }: Checkpoint, path: string): Promise<Source> {
	const json = (name: string, content: string | undefined): ConfigJson => {
		try {
			return JSON.parse(content ?? "");
		} catch {
			throw new InputError(`"${path}/${name}" is missing or no JSON`);
		}
	};
	const others: readonly string[] = [checkpointFiles.config, generationFile];
	const tokenizerFiles = new Map([...texts].filter(([name]) => !others.includes(name)));
	const generation = texts.get(generationFile);
	return {
		checkpoint: {
			location: path,
			config: json(checkpointFiles.config, texts.get(checkpointFiles.config)),
			generationConfig: generation === undefined ? {} : json(generationFile, generation),
			weights: storedWeights(path, tensors.get(checkpointFiles.weights) ?? new Map()),
		},
		tokenizer: await AutoTokenizer.fromPretrained(textFiles(path, tokenizerFiles)),
		tokenizerFiles,
	};
}

function storedWeights(location: string, stored: ReadonlyMap<string, StoredTensor>): WeightSource {
	return {
		location,
		names: [...stored.keys()],
		shapeOf: (name) => stored.get(name)?.shape,
		read: async (name, begin, end) => (stored.get(name) as StoredTensor).values.subarray(begin, end),
	};
}

/** The files of a model beside its weights, in the Hugging Face layout. */
export function textsOf(
	{ className, config, generationConfig }: Pick<PretrainedModel, "className" | "config" | "generationConfig">,
	{ tokenizerFiles }: Pick<Source, "tokenizerFiles">,
): Map<string, string> {
	const { torch_dtype: _, ...rest } = config;
	return new Map([
		[checkpointFiles.config, configText({ ...rest, architectures: [className], dtype: "float32" })],
		...(Object.keys(generationConfig).length > 0 ? [[generationFile, configText(generationConfig)] as const] : []),
		...tokenizerFiles,
	]);
}
