import { expect } from "vitest";
import { hashTokens } from "../../attention/reformer/hash.js";
import { type ReformerOptions, reformer } from "../../attention/reformer/index.js";
import { reformerReference } from "../../attention/reformer/reference.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { GoldenRun, GoldenRuns } from "../golden-run.js";
import type { MechanismCase } from "../mechanism-case.js";

const options: Readonly<Record<string, ReformerOptions>> = {
	"LSH, hf": { chunkLength: 16, numHashes: 2, after: 1 },
	// Chunks that are no tiles, and fewer of them than a query sees.
	"LSH, trax, within rounds": {
		...{ preset: "trax", chunkLength: 40, buckets: [4, 6], numHashes: 3, before: 2 },
		...{ wrap: "within-round", causal: true },
	},
	"LSH, lucidrains, no wrap": {
		...{ preset: "lucidrains", chunkLength: 64, numHashes: 2, wrap: "none", excludeSelf: false, causal: true },
	},
	"LSH, paper": { preset: "paper", chunkLength: 32, buckets: 6, numHashes: 3, causal: true },
	"LSH, own bucket, one round": { chunkLength: 24, buckets: 2, bucketMask: true, after: 1, fullAttentionBelow: 0 },
};

export const reformerCases: readonly MechanismCase[] = Object.entries(options).map(
	([name, given]): MechanismCase => ({
		name,
		attend: reformer(given),
		reference: (q, _, v, keyMask) => reformerReference(q, v, { ...given, keyMask }),
		cross: false,
		causalInKeys: false,
		decodesExactly: false,
		tilesDependOnData: given.causal === true || given.bucketMask === true,
		...(given.excludeSelf !== false && { zeroWithoutKeys: false }),
	}),
);

interface LshParameters {
	readonly chunk: number;
	readonly rounds: number;
	readonly bucket_factors: readonly number[];
	readonly before: number;
	readonly after: number;
	readonly causal: boolean;
}

/** The stored buckets [batch, heads, rounds, length] are those of our hash, but for the bucket of masked tokens. */
function expectBuckets(
	qk: Tensor,
	rotations: Tensor,
	factors: readonly number[],
	buckets: Tensor<"int32">,
	mask: Tensor<"int32"> | undefined,
): void {
	const [, heads, rounds, length] = buckets.shape as [number, number, number, number];
	const codes = hashTokens(qk, rotations, factors);
	const [expected, kept] = [buckets.dataSync(), mask?.dataSync()];
	expected.forEach((bucket, at) => {
		const [row, t] = [Math.floor(at / length), at % length];
		const [entry, round] = [Math.floor(row / rounds), row % rounds];
		const hidden = kept?.[Math.floor(entry / heads) * length + t] === 0;
		if (!hidden) expect(codes[round]?.[entry * length + t], `bucket of token ${t}`).toBe(bucket);
	});
}

const golden =
	(further: ReformerOptions = {}): GoldenRun<LshParameters> =>
	({ tensors: { qk, v }, integers: { mask, buckets }, constants: { rotations }, parameters }) => {
		const { chunk, rounds, bucket_factors, before, after, causal } = parameters;
		expectBuckets(qk as Tensor, rotations as Tensor, bucket_factors, buckets as Tensor<"int32">, mask);
		const attend = reformer({
			...{ chunkLength: chunk, numHashes: rounds, buckets: bucket_factors, before, after, causal },
			...further,
		});
		return attend(qk as Tensor, qk as Tensor, v as Tensor, { keyMask: mask, rotations });
	};

export const reformerGolden: GoldenRuns<LshParameters> = {
	lsh: golden(),
	"lsh-causal": golden(),
	"lsh-paper": golden({ bucketMask: true, removeDuplicates: true }),
	"lsh-padding": golden(),
	"lsh-one-round": golden(),
};
