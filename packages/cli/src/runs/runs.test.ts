import { spawnSync } from "node:child_process";
import {
	appendFileSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { InputError } from "../errors.js";
import type { Checkpoint } from "./checkpoint.js";
import { findCheckpoint, listCheckpoints } from "./find-checkpoint.js";
import { readMetrics } from "./metrics.js";
import { readCheckpoint } from "./read-checkpoint.js";
import { RunFolder } from "./run-folder.js";

/** Bytes that can still be written before the disk is full. */
const disk = vi.hoisted(() => ({ room: Number.POSITIVE_INFINITY }));
vi.mock("node:fs", async (original) => {
	const fs = await original<typeof import("node:fs")>();
	const writeFileSync: typeof fs.writeFileSync = (file, data, options) => {
		const bytes = Buffer.from(data as Uint8Array);
		fs.writeFileSync(file, bytes.subarray(0, Math.max(0, disk.room)), options);
		disk.room -= bytes.length;
		if (disk.room < 0) throw Object.assign(new Error("ENOSPC: no space left"), { code: "ENOSPC", syscall: "write" });
	};
	return { ...fs, writeFileSync };
});

let folder: string;
beforeEach(() => {
	folder = join(mkdtempSync(join(tmpdir(), "longspan-runs-")), "run");
});
afterEach(() => {
	disk.room = Number.POSITIVE_INFINITY;
	rmSync(join(folder, ".."), { recursive: true, force: true });
});

const path = (...parts: string[]) => join(folder, ...parts);
const inFolder = () => readdirSync(path("checkpoints")).sort();

function checkpoint(step: number, loss: number | null = null): Checkpoint {
	const stored = (value: number) => new Map([["a.weight", { shape: [2, 3], values: new Float32Array(6).fill(value) }]]);
	return {
		...{ step, loss, state: { seed: 7, moments: [0.1, 1e-300], name: "ü" } },
		tensors: new Map([
			["model.safetensors", stored(step + 0.1)],
			["optimizer.safetensors", stored(-step)],
		]),
		texts: new Map([["config.json", '{"dim": 8}\n']]),
	};
}

/** A run with checkpoints of some steps and losses, and the metrics of every step. */
function run(saved: readonly (readonly [step: number, loss: number | null])[], keep = 2): void {
	const started = RunFolder.create(folder, { keep });
	let step = 0;
	for (const [at, loss] of saved) {
		while (step < at) started.log({ step: ++step, loss: 1 / step });
		started.save(checkpoint(at, loss));
	}
	started.close();
}

const names = (...steps: number[]) => steps.map((step) => `step-${String(step).padStart(8, "0")}`);

describe("RunFolder", () => {
	it("gives a checkpoint back as it was", () => {
		run([[1000, 1.5]]);
		expect(inFolder()).toEqual(["step-00001000"]);
		const files = ["config.json", "model.safetensors", "optimizer.safetensors", "training.json"];
		expect(readdirSync(path("checkpoints", "step-00001000")).sort()).toEqual(files);
		expect(readCheckpoint(findCheckpoint(folder, "last"))).toEqual(checkpoint(1000, 1.5));
		const { run: resumed, checkpoint: last } = RunFolder.resume(folder);
		expect(last).toEqual(checkpoint(1000, 1.5));
		resumed.close();
	});

	it("reads the files that are wanted only", () => {
		run([[1, null]]);
		writeFileSync(path("checkpoints", ...names(1), "optimizer.safetensors"), "");
		const { tensors, texts } = readCheckpoint(findCheckpoint(folder, "last"), {
			wanted: (name) => !name.startsWith("optimizer"),
		});
		expect([...tensors.keys(), ...texts.keys()]).toEqual(["model.safetensors", "config.json"]);
	});

	it.each([
		[2, [5, 3, 4, 6], [2, 3, 4]],
		[1, [5, 3, 4, 6], [2, 4]],
		[2, [5, 3, 4, 2], [3, 4]],
		[1, [3, 3], [2]],
		[2, [null, 5, null, null, null], [2, 4, 5]],
		[1, [null, null], [2]],
	])("keeps the last %i and the best of losses %j", (keep, losses, kept) => {
		run(
			losses.map((loss, index) => [index + 1, loss] as const),
			keep,
		);
		expect(inFolder()).toEqual(names(...kept));
		expect(basename(findCheckpoint(folder, "last"))).toBe(names(losses.length)[0]);
		const measured = losses.filter((loss) => loss !== null);
		const best = measured.length > 0 ? losses.lastIndexOf(Math.min(...measured)) + 1 : losses.length;
		expect(basename(findCheckpoint(folder, "best"))).toBe(names(best)[0]);
	});

	it("replaces the checkpoint of a step", () => {
		run([[3, 2]]);
		const { run: resumed } = RunFolder.resume(folder);
		expect(resumed.save(checkpoint(3, 1))).toBe(path("checkpoints", ...names(3)));
		expect(resumed.list()).toMatchObject([{ step: 3, loss: 1 }]);
		expect(inFolder()).toEqual(names(3));
		resumed.close();
	});

	it("cuts the metrics back to the checkpoint, and to whole lines", () => {
		run([
			[2, 1],
			[4, 2],
		]);
		appendFileSync(path("metrics.jsonl"), '{"step":5,"loss":0.2}\n{"step":6,"lo');
		expect(readMetrics(folder).map(({ step }) => step)).toEqual([1, 2, 3, 4, 5]);
		const { run: last } = RunFolder.resume(folder);
		last.log({ step: 5, loss: 0.25, rate: Number.NaN });
		last.close();
		const text = readFileSync(path("metrics.jsonl"), "utf8");
		expect(text.split("\n").slice(-3)).toEqual(['{"step":4,"loss":0.25}', '{"step":5,"loss":0.25,"rate":null}', ""]);
		const { run: best, checkpoint: from } = RunFolder.resume(folder, "best");
		expect(from.step).toBe(2);
		expect(readMetrics(folder).map(({ step }) => step)).toEqual([1, 2]);
		expect(inFolder()).toEqual(names(2, 4));
		// From now on, step 4 belongs to no run.
		best.save(checkpoint(3, 3));
		expect(inFolder()).toEqual(names(2, 3));
		best.close();
	});

	it("puts in order what a killed process left", () => {
		run([
			[1, null],
			[2, null],
		]);
		const at = (name: string) => path("checkpoints", name);
		for (const left of ["draft-step-00000003", "removed-step-00000000", "notes"]) {
			mkdirSync(at(left));
			writeFileSync(join(at(left), "model.safetensors"), "half");
		}
		// As if the process had been about to replace step 2.
		const text = readFileSync(join(at("step-00000002"), "training.json"));
		rmSync(at("step-00000002"), { recursive: true });
		const replaced = at("replaced-step-00000002");
		mkdirSync(replaced);
		for (const name of readdirSync(at("step-00000001")))
			writeFileSync(join(replaced, name), readFileSync(join(at("step-00000001"), name)));
		writeFileSync(join(replaced, "training.json"), text);
		expect(listCheckpoints(folder).map(({ step }) => step)).toEqual([1]);
		expect(() => RunFolder.resume(folder)).toThrow(/model.safetensors" is damaged/);
		expect(inFolder()).toEqual(["notes", ...names(1, 2)]);
	});

	it("starts no run where there is one", () => {
		run([[1, null]]);
		const before = readFileSync(path("metrics.jsonl"), "utf8");
		expect(() => RunFolder.create(folder)).toThrow(InputError);
		expect(() => RunFolder.create(folder)).toThrow(/run" holds a run already: go on with it by --resume/);
		rmSync(path("checkpoints"), { recursive: true });
		expect(() => RunFolder.create(folder)).toThrow(/holds metrics.jsonl of a run that has saved no checkpoint: delete/);
		expect(readFileSync(path("metrics.jsonl"), "utf8")).toBe(before);
		rmSync(path("metrics.jsonl"));
		RunFolder.create(folder).close();
	});

	it("lets one process write at a time, and takes over from one that was killed", () => {
		const lock = path("lock");
		const started = RunFolder.create(folder);
		const other = /run" is in use by process \d+ on \S+: wait .*; if it has ended, delete ".*lock"$/;
		expect(() => RunFolder.create(folder)).toThrow(InputError);
		expect(() => RunFolder.create(folder)).toThrow(other);
		started.save(checkpoint(1));
		expect(() => RunFolder.resume(folder)).toThrow(other);
		started.close();
		expect(existsSync(lock)).toBe(false);
		const owner = (pid: number, host: string) => writeFileSync(lock, JSON.stringify({ pid, host }));
		owner(process.ppid, hostname());
		expect(() => RunFolder.resume(folder)).toThrow(other);
		owner(1, "elsewhere");
		expect(() => RunFolder.resume(folder)).toThrow(/in use by process 1 on elsewhere/);
		const { pid } = spawnSync(process.execPath, ["--version"]);
		for (const leave of [() => owner(pid, hostname()), () => writeFileSync(lock, '{"pi')]) {
			leave();
			RunFolder.resume(folder).run.close();
		}
		expect(readdirSync(folder).sort()).toEqual(["checkpoints", "metrics.jsonl"]);
	});

	it("names a folder that cannot be one", () => {
		const file = path("..", "file");
		writeFileSync(file, "");
		mkdirSync(path("empty"), { recursive: true });
		for (const place of [file, join(file, "run")])
			expect(() => RunFolder.create(place)).toThrow(/cannot write into ".*": there is a file of that name/);
		expect(() => RunFolder.resume(file)).toThrow(/file" is a file; expected the folder of a run/);
		expect(() => RunFolder.resume(path("none"))).toThrow(/cannot read ".*none": there is no such file or folder/);
		expect(() => RunFolder.resume(path("empty"))).toThrow(/empty" holds no checkpoint; expected/);
		run([[1, null]]);
		const own = findCheckpoint(folder, "last");
		expect(findCheckpoint(own, "best")).toBe(own);
		expect(() => RunFolder.resume(own)).toThrow(/is a checkpoint; expected the folder of its run/);
	});

	it("leaves what there is as it was when the disk is full", () => {
		run([[1, null]]);
		const { run: resumed } = RunFolder.resume(folder);
		for (const [step, room] of [
			[2, 0],
			[2, 10],
			[2, 500],
			[1, 500],
		] as const) {
			disk.room = room;
			expect(() => resumed.save(checkpoint(step))).toThrow(InputError);
			expect(() => resumed.save(checkpoint(step))).toThrow(
				new RegExp(
					`^cannot save step ${step} in ".*run": the disk is full; the checkpoint of step 1 is intact: .*--resume`,
				),
			);
			expect(inFolder()).toEqual(names(1));
			expect(readCheckpoint(findCheckpoint(folder, "last"))).toEqual(checkpoint(1));
		}
		disk.room = 5;
		expect(() => resumed.log({ step: 2 })).toThrow(/cannot write the metrics of step 2 .*: the disk is full/);
		disk.room = Number.POSITIVE_INFINITY;
		resumed.log({ step: 2, loss: 3 });
		resumed.save(checkpoint(2));
		resumed.close();
		expect(readMetrics(folder)).toEqual([
			{ step: 1, loss: 1 },
			{ step: 2, loss: 3 },
		]);
	});

	it("says that there is no checkpoint when not even the first can be saved", () => {
		const started = RunFolder.create(folder);
		disk.room = 100;
		expect(() => started.save(checkpoint(1))).toThrow(/the disk is full; there is no checkpoint yet$/);
		started.close();
	});

	it("does not save numbers that would not come back", () => {
		const started = RunFolder.create(folder);
		const best = { best: Number.POSITIVE_INFINITY };
		expect(() => started.save({ ...checkpoint(1), state: best })).toThrow(
			/"best" is Infinity; expected a finite number/,
		);
		expect(inFolder()).toEqual([]);
		started.close();
	});
});

describe("a damaged checkpoint", () => {
	const damaged = (name: string) => path("checkpoints", ...names(2), name);
	const manifest = (change: (fields: Record<string, unknown>) => void) => () => {
		const fields = JSON.parse(readFileSync(damaged("training.json"), "utf8"));
		change(fields);
		writeFileSync(damaged("training.json"), JSON.stringify(fields));
	};

	it.each<[what: string, damage: () => void, message: RegExp]>([
		[
			"a file cut off",
			() => writeFileSync(damaged("optimizer.safetensors"), readFileSync(damaged("model.safetensors")).subarray(0, 50)),
			/optimizer.safetensors" is damaged: it has 50 bytes; expected the \d+ that were saved/,
		],
		[
			"a file of another checkpoint",
			() =>
				writeFileSync(
					damaged("model.safetensors"),
					readFileSync(path("checkpoints", ...names(1), "model.safetensors")),
				),
			/model.safetensors" is damaged: it is not the file that was saved/,
		],
		["a missing file", () => rmSync(damaged("config.json")), /cannot read ".*config.json": there is no such file/],
		["an empty list", () => writeFileSync(damaged("training.json"), ""), /training.json" is damaged .* it is no JSON;/],
		["another format", manifest((fields) => (fields.format = "x")), /format is "x"; expected "longspan-checkpoint"/],
		["another version", manifest((fields) => (fields.version = 9)), /version is 9; expected 1: use the longspan/],
		["no step", manifest((fields) => delete fields.step), /step is undefined/],
		["no state", manifest((fields) => delete fields.state), /state is missing/],
		["a strange loss", manifest((fields) => (fields.loss = "low")), /loss is "low"; expected a number or null/],
		[
			"a file elsewhere",
			manifest((fields) => (fields.files = { "../../x": { bytes: 1, sha256: "" } })),
			/files are not listed with their bytes and sha256/,
		],
	])("with %s is told of, with what to use instead, and nothing is changed", (_, damage, message) => {
		run([
			[1, 1],
			[2, 2],
		]);
		damage();
		const metrics = readFileSync(path("metrics.jsonl"), "utf8");
		expect(() => RunFolder.resume(folder)).toThrow(InputError);
		expect(() => RunFolder.resume(folder)).toThrow(message);
		const remove = /; remove the folder ".*step-00000002" to go on from step 1, the one before$/;
		expect(() => RunFolder.resume(folder)).toThrow(remove);
		const other = /; use another checkpoint of the run instead: ".*step-00000001"$/;
		expect(() => readCheckpoint(path("checkpoints", ...names(2)))).toThrow(other);
		expect(readFileSync(path("metrics.jsonl"), "utf8")).toBe(metrics);
		expect(inFolder()).toEqual(names(1, 2));
		const { run: next, checkpoint: from } = RunFolder.resume(folder, "best");
		expect(from).toEqual(checkpoint(1, 1));
		next.save(checkpoint(2, 3));
		expect(readCheckpoint(findCheckpoint(folder, "last"))).toEqual(checkpoint(2, 3));
		next.close();
	});

	it("that holds what is no tensor is told of", () => {
		run([[2, null]]);
		const { run: resumed } = RunFolder.resume(folder);
		const text = { ...checkpoint(3), texts: new Map([["more.safetensors", "{}"]]) };
		const saved = resumed.save(text);
		expect(() => readCheckpoint(saved)).toThrow(/more.safetensors" cannot be used: decodeSafetensors: /);
		resumed.close();
		rmSync(path("checkpoints", ...names(2)), { recursive: true });
		expect(() => readCheckpoint(saved)).toThrow(/the run has no other checkpoint: put the file back from a copy/);
	});
});
