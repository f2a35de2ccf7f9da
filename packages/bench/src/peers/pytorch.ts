import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Contestant } from "../contestant.js";
import { startLineProcess } from "../line-process.js";
import { firstLosses, optimizerSettings, type TrainingProblem } from "../training/problem.js";
import type { Peer } from "./peer.js";

const name = "PyTorch";
const script = fileURLToPath(new URL("../../peers/pytorch/training_step.py", import.meta.url));

/**
 * PyTorch on the CPU, in a process of its own for each problem.
 *
 * @param python a Python that has torch
 * @throws if it has none, or does not start
 */
export async function startPytorch(python: string, threads: number): Promise<Peer> {
	const { stdout } = await promisify(execFile)(python, [
		"-W",
		"ignore",
		"-c",
		"import torch; print(torch.__version__)",
	]);
	return {
		name,
		version: stdout.trim(),
		remark: `native code on ${threads} ${threads === 1 ? "thread" : "threads"} of a process of its own, operation by operation (no torch.compile), its AdamW fused`,
		trainingStep: (problem) => trainingStep(python, threads, problem),
	};
}

async function trainingStep(python: string, threads: number, problem: TrainingProblem): Promise<Contestant> {
	const folder = mkdtempSync(join(tmpdir(), "longspan-bench-"));
	const [problemPath, weightsPath] = [join(folder, "problem.json"), join(folder, "weights.f32")];
	writeProblem(problem, problemPath, weightsPath);
	const child = startLineProcess(name, python, ["-W", "ignore", script, problemPath, weightsPath, String(threads)]);
	let processorMilliseconds = 0;
	const step = async (): Promise<number> => {
		const [loss, seconds] = (await child.ask("step")).split(" ").map(Number) as [number, number];
		processorMilliseconds = seconds * 1000;
		return loss;
	};
	try {
		await child.answer();
	} catch (error) {
		child.stop();
		throw error;
	} finally {
		// It has read everything by now.
		rmSync(folder, { recursive: true, force: true });
	}
	return {
		name,
		async run() {
			await step();
		},
		processorTime: () => processorMilliseconds,
		output: () => firstLosses(step),
		dispose: () => child.stop(),
	};
}

function writeProblem({ sizes, ids, weights }: TrainingProblem, problemPath: string, weightsPath: string): void {
	const listed = [...weights].map(([key, { shape }]) => [key, shape]);
	const problem = { sizes, ids: [...ids], optimizer: optimizerSettings, weights: listed };
	writeFileSync(problemPath, JSON.stringify(problem));
	const bytes = [...weights.values()].map(
		({ values }) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
	);
	writeFileSync(weightsPath, Buffer.concat(bytes));
}
