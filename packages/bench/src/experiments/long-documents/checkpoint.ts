import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { saveFolder, saveWeights, type WeightSource } from "longspan";
import { random } from "../random.js";
import { configOf, type ModelSizes } from "./sizes.js";

/** Runs `use` with a folder that holds a checkpoint with random weights, and removes it. */
export async function withCheckpoint<T>(
	sizes: ModelSizes,
	length: number,
	{ seed, progress }: { readonly seed: number; readonly progress: (text: string) => void },
	use: (folder: string) => Promise<T>,
): Promise<T> {
	const parent = mkdtempSync(join(tmpdir(), "longspan-documents-"));
	const folder = join(parent, "model");
	try {
		progress("writing a checkpoint with random weights");
		const config = new TextEncoder().encode(JSON.stringify(configOf(sizes, length)));
		await saveFolder(folder, async (sink) => {
			await sink.write("config.json", [config]);
			await saveWeights(sink, randomWeights(sizes, length, seed));
		});
		return await use(folder);
	} finally {
		rmSync(parent, { recursive: true, force: true });
	}
}

/** Weights as they are drawn before training: deviation 0.02, norms 1, biases 0. */
function randomWeights(sizes: ModelSizes, length: number, seed: number): WeightSource {
	const shapes = shapesOf(sizes, length);
	const source = random(seed);
	// Uniform with the deviation of 0.02.
	const half = 0.02 * Math.sqrt(3);
	return {
		location: "random weights",
		names: [...shapes.keys()],
		shapeOf: (name) => shapes.get(name),
		async read(name, begin, end) {
			const constant = name.endsWith(".bias") ? 0 : /LayerNorm\.weight$/.test(name) ? 1 : null;
			return Float32Array.from({ length: end - begin }, () => constant ?? half * (source.below(65_536) / 32_768 - 1));
		},
	};
}

/** Shapes of the weights of a Longformer without a head, by name. */
function shapesOf({ layers, dim, window, vocabulary }: ModelSizes, length: number): Map<string, readonly number[]> {
	const shapes = new Map<string, readonly number[]>([
		["embeddings.word_embeddings.weight", [vocabulary, dim]],
		["embeddings.position_embeddings.weight", [length + window + 2, dim]],
		["embeddings.token_type_embeddings.weight", [1, dim]],
	]);
	const norm = (name: string) => {
		shapes.set(`${name}.weight`, [dim]);
		shapes.set(`${name}.bias`, [dim]);
	};
	const linear = (name: string, inputs: number, outputs: number) => {
		shapes.set(`${name}.weight`, [outputs, inputs]);
		shapes.set(`${name}.bias`, [outputs]);
	};
	norm("embeddings.LayerNorm");
	for (let layer = 0; layer < layers; layer++) {
		const at = `encoder.layer.${layer}`;
		for (const name of ["query", "key", "value", "query_global", "key_global", "value_global"])
			linear(`${at}.attention.self.${name}`, dim, dim);
		linear(`${at}.attention.output.dense`, dim, dim);
		norm(`${at}.attention.output.LayerNorm`);
		linear(`${at}.intermediate.dense`, dim, 4 * dim);
		linear(`${at}.output.dense`, 4 * dim, dim);
		norm(`${at}.output.LayerNorm`);
	}
	return shapes;
}
