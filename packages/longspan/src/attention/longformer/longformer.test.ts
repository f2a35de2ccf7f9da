import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
	concat,
	type Device,
	full,
	init,
	intTensor,
	longformer,
	longformerLayers,
	OptionError,
	planStatistics,
	ShapeError,
	scope,
	slice,
	slidingWindow,
	type Tensor,
	uniform,
	valueAndGrad,
} from "../../index.js";
import { sum } from "../../ops/reduce.js";
import { relativeError } from "../../testing/expect-close.js";
import { expectSameFunction } from "../../testing/expect-same-function.js";
import { zeroPaddedRows } from "../../testing/mechanisms/longformer.js";
import { itRefuses } from "../../testing/refusals.js";
import { joinHeads, sineProjection } from "../../testing/sine-projections.js";
import { exactValues } from "../../testing/tensor-gradient.js";
import { assertDisjoint } from "../plan/union.js";
import { longformerPlan } from "./plans.js";
import { longformerReference } from "./reference.js";

let exact: Device;
let device: Device;
beforeAll(async () => {
	exact = await init({ device: "reference" });
	device = await init({ threads: 2 });
});
afterAll(() => {
	device.dispose();
	exact.dispose();
});

const random = (length: number, seed = 1, heads = 2, batch = 1) => uniform([batch, heads, length, 16], { seed });
const inputs = (length: number) => [random(length, 1), random(length, 2), random(length, 3)] as const;
const count = (length: number) => Array.from({ length }, (_, i) => i);

function expectEqual(actual: Tensor, expected: Tensor, tolerance = 2e-6): void {
	expect(actual.shape).toEqual(expected.shape);
	expect(relativeError(actual.dataSync(), expected.dataSync())).toBeLessThan(tolerance);
}

describe("longformer", () => {
	it("gives what another implementation gave", () => {
		const file = new URL("huggingface-fixture.json", import.meta.url);
		const stored = JSON.parse(readFileSync(file, "utf8"));
		scope(() => {
			const project = (layer: number) => sineProjection(exact, stored, layer);
			const mask = intTensor(stored.attentionMask.flat(), [stored.batch, stored.length], exact);
			const out = longformer({ attentionWindow: stored.attentionWindow })(project(0), project(1), project(2), {
				keyMask: mask,
				globalTokens: stored.globalMask.map((marks: number[]) => count(stored.length).filter((i) => marks[i])),
				globalProjections: { q: project(3), k: project(4), v: project(5) },
			});
			const actual = joinHeads(exactValues(zeroPaddedRows(out, mask)), out.shape);
			// That one computes its softmax in float32.
			expect(relativeError(actual, stored.output)).toBeLessThan(1e-6);
		});
	});

	it.each(["reference", "wasm"])("with projections of its own for global rows equals the definition on %s", (kind) => {
		const shape = [2, 2, 140, 16];
		const [on, tolerance] = kind === "wasm" ? [device, 2e-5] : [exact, 1e-10];
		const mask = Array.from({ length: 2 * 140 }, (_, at) => Number(at < 130 || at >= 145));
		for (const [causal, dilation, globals] of [
			[
				false,
				1,
				[
					[0, 64, 65, 139],
					[7, 70],
				],
			],
			[true, [1, 3], [[], [7, 70]]],
		] as const) {
			const options = { window: 11, causal, dilation };
			const keyMask = (on: Device) => intTensor(mask, [2, 140], on);
			expectSameFunction(
				on,
				(on) => (q, k, v, qg, kg, vg) =>
					longformer(options)(q!, k!, v!, {
						keyMask: keyMask(on),
						globalTokens: globals,
						globalProjections: { q: qg!, k: kg!, v: vg! },
					}),
				exact,
				(on) => (q, k, v, qg, kg, vg) =>
					longformerReference(q!, k!, v!, {
						...{ ...options, keyMask: keyMask(on), globals, projections: { q: qg!, k: kg!, v: vg! } },
					}),
				new Array(6).fill(shape),
				tolerance,
			);
		}
	});

	it.each(["reference", "wasm"])("with outputs of its own for global rows equals the definition on %s", (kind) => {
		const shape = [2, 2, 140, 16];
		const [on, tolerance] = kind === "wasm" ? [device, 2e-5] : [exact, 1e-10];
		const globals = [[3, 4, 139], [7]];
		/** The listed rows of each entry; row 0 stands in where an entry has fewer. */
		const listed = (rows: Tensor) =>
			concat(
				globals.map((list, entry) => {
					const own = slice(rows, 0, entry, entry + 1);
					return concat(
						[0, 1, 2].map((at) => slice(own, 2, list[at] ?? 0, (list[at] ?? 0) + 1)),
						2,
					);
				}),
				0,
			);
		expectSameFunction(
			on,
			() => (q, k, v, qg, kg, vg) =>
				longformer({ window: 11 })(q!, k!, v!, {
					globalTokens: globals,
					globalRows: full()(listed(qg!), kg!, vg!),
				}),
			exact,
			() => (q, k, v, qg, kg, vg) =>
				longformerReference(q!, k!, v!, { window: 11, globals, projections: { q: qg!, k: kg!, v: vg! } }),
			new Array(6).fill(shape),
			tolerance,
		);
	});

	it("is full attention where the window holds everything, or every token is global", () => {
		scope(() => {
			const [q, k, v] = inputs(150);
			const expected = full()(q, k, v);
			expectEqual(longformer({ window: 149 })(q, k, v), expected);
			expectEqual(longformer({ window: 200, globalTokens: [3, 149] })(q, k, v), expected);
			expectEqual(longformer({ window: 3, globalTokens: count(150) })(q, k, v), expected);
			const globalProjections = { q: random(150, 4), k: random(150, 5), v: random(150, 6) };
			expectEqual(
				longformer({ window: 3, globalTokens: count(150) })(q, k, v, { globalProjections }),
				full()(globalProjections.q, globalProjections.k, globalProjections.v),
			);
			expectEqual(
				longformer({ window: 3, globalTokens: count(150), causal: true })(q, k, v),
				full({ causal: true })(q, k, v),
			);
		});
	});

	it("is the sliding window where no token is global, with half of a two-sided window as its reach", () => {
		scope(() => {
			const [q, k, v] = inputs(100);
			const globalProjections = { q: k, k: v, v: q };
			expectEqual(
				longformer({ attentionWindow: 16, globalTokens: [1] })(q, k, v, { globalTokens: [], globalProjections }),
				slidingWindow({ window: 8 })(q, k, v),
			);
		});
	});

	it("with dilation is the window on each class of remainders", () => {
		scope(() => {
			const dilation = 4;
			const [q, k, v] = inputs(128);
			const out = longformer({ window: 5, dilation })(q, k, v);
			const members = (x: Tensor, remainder: number) =>
				slice(x.view([2, 128 / dilation, dilation, 16]), 2, remainder, remainder + 1).view([1, 2, 32, 16]);
			for (let remainder = 0; remainder < dilation; remainder++) {
				const [cq, ck, cv] = [q, k, v].map((x) => members(x, remainder)) as [Tensor, Tensor, Tensor];
				expectEqual(members(out, remainder), slidingWindow({ window: 5 })(cq, ck, cv));
			}
		});
	});

	it("reaches as far in two layers as their windows together, and not one token further", () => {
		scope(() => {
			const layers = longformerLayers({ window: [5, 9] });
			const [q, k, v] = inputs(200);
			const at = 100;
			const gradient = valueAndGrad((x: Tensor) => {
				const out = layers.reduce((h, attend) => attend(q, k, h), x);
				return sum(slice(out, 2, at, at + 1));
			})(v).gradient.dataSync();
			const reached = count(200).filter((j) => count(16).some((c) => gradient[j * 16 + c] !== 0));
			expect([Math.min(...reached), Math.max(...reached)]).toEqual([at - 14, at + 14]);
		});
	});

	it("may have other global tokens in every batch entry", () => {
		scope(() => {
			const [q, k, v] = [1, 2, 3].map((seed) => random(90, seed, 2, 2)) as [Tensor, Tensor, Tensor];
			const attend = longformer({ window: 4, dilation: [1, 2] });
			const out = attend(q, k, v, { globalTokens: [[80], [1, 2, 3]] });
			[[80], [3, 1, 2]].forEach((globalTokens, b) => {
				const entry = (x: Tensor) => slice(x, 0, b, b + 1);
				expectEqual(entry(out), attend(entry(q), entry(k), entry(v), { globalTokens }));
			});
			expectEqual(attend(q, k, v, { globalTokens: [[5], [5]] }), attend(q, k, v, { globalTokens: [5] }));
		});
	});

	it("plans every pair once, in tiles that hold one", () => {
		for (const [length, window, dilation, globals] of [
			[500, 30, 1, [0, 17, 64, 65, 499]],
			[300, 8, 3, [3, 4, 150]],
			[260, 0, 1, count(130).map((i) => 2 * i)],
		] as const)
			for (const causal of [false, true]) {
				const plan = longformerPlan(length, { window, dilation, causal, globals }, "all");
				assertDisjoint(plan);
				const isGlobal = new Set<number>(globals);
				let pairs = 0;
				for (let i = 0; i < length; i++)
					for (let j = 0; j < (causal ? i + 1 : length); j++) {
						const near = Math.abs(i - j) <= window * dilation && (i - j) % dilation === 0;
						if (near || isGlobal.has(i) || isGlobal.has(j)) pairs++;
					}
				expect(planStatistics(plan).activePairs).toBe(pairs);
			}
	});

	it("computes little more than a window for a few global tokens", () => {
		const length = 16384;
		const sizes = { heads: 12 };
		const window = slidingWindow({ window: 256 }).cost(length, sizes);
		const some = longformer({ window: 256, globalTokens: count(16) }).cost(length, sizes);
		expect(some.tiles).toBe(window.tiles + 12 * (256 + 256 + 1));
	});

	it("decodes with the window and the global keys alone once the last global token has come", () => {
		const length = 700;
		for (const dilation of [1, [1, 3]]) {
			const attend = longformer({ window: 12, dilation, causal: true, globalTokens: [0, 5, 90] });
			scope(() => {
				const list = inputs(length);
				const whole = attend(...list);
				const session = attend.startDecoding({ batch: 1, heads: 2, headDim: 16 });
				let at = 0;
				for (const piece of [3, 60, ...new Array(150).fill(1), 100, ...new Array(287).fill(1), 100]) {
					const [q, k, v] = list.map((x) => slice(x, 2, at, at + piece)) as [Tensor, Tensor, Tensor];
					expectEqual(session.append(q, k, v), slice(whole, 2, at, at + piece), 1e-5);
					at += piece;
				}
				expect(at).toBe(length);
				// Up to 36 tokens of the window, three global ones, and as many old ones as are dropped together with 100 new ones.
				expect(session.stateBytes).toBeLessThanOrEqual(2 * 2 * 256 * 16 * 4);
				session.dispose();
			});
		}
	});

	it("plans very long sequences", () => {
		const length = 2 ** 18;
		const attend = longformer({ window: 64, globalTokens: [0, 5000, length - 1] });
		expect(attend.cost(length).tiles).toBeLessThan(7 * (length / 64));
	});
});

describe("bad input of longformer", () => {
	const call = (options: object, callOptions: object = {}) => {
		const [q, k, v] = inputs(57);
		return longformer({ window: 6, ...options })(q, k, v, callOptions);
	};
	itRefuses(
		() => device,
		[
			[
				"a global token beyond the sequence",
				() => call({ globalTokens: [70] }),
				OptionError,
				/position 70; expected 0 to 56/,
			],
			["one given by the call", () => call({}, { globalTokens: [57] }), OptionError, /position 57; expected 0 to 56/],
			[
				"a global token below 0",
				() => call({ globalTokens: [-1] }),
				OptionError,
				/a position is -1; expected an integer of at least 0/,
			],
			["a global token twice", () => call({ globalTokens: [3, 5, 3] }), OptionError, /names position 3 twice/],
			[
				"global tokens of another batch",
				() => call({}, { globalTokens: [[1], [2]] }),
				OptionError,
				/2 lists; expected one for each of the 1 batch/,
			],
			["lists and positions", () => call({}, { globalTokens: [[1], 2] }), OptionError, /holds positions and lists/],
			["lists at construction", () => call({ globalTokens: [[1]] }), OptionError, /an option of the call/],
			[
				"global tokens that are no list",
				() => call({ globalTokens: 3 }),
				OptionError,
				/globalTokens is 3; expected a list/,
			],
			[
				"an odd two-sided window",
				() => longformer({ attentionWindow: 5 }),
				OptionError,
				/attentionWindow is 5; expected an even number.*use window: 5/,
			],
			[
				"both windows",
				() => longformer({ window: 4, attentionWindow: 8 }),
				OptionError,
				/window 4 and attentionWindow 8 are both given/,
			],
			[
				"a reach below 0",
				() => longformer({ window: -1 }),
				OptionError,
				/window is -1; expected an integer of at least 0/,
			],
			["causal that is no flag", () => call({ causal: 1 }), OptionError, /causal is 1; expected true or false/],
			["a scale that is not finite", () => call({ scale: Number.NaN }), OptionError, /longformer: scale is NaN/],
			[
				"layers of both kinds of window",
				() => longformerLayers({ window: [1], attentionWindow: [2] }),
				OptionError,
				/either window or attentionWindow/,
			],
			["no window", () => longformer({}), OptionError, /window is undefined/],
			["a dilation as long as the sequence", () => call({ dilation: 57 }), OptionError, /dilation is 57 for length 57/],
			[
				"dilations for other heads",
				() => call({ dilation: [1, 2, 3] }),
				OptionError,
				/dilation has 3 entries; expected one for each of the 2 heads/,
			],
			["dilation 0", () => call({ dilation: [1, 0] }), OptionError, /dilation is 0/],
			[
				"projections of another shape",
				() => call({}, { globalProjections: { q: random(57), k: random(56), v: random(57) } }),
				ShapeError,
				/globalProjections.k has shape \[1, 2, 56, 16\]; expected \[1, 2, 57, 16\]/,
			],
			[
				"rows of another number of global tokens",
				() => call({ globalTokens: [3, 5] }, { globalRows: random(3) }),
				ShapeError,
				/globalRows has shape \[1, 2, 3, 16\]; expected \[1, 2, 2, 16\]/,
			],
			[
				"rows and projections",
				() =>
					call(
						{ globalTokens: [3] },
						{ globalRows: random(1), globalProjections: { q: random(57), k: random(57), v: random(57) } },
					),
				OptionError,
				/both given/,
			],
			["layers of no kind of window", () => longformerLayers({}), OptionError, /either window or attentionWindow/],
			[
				"dilations of other layers",
				() => longformerLayers({ window: [1, 2], dilation: [1] }),
				OptionError,
				/each of the 2 layers/,
			],
			[
				"decoding that looks ahead",
				() => longformer({ window: 2 }).startDecoding({ batch: 1, heads: 1, headDim: 8 }),
				OptionError,
				/longformer: startDecoding needs causal: true/,
			],
		],
	);
});
