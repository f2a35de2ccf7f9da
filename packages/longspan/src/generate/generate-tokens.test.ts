import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
	type Device,
	type GeneratedSequence,
	generateTokens,
	generationSettings,
	init,
	OptionError,
	sampleToken,
	streamTokens,
} from "../index.js";
import { scoreOf, ToySession } from "../testing/toy-session.js";
import { samplingWeights } from "./sampling/sampling-weights.js";

interface TransformersCase {
	readonly prompts: readonly (readonly number[])[];
	/** By the names of generation_config.json. */
	readonly options: Readonly<Record<string, unknown>>;
	readonly ids: readonly (readonly (readonly number[])[])[];
	readonly scores?: readonly (readonly number[])[];
}

interface TransformersCases {
	readonly cases: readonly TransformersCase[];
	readonly sampling: readonly { readonly options: object; readonly probabilities: readonly number[] }[];
}

const reference: TransformersCases = JSON.parse(
	readFileSync(new URL("transformers-cases.json", import.meta.url), "utf8"),
);

let device: Device;
beforeAll(async () => {
	device = await init({ device: "wasm", threads: 1 });
});
afterAll(() => device.dispose());

const vocabulary = 11;

describe("generateTokens", () => {
	it.each(reference.cases)(
		"gives the sequences of transformers: $options",
		async ({ prompts, options, ids, scores }) => {
			const settings = generationSettings(options, {});
			const found = await generateTokens(new ToySession(prompts.length), prompts, {
				...settings,
				encoderIds: prompts,
			});
			expect(found.map((entry) => entry.map((sequence) => sequence.ids))).toEqual(ids);
			scores?.forEach((entry, at) => {
				entry.forEach((score, rank) => {
					expect(found[at]?.[rank]?.score).toBeCloseTo(score, 4);
				});
			});
			for (const { ids: own, ended } of found.flat())
				expect(ended).toBe(settings.eosTokenId.includes(own.at(-1) as number));
		},
	);

	it.each([
		[1, 1],
		[0, 1],
		[2.5, 1],
		[-0.5, 2],
	])("finds the best of all sequences with as many beams, length penalty %d", async (lengthPenalty, endTokens) => {
		const [size, steps, prompt] = [4, 4, [2, 1]];
		const eosTokenId = Array.from({ length: endTokens }, (_, id) => id);
		const all: { ids: number[]; score: number }[] = [];
		const visit = (ids: number[], sum: number): void => {
			const last = [...prompt, ...ids].slice(-2) as [number, number];
			const row = Array.from({ length: size }, (_, next) => scoreOf(...last, next));
			const norm = Math.log(row.reduce((total, score) => total + Math.exp(score), 0));
			row.forEach((score, next) => {
				const longer = [...ids, next];
				const total = sum + score - norm;
				if (eosTokenId.includes(next) || longer.length === steps)
					all.push({ ids: longer, score: total / longer.length ** lengthPenalty });
				else visit(longer, total);
			});
		};
		visit([], 0);
		all.sort((a, b) => b.score - a.score);
		const options = { numBeams: 300, numReturnSequences: 300, lengthPenalty, eosTokenId, maxNewTokens: steps };
		const [found = []] = await generateTokens(new ToySession(1, size), [prompt], options);
		expect(found.map(({ ids }) => ids)).toEqual(all.map(({ ids }) => ids));
		found.forEach(({ score }, rank) => {
			expect(score).toBeCloseTo((all[rank] as { score: number }).score, 5);
		});
	});

	it.each([
		["greedy", {}],
		["drawn", { doSample: true, numReturnSequences: 2, topK: 0, seed: 3 }],
		["by beams", { numBeams: 3, numReturnSequences: 2 }],
		["by drawn beams", { numBeams: 3, numReturnSequences: 2, doSample: true, seed: 3, temperature: 1.5 }],
	])("gives an entry the same alone and among others, %s", async (_, options) => {
		const asked = { ...options, eosTokenId: [0, 6], maxNewTokens: 12, noRepeatNgramSize: 3 };
		const prompts = [[3], [7], [5], [3]];
		const together = await generateTokens(new ToySession(4), prompts, asked);
		const lengths = new Set(together.flat().map(({ ids }) => ids.length));
		expect(lengths.size).toBeGreaterThan(1);
		for (const [entry, prompt] of prompts.entries())
			expect((await generateTokens(new ToySession(1), [prompt], asked))[0]).toEqual(together[entry]);
	});

	it("draws each of several sequences with its own random numbers, in proportion to the probabilities", async () => {
		const count = 4000;
		const options = { doSample: true, topK: 3, temperature: 0.9, maxNewTokens: 1, numReturnSequences: count };
		const [found = []] = await generateTokens(new ToySession(1), [[3, 5]], options);
		const row = Float32Array.from({ length: vocabulary }, (_, next) => scoreOf(3, 5, next));
		const weights = samplingWeights(row, row.indexOf(Math.max(...row)), { topK: 3, temperature: 0.9 });
		const sum = weights.reduce((a, b) => a + b, 0);
		const statistic = weights.reduce((total, weight, id) => {
			const drawn = found.filter(({ ids }) => ids[0] === id).length;
			if (weight === 0) expect(drawn).toBe(0);
			return weight === 0 ? total : total + (drawn - (count * weight) / sum) ** 2 / ((count * weight) / sum);
		}, 0);
		// Three tokens: above 13.8 in one of a thousand seeds.
		expect(statistic).toBeLessThan(13.8);
	});

	it("draws by seed, position and sequence, from scores that other sequences have left alone", async () => {
		const options = { doSample: true, seed: 8, maxNewTokens: 2, numReturnSequences: 40, repetitionPenalty: 1.4 };
		const [found = []] = await generateTokens(new ToySession(1), [[3, 9]], options);
		found.forEach(({ ids }, sequence) => {
			const all = [3, 9, ...ids];
			ids.forEach((id, at) => {
				const row = Float32Array.from({ length: vocabulary }, (_, next) => {
					const score = scoreOf(all[at] as number, all[at + 1] as number, next);
					if (!all.slice(0, at + 2).includes(next)) return score;
					return score < 0 ? score * 1.4 : score / 1.4;
				});
				expect(id).toBe(sampleToken(row, { seed: 8, topK: 50, position: at + 2, sequence }));
			});
		});
	});

	it("draws beams without repeating one, in proportion to the probability of the first", async () => {
		const row = Float32Array.from({ length: vocabulary }, (_, next) => scoreOf(-1, 3, next));
		const weights = row.map(Math.exp);
		const sum = weights.reduce((a, b) => a + b, 0);
		const best = row.indexOf(Math.max(...row));
		let [hits, runs] = [0, 600];
		for (let seed = 0; seed < runs; seed++) {
			const options = { numBeams: 2, numReturnSequences: 2, doSample: true, seed, topK: 0, maxNewTokens: 1 };
			const [found = []] = await generateTokens(new ToySession(1), [[3]], options);
			const ids = found.map(({ ids: own }) => own[0] as number);
			expect(new Set(ids).size).toBe(2);
			if (ids.includes(best)) hits++;
		}
		const shares = [...weights].map((weight) => weight / sum);
		const share = shares[best] as number;
		const expected =
			share + shares.reduce((total, own, id) => (id === best ? total : total + (own * share) / (1 - own)), 0);
		expect(Math.abs(hits / runs - expected)).toBeLessThan(4 * Math.sqrt((expected * (1 - expected)) / runs));
	});

	it("reads a prompt once for each entry, and stops when all have ended", async () => {
		const session = new ToySession(2);
		const [[first], [second]] = (await generateTokens(session, [[3], [5]], {
			eosTokenId: 0,
			padTokenId: 9,
			maxNewTokens: 50,
		})) as [[GeneratedSequence], [GeneratedSequence]];
		const longest = Math.max(first.ids.length, second.ids.length);
		expect(first.ids).not.toHaveLength(second.ids.length);
		expect(session.rowCounts).toEqual(new Array(longest).fill(2));
		const ended = session.fed.slice(Math.min(first.ids.length, second.ids.length) + 1);
		expect(ended.map((row) => row[first.ids.length < second.ids.length ? 0 : 1])).toEqual(ended.map(() => 9));
		const beams = new ToySession(1);
		await generateTokens(beams, [[3]], { numBeams: 4, maxNewTokens: 3 });
		expect(beams.rowCounts).toEqual([1, 4, 4]);
		const copies = new ToySession(2);
		await generateTokens(copies, [[3], [5]], { doSample: true, numReturnSequences: 3, maxNewTokens: 2 });
		expect(copies.rowCounts).toEqual([2, 6]);
	});

	it("gives fewer sequences where no more are possible, and goes on with fewer beams", async () => {
		const [found] = await generateTokens(new ToySession(1, 3), [[1]], {
			numBeams: 8,
			numReturnSequences: 8,
			maxNewTokens: 1,
		});
		expect(found).toHaveLength(3);
		const forced = new ToySession(1);
		await generateTokens(forced, [[1]], { numBeams: 4, forcedBosTokenId: 4, maxNewTokens: 3 });
		expect(forced.rowCounts).toEqual([1, 1, 4]);
	});

	it("streams the same tokens, and frees what it holds when the consumer stops", async () => {
		const options = { eosTokenId: 0, maxNewTokens: 12 };
		const { buffers } = device.memoryStats();
		for (const numBeams of [1, 3]) {
			const steps: (readonly (number | undefined)[])[] = [];
			for await (const step of streamTokens(new ToySession(2), [[3], [5]], { ...options, numBeams })) steps.push(step);
			const whole = await generateTokens(new ToySession(2), [[3], [5]], { ...options, numBeams });
			expect(whole.map((_, entry) => steps.map((step) => step[entry]).filter((id) => id !== undefined))).toEqual(
				whole.map(([sequence]) => sequence?.ids),
			);
		}
		const session = new ToySession(1);
		for await (const _ of streamTokens(session, [[3]], options)) break;
		expect(session.rowCounts).toEqual([1]);
		expect(device.memoryStats().buffers).toBe(buffers);
	});

	it("stops between two tokens when it is told to", async () => {
		const stop = new AbortController();
		const session = new ToySession(1);
		const steps = streamTokens(session, [[3]], { maxNewTokens: 50, signal: stop.signal });
		await steps.next();
		stop.abort(new Error("enough"));
		await expect(steps.next()).rejects.toThrow("enough");
		expect(session.rowCounts).toHaveLength(1);
		const { buffers } = device.memoryStats();
		const beams = generateTokens(session, [[3]], { numBeams: 2, signal: AbortSignal.abort() });
		await expect(beams).rejects.toThrow(/abort/i);
		expect(device.memoryStats().buffers).toBe(buffers);
	});

	it.each([
		["no prompts", [], {}, /prompts is an array of something else or of nothing/],
		["an empty prompt", [[]], {}, /prompt 0 is empty/],
		["prompts of different lengths", [[1], [1, 2]], {}, /prompt 1 has 2 ids, the first 1/],
		["a prompt beyond the most tokens", [[1, 2]], { maxLength: 2 }, /the prompt has 2 tokens and maxLength is 2/],
		["a misspelt option", [[1]], { numBeam: 2 } as never, /generateTokens: numBeam is no option/],
		["no beams", [[1]], { numBeams: 0 }, /numBeams is 0; expected an integer of at least 1/],
		["more sequences than beams", [[1]], { numBeams: 2, numReturnSequences: 3 }, /expected at most numBeams, 2/],
		["several greedy sequences", [[1]], { numReturnSequences: 2 }, /expected 1 where always the likeliest/],
		["early stopping of another kind", [[1]], { earlyStopping: "always" as never }, /earlyStopping is "always"/],
		["a penalty of 0", [[1]], { repetitionPenalty: 0 }, /repetitionPenalty is 0; expected a number above 0/],
		["an empty bad word", [[1]], { badWordsIds: [[1], []] }, /badWordsIds is \[\[1\],\[\]\]; expected lists of token/],
		["a token that is none", [[1]], { eosTokenId: -1 }, /eosTokenId is -1; expected a token id or a list/],
		[
			"a token beyond the vocabulary",
			[[1]],
			{ suppressTokens: [3, 11] },
			/suppressTokens has token 11; expected 0 to 10/,
		],
		["no encoder ids", [[1]], { encoderNoRepeatNgramSize: 2 }, /encoderIds has 0 lists of ids; .* one for each of 1/],
		["a signal that is none", [[1]], { signal: true as never }, /signal is true; expected an AbortSignal/],
		[
			"rules that leave nothing",
			[[1]],
			{ suppressTokens: Array.from({ length: 11 }, (_, id) => id) },
			/no score is above -Inf/,
		],
	])("refuses %s", async (_, prompts, options, message) => {
		const { buffers } = device.memoryStats();
		const refused = generateTokens(new ToySession(prompts.length), prompts, options);
		await expect(refused).rejects.toThrow(OptionError);
		await expect(refused).rejects.toThrow(message);
		expect(device.memoryStats().buffers).toBe(buffers);
	});

	it("refuses rules that leave a beam search nothing", async () => {
		const suppressTokens = Array.from({ length: 11 }, (_, id) => id);
		const refused = generateTokens(new ToySession(1), [[1]], { numBeams: 2, suppressTokens });
		await expect(refused).rejects.toThrow(/no token can follow prompt 0/);
	});

	it.each([
		[1, Number.NaN],
		[3, Number.NaN],
		[1, Number.POSITIVE_INFINITY],
		[3, Number.POSITIVE_INFINITY],
	])("refuses scores that are none, %d beams", async (numBeams, value) => {
		const damaged = new ToySession(1, 5, (_, last, next) => (last === 2 && next === 3 ? value : next === 2 ? 1 : 0));
		const refused = generateTokens(damaged, [[1]], { numBeams });
		await expect(refused).rejects.toThrow(`score of token 3 is ${value}`);
	});
});

describe("samplingWeights", () => {
	it.each(reference.sampling)("keeps the tokens that transformers keeps: $options", ({ options, probabilities }) => {
		const row = Float32Array.from({ length: vocabulary }, (_, next) => scoreOf(3, 5, next));
		const weights = samplingWeights(row, row.indexOf(Math.max(...row)), options);
		const sum = weights.reduce((a, b) => a + b, 0);
		weights.forEach((weight, id) => {
			expect(weight / sum).toBeCloseTo(probabilities[id] as number, 5);
		});
	});
});
