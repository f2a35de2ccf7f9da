import {
	type Attention,
	bigBird,
	efficient,
	etcAttention,
	featureMaps,
	full,
	linear,
	linformer,
	localChunked,
	longformer,
	randomAttention,
	reformer,
	retention,
	slidingWindow,
	sparseTransformer,
	ssd,
	starAttention,
	taylor,
} from "longspan";

/** A mechanism that classifies expressions. */
export interface Mechanism {
	/** Its own name on the command line and in the results. */
	readonly name: string;
	/** The model of the Long Range Arena that it stands beside, and its accuracy there in percent. */
	readonly published?: { readonly model: string; readonly percent: number };
	/** For sequences of up to `length` tokens. */
	create(length: number): Attention;
}

const published = (model: string, percent: number) => ({ published: { model, percent } });
const first = (count: number) => Array.from({ length: count }, (_, position) => position);

/** Every mechanism, to both sides where it has such a form. Exact attention is the first. */
export const mechanisms: readonly Mechanism[] = [
	{ name: "full", create: () => full(), ...published("Transformer", 36.37) },
	{ name: "local", create: () => localChunked({ chunkLength: 64, after: 1 }), ...published("Local Attention", 15.82) },
	{ name: "window", create: () => slidingWindow({ window: 64 }) },
	{
		name: "sparse-fixed",
		create: () => sparseTransformer({ pattern: "fixed", stride: 64, summary: 8, causal: false }),
		...published("Sparse Transformer", 17.07),
	},
	{ name: "sparse-strided", create: () => sparseTransformer({ pattern: "strided", stride: 64, causal: false }) },
	{
		name: "longformer",
		create: () => longformer({ window: 64, globalTokens: first(16) }),
		...published("Longformer", 35.63),
	},
	{
		name: "linformer",
		create: (length) => linformer({ maxLength: length, projectedLength: 128 }),
		...published("Linformer", 35.7),
	},
	{ name: "reformer", create: () => reformer({ chunkLength: 64, numHashes: 2 }), ...published("Reformer", 37.27) },
	{ name: "bigbird", create: () => bigBird({ blockSize: 64, randomBlocks: 3 }), ...published("BigBird", 36.05) },
	{ name: "etc", create: () => etcAttention({ radius: 64, globalTokens: 32 }) },
	{ name: "random", create: () => randomAttention({ blockSize: 64, blocks: 3 }) },
	{ name: "linear", create: () => linear(), ...published("Linear Transformer", 16.13) },
	{
		name: "performer",
		create: () => linear({ featureMap: featureMaps.favorPlus() }),
		...published("Performer", 18.01),
	},
	{ name: "taylor", create: () => taylor() },
	{ name: "efficient", create: () => efficient() },
	{ name: "retention", create: () => retention() },
	{ name: "ssd", create: () => ssd({ decay: 2 ** (-1 / 256) }) },
	{ name: "star", create: () => starAttention() },
];
