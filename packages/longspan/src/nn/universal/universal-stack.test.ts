import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
	add,
	concat,
	cumsum,
	type Device,
	DisposedError,
	div,
	dropout,
	init,
	intTensor,
	keep,
	linear,
	matmul,
	mul,
	normal,
	OptionError,
	ones,
	reshape,
	ShapeError,
	scope,
	slice,
	sum,
	type Tensor,
	tanh,
	type UniversalParameters,
	type UniversalStackOptions,
	universalStack,
	valueAndGrad,
	where,
	zeros,
} from "../../index.js";
import { relativeError } from "../../testing/expect-close.js";
import { itRefuses } from "../../testing/refusals.js";
import { exactValues, expectGradients } from "../../testing/tensor-gradient.js";
import { type ForwardOptions, foldIn } from "../forward-options.js";
import { normalInitializer } from "../initialize.js";
import type { Layer } from "../layer.js";
import { timingSignal } from "./timing-signal.js";

let exact: Device;
let wasm: Device;
beforeAll(async () => {
	exact = await init({ device: "reference" });
	wasm = await init({ threads: 2 });
});
afterAll(() => {
	wasm.dispose();
	exact.dispose();
});

const dim = 6;

/** x + dropout(tanh(mean of x up to here · W)): a causal layer whose state is a sum and a count. */
const runningMean: Layer<Tensor> = {
	initialize: (draw) => draw([dim, dim], 1),
	apply: (weight, x, options) => scope(() => meanLayer(weight, x, null, 0, options)),
	startDecoding(batch) {
		let state: Tensor | null = null;
		let count = 0;
		return {
			get stateBytes() {
				return state ? 4 * state.size : 0;
			},
			append(weight, x) {
				const out = scope(() => meanLayer(weight, x, state, count));
				const next = scope(() =>
					keep(add(state ?? zeros([batch, 1, dim], x.device), sum(x, { axes: 1, keepDims: true }))),
				);
				state?.dispose();
				state = next;
				count += x.shape[1] as number;
				return out;
			},
			dispose: () => state?.dispose(),
		};
	},
};

function meanLayer(weight: Tensor, x: Tensor, before: Tensor | null, count: number, options: ForwardOptions = {}) {
	const [batch, length] = x.shape as [number, number];
	const { keyMask, random } = options;
	const present = keyMask
		? where(reshape(keyMask, [batch, length, 1]), ones([], x.device), zeros([], x.device))
		: ones([batch, length, 1], x.device);
	const sums = cumsum(mul(x, present), 1);
	const mean = div(before ? add(sums, before) : sums, add(cumsum(present, 1), count + (keyMask ? 1e-9 : 0)));
	const change = tanh(matmul(mean, weight));
	return add(x, random ? dropout(change, 0.3, random) : change);
}

const stackOf = (options: Partial<UniversalStackOptions> = {}) =>
	universalStack(runningMean, { dim, steps: 4, ...options });

describe("universalStack", () => {
	it("is its block applied again and again, bit for bit, with dropout of each step's own", () => {
		scope(() => {
			const x = normal([2, 9, dim], { seed: 1 });
			const parameters = stackOf().initialize(normalInitializer(2));
			const random = { seed: 5, step: 3 };
			for (const timing of [null, {}, { layout: "halves" }] as const) {
				let expected = x;
				for (let step = 1; step <= 4; step++) {
					if (timing) {
						const signal = timingSignal("test", dim, timing);
						expected = add(expected, add(signal.positions(0, 9, wasm), signal.step(step, wasm, null)));
					}
					expected = runningMean.apply(parameters.block, expected, { random: foldIn(random, step) });
				}
				const { hidden, ponderCost, updates } = stackOf({ timing }).apply(parameters, x, { random });
				expect(hidden.dataSync()).toEqual(expected.dataSync());
				expect([ponderCost, updates]).toEqual([null, null]);
			}
		});
	});

	it("may take other numbers of steps with the same weights", () => {
		scope(() => {
			const parameters = stackOf().initialize(normalInitializer(2));
			const x = normal([1, 3, dim], { seed: 1 });
			const [few, more] = [3, 7].map((steps) => stackOf({ steps }).apply(parameters, x).hidden.dataSync());
			expect(few).not.toEqual(more);
		});
	});

	it("adds the gradients of its steps to those of the one block", () => {
		scope(() => {
			const x = normal([2, 5, dim], { seed: 1 }, exact);
			const matrix = mul(normal([dim, dim], { seed: 2 }, exact), 0.5);
			const tied = valueAndGrad((p: { block: Tensor }) => sum(stackOf({ steps: 3, timing: null }).apply(p, x).hidden))({
				block: matrix,
			}).gradient.block;
			const untied = valueAndGrad((copies: Tensor[]) => sum(copies.reduce((h, copy) => runningMean.apply(copy, h), x)))(
				[matrix, mul(matrix, 1), mul(matrix, 1)],
			).gradient;
			const total = untied.reduce((a, b) => add(a, b));
			expect(relativeError(exactValues(tied), exactValues(total))).toBeLessThan(1e-13);
		});
	});

	it.each([
		{},
		{ timing: { step: "learned" } },
		{ halting: {} },
		{ halting: { accumulation: "accumulated", haltedState: "frozen" }, timing: { step: "learned", layout: "halves" } },
	] as const)("has the gradients that differences give, with %j", (options) => {
		const stack = stackOf({ ...options, steps: 3 });
		expectGradients(
			exact,
			(x, block, weight, bias, stepSignals) => {
				const { hidden, ponderCost } = stack.apply({ block, halting: { weight, bias }, stepSignals }, x);
				return ponderCost ? add(hidden, ponderCost) : hidden;
			},
			[[2, 4, dim], [dim, dim], [dim, 1], [1], [3, dim]],
		);
	});

	it.each([
		{},
		{ timing: { layout: "halves", step: "learned" } },
		{ halting: {} },
		{ halting: { threshold: 0.7, haltedState: "frozen" } },
		{ halting: { accumulation: "accumulated" }, timing: null },
		{ halting: { accumulation: "accumulated", haltedState: "frozen", forceRemainder: false }, steps: 3 },
	] as const)("decodes in pieces what it computes at once, with %j", (options) => {
		const before = wasm.memoryStats().buffers;
		scope(() => {
			const stack = stackOf(options);
			const drawn = stack.initialize(normalInitializer(2));
			// A unit that halts late, and not everywhere at once.
			const parameters = drawn.halting ? { ...drawn, halting: { ...drawn.halting, bias: zeros([1]) } } : drawn;
			const x = normal([2, 12, dim], { seed: 4 });
			const { hidden, updates } = stack.apply(parameters, x);
			if (updates) expect(new Set(updates).size).toBeGreaterThan(1);
			const session = stack.startDecoding(2);
			const pieces = [5, 1, 1, 3, 2];
			let start = 0;
			const outputs = pieces.map((length) => session.append(parameters, slice(x, 1, start, (start += length))));
			expect(relativeError(concat(outputs, 1).dataSync(), hidden.dataSync())).toBeLessThan(1e-5);
			expect(session.stateBytes).toBe((options as { steps?: number }).steps === 3 ? 3 * 48 : 4 * 48);
			session.dispose();
			expect(() => session.append(parameters, x)).toThrow(DisposedError);
		});
		expect(wasm.memoryStats().buffers).toBe(before);
	});

	it("decodes with an attention of the library as block", () => {
		const attend = linear({ causal: true });
		const heads = (x: Tensor) => reshape(x, [x.shape[0] as number, 1, x.shape[1] as number, dim]);
		const block: Layer<Tensor> = {
			initialize: (draw) => draw([dim, dim], 0.4),
			apply: (weight, x) =>
				scope(() => {
					const h = heads(x);
					return add(x, tanh(matmul(reshape(attend(h, h, h), x.shape), weight)));
				}),
			startDecoding(batch) {
				const session = attend.startDecoding({ batch, heads: 1, headDim: dim });
				return {
					get stateBytes() {
						return session.stateBytes;
					},
					append: (weight, x) =>
						scope(() => {
							const h = heads(x);
							return add(x, tanh(matmul(reshape(session.append(h, h, h), x.shape), weight)));
						}),
					dispose: () => session.dispose(),
				};
			},
		};
		scope(() => {
			const stack = universalStack(block, { dim, steps: 5, halting: { haltedState: "frozen" } });
			const parameters = stack.initialize(normalInitializer(3));
			const x = normal([1, 70, dim], { seed: 4 });
			const session = stack.startDecoding(1);
			const outputs = [slice(x, 1, 0, 60), ...Array.from({ length: 10 }, (_, at) => slice(x, 1, 60 + at, 61 + at))];
			const pieces = outputs.map((piece) => session.append(parameters, piece));
			const { hidden } = stack.apply(parameters, x);
			expect(relativeError(concat(pieces, 1).dataSync(), hidden.dataSync())).toBeLessThan(1e-4);
			session.dispose();
		});
	});

	it.each([{}, { halting: {} }, { halting: { haltedState: "frozen" } }] as const)(
		"gives tokens of a padded batch what they get alone, with %j",
		(options) => {
			scope(() => {
				const stack = stackOf(options);
				const parameters = stack.initialize(normalInitializer(2));
				const x = normal([2, 8, dim], { seed: 4 });
				const keyMask = intTensor([1, 1, 1, 1, 1, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1], [2, 8]);
				const padded = stack.apply(parameters, x, { keyMask });
				const rows = [slice(slice(x, 0, 0, 1), 1, 0, 5), slice(x, 0, 1)].map((row) => stack.apply(parameters, row));
				const ours = [slice(slice(padded.hidden, 0, 0, 1), 1, 0, 5), slice(padded.hidden, 0, 1)];
				rows.forEach(({ hidden }, row) => {
					expect(relativeError((ours[row] as Tensor).dataSync(), hidden.dataSync())).toBeLessThan(1e-6);
				});
				if (!padded.ponderCost) return;
				const [short, long] = rows.map(({ ponderCost }) => ponderCost?.dataSync()[0] as number) as [number, number];
				expect(padded.ponderCost.dataSync()[0]).toBeCloseTo((5 * short + 8 * long) / 13, 5);
			});
		},
	);

	it("halts where its unit says so", () => {
		scope(() => {
			const stack = stackOf({ halting: { threshold: 0 } });
			const parameters = stack.initialize(normalInitializer(2));
			expect(parameters.halting?.bias.dataSync()).toEqual(Float32Array.of(1));
			const x = normal([2, 5, dim], { seed: 4 });
			const { hidden, updates } = stack.apply(parameters, x);
			expect(Array.from(updates!)).toEqual(new Array(10).fill(1));
			expect(hidden.dataSync()).toEqual(stackOf({ steps: 1 }).apply(parameters, x).hidden.dataSync());
		});
	});

	describe("refuses", () => {
		const x = () => ones([1, 3, dim]);
		const plain = (): UniversalParameters<Tensor> => ({ block: ones([dim, dim]) });
		const notCausal: Layer<Tensor> = {
			...runningMean,
			startDecoding: () => {
				throw new OptionError("block: not causal");
			},
		};
		itRefuses(
			() => wasm,
			[
				["no steps", () => stackOf({ steps: 0 }), OptionError, /universalStack: steps is 0/],
				["a width that is none", () => stackOf({ dim: 1.5 }), OptionError, /universalStack: dim is 1.5/],
				["bad halting", () => stackOf({ halting: { threshold: -1 } }), OptionError, /universalStack: threshold is -1/],
				[
					"bad timing",
					() => stackOf({ timing: { layout: "x" as "halves" } }),
					OptionError,
					/universalStack: timing.layout is "x"/,
				],
				[
					"x of another width",
					() => stackOf().apply(plain(), ones([1, 3, 5])),
					ShapeError,
					/argument x has shape \[1, 3, 5\]; expected \[batch, length, 6\]/,
				],
				[
					"weights without a halting unit",
					() => stackOf({ halting: {} }).apply(plain(), x()),
					OptionError,
					/parameters have no halting/,
				],
				[
					"weights without step signals",
					() => stackOf({ timing: { step: "learned" } }).apply(plain(), x()),
					OptionError,
					/parameters have no stepSignals/,
				],
				[
					"learned signals of fewer steps",
					() => stackOf({ timing: { step: "learned" } }).apply({ ...plain(), stepSignals: ones([3, dim]) }, x()),
					ShapeError,
					/stepSignals has shape \[3, 6\]; expected \[4, 6\]/,
				],
				[
					"a session of another batch",
					() => stackOf().startDecoding(2).append(plain(), x()),
					ShapeError,
					/expected \[2, length, 6\]/,
				],
				[
					"a session of a block that is not causal",
					() => universalStack(notCausal, { dim, steps: 2 }).startDecoding(1),
					OptionError,
					/not causal/,
				],
			],
		);
	});
});
