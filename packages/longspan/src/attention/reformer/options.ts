import { OptionError } from "../../errors.js";
import { checkChoice, checkFlag, checkNumber, checkOptions, type OptionNames } from "../../ops/operands.js";
import { type AutoBuckets, checkBuckets } from "./buckets.js";

/** Which implementation the defaults follow. */
export type ReformerPreset = "paper" | "trax" | "hf" | "lucidrains";

export interface ReformerOptions {
	/** Defaults of the other options as in one implementation; options given beside it override it. Default: `"hf"`. */
	preset?: ReformerPreset;
	/** Each query sees the keys up to its own position only. Default: false. */
	causal?: boolean;
	/** Tokens in a chunk, the paper's m. Default: 64; trax: 128. */
	chunkLength?: number;
	/** Rounds of hashing, the paper's n_rounds. Default: 1; paper and lucidrains: 8. */
	numHashes?: number;
	/**
	 * Number of buckets, or the factors of that number, each hashed by rotations of its own; all even. `"auto"` follows the length
	 * as the preset's implementation does; that of lucidrains is one factor of length / chunkLength, whose hash grows with the square
	 * of the length. Default: `"auto"`.
	 */
	buckets?: number | readonly number[] | "auto";
	/** Chunks before its own that a query sees. Default: 1. */
	before?: number;
	/** Chunks after its own that a query sees. Default: 0. */
	after?: number;
	/**
	 * What lies before the first chunk of a round (and after the last): the last chunk of the round before it, with that of the last
	 * round before the first (`"circular"`); the last of its own round (`"within-round"`); or nothing (`"none"`). Default:
	 * `"circular"`; paper: `"none"`.
	 */
	wrap?: "circular" | "within-round" | "none";
	/** Queries see keys of their own bucket only, which are in their own round. Default: false; paper: true. */
	bucketMask?: boolean;
	/** A pair that several rounds show counts once; needs `bucketMask`. Default: false; paper: true. */
	removeDuplicates?: boolean;
	/** A query sees its own position only where it sees nothing else. Default: true. */
	excludeSelf?: boolean;
	/**
	 * Scores: `"rms"`: q·x / (sqrt(mean(x²) + 1e-6) sqrt(headDim)) for the key x (trax, hf), or `"norm"`: q·x / (‖x‖ sqrt(headDim))
	 * (paper, lucidrains).
	 */
	keyScale?: "rms" | "norm";
	/** Lengths up to this attend in full, without hashing: shared queries and keys as otherwise. Default: chunkLength. */
	fullAttentionBelow?: number;
	/** Names the rotations: the same seed hashes alike in every call. Integer from 0 to 2^53 - 1, default 0. */
	seed?: number;
}

const optionNames: OptionNames<ReformerOptions> = {
	preset: true,
	causal: true,
	chunkLength: true,
	numHashes: true,
	buckets: true,
	before: true,
	after: true,
	wrap: true,
	bucketMask: true,
	removeDuplicates: true,
	excludeSelf: true,
	keyScale: true,
	fullAttentionBelow: true,
	seed: true,
};

/** The options with every default filled in. */
export interface ReformerSettings extends Required<Omit<ReformerOptions, "preset">> {
	readonly autoBuckets: AutoBuckets;
}

type Defaults = Omit<ReformerSettings, "fullAttentionBelow">;

const hf: Defaults = {
	causal: false,
	chunkLength: 64,
	numHashes: 1,
	buckets: "auto",
	before: 1,
	after: 0,
	wrap: "circular",
	bucketMask: false,
	removeDuplicates: false,
	excludeSelf: true,
	keyScale: "rms",
	seed: 0,
	autoBuckets: "hf",
};

const presets: Readonly<Record<ReformerPreset, Defaults>> = {
	hf,
	trax: { ...hf, chunkLength: 128, autoBuckets: "trax" },
	lucidrains: { ...hf, numHashes: 8, keyScale: "norm", autoBuckets: "lucidrains" },
	paper: {
		...hf,
		...{ numHashes: 8, keyScale: "norm", wrap: "none", bucketMask: true, removeDuplicates: true },
		autoBuckets: "trax",
	},
};

/** Fills in defaults and checks every option. */
export function reformerSettings(name: string, options: ReformerOptions): ReformerSettings {
	checkOptions(name, options, optionNames);
	const { preset = "hf", ...given } = options;
	checkChoice(name, "preset", preset, Object.keys(presets));
	const explicit = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
	const merged: Defaults & { fullAttentionBelow?: number } = { ...presets[preset], ...explicit };
	const settings = { ...merged, fullAttentionBelow: merged.fullAttentionBelow ?? merged.chunkLength };
	const { chunkLength, numHashes, before, after, fullAttentionBelow, seed, buckets } = settings;
	for (const [option, value] of Object.entries({ chunkLength, numHashes }))
		checkNumber(name, option, value, { min: 1, integer: true });
	for (const [option, value] of Object.entries({ before, after, fullAttentionBelow }))
		checkNumber(name, option, value, { min: 0, integer: true });
	checkNumber(name, "seed", seed, { min: 0, max: Number.MAX_SAFE_INTEGER, integer: true });
	for (const flag of ["causal", "bucketMask", "removeDuplicates", "excludeSelf"] as const)
		checkFlag(name, flag, settings[flag]);
	checkChoice(name, "wrap", settings.wrap, ["circular", "within-round", "none"]);
	checkChoice(name, "keyScale", settings.keyScale, ["rms", "norm"]);
	checkBuckets(name, buckets);
	if (settings.removeDuplicates && !settings.bucketMask)
		throw new OptionError(
			`${name}: removeDuplicates is true and bucketMask false; set bucketMask: true, or count a pair as often as rounds show it (removeDuplicates: false)`,
		);
	return settings;
}
