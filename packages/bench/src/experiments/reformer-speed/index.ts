import { type Attention, full, normal, reformer, scope, type Tensor, vjp } from "longspan";
import type { Contestant } from "../../contestant.js";
import { UsageError } from "../../usage-error.js";
import { type Context, defineExperiment } from "../experiment.js";
import { short, whole } from "../markdown.js";
import { integer, integers, positive } from "../options.js";
import { type Timed, timeRounds } from "../timing.js";
import { nameOf, type Row, section } from "./section.js";

export interface Settings {
	readonly tokens: number;
	readonly lengths: readonly number[];
	readonly rounds: readonly number[];
	readonly heads: number;
	readonly headDim: number;
	readonly chunk: number;
	readonly seconds: number;
}

function check({ tokens, lengths }: Settings): void {
	const odd = lengths.find((length) => tokens % length !== 0);
	if (odd !== undefined) throw new UsageError(`--lengths has ${odd}; expected divisors of --tokens, ${tokens}`);
}

async function run(settings: Settings, { seed, progress, log }: Context): Promise<Row[]> {
	const { tokens, lengths, rounds, heads, headDim, chunk: chunkLength, seconds } = settings;
	const subjects = [
		{ rounds: 0, attend: full({ causal: true }) as Attention },
		...rounds.map((numHashes) => ({
			rounds: numHashes,
			attend: reformer({ causal: true, chunkLength, numHashes, seed }) as Attention,
		})),
	];
	const rows: Row[] = [];
	for (const length of lengths) {
		const shape = [tokens / length, heads, length, headDim];
		const [q, k, v] = [1, 2, 3].map((stream) => normal(shape, { seed, stream })) as [Tensor, Tensor, Tensor];
		const contestants = subjects.flatMap((subject) => subjectContestants(subject, q, k, v));
		const times = await timeRounds(contestants, {
			seconds,
			onCall: (name) => progress(`length ${whole(length)}: ${name}`),
		});
		for (const tensor of [q, k, v]) tensor.dispose();
		for (const subject of subjects) {
			const of = (pass: string) => times.get(contestantName(subject.rounds, pass)) as Timed;
			rows.push({ length, rounds: subject.rounds, forward: of("forward"), both: of("both") });
		}
		const perToken = (row: Row) => `${nameOf(row.rounds)} ${short((1000 * row.both.milliseconds) / tokens)}`;
		log(`${whole(length).padStart(7)}  µs per token: ${rows.slice(-subjects.length).map(perToken).join(", ")}`);
	}
	return rows;
}

const contestantName = (rounds: number, pass: string) => `${nameOf(rounds)}, ${pass}`;

/** A forward pass, and one with the gradients of queries, keys and values; for LSH attention queries are the keys. */
function subjectContestants(
	{ rounds, attend }: { rounds: number; attend: Attention },
	q: Tensor,
	k: Tensor,
	v: Tensor,
): Contestant[] {
	const inputs = attend.sharesQueryKey ? [q, v] : [q, k, v];
	const call = (...list: Tensor[]) =>
		attend(list[0] as Tensor, (attend.sharesQueryKey ? list[0] : list[1]) as Tensor, list.at(-1) as Tensor);
	return [
		{ name: contestantName(rounds, "forward"), run: () => call(...inputs).dispose() },
		{
			name: contestantName(rounds, "both"),
			// Any tensor of its shape will do as the gradient of the output.
			run: () => scope(() => void vjp(call, ...inputs).pullback(v)),
		},
	];
}

export const reformerSpeed = defineExperiment<Settings, Row>({
	summary: "Reformer's figure 5: time per token as sequences get longer, full against LSH attention",
	options: {
		tokens: integer("tokens in each batch", 32_768),
		lengths: integers("lengths of the sequences", [1024, 2048, 4096, 8192, 16_384, 32_768], 2),
		rounds: integers("rounds of hashing", [1, 2, 4, 8]),
		heads: integer("heads", 8),
		headDim: integer("channels of each head", 64),
		chunk: integer("tokens in a chunk of the sorted order", 64),
		seconds: positive("time for each of them at a length, but at least one call", 3),
	},
	check,
	run,
	section,
});
