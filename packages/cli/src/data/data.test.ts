import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { exitCode, InputError } from "../errors.js";
import { byteWindows } from "./byte-windows.js";
import { checkCorpus, splitFiles } from "./corpus.js";
import { defaultPaths } from "./default-files.js";
import { listFiles } from "./list-files.js";
import { randomSequence } from "./random-sequence.js";
import { evenBatches } from "./windows.js";

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "longspan-data-"));
});
afterEach(() => {
	rmSync(folder, { recursive: true, force: true });
});

/** Writes a file whose bytes count up from `first`. */
function writeCounting(name: string, length: number, first = 0): string {
	const path = join(folder, name);
	writeFileSync(
		path,
		Uint8Array.from({ length }, (_, index) => (first + index) % 256),
	);
	return path;
}

describe("listFiles", () => {
	it("walks folders by name and passes over what is hidden, installed, linked or empty", () => {
		for (const name of ["b", "a", ".git", "node_modules"]) {
			mkdirSync(join(folder, name));
			writeCounting(`${name}/x`, 3);
		}
		writeCounting("z", 5);
		writeCounting(".hidden", 5);
		writeFileSync(join(folder, "empty"), "");
		symlinkSync(folder, join(folder, "loop"));
		expect(listFiles([folder]).map(({ path, size }) => [path.slice(folder.length), size])).toEqual([
			["/a/x", 3],
			["/b/x", 3],
			["/z", 5],
		]);
	});

	it("lists a file given twice once", () => {
		const path = writeCounting("x", 5);
		expect(listFiles([path, folder, join(folder, ".", "x")])).toHaveLength(1);
	});

	it("finds what a pattern matches, once and by name, and passes over what folders do", () => {
		for (const name of ["a/b", ".git", "node_modules"]) mkdirSync(join(folder, name), { recursive: true });
		for (const name of ["z.md", "a/x.md", "a/b/y.md", "a/b/y.txt", ".git/h.md", ".h.md", "node_modules/i.md"])
			writeCounting(name, 3);
		writeFileSync(join(folder, "empty.md"), "");
		symlinkSync(join(folder, "a/x.md"), join(folder, "link.md"));
		const found = (...patterns: string[]) =>
			listFiles(patterns.map((pattern) => join(folder, pattern))).map(({ path }) => path.slice(folder.length + 1));
		expect(found("**/*.md")).toEqual(["a/b/y.md", "a/x.md", "z.md"]);
		expect(found("z.md", "**/*.{md,txt}")).toEqual(["z.md", "a/b/y.md", "a/b/y.txt", "a/x.md"]);
		expect(found("?.md", ".git/*", "node_modules/*")).toEqual(["z.md", ".git/h.md", "node_modules/i.md"]);
		for (const name of ["node_modules/a/node_modules", "node_modules/.b", "a/node_modules"])
			mkdirSync(join(folder, name), { recursive: true });
		for (const name of ["node_modules/a/node_modules/x.md", "node_modules/.b/x.md", "a/node_modules/x.md"])
			writeCounting(name, 3);
		expect(found("**/*.md")).toEqual(["a/b/y.md", "a/x.md", "z.md"]);
		expect(found("node_modules/**/*.md")).toEqual(["node_modules/i.md"]);
		expect(found("a/node_modules/*.md", "*/node_modules/*.md")).toEqual(["a/node_modules/x.md"]);
		for (const nothing of ["**/*.rst", "*y.md"])
			expect(() => found(nothing)).toThrow(`"${join(folder, nothing)}" matches no file with content`);
	});

	it("takes a file that is called like a pattern as the file", () => {
		writeCounting("[1].md", 3);
		writeCounting("1.md", 4);
		expect(listFiles([join(folder, "[1].md")])).toMatchObject([{ size: 3 }]);
	});

	it("names what cannot be used", () => {
		const empty = join(folder, "empty");
		writeFileSync(empty, "");
		const cases: [string, RegExp][] = [
			[join(folder, "missing"), /cannot read ".*missing": there is no such file or folder/],
			[join(empty, "x"), /cannot read ".*x": a part of the path is not a folder/],
			[empty, /"\S*empty" is empty/],
			[folder, /is a folder without files to read/],
			["/dev/null", /neither a file nor a folder/],
		];
		for (const [path, message] of cases) {
			expect(() => listFiles([path])).toThrow(message);
			expect(() => listFiles([path])).toThrow(expect.objectContaining({ exitCode: exitCode.failure }));
		}
	});

	it("finds text of the project itself by default", () => {
		const files = listFiles(defaultPaths());
		expect(files.some(({ path }) => path.endsWith("default-files.ts") || path.endsWith("default-files.js"))).toBe(true);
	});
});

describe("splitFiles", () => {
	it("holds out the last tenth of every file", () => {
		const files = listFiles([writeCounting("a", 20), writeCounting("b", 35, 100), writeCounting("c", 9, 200)]);
		const { train, heldOut } = splitFiles(files);
		expect([train.length, heldOut.length]).toEqual([18 + 32 + 9, 2 + 3]);
		expect([...heldOut.read(0, 5)]).toEqual([18, 19, 132, 133, 134]);
		expect([...train.read(16, 4)]).toEqual([16, 17, 100, 101]);
		expect([...train.read(49, 10)]).toEqual([131, 200, 201, 202, 203, 204, 205, 206, 207, 208]);
	});

	it("never trains on a held-out byte", () => {
		const files = Array.from({ length: 7 }, (_, index) => writeCounting(`f${index}`, 36, 36 * index));
		const { train, heldOut } = splitFiles(listFiles(files));
		const trained = new Set(train.read(0, train.length));
		const kept = [...heldOut.read(0, heldOut.length)];
		expect(trained.size + new Set(kept).size).toBe(7 * 36);
		expect(kept.filter((byte) => trained.has(byte))).toEqual([]);
	});

	it("reads a file of gigabytes only where it is asked to", () => {
		const path = writeCounting("large", 1);
		truncateSync(path, 6 * 2 ** 30);
		const { train, heldOut } = splitFiles(listFiles([path]));
		expect(heldOut.read(heldOut.length - 4, 4)).toEqual(new Uint8Array(4));
		const { ids } = byteWindows({ train, heldOut }, { lengths: [64], batch: 2, seed: 1 }).trainingBatch(7);
		expect(ids.length).toBe(130);
	});

	it("does not mind what happens to a small file afterwards", () => {
		const path = writeCounting("x", 100);
		const { train } = splitFiles(listFiles([path]));
		truncateSync(path, 10);
		expect([...train.read(50, 3)]).toEqual([50, 51, 52]);
	});

	it("notices a large file that became shorter", () => {
		const path = writeCounting("x", 100);
		truncateSync(path, 2 ** 30);
		const { train } = splitFiles(listFiles([path]));
		truncateSync(path, 10);
		expect(() => train.read(5, 20)).toThrow(InputError);
		expect(() => train.read(5, 20)).toThrow(/x" became shorter/);
	});

	it("says how many bytes are needed", () => {
		const corpus = splitFiles(listFiles([writeCounting("x", 600)]));
		const refuse = (length: number, message: RegExp) =>
			expect(() => checkCorpus(corpus, length, "wait")).toThrow(message);
		refuse(
			540,
			/hold 540 bytes to train on and 60 held out .* at length 540 needs at least 541 and 65: give more, or wait$/,
		);
		refuse(60, /needs at least 61 and 61: give/);
		expect(() => checkCorpus(corpus, 59, "wait")).not.toThrow();
	});
});

describe("windows", () => {
	const corpus = () => splitFiles(listFiles([writeCounting("x", 2000)]));

	it("are a function of the seed and the step, so that a resumed run goes on with its own", () => {
		const draw = (seed: number, steps: readonly number[]) => {
			const windows = byteWindows(corpus(), { lengths: [8], batch: 4, seed });
			return steps.map((step) => [...windows.trainingBatch(step).ids]);
		};
		const steps = [0, 1, 2, 3, 4, 2 ** 32];
		expect(draw(1, steps.toReversed())).toEqual(draw(1, steps).toReversed());
		expect(draw(1, steps)).not.toEqual(draw(2, steps));
		expect(new Set(draw(3, steps).map(String)).size).toBe(6);
		for (const ids of draw(4, steps))
			for (let at = 1; at < 9; at++) expect(ids[at]).toBe(((ids[0] as number) + at) % 256);
	});

	it("meet every byte to train on, and none that is held out", () => {
		const path = join(folder, "x");
		writeFileSync(
			path,
			Uint8Array.from({ length: 200 }, (_, index) => index),
		);
		const windows = byteWindows(splitFiles(listFiles([path])), { lengths: [4], batch: 8, seed: 0 });
		const met = new Set(Array.from({ length: 400 }, (_, step) => [...windows.trainingBatch(step).ids]).flat());
		expect([...met].sort((a, b) => a - b)).toEqual(Array.from({ length: 180 }, (_, index) => index));
	});

	it("of mixed lengths have the same number of bytes at every step", () => {
		const windows = byteWindows(corpus(), { lengths: [8, 64, 24], batch: 2, seed: 5 });
		const counts = new Map<number, number>();
		for (let step = 0; step < 300; step++) {
			const { ids, count, bytes } = windows.trainingBatch(step);
			const length = ids.length / count - 1;
			expect([count, bytes]).toEqual({ 8: [16, 128], 64: [2, 128], 24: [5, 120] }[length]);
			counts.set(length, (counts.get(length) ?? 0) + 1);
		}
		for (const count of counts.values()) expect(count).toBeGreaterThan(60);
		expect(counts.size).toBe(3);
		expect(windows.heldOut(9).map(({ ids, count, bytes }) => [ids.length, count, bytes])).toEqual([
			[130, 2, 128],
			[65, 1, 64],
		]);
		expect(windows.heldOutLength).toBe(64);
	});

	it("of a held-out part that is shorter than those to train on are as long as it", () => {
		const windows = byteWindows(corpus(), { lengths: [8, 1000], batch: 2, seed: 5 });
		expect(windows.heldOutLength).toBe(199);
		expect(windows.heldOut(9).map(({ ids, count, bytes }) => [ids.length, count, bytes])).toEqual([[200, 1, 199]]);
	});

	it("spreads held-out windows over all there is", () => {
		const batches = evenBatches(corpus().heldOut, 20, 3, 8);
		expect(batches.map(({ count }) => count)).toEqual([3, 3, 2]);
		const starts = batches.flatMap(({ ids, count }) => Array.from({ length: count }, (_, index) => ids[index * 20]));
		expect(starts[0]).toBe(1800 % 256);
		expect(starts[7]).toBe(1980 % 256);
		expect(evenBatches(corpus().heldOut, 150, 3, 8).map(({ count }) => count)).toEqual([1]);
	});
});

describe("randomSequence", () => {
	it("differs for every part", () => {
		const parts = [[], [0], [1], [0, 0], [0, 1], [1, 0], [2 ** 32], [2 ** 32 + 1]];
		for (const draw of [0, 5]) {
			const values = [0, 1, 2 ** 32].flatMap((seed) =>
				parts.map((part) => Array.from({ length: draw + 1 }, randomSequence(seed, ...part))[draw]),
			);
			expect(new Set(values).size).toBe(3 * parts.length);
		}
	});

	it("fills the unit interval evenly for any seed", () => {
		for (const seed of [0, 1, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
			const random = randomSequence(seed);
			const values = Array.from({ length: 4000 }, random);
			expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
			expect(Math.max(...values)).toBeLessThan(1);
			expect(values.reduce((sum, value) => sum + value, 0) / 4000).toBeCloseTo(0.5, 1);
			expect(new Set(values).size).toBe(4000);
		}
	});
});
