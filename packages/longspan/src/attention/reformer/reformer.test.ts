import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
	type Attention,
	checkpoint,
	type Device,
	init,
	intTensor,
	mul,
	neg,
	normal,
	OptionError,
	type ReformerCallOptions,
	type ReformerOptions,
	reformer,
	ShapeError,
	scope,
	slice,
	sum,
	type Tensor,
	tensor,
	valueAndGrad,
	zeros,
} from "../../index.js";
import { normals } from "../../testing/random-values.js";
import { itRefuses } from "../../testing/refusals.js";
import { encodePlans } from "../plan/encode.js";
import { bucketFactors } from "./buckets.js";
import { drawRotations, hashTokens } from "./hash.js";
import { reformerSettings } from "./options.js";
import { reformerPlans } from "./plans.js";
import { reformerReference } from "./reference.js";
import { sortRound } from "./sort.js";

let device: Device;
let exact: Device;
beforeAll(async () => {
	exact = await init({ device: "reference" });
	device = await init({ threads: 2 });
});
afterAll(() => device.dispose());

const tokens = (batch: number, heads: number, length: number, width: number, seed: number, on: Device = device) =>
	tensor(normals(batch * heads * length * width, seed), [batch, heads, length, width], on);

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
	expect(a.length).toBe(b.length);
	return Array.from(a).reduce((worst, value, at) => Math.max(worst, Math.abs(value - (b[at] as number))), 0);
}

describe("the hash", () => {
	const factors = [6, 4];
	const hash = (change: (q: Tensor) => Tensor) =>
		scope(() => {
			const q = change(tokens(2, 3, 200, 24, 1));
			const rotations = drawRotations({ heads: 3, headDim: 24, rounds: 2, factors }, 7, device);
			return hashTokens(q, rotations, factors).flatMap((codes) => Array.from(codes));
		});

	it("does not depend on the length of a vector, and puts its opposite half of the buckets away", () => {
		const plain = hash((q) => q);
		expect(plain.every((code) => code >= 0 && code < 24)).toBe(true);
		expect(new Set(plain).size).toBe(24);
		expect(hash((q) => mul(q, 17.5))).toEqual(plain);
		// Of each factor: (digit + factor / 2) mod factor.
		expect(hash(neg)).toEqual(plain.map((code) => (((code % 6) + 3) % 6) + 6 * ((Math.floor(code / 6) + 2) % 4)));
		expect(hash((q) => mul(q, 0)).every((code) => code === 0)).toBe(true);
	});

	it("of very many buckets takes no more room than the queries, and is the same in pieces", () => {
		const many = [1024];
		const sizes = { heads: 2, headDim: 8, rounds: 1, factors: many };
		scope(() => {
			const rotations = drawRotations(sizes, 5, device);
			const q = normal([2, 2, 3000, 8], { seed: 4 });
			const { liveBytes } = device.memoryStats();
			device.resetPeakMemory();
			const [codes] = hashTokens(q, rotations, many) as [Int32Array];
			expect(device.memoryStats().peakBytes - liveBytes).toBeLessThan(2 * 4 * q.size);
			const short = slice(q, 2, 2990, 3000);
			const [last] = hashTokens(short, rotations, many) as [Int32Array];
			expect(codes.filter((_, at) => at % 3000 >= 2990)).toEqual(last);
		});
	});

	it("keeps the rotations of the first rounds when there are more", () => {
		const draw = (rounds: number) =>
			scope(() => drawRotations({ heads: 2, headDim: 8, rounds, factors }, 3, device).dataSync());
		const [two, three] = [draw(2), draw(3)];
		const kept = three.filter((_, at) => Math.floor(at / 5) % 3 < 2);
		expect(kept).toEqual(two);
	});
});

it("the number of buckets follows the length as each implementation has it", () => {
	const auto = (rule: "hf" | "trax" | "lucidrains", length: number, chunk: number) =>
		bucketFactors("auto", rule, length, chunk);
	expect(auto("hf", 64, 16)).toEqual([8]);
	expect(auto("hf", 112, 16)).toEqual([8]);
	expect(auto("hf", 16384, 64)).toEqual([16, 32]);
	expect(auto("trax", 112, 16)).toEqual([14]);
	expect(auto("trax", 16384, 64)).toEqual([32, 16]);
	expect(auto("lucidrains", 1024, 64)).toEqual([16]);
	expect(auto("lucidrains", 1100, 64)).toEqual([18]);
	for (const rule of ["hf", "trax", "lucidrains"] as const)
		for (let length = 1; length < 5000; length += 7)
			expect(auto(rule, length, 8).every((factor) => factor >= 2 && factor % 2 === 0)).toBe(true);
});

it("sorts by (bucket, position), every position once", () => {
	fc.assert(
		fc.property(fc.array(fc.nat(9), { minLength: 1, maxLength: 200 }), (codes) => {
			const length = codes.length;
			const { order, starts } = sortRound(Int32Array.from(codes), 10);
			const expected = codes.map((_, t) => t).sort((s, t) => (codes[s] as number) - (codes[t] as number) || s - t);
			expect(Array.from(order.subarray(0, length))).toEqual(expected);
			expect(order.subarray(length).every((slot) => slot === -1)).toBe(true);
			for (let bucket = 0; bucket < 10; bucket++)
				for (let slot = starts[bucket] as number; slot < (starts[bucket + 1] as number); slot++)
					expect(codes[order[slot] as number]).toBe(bucket);
		}),
	);
});

describe("what is attended to", () => {
	const attend = (options: ReformerOptions, length: number, call: ReformerCallOptions = {}) =>
		scope(() => {
			const qk = tokens(1, 2, length, 16, 5);
			return reformer(options)(qk, qk, tokens(1, 2, length, 16, 6), call).dataSync();
		});

	it("is everything in one round of one chunk", () => {
		const one = { chunkLength: 100, before: 0, causal: true };
		const hashed = attend({ ...one, fullAttentionBelow: 0 }, 100);
		expect(largestDifference(hashed, attend(one, 100))).toBeLessThan(2e-6);
	});

	it("comes to everything with more rounds of own buckets", () => {
		const rounds = { preset: "paper", chunkLength: 64, buckets: 2 } as const;
		const whole = attend({ ...rounds, fullAttentionBelow: 128 }, 128);
		const errors = [1, 4, 16, 200].map((numHashes) => largestDifference(attend({ ...rounds, numHashes }, 128), whole));
		expect(errors[1]).toBeLessThan(errors[0] as number);
		expect(errors[2]).toBeLessThan(errors[1] as number);
		expect(errors[3]).toBeLessThan(0.1 * (errors[0] as number));
	});

	it("is the same for rounds given at the call", () => {
		const options = { chunkLength: 16, seed: 3 };
		expect(attend(options, 100, { numHashes: 3 })).toEqual(attend({ ...options, numHashes: 3 }, 100));
	});

	it("is a sequence padded to whole chunks, for other lengths", () => {
		const [length, padded] = [70, 80];
		const options = { chunkLength: 16, buckets: 4, numHashes: 2, before: 1, after: 1 };
		scope(() => {
			const extend = (x: Tensor) =>
				tensor(
					Array.from({ length: padded * 16 }, (_, at) => (x.dataSync()[at] as number | undefined) ?? at),
					[1, 1, padded, 16],
					device,
				);
			const [qk, v] = [tokens(1, 1, length, 16, 7), tokens(1, 1, length, 16, 8)];
			const longer = extend(qk);
			const keyMask = intTensor(
				Array.from({ length: padded }, (_, t) => Number(t < length)),
				[1, padded],
				device,
			);
			const whole = slice(reformer(options)(longer, longer, extend(v), { keyMask }), 2, 0, length);
			expect(largestDifference(reformer(options)(qk, qk, v).dataSync(), whole.dataSync())).toBeLessThan(2e-6);
		});
	});

	it("is hashed again alike when a checkpoint repeats the call", () => {
		const attention = reformer({ chunkLength: 16, numHashes: 2, causal: true });
		scope(() => {
			const input = { qk: tokens(1, 2, 100, 16, 5), v: tokens(1, 2, 100, 16, 6) };
			const loss = (qk: Tensor, v: Tensor) => sum(mul(attention(qk, qk, v), 0.5));
			const plain = valueAndGrad(({ qk, v }: typeof input) => loss(qk, v))(input).gradient;
			const repeated = valueAndGrad(({ qk, v }: typeof input) => checkpoint(loss, qk, v))(input).gradient;
			expect(repeated.qk.dataSync()).toEqual(plain.qk.dataSync());
			expect(repeated.v.dataSync()).toEqual(plain.v.dataSync());
		});
	});
});

it("plans of all heads share what depends on the length alone", () => {
	const [entries, length] = [16, 2048];
	const codes = Int32Array.from({ length: entries * length }, (_, at) => (at * 7919) % 8);
	const plans = reformerPlans(reformerSettings("reformer", {}));
	const words = (count: number) => {
		const made = plans.hashed({ codes: [codes], buckets: 8, entries: count, length });
		return encodePlans(made[0] as (typeof made)[number]).words.length;
	};
	// A further head adds its two orders, a header and an entry of the head map.
	expect(words(16) - words(15)).toBe(length + (length + 64) + 8 + 1);
});

describe("decoding", () => {
	const [batch, heads, length, headDim, valueDim] = [2, 2, 75, 8, 12];
	const rules: Record<string, ReformerOptions> = {
		"hf, two rounds": { chunkLength: 8, numHashes: 2, buckets: [2, 4] },
		"within rounds, two chunks before": {
			...{ chunkLength: 8, numHashes: 2, buckets: 6, before: 2, wrap: "within-round", excludeSelf: false },
		},
		paper: { preset: "paper", chunkLength: 8, numHashes: 3, buckets: 4 },
		"full up to 30": { chunkLength: 8, buckets: 4, fullAttentionBelow: 30, wrap: "none" },
	};
	const run = (attend: Attention<ReformerCallOptions>, pieces: readonly number[], entries?: number) => {
		const session = attend.startDecoding({ batch: entries === undefined ? batch : 1, heads, headDim, valueDim });
		const part = (x: Tensor, at: number, piece: number) => {
			const rows = slice(x, 2, at, at + piece);
			return entries === undefined ? rows : slice(rows, 0, entries, entries + 1);
		};
		let at = 0;
		const outputs = pieces.map((piece) => {
			const qk = part(tokens(batch, heads, length, headDim, 1), at, piece);
			const out = session.append(qk, qk, part(tokens(batch, heads, length, valueDim, 2), at, piece));
			at += piece;
			return out;
		});
		session.dispose();
		return outputs;
	};
	const ones = new Array<number>(length).fill(1);

	it.each(Object.entries(rules))("a token sees what the last of a sequence sees: %s", (_, options) => {
		scope(() => {
			const attend = reformer({ ...options, causal: true });
			const outputs = run(attend, ones);
			const prompted = run(attend, [40, 1, 1, 33]);
			for (let t = 0; t < length; t++) {
				// By definition: the last row of the dense form over the tokens so far.
				const first = (width: number, seed: number) =>
					slice(tokens(batch, heads, length, width, seed, exact), 2, 0, t + 1);
				const rows = reformerReference(first(headDim, 1), first(valueDim, 2), { ...options, causal: true });
				const expected = slice(rows, 2, t, t + 1).dataSync();
				expect(largestDifference((outputs[t] as Tensor).dataSync(), expected), `token ${t}`).toBeLessThan(1e-5);
				if (t < 42) continue;
				const late = slice(prompted[3] as Tensor, 2, t - 42, t - 41);
				expect(largestDifference(late.dataSync(), expected), `token ${t} after a prompt`).toBeLessThan(1e-5);
			}
			const prompt = (x: Tensor) => slice(x, 2, 0, 40);
			const qk = prompt(tokens(batch, heads, length, headDim, 1));
			const whole = attend(qk, qk, prompt(tokens(batch, heads, length, valueDim, 2)));
			expect(largestDifference((prompted[0] as Tensor).dataSync(), whole.dataSync())).toBeLessThan(1e-6);
		});
	});

	it("of a batch is that of its entries, and frees what it held", () => {
		const { buffers } = device.memoryStats();
		scope(() => {
			const attend = reformer({ chunkLength: 8, numHashes: 2, causal: true });
			const together = run(attend, [20, ...ones.slice(20)]);
			for (let entry = 0; entry < batch; entry++)
				run(attend, [20, ...ones.slice(20)], entry).forEach((alone, step) => {
					const own = slice(together[step] as Tensor, 0, entry, entry + 1).dataSync();
					expect(largestDifference(alone.dataSync(), own)).toBeLessThan(1e-6);
				});
		});
		expect(device.memoryStats().buffers).toBe(buffers);
	});
});

describe("bad input gives one error that names the argument", () => {
	const qk = () => normal([1, 2, 100, 16], { seed: 1 });
	const call = (options: ReformerOptions, callOptions: ReformerCallOptions = {}) => {
		const shared = qk();
		return reformer(options)(shared, shared, qk(), callOptions);
	};
	itRefuses(
		() => device,
		[
			[
				"another tensor as k",
				() => reformer()(qk(), qk(), qk()),
				OptionError,
				/k must be the tensor q: LSH attention shares queries and keys; call it as attend\(qk, qk, v\)/,
			],
			["an odd number of buckets", () => reformer({ buckets: 7 }), OptionError, /buckets is 7; expected even numbers/],
			["an odd factor", () => reformer({ buckets: [4, 3] }), OptionError, /buckets is 4 x 3; expected even numbers/],
			["no factor", () => reformer({ buckets: [] }), OptionError, /expected an even number, 1 to 16 even factors/],
			[
				"more buckets than an int32 holds",
				() => reformer({ buckets: [2 ** 16, 2 ** 16] }),
				OptionError,
				/expected fewer than 2\^31 - 1 in all/,
			],
			[
				"duplicates removed across buckets",
				() => reformer({ removeDuplicates: true }),
				OptionError,
				/removeDuplicates is true and bucketMask false; set bucketMask: true/,
			],
			["chunk length 0", () => reformer({ chunkLength: 0 }), OptionError, /chunkLength is 0; expected an integer/],
			["no round", () => reformer({ numHashes: 0 }), OptionError, /numHashes is 0; expected an integer of at least 1/],
			["no round at a call", () => call({}, { numHashes: 0 }), OptionError, /numHashes is 0; expected an integer/],
			[
				"before below 0",
				() => reformer({ before: -1 }),
				OptionError,
				/before is -1; expected an integer of at least 0/,
			],
			["after below 0", () => reformer({ after: -1 }), OptionError, /after is -1; expected an integer of at least 0/],
			["a threshold below 0", () => reformer({ fullAttentionBelow: -1 }), OptionError, /fullAttentionBelow is -1/],
			["a fraction as seed", () => reformer({ seed: 0.5 }), OptionError, /seed is 0.5/],
			[
				"a preset that is none",
				() => reformer({ preset: "google" as "hf" }),
				OptionError,
				/preset is "google"; expected "hf", "trax", "lucidrains" or "paper"/,
			],
			[
				"a wrap that is none",
				() => reformer({ wrap: "ring" as "none" }),
				OptionError,
				/wrap is "ring"; expected "circular"/,
			],
			[
				"a key scale that is none",
				() => reformer({ keyScale: "l1" as "rms" }),
				OptionError,
				/keyScale is "l1"; expected "rms" or "norm"/,
			],
			["a flag that is none", () => reformer({ bucketMask: 1 as unknown as boolean }), OptionError, /bucketMask is 1/],
			[
				"rotations of other sizes",
				() => call({ buckets: 8, numHashes: 2 }, { rotations: zeros([2, 16, 2, 8]) }),
				ShapeError,
				/rotations has shape \[2, 16, 2, 8\]; expected \[2, 16, 2, 4\]/,
			],
			[
				"values of another length",
				() => reformer()(qk(), qk(), normal([1, 2, 90, 16], { seed: 1 })),
				ShapeError,
				/argument k has shape \[1, 2, 100, 16\]; expected \[1, 2, 90, 16\]/,
			],
			[
				"a key mask of another length",
				() => call({}, { keyMask: intTensor([1, 1], [1, 2]) }),
				ShapeError,
				/keyMask has shape \[1, 2\]; expected \[1, 100\]/,
			],
			[
				"decoding that looks ahead",
				() => reformer().startDecoding({ batch: 1, heads: 2, headDim: 16 }),
				OptionError,
				/reformer: startDecoding needs causal: true/,
			],
			[
				"another tensor as k in a session",
				() => {
					const session = reformer({ causal: true }).startDecoding({ batch: 1, heads: 2, headDim: 16 });
					return session.append(qk(), qk(), qk());
				},
				OptionError,
				/k must be the tensor q/,
			],
		],
	);
});
