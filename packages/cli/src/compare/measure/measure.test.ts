import { type Attention, type Device, full, init, linear, linformer, OptionError, slidingWindow } from "longspan";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AttentionChoice } from "../../attentions/choices.js";
import type { Progress } from "../../output/progress.js";
import { defaults, parseOptions } from "../options.js";
import type { CompareSettings } from "../settings.js";
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

	const settingsWith = (attentions: string, lengths: string, ...more: AttentionChoice[]): CompareSettings => {
		const settings = settingsOf(attentions, lengths);
		return { ...settings, attentions: [...settings.attentions, ...more] };
	};

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

	it("measures what has no causal form to both sides, not against causal attention", async () => {
		const create = (causal: boolean): Attention => {
			if (causal) throw new OptionError("both-sided: causal is true");
			return slidingWindow({ window: 8 });
		};
		const settings = settingsWith("full", "32", { label: "both-sided", name: "both-sided", create });
		const { rows, skipped } = await measureAttentions(device, settings, new RecordedProgress());
		expect(skipped).toEqual([]);
		expect(rows.map(({ attention, maxErrorVsExact }) => [attention, maxErrorVsExact])).toEqual([
			["full", 0],
			["both-sided", null],
		]);
	});

	it("skips the lengths an attention refuses when it is made, counted or called, and goes on", async () => {
		const limit = (what: string, length: number) => {
			if (length > 48) throw new OptionError(`${what}: length is ${length}`);
		};
		const window = () => slidingWindow({ window: 8, causal: true });
		const choice = (label: string, create: (causal: boolean, length: number) => Attention) => ({
			label,
			name: label,
			create,
		});
		const settings = settingsWith(
			"window:8",
			"32,64",
			choice("made", (_, length) => {
				limit("made", length);
				return window();
			}),
			choice("counted", () => {
				const inner = window();
				const cost = (length: number, sizes?: object) => {
					limit("counted", length);
					return inner.cost(length, sizes);
				};
				return Object.assign((...call: Parameters<Attention>) => inner(...call), inner, { cost });
			}),
			choice("called", () => {
				const inner = window();
				const attend = (...call: Parameters<Attention>) => {
					limit("called", call[0].shape[2] as number);
					return inner(...call);
				};
				return Object.assign(attend, inner);
			}),
		);
		const { liveBytes } = device.memoryStats();
		const progress = new RecordedProgress();
		const { rows, skipped } = await measureAttentions(device, settings, progress);
		expect(rows.map(({ attention, n }) => `${attention} ${n}`)).toEqual([
			...["window:8", "made", "counted", "called"].map((name) => `${name} 32`),
			"window:8 64",
		]);
		expect(skipped.map(({ attention, n, reason }) => [attention, n, reason])).toEqual(
			["made", "counted", "called"].map((name) => [name, 64, `not for this length: ${name}: length is 64`]),
		);
		expect(progress.notes[0]).toBe("skipped made at n = 64: not for this length: made: length is 64");
		expect(device.memoryStats().liveBytes).toBe(liveBytes);
	});

	it("draws weights for attentions that need some, for every length anew, and frees them", async () => {
		const create = (causal: boolean, length: number) => linformer({ maxLength: length, projectedLength: 8, causal });
		const settings = settingsWith("full", "32,48", { label: "linformer", name: "linformer", create });
		const { liveBytes } = device.memoryStats();
		const { rows, skipped } = await measureAttentions(device, settings, new RecordedProgress());
		expect(skipped).toEqual([]);
		expect(rows.filter(({ attention }) => attention === "linformer").map(({ n }) => n)).toEqual([32, 48]);
		for (const { forwardBackwardMs } of rows) expect(forwardBackwardMs).toBeGreaterThan(0);
		expect(device.memoryStats().liveBytes).toBe(liveBytes);
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
