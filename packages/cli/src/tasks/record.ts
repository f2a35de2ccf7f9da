import { createHash } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Overflow } from "longspan";
import type { TaskSettings } from "./settings.js";

/** What the result of a document depends on, beside the document. */
export interface Origin {
	readonly task: string;
	/** Id of a repository of the Hub, or a folder, as given. */
	readonly model: string;
	/** Of the Hub. */
	readonly revision?: string;
	/** When the files of a folder were last changed. */
	readonly modified?: string;
	readonly dtype: string;
	/** Of the task, and of how long documents are read. */
	readonly options: { readonly [option: string]: unknown };
}

/** The result of a document: a line of a file of results. */
export interface ResultRecord extends Origin {
	/** As listed; "-" for standard input. */
	readonly path: string;
	/** Of the bytes of the file, in hexadecimal digits. */
	readonly sha256: string;
	readonly title?: string;
	/** How the document was read, if it was longer than the model takes. */
	readonly overflow?: Overflow;
	readonly result: unknown;
}

/** What the results of a run depend on. */
export function originOf({ task, model, revision, dtype, reading }: TaskSettings): Origin {
	const { batch_size: _, ...read } = reading;
	const modified = lastChange(model);
	return {
		task: task.task,
		model,
		...(modified !== undefined ? { modified } : revision !== undefined && { revision }),
		dtype,
		options: { ...task.options, ...read },
	};
}

/** What tells whether a result is already there. */
export function keyOf(record: Origin & { readonly path: string; readonly sha256: string }): string {
	const { path, sha256, task, model, revision, modified, dtype, options } = record;
	const parts = [path, sha256, task, model, revision, modified, dtype, Object.entries(options).sort()];
	return createHash("sha256").update(JSON.stringify(parts)).digest("base64");
}

/** When the files of a folder were last changed; undefined if there is no such folder, as of a model of the Hub. */
function lastChange(folder: string): string | undefined {
	if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return undefined;
	const times = readdirSync(folder).map(
		(name) => statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0,
	);
	return new Date(times.reduce((latest, time) => Math.max(latest, time), 0)).toISOString();
}
