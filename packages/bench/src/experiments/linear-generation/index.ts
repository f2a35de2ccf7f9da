import { full, linear } from "longspan";
import { UsageError } from "../../usage-error.js";
import { type Context, defineExperiment } from "../experiment.js";
import { short, whole } from "../markdown.js";
import { integer, integers, positive } from "../options.js";
import { timeRounds } from "../timing.js";
import { type Generation, generator } from "./generator.js";
import { type Row, section } from "./section.js";

/** What is timed at once: sessions move on with it, but little compared with their position. */
const tokensPerCall = 8;
/** Tokens read at once on the way to the next position. */
const prefillPiece = 2048;
/** Room for the tokens generated at the last position. */
const room = 128;

export interface Settings {
	readonly positions: readonly number[];
	readonly layers: number;
	readonly heads: number;
	readonly headDim: number;
	readonly vocabulary: number;
	readonly seconds: number;
}

function check({ positions }: Settings): void {
	const shortest = positions[0] as number;
	if (shortest < 2 * room)
		throw new UsageError(`--positions has ${shortest}; expected positions of at least ${2 * room}`);
}

async function run(settings: Settings, { seed, progress, log }: Context): Promise<Row[]> {
	const { positions, layers, heads, headDim, vocabulary: vocabularySize, seconds } = settings;
	const maxLength = (positions.at(-1) as number) + room;
	const sizes = { layers, heads, headDim, vocabularySize, maxLength, seed };
	const softmax = generator({ ...sizes, attention: full({ causal: true }) });
	const state = generator({ ...sizes, attention: linear({ causal: true }) });
	const sessions = { cache: softmax.start(), linear: state.start() };
	const ids = Array.from({ length: maxLength }, (_, at) => (31 * at + seed) % vocabularySize);

	const rows: Row[] = [];
	for (const position of positions) {
		progress(`reading ${whole(position)} tokens`);
		for (const session of Object.values(sessions)) readUpTo(position, session, ids);
		const bytes = { cache: sessions.cache.stateBytes, linear: sessions.linear.stateBytes };
		const before = ids.slice(0, position);
		const times = await timeRounds(
			[
				{ name: "recomputed", run: () => void softmax.next(before) },
				{ name: "cache", run: () => generate(sessions.cache) },
				{ name: "linear", run: () => generate(sessions.linear) },
			],
			{ seconds, onCall: (name) => progress(`at ${whole(position)}: ${name}`) },
		);
		const millisecondsOf = (name: string, tokens: number) => (times.get(name)?.milliseconds ?? Number.NaN) / tokens;
		const row: Row = {
			position,
			recomputed: { milliseconds: millisecondsOf("recomputed", 1), calls: times.get("recomputed")?.calls ?? 0 },
			cache: { milliseconds: millisecondsOf("cache", tokensPerCall), bytes: bytes.cache },
			linear: { milliseconds: millisecondsOf("linear", tokensPerCall), bytes: bytes.linear },
		};
		rows.push(row);
		const perSecond = (milliseconds: number) => short(1000 / milliseconds);
		log(
			`${whole(position).padStart(7)}  tokens/s: recomputed ${perSecond(row.recomputed.milliseconds)}, cache ${perSecond(row.cache.milliseconds)}, linear ${perSecond(row.linear.milliseconds)}`,
		);
	}
	for (const each of [...Object.values(sessions), softmax, state]) each.dispose();
	return rows;
}

function readUpTo(position: number, session: Generation, ids: readonly number[]): void {
	while (session.position < position)
		session.append(ids.slice(session.position, Math.min(position, session.position + prefillPiece)));
}

function generate(session: Generation): void {
	let token = 0;
	for (let step = 0; step < tokensPerCall; step++) token = session.append([token]);
}

export const linearGeneration = defineExperiment<Settings, Row>({
	summary: "tokens per second by position: softmax recomputed, with a cache, and linear attention's state",
	options: {
		positions: integers("tokens before the one generated", [1024, 2048, 4096, 8192, 16_384, 32_768]),
		layers: integer("layers of the model", 8),
		heads: integer("heads of each layer", 8),
		headDim: integer("channels of each head", 32),
		vocabulary: integer("number of token ids", 256, 2),
		seconds: positive("time for each of the three at a position, but at least one call", 3),
	},
	check,
	run,
	section,
});
