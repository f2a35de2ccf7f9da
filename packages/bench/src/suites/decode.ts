import { type Attention, type DecodingSession, full, linear, normal, scope, type Tensor } from "longspan";
import { progressOf, timeOf } from "../comparison.js";
import type { Contestant } from "../contestant.js";
import { standardHeadDim, standardHeads } from "../inputs.js";
import { atMost, figure, type Measurement } from "../report.js";
import { type Times, timeInTurns, timeRatio } from "../timing.js";
import type { Suite } from "./suite.js";

const positions = [1024, 2048, 4096, 8192, 16_384, 32_768];
/** The prompt of exact attention takes time with the square of its length. */
const longestExactPrompt = 16_384;
/** Tokens per timed call. Sessions move on with each, but little compared with their distance. */
const tokens = 16;
/** Times of steps at different positions, which should be equal, may differ by this factor through noise. */
const equalTimes = 1.2;

const sizes = { batch: 1, heads: standardHeads, headDim: standardHeadDim };

interface Session extends Contestant {
	readonly session: DecodingSession;
}

/** Token by token, after prompts of several lengths. */
export const decode: Suite = {
	summary: "decoding: time of a token and bytes remembered, by position",
	async run(bench) {
		const token = randomTokens(1);
		const sessions: Session[] = [];
		for (const position of positions) {
			bench.progress(`decode: prompt of ${position} tokens`);
			sessions.push(startSession("linear", linear({ causal: true }), position, token));
			if (position <= longestExactPrompt) sessions.push(startSession("full", full({ causal: true }), position, token));
		}
		const bytes = new Map(sessions.map(({ name, session }) => [name, session.stateBytes]));
		const samples = await timeInTurns(sessions, {
			seconds: Math.min(bench.seconds, 1),
			turn: 0,
			onTurn: progressOf(bench, "decode"),
		});
		for (const { session } of sessions) session.dispose();
		for (const tensor of token) tensor.dispose();
		const measurements = sessions.map(
			({ name }): Measurement => ({
				name,
				milliseconds: timeOf(samples.get(name) as Times).milliseconds / tokens,
				bytes: bytes.get(name) as number,
			}),
		);
		const [first, last] = [positions[0] as number, positions.at(-1) as number];
		const timeAt = (position: number) => samples.get(nameAt("linear", position)) as Times;
		const bytesAt = (position: number) => bytes.get(nameAt("linear", position)) as number;
		const slowest = Math.max(...positions.map((position) => timeRatio(timeAt(position), timeAt(first))));
		return {
			title: `decode: one token at a time, ${standardHeads} heads x ${standardHeadDim}`,
			measurements: [...measurements.filter(isLinear), ...measurements.filter((row) => !isLinear(row))],
			figures: [
				figure(`linear: longest time of a token at any position / time at ${first}`, slowest, atMost(equalTimes)),
				figure(`linear: bytes at ${last} / bytes at ${first}`, bytesAt(last) / bytesAt(first), atMost(1)),
			],
			notes: [
				`"Independent of the position" allows a factor of ${equalTimes} for noise.`,
				`full is measured up to ${longestExactPrompt.toLocaleString("en")}: its prompt takes time with the square of the position.`,
			],
		};
	},
};

function nameAt(attention: string, position: number): string {
	return `${attention} at ${position.toLocaleString("en")}`;
}

function isLinear({ name }: Measurement): boolean {
	return name.startsWith("linear");
}

function randomTokens(length: number): [Tensor, Tensor, Tensor] {
	const shape = [1, standardHeads, length, standardHeadDim];
	return [normal(shape, { seed: 1 }), normal(shape, { seed: 2 }), normal(shape, { seed: 3 })];
}

function startSession(
	attention: string,
	attend: Attention,
	position: number,
	token: readonly [Tensor, Tensor, Tensor],
): Session {
	const session = attend.startDecoding(sizes);
	scope(() => {
		session.append(...randomTokens(position));
	});
	return {
		name: nameAt(attention, position),
		session,
		run() {
			for (let step = 0; step < tokens; step++) session.append(...token).dispose();
		},
	};
}
