import { existsSync, readdirSync, statSync } from "node:fs";
import {
	AutoTokenizer,
	changeTokenizerConfig,
	type LengthenedCheckpoint,
	lengthenCheckpoint,
	type ModelFiles,
	OptionError,
	openCheckpoint,
	openModelFiles,
	readTokenizerFiles,
	saveCheckpoint,
} from "longspan";
import { reading } from "../data/list-files.js";
import { InputError } from "../errors.js";
import { formatCount } from "../output/format.js";
import { createProgress } from "../output/progress.js";
import { textTable } from "../output/text-table.js";
import { packageVersion } from "../package-info.js";
import { downloadProgress } from "../pipelines/download-progress.js";
import { inCommandTerms } from "../pipelines/explain.js";
import { filesOptions } from "../pipelines/model-options.js";
import type { LengthenSettings } from "./options.js";

/** Lengthens a checkpoint and tells of it on stdout. Nothing is left of one that fails. */
export async function runLengthen(settings: LengthenSettings): Promise<void> {
	const { model, out, length, json } = settings;
	checkUnused(out);
	const downloads = downloadProgress();
	try {
		const files = await openModelFiles(model, {
			...filesOptions(settings),
			progress: downloads.event,
		});
		const long = await lengthened(files, settings);
		const tokenizer = await tokenizerFor(files, String(long.from), length);
		await save(long, tokenizer, settings);
		const result = {
			version: packageVersion(),
			...{ model, from: long.from, out, className: long.className, length },
			unused: long.unused,
		};
		process.stdout.write(json ? `${JSON.stringify(result, null, "\t")}\n` : summary(result));
	} catch (error) {
		throw inCommandTerms(error);
	} finally {
		downloads.stop();
	}
}

/** Throws `InputError` unless a folder is not there, or empty. */
function checkUnused(folder: string): void {
	if (!existsSync(folder)) return;
	if (!reading(folder, () => statSync(folder)).isDirectory())
		throw new InputError(`--out: "${folder}" is a file; expected a folder that is not there, or empty`);
	if (reading(folder, () => readdirSync(folder)).length > 0)
		throw new InputError(`--out: "${folder}" is not empty; give another folder`);
}

async function lengthened(files: ModelFiles, settings: LengthenSettings): Promise<LengthenedCheckpoint> {
	const { to, length, window, blockSize, randomBlocks } = settings;
	const checkpoint = await openCheckpoint(files);
	const separatorId = checkpoint.config.sep_token_id == null ? await separatorOf(files) : undefined;
	return lengthenCheckpoint(checkpoint, {
		...{ to, length },
		...(window !== undefined && { window }),
		...(blockSize !== undefined && { blockSize }),
		...(randomBlocks !== undefined && { randomBlocks }),
		...(separatorId !== undefined && { separatorId }),
	});
}

/** Id of the separator by the tokenizer; undefined where that is none that can be read. */
async function separatorOf(files: ModelFiles): Promise<number | undefined> {
	try {
		return (await AutoTokenizer.fromPretrained(files)).special.sep?.id;
	} catch (error) {
		if (error instanceof OptionError) return undefined;
		throw error;
	}
}

/** The tokenizer's files for the new length. Their class is told, too: by default it would be that of the new kind of models. */
async function tokenizerFor(files: ModelFiles, from: string, length: number): Promise<Map<string, Uint8Array>> {
	const found = await readTokenizerFiles(files);
	if (found.size === 0) return found;
	const tokenizerClass = from.startsWith("Bert") ? "BertTokenizer" : "RobertaTokenizer";
	return changeTokenizerConfig(found, { model_max_length: length }, { tokenizer_class: tokenizerClass });
}

async function save(
	long: LengthenedCheckpoint,
	files: ReadonlyMap<string, Uint8Array>,
	{ out, dtype }: LengthenSettings,
): Promise<void> {
	const progress = createProgress();
	progress.start("saving", 100);
	let told = -1;
	let complete = false;
	try {
		await saveCheckpoint(long, out, {
			...{ files, dtype },
			onProgress(share) {
				const percent = Math.floor(100 * share);
				// On a terminal alone: elsewhere each is a line.
				if (percent > told && process.stderr.isTTY) progress.update(percent, "%");
				told = percent;
			},
		});
		complete = true;
	} finally {
		progress.finish(complete);
	}
}

interface LengthenResult {
	readonly model: string;
	readonly from: string;
	readonly out: string;
	readonly className: string;
	readonly length: number;
	readonly unused: readonly string[];
}

function summary({ model, from, out, className, length, unused }: LengthenResult): string {
	const columns = [
		{ title: "lengthened", align: "left" },
		{ title: out, align: "left" },
	] as const;
	const lines = [
		["from", `${model}, ${from}`],
		["to", `${className} of ${formatCount(length)} tokens`],
		...(unused.length > 0 ? [["left out", unused.join(", ")]] : []),
	];
	const path = /^[\w./-]+$/.test(out) ? out : JSON.stringify(out);
	return `${textTable({ columns, lines })}\n\ntrain:   longspan train --init ${path} --data FILES --out RUN\n`;
}
