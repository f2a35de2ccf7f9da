import { type Device, full, init, linear, slidingWindow } from "longspan";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Progress } from "../../output/progress.js";
import { defaults, parseOptions } from "../options.js";
import { maxDifference } from "./error.js";
import { measureAttentions } from "./measure.js";
import { neededBytes, predictCost } from "./predict.js";
import { Timings } from "./subject.js";

const sizes = { batch: 1, heads: 2, headDim: 8 };
const call = (ms: number) => ({ ms, peakBytes: 0, flops: 0, tiles: 0 });

class RecordedProgress implements Progress {
	readonly notes: string[] = [];
	start() {}
	update() {}
	finish() {}
	note(text: string) {
		this.notes.push(text);
	}
}

describe("predictCost", () => {
	it.each([full({ causal: true }), slidingWindow({ window: 64 }), linear({ causal: true })])(
		"foretells the cost beyond the counted lengths: %s",
		(attention) => {
			const n = 2 ** 18;
			const { flops, tiles, bytes } = attention.cost(n, sizes);
			const predicted = predictCost(attention, n, sizes);
			expect(predicted.flops / flops).toBeCloseTo(1, 6);
			expect(predicted.tiles).toBeCloseTo(tiles, -1);
			expect(predicted.bytes / bytes).toBeCloseTo(1, 6);
		},
	);

	it("answers for absurd lengths at once", () => {
		const n = 1e12;
		const cost = predictCost(full(), n, sizes);
		expect(neededBytes(cost, n, sizes, false)).toBeGreaterThan(3 * 4 * n * 2 * 8);
		expect(neededBytes(cost, n, sizes, true)).toBeGreaterThan(neededBytes(cost, n, sizes, false));
	});
});

describe("Timings", () => {
	it("asks for the repeats it was given, and takes the median", () => {
		const timings = new Timings(call(99), 4);
		for (const ms of [7, 1, 3]) {
			expect(timings.wantsMore).toBe(true);
			timings.add(call(ms));
		}
		expect(timings.median).toBe(3);
		timings.add(call(5));
		expect(timings.wantsMore).toBe(false);
		expect(timings.median).toBe(4);
	});

	it("stops early where calls are long, but not before the first", () => {
		const timings = new Timings(call(9000), 5);
		expect(timings.wantsMore).toBe(true);
		timings.add(call(1500));
		expect(timings.wantsMore).toBe(false);
		expect(timings.count).toBe(1);
	});
});

describe("maxDifference", () => {
	it("finds the largest, and keeps a NaN", () => {
		expect(maxDifference(Float32Array.of(1, 2, -3), Float32Array.of(1, 2.5, 1))).toBe(4);
		expect(maxDifference(Float32Array.of(Number.NaN, 2), Float32Array.of(1, 9))).toBeNaN();
	});
});

describe("measureAttentions", () => {
	let device: Device;
	beforeAll(async () => {
		device = await init({ device: "reference" });
	});
	afterAll(() => device.dispose());

	const settingsOf = (attentions: string, lengths: string, maxSeconds = "0") =>
		parseOptions([], {
			...defaults,
			...{ attentions, lengths, maxSeconds, heads: "2", headDim: "8", repeat: "2" },
			...{ causal: true, backward: true, turbo: false, json: false },
		});

	it("measures every attention at every length and leaves nothing on the device", async () => {
		const { liveBytes } = device.memoryStats();
		const { rows, skipped } = await measureAttentions(
			device,
			settingsOf("linear,full,window:100", "64,96"),
			new RecordedProgress(),
		);
		expect(skipped).toEqual([]);
		expect(rows.map(({ attention, n }) => `${attention} ${n}`)).toEqual(
			[64, 96].flatMap((n) => [`linear ${n}`, `full ${n}`, `window:100 ${n}`]),
		);
		for (const row of rows) {
			expect(row.forwardMs).toBeGreaterThan(0);
			expect(row.forwardBackwardMs).toBeGreaterThan(0);
			expect(row.flops).toBeGreaterThan(0);
			expect(row.repeats).toBe(2);
			// The output at least, and less than the scores would take several times over.
			expect(row.peakBytes).toBeGreaterThanOrEqual(4 * 2 * 8 * row.n);
			expect(row.forwardBackwardPeakBytes).toBeGreaterThan(row.peakBytes);
		}
		const [linearRow, fullRow, windowRow] = rows;
		expect(fullRow?.maxErrorVsExact).toBe(0);
		// A causal window that reaches over the whole length is exact attention.
		expect(windowRow?.maxErrorVsExact).toBeLessThan(1e-6);
		expect(linearRow?.maxErrorVsExact).toBeGreaterThan(0.01);
		expect(fullRow?.tiles).toBe(2);
		expect(device.memoryStats().liveBytes).toBe(liveBytes);
	});

	it("holds attentions against exact attention even if that was not chosen", async () => {
		const { rows } = await measureAttentions(device, settingsOf("window:100", "32"), new RecordedProgress());
		expect(rows).toHaveLength(1);
		expect(rows[0]?.maxErrorVsExact).toBeLessThan(1e-6);
	});

	it("skips lengths beyond memory, says what they need, and goes on", async () => {
		const progress = new RecordedProgress();
		const { rows, skipped } = await measureAttentions(device, settingsOf("full", "32,1000000000"), progress);
		expect(rows.map(({ n }) => n)).toEqual([32]);
		expect(skipped).toMatchObject([{ attention: "full", n: 1e9, predictedMs: null }]);
		expect(skipped[0]?.neededBytes).toBeGreaterThan(4 * 4 * 2 * 8 * 1e9);
		expect(progress.notes[0]).toMatch(/skipped full at n = 1,000,000,000: needs \d+ GiB of memory/);
	});

	it("skips lengths that would take too long", async () => {
		const { rows, skipped } = await measureAttentions(
			device,
			settingsOf("full", "64,65536", "1"),
			new RecordedProgress(),
		);
		expect(rows.map(({ n }) => n)).toEqual([64]);
		expect(skipped[0]?.reason).toMatch(/one call would take about .*, more than --max-seconds 1/);
		expect(skipped[0]?.predictedMs).toBeGreaterThan(1000);
	});
});
