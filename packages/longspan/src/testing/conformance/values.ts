import { beforeAll, expect, it } from "vitest";
import { type Device, init, intTensor, scope, type Tensor, tensor } from "../../index.js";
import { appliesTo, callOptions, type MechanismCase } from "../mechanism-case.js";
import { expectClose } from "./expect-close.js";
import { call, inputNames, makeExtra, makeInputs, type Result, run, type Sizes, shapes } from "./run-case.js";

let definition: Device;
const definitions = new Map<string, Result>();
beforeAll(async () => {
	definition = await init({ device: "reference" });
});

/** Output and gradients of the dense definition in float64, computed once for all devices. */
function defined(test: MechanismCase, sizes: Sizes): Result {
	const key = test.name + JSON.stringify(sizes);
	let result = definitions.get(key);
	if (!result) {
		result = run(definition, test, sizes, test.reference);
		definitions.set(key, result);
	}
	return result;
}

/** Output and gradients equal the definition, also where keys are masked. */
export function testValues(test: MechanismCase, device: () => Device, tolerance: number): void {
	it.each(shapes.filter((sizes) => appliesTo(test, sizes)))(
		"$batch x $heads x $queries/$keys x $headDim/$valueDim, mask $mask",
		(sizes) => {
			const buffers = device().memoryStats().buffers;
			const actual = run(device(), test, sizes, call(test));
			const expected = defined(test, sizes);
			expectClose("output", actual.output, expected.output, tolerance);
			for (const [index, name] of inputNames(test, sizes).entries())
				expectClose(
					`d${name}`,
					actual.gradients[index] as Float32Array,
					expected.gradients[index] as Float64Array,
					tolerance,
				);
			expect(device().memoryStats().buffers).toBe(buffers);
		},
	);

	it.skipIf(test.zeroWithoutKeys === false)("gives 0 and no gradient to queries that see no key", () => {
		const sizes: Sizes = {
			...{ batch: 2, heads: test.heads ?? 2, queries: 70, keys: 70, headDim: 16, valueDim: 16 },
			mask: "none",
		};
		const { output, gradients } = run(device(), test, sizes, call(test));
		const perEntry = gradients.slice(0, inputNames(test, sizes).indexOf("v") + 1);
		for (const values of [output, ...perEntry])
			expect(values.slice(0, values.length / 2).every((value) => value === 0)).toBe(true);
		for (const values of gradients) expect(values.every((value) => Number.isFinite(value))).toBe(true);
	});

	it("does not depend on batch neighbours or on what padding holds", () => {
		const sizes = {
			...{ batch: 2, heads: test.heads ?? 2, queries: 90, keys: 90, headDim: 16, valueDim: 16 },
		};
		const { batch, heads, keys, headDim } = sizes;
		const kept = 70;
		scope(() => {
			const size = heads * keys * headDim;
			const shape = [batch, heads, keys, headDim];
			const [q, k, v] = makeInputs(device(), test, sizes).map((x) => Array.from(x.dataSync())) as [
				number[],
				number[],
				number[],
			];
			const isPadding = (at: number) => at < size && Math.floor(at / headDim) % keys >= kept;
			const padded = (values: number[], fill: number) =>
				tensor(
					values.map((value, at) => (isPadding(at) ? fill : value)),
					shape,
					device(),
				);
			const mask = Array.from({ length: batch * keys }, (_, at) => Number(at >= keys || at < kept));
			const extra = makeExtra(device(), test, sizes);
			const attend = (tq: Tensor, tk: Tensor, tv: Tensor, keyMask?: Tensor<"int32">) =>
				test.attend(tq, test.attend.sharesQueryKey ? tq : tk, tv, callOptions(test, keyMask, extra));
			const attendFilled = (fill: number) => {
				const queries = test.attend.sharesQueryKey ? padded(q, fill) : tensor(q, shape, device());
				const keyMask = intTensor(mask, [batch, keys], device());
				const out = attend(queries, padded(k, fill), padded(v, fill), keyMask).dataSync();
				// Where queries are keys, those of padding differ.
				return test.attend.sharesQueryKey ? out.filter((_, at) => !isPadding(at)) : out;
			};
			expect(attendFilled(1e9)).toEqual(attendFilled(-3));
			const alone = (values: number[]) => tensor(values.slice(size), [1, heads, keys, headDim], device());
			const second = attend(alone(q), alone(k), alone(v));
			expectClose("second entry alone", attendFilled(0).slice(-size), second.dataSync(), 1e-5);
		});
	});
}
