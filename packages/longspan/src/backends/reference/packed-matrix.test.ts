import { describe, expect, it } from "vitest";
import { floatOutput, floats, integers, kernelCase } from "../../testing/kernel-case.js";
import { runInFloat64 } from "../../testing/run-in-float64.js";
import type { MatrixFormat } from "../backend.js";
import { roundRow } from "./round-to-format.js";

const round = (format: MatrixFormat, row: readonly number[]) => Array.from(roundRow(format, Float32Array.from(row)));

describe("roundRow", () => {
	it("keeps float32", () => expect(round("float32", [Math.fround(0.1), -3])).toEqual([Math.fround(0.1), -3]));

	it("rounds bfloat16 to 8 significant bits, ties to even", () => {
		expect(round("bfloat16", [1 + 2 ** -8, 1 + 3 * 2 ** -8, -1 - 2 ** -8 - 2 ** -15, 255.5, 2 ** -127])).toEqual([
			1,
			1 + 2 ** -6,
			-1 - 2 ** -7,
			256,
			2 ** -127,
		]);
	});

	it("rounds float16 to 11 significant bits, and drops what is 2^-30 of the largest", () => {
		expect(round("float16", [1.5, 1 + 2 ** -11, 1 + 3 * 2 ** -11, -(2 ** -20) * (1 + 2 ** -12)])).toEqual([
			1.5,
			1,
			1 + 2 ** -9,
			-(2 ** -20),
		]);
		// Of a row whose largest magnitude is in [1, 2), 2^-29 is what 2^-14 is at 2^15.
		expect(round("float16", [1, 2 ** -29, -(2 ** -29) * (1 - 2 ** -20)])).toEqual([1, 2 ** -29, 0]);
		expect(round("float16", [2 ** 120, 2 ** 100 + 2 ** 80])).toEqual([2 ** 120, 2 ** 100]);
	});

	it("rounds int8 to a 127th of the largest magnitude, ties to even", () => {
		expect(round("int8", [127, 0.5, 1.5, -2.5, -126.4])).toEqual([127, 0, 2, -2, -126]);
		expect(round("int8", [-6.35, 0.1])).toEqual([-127, 2].map((x) => x * Math.fround(Math.fround(6.35) / 127)));
	});

	it.each(["float32", "float16", "bfloat16", "int8"] as const)("keeps a row of zeros, %s", (format) => {
		expect(round(format, [0, 0])).toEqual([0, 0]);
	});
});

describe("a packed matrix", () => {
	it("is multiplied as its rounded elements, and gives them back", async () => {
		const test = kernelCase({
			name: "packed matrix",
			inputs: { x: floats([1, 10, 2, -20]), bias: floats([0, 0, -50]), ids: integers([2, 0]) },
			outputs: { out: floatOutput(6), rows: floatOutput(4) },
			run(backend, { x, bias, ids, out, rows }) {
				const weight = backend.createPackedMatrix(3, 2, "int8");
				backend.writePackedRows(weight, Float32Array.of(127, 0.4, 0, 0), 0);
				backend.writePackedRows(weight, Float32Array.of(1.6, 127), 2);
				backend.linear({ x, weight, bias, out, m: 2, n: 3, k: 2, activation: "relu" });
				backend.gatherPacked(weight, ids, rows);
				backend.destroyPackedMatrix(weight);
			},
		});
		// Rows of the matrix: [127, 0], [0, 0], [2, 127].
		const { out, rows } = await runInFloat64(test);
		expect(Array.from(out!)).toEqual([127, 0, 1222, 254, 0, 0]);
		expect(Array.from(rows!)).toEqual([2, 127, 127, 0]);
	});
});
