import { describe, expect, it } from "vitest";
import type { Row, TrainingRun } from "../result.js";
import { answer } from "./answer.js";
import { breakEven } from "./break-even.js";
import { atEqualSeconds, leaders, qualityAt } from "./quality.js";

const row = (attention: string, n: number, forwardMs: number): Row => ({
	attention,
	n,
	forwardMs,
	forwardBackwardMs: null,
	peakBytes: 1024 * n,
	forwardBackwardPeakBytes: null,
	flops: n,
	tiles: 1,
	maxErrorVsExact: null,
	repeats: 1,
	note: null,
});

/** Rows of an attention at 1,000, 2,000, 4,000 … */
const rows = (attention: string, ...times: number[]) => times.map((ms, index) => row(attention, 1000 * 2 ** index, ms));

const run = (attention: string, ...curve: [seconds: number, bitsPerByte: number][]): TrainingRun => {
	const points = curve.map(([seconds, bitsPerByte], step) => ({ step, seconds, bitsPerByte }));
	const last = points[points.length - 1] as (typeof points)[number];
	return { attention, steps: last.step, seconds: last.seconds, bitsPerByte: last.bitsPerByte, curve: points };
};

describe("breakEven", () => {
	const full = rows("full", 1, 4, 16);

	it("finds the crossing on logarithmic axes", () => {
		// Twice as slow at 1,000, half as slow at 4,000: even in the middle, at 2,000.
		expect(breakEven("x", [row("full", 1000, 1), row("full", 4000, 16), row("x", 1000, 2), row("x", 4000, 8)])).toEqual(
			{
				kind: "from",
				from: 2000,
			},
		);
	});

	it("says whether it is always or never faster", () => {
		expect(breakEven("x", [...full, ...rows("x", 0.5, 1, 2)])).toEqual({ kind: "always", from: 1000 });
		expect(breakEven("x", [...full, ...rows("x", 2, 8, 16)])).toEqual({ kind: "never", upTo: 4000 });
	});

	it("counts the last crossing, after which it stays faster", () => {
		expect(breakEven("x", [...full, ...rows("x", 0.5, 8, 8)])).toMatchObject({ kind: "from" });
		expect(breakEven("x", [...full, ...rows("x", 0.5, 2, 32)])).toEqual({ kind: "never", upTo: 4000 });
	});

	it("is null where nothing was measured together", () => {
		expect(breakEven("x", rows("x", 1, 2))).toBeNull();
		expect(breakEven("x", [row("full", 1000, 1), row("x", 2000, 1)])).toBeNull();
	});
});

describe("quality", () => {
	const slow = run("slow", [0, 8], [10, 4], [20, 3]);
	const quick = run("quick", [0, 8], [5, 4.5], [10, 3.5]);

	it("reads a curve between its points", () => {
		expect(qualityAt(slow, 15)).toBeCloseTo(3.5);
		expect(qualityAt(slow, 0)).toBe(8);
		expect(qualityAt(slow, 99)).toBe(3);
	});

	it("compares at the time of the one done first", () => {
		expect(atEqualSeconds([slow, quick])).toEqual({
			seconds: 10,
			scores: [
				{ attention: "quick", bitsPerByte: 3.5 },
				{ attention: "slow", bitsPerByte: 4 },
			],
		});
	});

	it("takes small differences for none", () => {
		expect(
			leaders([
				{ attention: "a", bitsPerByte: 2 },
				{ attention: "b", bitsPerByte: 2.01 },
			]),
		).toEqual(["a", "b"]);
		expect(
			leaders([
				{ attention: "a", bitsPerByte: 2 },
				{ attention: "b", bitsPerByte: 2.1 },
			]),
		).toEqual(["a"]);
		expect(leaders([])).toEqual([]);
	});
});

describe("answer", () => {
	const measured = [...rows("full", 1, 4, 16), ...rows("window", 2, 4.5, 9), ...rows("linear", 3, 3, 3)];

	it("names the fastest at the longest length, the break-even and the best predictor in one sentence", () => {
		const training = [run("full", [0, 8], [20, 2]), run("window", [0, 8], [10, 2.2]), run("linear", [0, 8], [8, 3])];
		const text = answer({ rows: measured, skipped: [], training });
		expect(text).toContain("full fits best where quality counts, linear where time does");
		expect(text).toContain("at 4,000 tokens linear is fastest (3.00 ms and 3.91 MiB, window 9.00 ms, full 16.0 ms)");
		expect(text).toMatch(/window is faster than exact attention from about 2,\d+ tokens on/);
		expect(text).toContain(
			"after 1 training steps full predicts best (bits per byte: full 2.000, window 2.200, linear 3.000)",
		);
		expect(text).toContain("in the same 8.00 s of training linear predicts best");
		expect(text.replace(/\d\.\d/g, "").match(/\./g), "one sentence").toHaveLength(1);
	});

	it("does not hide that exact attention was skipped", () => {
		const skipped = [{ attention: "full", n: 8000, reason: "too slow", neededBytes: null, predictedMs: 1 }];
		expect(answer({ rows: [...measured, row("linear", 8000, 6)], skipped, training: [] })).toContain(
			"By speed alone linear fits best: at 8,000 tokens linear is fastest (6.00 ms and 7.81 MiB, full skipped)",
		);
	});

	it("tells those that overtake alike together", () => {
		const text = answer({ rows: [...rows("full", 9), ...rows("a", 1), ...rows("b", 2)], skipped: [], training: [] });
		expect(text).toContain("a and b are faster than exact attention at every length from 1,000 tokens on");
	});

	it("does not rank what runs in another form, and tells the first of many", () => {
		const many = ["a", "b", "c", "d", "e", "f", "g"].map((name, index) => row(name, 1000, 2 + index));
		const text = answer({
			rows: [...rows("full", 9), row("x", 1000, 1), ...many],
			skipped: [],
			training: [],
			otherForm: ["x"],
		});
		expect(text).toContain(
			"a is fastest (2.00 ms and 1,000 KiB, b 3.00 ms, c 4.00 ms, d 5.00 ms, e 6.00 ms, 3 others)",
		);
		expect(text).toContain("x, of another causality, is not ranked");
	});

	it("does not choose between results that are level", () => {
		const training = [run("window", [0, 8], [10, 2.2]), run("linear", [0, 8], [10, 2.21])];
		const text = answer({ rows: measured, skipped: [], training });
		expect(text).toContain("linear fits best:");
		expect(text).toContain("all are level (bits per byte: window 2.200, linear 2.210)");
	});

	it("answers from training alone, and says when there is nothing to say", () => {
		expect(answer({ rows: [], skipped: [], training: [run("full", [0, 8], [1, 3])] })).toBe(
			"By what it learns alone full fits best: no length could be measured; after 1 training steps it reaches 3.000 bits per byte (full).",
		);
		expect(answer({ rows: [], skipped: [], training: [] })).toBe("There is no answer: no length could be measured.");
	});

	it("passes over runs that diverged", () => {
		const training = [run("full", [0, 8], [1, Number.NaN]), run("linear", [0, 8], [1, 4])];
		expect(answer({ rows: measured, skipped: [], training })).toContain("linear fits best:");
	});
});
