import { readFileSync } from "node:fs";
import { reading } from "../data/list-files.js";
import { startDevice } from "../device-options.js";
import { exitCode, InputError } from "../errors.js";
import { loadModel } from "../models/load-model.js";
import { formatBytes, formatCount, formatMs } from "../output/format.js";
import { createProgress } from "../output/progress.js";
import { packageVersion } from "../package-info.js";
import { codecOf } from "../text/codec.js";
import { type Generated, generateText } from "./generate-text.js";
import type { GenerationResult } from "./result.js";
import type { GenerateSettings } from "./settings.js";

/** Goes on with a prompt: the text on stdout, its speed on stderr. */
export async function runGenerate(settings: GenerateSettings): Promise<void> {
	const { model: folder, stream } = settings;
	const prompt = readPrompt(settings.prompt);
	const device = await startDevice(settings);
	const stop = new AbortController();
	const abort = () => stop.abort();
	const interrupt = () => {
		process.exitCode = exitCode.interrupted;
		abort();
	};
	// Plain lines, where there is no terminal, would only be noise.
	const progress = stream || !process.stderr.isTTY ? null : createProgress();
	try {
		const loaded = loadModel(folder);
		const codec = await codecOf(loaded, folder);
		// Nobody reads on.
		process.stdout.once("error", abort);
		const generated = await generateText(device, loaded, codec, prompt, settings, {
			signal: stop.signal,
			// Until there is something to show, Ctrl-C ends the program at once; and the second time, anyway.
			begun: () => process.once("SIGINT", interrupt),
			text(piece, count, total) {
				if (stream) process.stdout.write(piece);
				if (count === 1) progress?.start("generate", total);
				progress?.update(count, "");
			},
		});
		progress?.finish();
		tell(settings, Buffer.from(prompt).toString(), loaded.config, generated);
	} finally {
		process.removeListener("SIGINT", interrupt);
		process.stdout.removeListener("error", abort);
		device.dispose();
	}
}

function readPrompt(prompt: GenerateSettings["prompt"]): Uint8Array {
	if ("text" in prompt) return Buffer.from(prompt.text);
	const { file } = prompt;
	const bytes = reading(file, () => readFileSync(file === "-" ? process.stdin.fd : file));
	if (bytes.length === 0) throw new InputError(`the prompt is empty: "${file}" has no content`);
	return bytes;
}

function tell(
	{ model, temperature, topK, topP, seed, stream, json }: GenerateSettings,
	prompt: string,
	config: GenerationResult["config"],
	generated: Generated,
): void {
	const { text, tokens, promptTokens, promptSeconds, seconds, tokensPerSecond, stateBytes } = generated;
	if (json) {
		const result: GenerationResult = {
			version: packageVersion(),
			date: new Date().toISOString(),
			...{ model, config, prompt },
			...generated,
			...{ temperature, topK, topP, seed },
		};
		process.stdout.write(`${JSON.stringify(result, null, "\t")}\n`);
		return;
	}
	if (!stream) process.stdout.write(text);
	// Files get the text as it is.
	if (process.stdout.isTTY && !text.endsWith("\n")) process.stdout.write("\n");
	const made =
		tokensPerSecond === null
			? "1 token"
			: `${formatCount(tokens)} tokens in ${formatMs(1000 * seconds)}: ${formatCount(tokensPerSecond)} tokens/s`;
	process.stderr.write(
		`${made}; prompt of ${formatCount(promptTokens)} in ${formatMs(1000 * promptSeconds)}; state of ${formatBytes(stateBytes)}\n`,
	);
}
