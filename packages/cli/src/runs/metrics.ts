import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { reading } from "../data/list-files.js";
import type { Json } from "./checkpoint.js";
import { replaceDurably } from "./durable-files.js";
import { runFiles } from "./folder-names.js";

/** What is told of a step. */
export interface Metric {
	readonly step: number;
	readonly [name: string]: Json;
}

/** One line of JSON for each step, added at the end of a file. */
export class MetricsLog {
	/** What ends the line before: one that a full disk cut off has no end yet. */
	private separator = "";

	private constructor(private readonly file: number) {}

	/** Opens the file of a run after cutting it back to the lines up to a step: what came later is done again. */
	static open(run: string, lastStep: number): MetricsLog {
		const path = join(run, runFiles.metrics);
		const kept = readMetrics(run)
			.filter(({ step }) => step <= lastStep)
			.map(lineOf)
			.join("");
		if (existsSync(path) && readFileSync(path, "utf8") !== kept) replaceDurably(path, kept);
		return new MetricsLog(openSync(path, "a"));
	}

	append(metric: Metric): void {
		const text = this.separator + lineOf(metric);
		this.separator = "\n";
		writeFileSync(this.file, text);
		this.separator = "";
	}

	/** Returns when all lines are on the disk. */
	sync(): void {
		fsyncSync(this.file);
	}

	close(): void {
		closeSync(this.file);
	}
}

function lineOf(metric: Metric): string {
	return `${JSON.stringify(metric)}\n`;
}

/** The metrics of a run, in order; lines that are not whole, as a killed process leaves them, are passed over. */
export function readMetrics(run: string): Metric[] {
	const path = join(run, runFiles.metrics);
	if (!existsSync(path)) return [];
	return reading(path, () => readFileSync(path, "utf8"))
		.split("\n")
		.flatMap((line) => parseLine(line) ?? []);
}

function parseLine(line: string): Metric | null {
	try {
		const found = JSON.parse(line) as Metric | null;
		return Number.isInteger(found?.step) ? found : null;
	} catch {
		return null;
	}
}
