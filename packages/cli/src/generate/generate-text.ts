import { setImmediate } from "node:timers/promises";
import { type Device, generateFrom } from "longspan";
import { InputError } from "../errors.js";
import { longestSequence, type ModelConfig } from "../models/config.js";
import type { LoadedModel } from "../models/load-model.js";
import { formatCount } from "../output/format.js";
import type { TextCodec } from "../text/codec.js";
import { generateDefaults } from "./options.js";
import type { GenerationResult } from "./result.js";
import type { GenerateSettings } from "./settings.js";

/** Time after which signals are looked at and output is let out. */
const turnMs = 20;

/** What is told and asked on the way. */
export interface GenerationWatch {
	/** The prompt was read. */
	begun(): void;
	/** Some text, after `count` tokens of `total`. */
	text(piece: string, count: number, total: number): void;
	readonly signal: AbortSignal;
}

/** What a generation did, without the circumstances. */
export type Generated = Pick<
	GenerationResult,
	| "text"
	| "ids"
	| "promptTokens"
	| "tokens"
	| "interrupted"
	| "promptSeconds"
	| "seconds"
	| "tokensPerSecond"
	| "stateBytes"
>;

/**
 * Goes on with a text.
 *
 * @param prompt in UTF-8
 * @throws InputError for a prompt that is empty or too long for the model
 */
export async function generateText(
	device: Device,
	{ config, model, parameters }: LoadedModel,
	codec: TextCodec,
	prompt: Uint8Array,
	settings: Pick<GenerateSettings, "tokens" | "temperature" | "topK" | "topP" | "seed">,
	watch: GenerationWatch,
): Promise<Generated> {
	const promptIds = codec.encode(prompt);
	const tokens = tokensFor(settings.tokens, promptIds.length, config);
	const { temperature, topK, topP, seed } = settings;
	const decoder = codec.decoder(promptIds);
	const ids: number[] = [];
	let text = "";
	const show = (piece: string) => {
		text += piece;
		watch.text(piece, ids.length, tokens);
	};
	const start = performance.now();
	let first = start;
	let turn = start;
	let end = start;
	const session = model.startDecoding(parameters);
	try {
		const options = { tokens, temperature, topK: topK ?? undefined, topP, seed };
		for await (const id of generateFrom(session, promptIds, options, device)) {
			end = performance.now();
			if (ids.push(id) === 1) {
				first = end;
				watch.begun();
			}
			show(decoder.push(id));
			if (end - turn > turnMs) {
				await setImmediate();
				turn = performance.now();
			}
			if (watch.signal.aborted) break;
		}
		show(decoder.end());
		const seconds = (end - first) / 1000;
		return {
			text,
			ids,
			promptTokens: promptIds.length,
			tokens: ids.length,
			interrupted: watch.signal.aborted,
			promptSeconds: (first - start) / 1000,
			seconds,
			tokensPerSecond: ids.length > 1 ? (ids.length - 1) / seconds : null,
			stateBytes: session.stateBytes,
		};
	} finally {
		session.dispose();
	}
}

/** How many tokens are generated. Throws `InputError` where the model has no position for the prompt or for so many. */
function tokensFor(asked: number | null, promptTokens: number, config: ModelConfig): number {
	if (promptTokens === 0) throw new InputError("the prompt is empty; expected at least one token to begin with");
	const longest = longestSequence(config);
	if (longest === null) return asked ?? generateDefaults.tokens;
	const told = `the prompt has ${formatCount(promptTokens)} tokens; the positions of this model end at ${formatCount(longest)}`;
	const remedy = "or train a model with rotary, sinusoidal or no positions";
	if (promptTokens > longest) throw new InputError(`${told}: shorten it, ${remedy}`);
	// The last token needs no position: nothing follows it.
	const room = longest - promptTokens + 1;
	if (asked !== null && asked > room)
		throw new InputError(
			`${told}: at most ${formatCount(room)} can follow, --tokens asks for ${formatCount(asked)}; ask for fewer, ${remedy}`,
		);
	return asked ?? Math.min(generateDefaults.tokens, room);
}
