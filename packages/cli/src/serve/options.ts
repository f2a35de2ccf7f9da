import type { PipelineTask } from "longspan";
import { UsageError } from "../errors.js";
import { parseInteger, parseNumber } from "../parse-number.js";
import { parseModelOptions, type RawModelOptions } from "../pipelines/model-options.js";
import { parseReadingOptions, type RawReadingOptions } from "../pipelines/reading-options.js";
import { parseBytes } from "./parse-bytes.js";
import type { ServeSettings } from "./settings.js";
import { servedTasks, taskNamed } from "./tasks.js";

/** Options as the command line gives them. */
export interface RawServeOptions extends RawModelOptions, RawReadingOptions {
	task: string[];
	pooling: string;
	normalize: boolean;
	host: string;
	port: string;
	token?: string;
	maxBody: string;
	queue: string;
	timeout: string;
}

/** Values of options that are not given. */
export const serveDefaults = {
	...{ host: "127.0.0.1", port: "8000", maxBody: "10mb", queue: "64", timeout: "600", pooling: "mean" },
} as const;

/** Checks the options and turns them into settings. Throws `UsageError`, naming the option. */
export function parseServeOptions(raw: RawServeOptions): ServeSettings {
	const { host, token, pooling, normalize } = raw;
	if (!/^[\w.:%-]+$/.test(host)) throw new UsageError(`--host: "${host}" is not valid; expected a name or an address`);
	if (token !== undefined && !/^[\x21-\x7e]+$/.test(token))
		throw new UsageError("--token: it is not valid; expected ASCII characters without blanks, at least one");
	if (pooling !== "mean" && pooling !== "cls")
		throw new UsageError(`--pooling: "${pooling}" is not valid; expected mean or cls`);
	const timeout = parseNumber("--timeout", raw.timeout);
	// Timers count milliseconds in 31 bits.
	if (timeout < 0.001 || timeout > 2e6)
		throw new UsageError(`--timeout: "${raw.timeout}" is not valid; expected seconds, from 0.001 to 2000000`);
	return {
		...parseModelOptions(raw),
		reading: parseReadingOptions(raw),
		tasks: [...new Set(raw.task.flatMap((list) => list.split(",")).map(parseTask))],
		...{ pooling, normalize, host, token, timeout },
		port: parseInteger("--port", raw.port, 0, 65_535),
		maxBody: parseBytes("--max-body", raw.maxBody),
		queue: parseInteger("--queue", raw.queue, 0, 100_000),
	};
}

function parseTask(text: string): PipelineTask {
	const task = taskNamed(text.trim());
	if (task) return task;
	throw new UsageError(`--task: "${text}" is not valid; expected ${servedTasks.join(", ")}`);
}
