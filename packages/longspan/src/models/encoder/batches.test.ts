import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Device, init, maskTokens, OptionError, padSequences, scope } from "../../index.js";
import { integersBetween } from "../../testing/random-values.js";
import { itRefuses } from "../../testing/refusals.js";

let device: Device;
beforeAll(async () => {
	device = await init({ device: "reference" });
});
afterAll(() => device.dispose());

describe("padSequences", () => {
	it("puts padding behind the shorter ones, and has a mask where there is some", () => {
		scope(() => {
			const { ids, keyMask, lengths } = padSequences([[5, 6, 7], [8]], { padId: 9 });
			expect(ids.shape).toEqual([2, 3]);
			expect([...ids.dataSync()]).toEqual([5, 6, 7, 8, 9, 9]);
			expect([...(keyMask?.dataSync() ?? [])]).toEqual([1, 1, 1, 1, 0, 0]);
			expect(lengths).toEqual([3, 1]);
			expect(padSequences([Int32Array.of(1, 2), [3, 4]]).keyMask).toBeUndefined();
			expect(padSequences([[1]], { length: 4 }).ids.shape).toEqual([1, 4]);
		});
	});

	itRefuses(
		() => device,
		[
			["no sequences", () => padSequences([]), OptionError, /there are no sequences/],
			["an empty sequence", () => padSequences([[1], []]), OptionError, /sequence 1 has 0 tokens; expected 1 to 1/],
			[
				"a sequence that is too long",
				() => padSequences([[1, 2, 3]], { length: 2 }),
				OptionError,
				/sequence 0 has 3 tokens; expected 1 to 2: cut it/,
			],
			["an id that is no integer", () => padSequences([[1.5]]), OptionError, /sequence 0 is 1.5; expected an integer/],
		],
	);
});

describe("maskTokens", () => {
	const options = { maskId: 99, vocabularySize: 100, special: [0, 1] };
	const sequences = Array.from({ length: 40 }, (_, at) => [0, ...integersBetween(200 + at, at, 2, 99), 1]);
	const read = (given: typeof sequences, own: object = {}) =>
		scope(() => {
			const { ids, positions, targets, keyMask } = maskTokens(given, { ...options, ...own });
			const [, length] = ids.shape as [number, number];
			const [all, places, hidden] = [ids, positions, targets].map((x) => [...x.dataSync()]) as [
				number[],
				number[],
				number[],
			];
			return { all, places, hidden, length, keyMask: keyMask && [...keyMask.dataSync()] };
		});

	it("predicts 15 percent of each sequence, of which 8 in 10 are masked and 1 in 10 is random", () => {
		const { all, places, hidden, length } = read(sequences);
		const [fates, random] = [{ masked: 0, changed: 0, same: 0 }, new Set<number>()];
		places.forEach((place, at) => {
			const was = sequences[Math.floor(place / length)]?.[place % length];
			expect(was).toBe(hidden[at]);
			expect(was).toBeGreaterThan(1);
			const is = all[place] as number;
			if (is === 99) fates.masked++;
			else if (is === was) fates.same++;
			else {
				fates.changed++;
				random.add(is);
			}
		});
		expect(places.length).toBe(sequences.map((own) => Math.round(0.15 * (own.length - 2))).reduce((a, b) => a + b, 0));
		expect(new Set(places).size).toBe(places.length);
		expect(fates.masked / places.length).toBeCloseTo(0.8, 1);
		expect(fates.changed / places.length).toBeCloseTo(0.1, 1);
		expect(random.size).toBeGreaterThan(50);
		const chosen = new Set(places);
		sequences.forEach((own, sequence) => {
			own.forEach((id, position) => {
				const place = sequence * length + position;
				if (!chosen.has(place)) expect(all[place]).toBe(id);
			});
		});
	});

	it("is the same for the same seed and step, and another for another", () => {
		expect(read(sequences, { seed: 3, step: 5 })).toEqual(read(sequences, { seed: 3, step: 5 }));
		const places = [{}, { step: 1 }, { seed: 1 }, { seed: 2 ** 40 }].map((own) => read(sequences, own).places.join());
		expect(new Set(places).size).toBe(4);
	});

	it("predicts at least one token of a short sequence, and none of one of special tokens", () => {
		expect(
			read([
				[7, 8],
				[9, 9],
			]).places.length,
		).toBe(2);
		expect(
			read([
				[7, 8, 9],
				[0, 1],
			]).places.every((place) => place < 3),
		).toBe(true);
		expect(read([[7, 8, 9], [5]]).keyMask).toEqual([1, 1, 1, 1, 0, 0]);
		expect(read([[7, 8, 9]], { probability: 1 }).places).toEqual([0, 1, 2]);
	});

	itRefuses(
		() => device,
		[
			[
				"a mask outside of the vocabulary",
				() => maskTokens([[2]], { ...options, maskId: 100 }),
				OptionError,
				/maskTokens: maskId is 100; expected an integer of at least 0 and of at most 99/,
			],
			[
				"a probability of 0",
				() => maskTokens([[2]], { ...options, probability: 0 }),
				OptionError,
				/probability is 0; expected a number above 0, at most 1/,
			],
			["a step below 0", () => maskTokens([[2]], { ...options, step: -1 }), OptionError, /maskTokens: step is -1/],
		],
	);
});
