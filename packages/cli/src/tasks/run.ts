import { createHash } from "node:crypto";
import { DeviceError, LongspanError, type Overflow } from "longspan";
import type { Document } from "../documents/document.js";
import { listDocuments } from "../documents/list-documents.js";
import { readBytes, readDocument } from "../documents/read-document.js";
import { describeError, exitCode, InputError } from "../errors.js";
import { formatCount } from "../output/format.js";
import { inCommandTerms } from "../pipelines/explain.js";
import { loadPipeline } from "../pipelines/load-pipeline.js";
import type { Outcome } from "./document-task.js";
import { keyOf, originOf, type ResultRecord } from "./record.js";
import { ResultsFile } from "./results-file.js";
import { RunProgress } from "./run-progress.js";
import type { TaskSettings } from "./settings.js";

/** A file whose result is wanted. */
interface PendingFile {
	readonly path: string;
	/** Of standard input, which can be read once. */
	readonly bytes?: Uint8Array;
}

/** What was made of a file. */
interface FoundResult {
	readonly document: Document;
	readonly sha256: string;
	readonly outcome: Outcome;
}

/**
 * Runs a task over files: results on stdout or added to a file, all else on stderr. A file that fails is told of and the others go on;
 * the exit code is then that of failure.
 */
export async function runTask(settings: TaskSettings): Promise<void> {
	const { out } = settings;
	const results = out === null ? null : await ResultsFile.open(out);
	try {
		const run = new TaskRun(settings, results);
		await run.compute(run.pending());
		run.summarize();
	} finally {
		results?.close();
	}
}

class TaskRun {
	private readonly origin;
	private readonly listed;
	private computed = 0;
	private skipped = 0;
	private failed = 0;

	constructor(
		private readonly settings: TaskSettings,
		private readonly results: ResultsFile | null,
	) {
		this.origin = originOf(settings);
		this.listed = listDocuments(settings.files);
	}

	/** The files that can be read and have no result yet. */
	pending(): PendingFile[] {
		return this.listed.flatMap(({ path, error }): PendingFile[] => {
			try {
				if (error) throw error;
				if (!this.results) return [{ path }];
				const bytes = readBytes(path);
				if (!this.results.has(keyOf({ ...this.origin, path, sha256: sha256Of(bytes) })))
					return [path === "-" ? { path, bytes } : { path }];
				this.skipped++;
			} catch (error) {
				this.fail(error, path, writeLine);
			}
			return [];
		});
	}

	async compute(files: readonly PendingFile[]): Promise<void> {
		const { settings } = this;
		const { verb, task } = settings;
		// A model takes a while to load.
		if (files.length === 0) return;
		const loaded = await loadPipeline(task.task, settings);
		const shows = this.results === null && process.stdout.isTTY;
		const progress = new RunProgress(verb, files.length, shows && files.length > 1);
		const note = (text: string) => progress.note(text);
		const reading = { ...settings.reading, progress: progress.windows };
		try {
			for (const file of files) {
				// Whoever reads the results has left.
				if (this.results === null && process.stdout.errored) break;
				progress.file(file.path);
				const found = await this.read(file, note, (document) => task.run(loaded.pipeline, document, reading));
				if (files.length === 1) progress.finish(true);
				if (found) this.take(found);
				if (found?.outcome.overflow) note(overflowNote(file.path, found.outcome.overflow));
			}
			progress.finish(true);
		} catch (error) {
			progress.finish(false);
			throw error;
		} finally {
			loaded.dispose();
		}
	}

	/** Says what became of files, where that is not on stdout. */
	summarize(): void {
		const { out } = this.settings;
		if (out === null) return;
		const parts = [
			`${formatCount(this.computed)} of ${formatCount(this.listed.length)} files computed`,
			...(this.skipped > 0 ? [`${formatCount(this.skipped)} were done before`] : []),
			...(this.failed > 0 ? [`${formatCount(this.failed)} failed`] : []),
		];
		writeLine(`${parts.join(", ")}; ${formatCount(this.results?.size ?? 0)} results in ${out}`);
	}

	/** The result of a file; undefined if it fails. */
	private async read(
		{ path, bytes }: PendingFile,
		note: (line: string) => void,
		run: (document: Document) => Promise<Outcome>,
	): Promise<FoundResult | undefined> {
		try {
			const content = bytes ?? readBytes(path);
			const document = await readDocument(path, (message) => note(`longspan: ${message}`), content);
			return { document, sha256: sha256Of(content), outcome: await run(document) };
		} catch (error) {
			this.fail(error, path, note);
			return undefined;
		}
	}

	private take({ document, sha256, outcome }: FoundResult): void {
		const { path, title } = document;
		const { result, overflow, text } = outcome;
		const record: ResultRecord = {
			...{ path, sha256 },
			...(title !== undefined && { title }),
			...this.origin,
			...(overflow && { overflow }),
			result,
		};
		if (this.results) this.results.append(record);
		else if (this.settings.json || this.listed.length > 1) process.stdout.write(`${JSON.stringify(record)}\n`);
		else process.stdout.write(text);
		this.computed++;
	}

	/** Tells of what is wrong with a file; throws what is wrong with more. */
	private fail(error: unknown, path: string, tell: (line: string) => void): void {
		const told = inCommandTerms(error);
		if (!(told instanceof InputError || told instanceof LongspanError) || told instanceof DeviceError) throw error;
		this.failed++;
		process.exitCode = exitCode.failure;
		const message = describeError(told);
		tell(`longspan: ${message.includes(`"${path}"`) || path === "-" ? message : `"${path}": ${message}`}`);
	}
}

function sha256Of(bytes: Uint8Array): string {
	return createHash("sha256").update(bytes).digest("hex");
}

function writeLine(line: string): void {
	process.stderr.write(`${line}\n`);
}

/** What was read of a document that was longer than the model takes. */
function overflowNote(path: string, { policy, tokens, limit, windows, dropped }: Overflow): string {
	const size = `"${path}" has ${formatCount(tokens)} tokens, the model takes ${formatCount(limit)}`;
	const left = dropped > 0 ? `; ${formatCount(dropped)} tokens were not read` : "";
	return policy === "truncate" ? `${size}${left}` : `${size}: read in ${formatCount(windows)} windows${left}`;
}
