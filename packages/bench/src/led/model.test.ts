import { expect, it } from "vitest";
import { bytesOfStep } from "./model.js";

it("counts what a step reads: matrices in their format, the text once, the tokens before for each row", () => {
	const step = { elementBytes: 4, textLength: 4096, position: 99, rows: 1 };
	const matrices = 6 * (4 * 768 * 768 + 2 * 768 * 768 + 2 * 768 * 3072) + 50_265 * 768;
	const caches = 4 * 6 * 2 * 768;
	expect(bytesOfStep(step)).toBe(4 * matrices + caches * (4096 + 100));
	expect(bytesOfStep({ ...step, elementBytes: 1 })).toBe(matrices + caches * (4096 + 100));
	expect(bytesOfStep({ ...step, rows: 4, position: 999 })).toBe(4 * matrices + caches * (4096 + 4000));
});
