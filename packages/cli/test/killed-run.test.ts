import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { findCheckpoint, listCheckpoints } from "../src/runs/find-checkpoint.js";
import { readMetrics } from "../src/runs/metrics.js";
import { readCheckpoint } from "../src/runs/read-checkpoint.js";
import { RunFolder } from "../src/runs/run-folder.js";
import { inEmptyFolder, missing } from "./command.js";

const { folder } = inEmptyFolder();
const kills = 40;
/** Several times what a save takes. */
const longestMs = 30;

const built = existsSync(new URL("../dist/runs/run-folder.js", import.meta.url));
const script = fileURLToPath(new URL("./save-until-killed.js", import.meta.url));

/** Lets a run save into a folder and kills it some time after its first save. Returns the last step it has told to be saved. */
function saveUntilKilled(run: string, ms: number): Promise<number> {
	return new Promise((resolve, reject) => {
		const child = spawn(process.execPath, [script, run], { stdio: ["ignore", "pipe", "inherit"] });
		let told = "";
		child.stdout.on("data", (text) => {
			if (told === "") setTimeout(() => child.kill("SIGKILL"), ms);
			told += text;
		});
		child.on("close", (code, signal) => {
			if (signal === "SIGKILL") resolve(Number(told.trim().split("\n").at(-1)));
			else reject(new Error(`the run ended with ${code}`));
		});
	});
}

function checkWhole(path: string): number {
	const { step, state, tensors, texts } = readCheckpoint(path);
	expect(state).toEqual({ step });
	expect(texts.get("config.json")).toBe(String(step));
	expect(tensors.size).toBe(3);
	for (const file of tensors.values()) expect(file.get("values")?.values.every((value) => value === step)).toBe(true);
	return step;
}

describe.skipIf(!built)(`a run that is killed${missing}`, () => {
	it("leaves its last checkpoint and the best whole, whenever it is, and goes on from there", async () => {
		const run = join(folder(), "run");
		let lowest = Number.POSITIVE_INFINITY;
		let before = 0;
		const left = new Set<string>();
		for (let kill = 0; kill < kills; kill++) {
			const told = await saveUntilKilled(run, (longestMs * kill) / kills);
			const last = checkWhole(findCheckpoint(run, "last"));
			// It may be killed between a save and telling of it.
			expect([told, told + 1]).toContain(last);
			for (let step = before + 1; step <= last; step++) lowest = Math.min(lowest, (step * 7919) % 1009);
			checkWhole(findCheckpoint(run, "best"));
			expect(Math.min(...listCheckpoints(run).map(({ loss }) => loss as number))).toBe(lowest);
			for (const name of readdirSync(join(run, "checkpoints"))) left.add(name.replace(/-?step-\d+$/, ""));
			before = last;
		}
		expect([...left]).toContain("draft");
		RunFolder.resume(run).run.close();
		const names = readdirSync(join(run, "checkpoints"));
		expect(names.every((name) => /^step-\d{8}$/.test(name))).toBe(true);
		// Two and the best; one more where a kill came before what was old could go.
		expect(names.length).toBeLessThanOrEqual(4);
		const steps = readMetrics(run).map(({ step }) => step);
		expect(steps).toEqual(Array.from({ length: before }, (_, index) => index + 1));
	}, 120_000);
});
