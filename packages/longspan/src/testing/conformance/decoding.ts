import { expect, it } from "vitest";
import { type Device, scope, slice, type Tensor, tensor } from "../../index.js";
import { callOptions, type MechanismCase } from "../mechanism-case.js";
import { expectClose } from "./expect-close.js";
import { makeExtra, makeInputs } from "./run-case.js";

/** Tokens that arrive in pieces give the same output, and later tokens change no earlier output. */
export function testDecoding(test: MechanismCase, device: () => Device): void {
	const [batch, heads, length, headDim, valueDim] = [2, test.heads ?? 2, 150, 16, 24];
	const sizes = { batch, heads, queries: length, keys: length, headDim, valueDim };
	const attend = (q: Tensor, k: Tensor, v: Tensor) =>
		test.attend(q, k, v, callOptions(test, undefined, makeExtra(device(), test, sizes)));

	it.skipIf(test.decodesExactly === false).each([
		["all at once", [150]],
		["one by one", new Array(150).fill(1)],
		["a prompt, then one by one", [97, ...new Array(53).fill(1)]],
		["pieces of every kind", [1, 1, 64, 3, 40, 1, 1, 39]],
	])("decodes to the same output: %s", (_split, pieces: number[]) => {
		const buffers = device().memoryStats().buffers;
		scope(() => {
			const [q, k, v] = makeInputs(device(), test, sizes);
			const whole = attend(q, k, v).dataSync();
			const session = test.attend.startDecoding({ batch, heads, headDim, valueDim });
			let at = 0;
			for (const piece of pieces) {
				const part = (x: Tensor) => slice(x, 2, at, at + piece);
				const tq = part(q);
				const out = session.append(tq, k === q ? tq : part(k), part(v)).dataSync();
				const expected = slice(tensor(whole, [batch, heads, length, valueDim], device()), 2, at, at + piece).dataSync();
				expectClose(`positions from ${at}`, out, expected, 1e-4);
				at += piece;
				expect(session.position).toBe(at);
			}
			session.dispose();
		});
		expect(device().memoryStats().buffers).toBe(buffers);
	});

	it("changes no output before a changed token", () => {
		scope(() => {
			const [q, k, v] = makeInputs(device(), test, sizes);
			const changedFrom = 77;
			const change = (x: Tensor) => {
				const width = x.shape[3] as number;
				return tensor(
					x.dataSync().map((value, i) => (Math.floor(i / width) % length >= changedFrom ? value + 5 : value)),
					x.shape,
					device(),
				);
			};
			const before = attend(q, k, v).dataSync();
			const changed = test.causalInKeys === false ? [q, k] : [change(q), change(k)];
			const [tq, tk] = changed as [Tensor, Tensor];
			const after = attend(tq, test.attend.sharesQueryKey ? tq : tk, change(v)).dataSync();
			const early = (values: Float32Array) => values.filter((_, i) => Math.floor(i / valueDim) % length < changedFrom);
			expect(early(after)).toEqual(early(before));
		});
	});
}
