import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
	type Device,
	full,
	init,
	languageModel,
	linear,
	mapTree,
	normal,
	scope,
	slidingWindow,
	tensor,
	treeTensors,
} from "longspan";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exitCode, InputError, UsageError } from "../../errors.js";
import { modelConfig } from "../../models/config.js";
import { saveModel } from "../../models/save-model.js";
import { watchAttentions } from "./attention-matrices.js";
import { cumulativeShares, rankFor } from "./cumulative.js";
import { parseSpectrumOptions, type RawSpectrumOptions, type SpectrumSettings } from "./options.js";
import { spectrumPage } from "./page.js";
import { spectrumSheet } from "./sheet.js";
import { singularValues } from "./singular-values.js";
import { measureSpectrum } from "./spectrum.js";
import { spectrumText } from "./tables.js";

const square = (size: number, value: (row: number, column: number) => number) =>
	Float64Array.from({ length: size * size }, (_, at) => value(Math.floor(at / size), at % size));

describe("cumulative singular values", () => {
	it("are r / n for the identity", () => {
		const shares = cumulativeShares(
			singularValues(
				square(16, (row, column) => Number(row === column)),
				16,
			),
		);
		shares.forEach((share, index) => {
			expect(share).toBeCloseTo((index + 1) / 16, 12);
		});
		expect([0.5, 0.51, 1].map((share) => rankFor(shares, share))).toEqual([8, 9, 16]);
	});

	it("are 1 from the first on for a matrix of rank 1", () => {
		const shares = cumulativeShares(
			singularValues(
				square(20, (row, column) => (row + 1) / (column + 2)),
				20,
			),
		);
		for (const share of shares) expect(share).toBeCloseTo(1, 12);
		expect(rankFor(shares, 1)).toBe(1);
	});

	it("are of the singular values themselves, not of their squares, largest first", () => {
		const diagonal = [1, 4, 0, 5];
		const values = singularValues(
			square(4, (row, column) => (row === column ? (diagonal[row] as number) : 0)),
			4,
		);
		expect([...cumulativeShares(values)].map((share) => Number(share.toFixed(12)))).toEqual([0.5, 0.9, 1, 1]);
	});

	it("belong to singular values whose squares sum to those of the matrix", () => {
		const matrix = square(24, (row, column) => (column <= row ? 1 / (row + 1) : 0));
		const sum = (values: ArrayLike<number>) => Array.from(values).reduce((total, value) => total + value ** 2, 0);
		expect(sum(singularValues(matrix, 24))).toBeCloseTo(sum(matrix), 10);
	});

	it("sum to the trace of √(P Pᵀ), the matrix itself where it is positive", () => {
		// min(row, column) + 1: positive definite.
		const matrix = square(24, (row, column) => Math.min(row, column) + 1);
		const total = singularValues(matrix, 24).reduce((sum, value) => sum + value, 0);
		expect(total).toBeCloseTo((24 * 25) / 2, 10);
	});
});

describe("attention matrices", () => {
	let device: Device;
	beforeAll(async () => {
		device = await init({ device: "reference" });
	});
	afterAll(() => device.dispose());

	it.each([
		["full", full({ causal: true })],
		["window", slidingWindow({ window: 3 })],
		["linear", linear({ causal: true })],
	])("of %s attention give its output from the values", (_, attention) => {
		const { watch, take } = watchAttentions();
		const watched = watch(attention);
		const { liveBytes } = device.memoryStats();
		scope(() => {
			const [q, k, v] = [0, 1, 2].map((stream) => normal([1, 2, 10, 4], { seed: 3, stream })) as [never, never, never];
			const out = watched(q, k, v).dataSync();
			expect(out).toEqual(attention(q, k, v).dataSync());
			const [matrix, ...others] = take();
			expect([matrix?.shape, others, take()]).toEqual([[1, 2, 10, 10], [], []]);
			const weights = matrix?.dataSync() as Float32Array;
			const values = (v as { dataSync(): Float32Array }).dataSync();
			for (let head = 0; head < 2; head++)
				for (let row = 0; row < 10; row++) {
					const own = weights.subarray((head * 10 + row) * 10, (head * 10 + row + 1) * 10);
					expect(own.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 4);
					const expected = own.reduce(
						(sum, weight, key) => sum + weight * (values[(head * 10 + key) * 4] as number),
						0,
					);
					expect(out[(head * 10 + row) * 4]).toBeCloseTo(expected, 5);
				}
			matrix?.dispose();
		});
		expect(device.memoryStats().liveBytes).toBe(liveBytes);
	});
});

describe("parseSpectrumOptions", () => {
	const raw: RawSpectrumOptions = { model: "m", data: "d", windows: "4", json: false };

	it("leaves the length to the model unless it is given", () => {
		expect(parseSpectrumOptions(raw)).toMatchObject({ length: null, windows: 4, out: null });
		expect(parseSpectrumOptions({ ...raw, length: "64", out: "x.svg" })).toMatchObject({
			...{ length: 64, out: { path: "x.svg", format: "svg" } },
		});
	});

	it.each<[Partial<RawSpectrumOptions>, RegExp]>([
		[{ length: "1" }, /--length: "1" is not valid; expected an integer from 2 to 1024/],
		[{ length: "2000" }, /--length: "2000"/],
		[{ windows: "0" }, /--windows: "0"/],
		[{ out: "x.pdf" }, /--out: "x.pdf"/],
		[{ model: "" }, /--model: the path is empty/],
		[{ data: "" }, /--data: the path is empty/],
	])("refuses %j", (changes, message) => {
		expect(() => parseSpectrumOptions({ ...raw, ...changes })).toThrow(message);
		expect(() => parseSpectrumOptions({ ...raw, ...changes })).toThrow(
			expect.objectContaining({ name: UsageError.name, exitCode: exitCode.usage }),
		);
	});
});

describe("measureSpectrum", () => {
	let device: Device;
	let folder: string;
	const sizes = { maxLength: 40, dim: 8, layers: 2, heads: 2 };
	const silent = { start() {}, update() {}, note() {}, finish() {} };
	beforeAll(async () => {
		device = await init({ device: "reference" });
		folder = mkdtempSync(join(tmpdir(), "longspan-spectrum-"));
		writeFileSync(join(folder, "text"), "to be or not to be ".repeat(20));
		writeFileSync(join(folder, "short"), "to be");
		for (const [name, vocabularySize, astray] of [
			["model", 256, false],
			["small", 100, false],
			["astray", 256, true],
		] as const) {
			const { parameters } = languageModel({ ...sizes, vocabularySize, attention: full({ causal: true }) });
			const numberless = mapTree(parameters, ({ shape, size }) =>
				tensor(new Float32Array(size).fill(Number.NaN), shape),
			);
			await saveModel(
				join(folder, name),
				modelConfig({ ...sizes, vocabularySize, attention: "full" }),
				astray ? numberless : parameters,
			);
			for (const weight of [...treeTensors(parameters), ...treeTensors(numberless)]) weight.dispose();
		}
	});
	afterAll(() => {
		device.dispose();
		rmSync(folder, { recursive: true });
	});

	const settingsOf = (changes: Partial<SpectrumSettings> = {}): SpectrumSettings => ({
		...{ model: join(folder, "model"), data: join(folder, "text"), length: 32, windows: 3, out: null, json: false },
		...changes,
	});

	it("tells how the singular values of every head add up, and leaves nothing on the device", async () => {
		const { liveBytes } = device.memoryStats();
		const result = await measureSpectrum(device, settingsOf(), silent);
		expect(device.memoryStats().liveBytes).toBe(liveBytes);
		expect(result).toMatchObject({ length: 32, windows: 3, heatRank: 8 });
		expect(result.heads.map(({ layer, head }) => [layer, head])).toEqual([
			[0, 0],
			[0, 1],
			[1, 0],
			[1, 1],
		]);
		for (const { shares, heatShare, rankFor90 } of result.heads) {
			expect(shares).toHaveLength(result.ranks.length);
			expect(shares.at(-1)).toBeCloseTo(1, 6);
			for (let at = 1; at < shares.length; at++) expect(shares[at]).toBeGreaterThanOrEqual(shares[at - 1] as number);
			expect(heatShare).toBe(shares[result.ranks.indexOf(8)]);
			// Nearly even causal attention: far from the identity, and far from rank 1.
			expect(heatShare).toBeGreaterThan(0.5);
			expect(rankFor90).toBeGreaterThan(2);
		}
		const [page, sheet] = [spectrumPage(result), spectrumSheet(result)];
		for (const text of [spectrumText(result), page, sheet]) expect(text).not.toMatch(/NaN|undefined|null/);
		expect(page).toContain("s(8): share of the sum of the 32 singular values that the 8 largest make up");
		expect(sheet).not.toContain("var(--");
	});

	it("uses windows as long as the model takes, and as many as there are", async () => {
		const result = await measureSpectrum(device, settingsOf({ length: null, windows: 100 }), silent);
		expect([result.length, result.windows]).toEqual([40, 9]);
	});

	it.each<[Partial<SpectrumSettings>, typeof InputError, RegExp]>([
		[{ length: 41 }, UsageError, /--length: "41" is too long; the model takes at most 40 tokens/],
		[{ data: "short" }, InputError, /short" holds 5 bytes; a window of --length 32 needs as many/],
		[{ data: "missing" }, InputError, /cannot read ".*missing"/],
		[{ model: "missing" }, InputError, /cannot read ".*config.json"/],
		[{ model: "small" }, InputError, /small" knows 100 tokens; expected 256/],
		[{ model: "astray" }, InputError, /astray" gives attention that is no number in layer 0: .*; train it again/],
	])("refuses %j", async ({ data = "text", model = "model", ...changes }, kind, message) => {
		const { liveBytes } = device.memoryStats();
		const settings = settingsOf({ ...changes, data: join(folder, data), model: join(folder, model) });
		const error = await measureSpectrum(device, settings, silent).catch((thrown: unknown) => thrown);
		expect(error).toBeInstanceOf(kind);
		expect((error as Error).message).toMatch(message);
		expect(device.memoryStats().liveBytes).toBe(liveBytes);
	});
});
